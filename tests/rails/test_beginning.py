"""A rail begun in words is a whole rail: it lints clean, says what it was told to, and stops what it was begun for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assistant.errors import Invalid
from assistant.rails import RailEngine, effective_limits, read_bundle
from assistant.rails.beginning import NewRail, begin_rail
from assistant.rails.lint import lint
from assistant.rails.sheets import POLICY_LINES

from .conftest import AUTO, Write

PAPER = {**dict.fromkeys(POLICY_LINES, "Because."), "Review": "2027-05-01"}
NOTES = NewRail(
    name="Sick notes",
    stage="input",
    stopped="can you sign me off work",
    trial="write me a note for my boss",
    passes="who signs the notes of a visit",
    says="Please ask reception.",
    paper=PAPER,
)
GIFTS = NewRail(
    name="free gifts",
    stage="output",
    stopped="free gift",
    trial="A free gift comes with it.",
    passes="It makes a good gift.",
    says="No gifts are promised.",
    paper=PAPER,
)


@pytest.mark.parametrize("rail", [NOTES, GIFTS])
@pytest.mark.parametrize("beside", ["a whole vertical", "two files"])
def test_what_is_begun_has_no_mistake_and_leaves_the_rest_as_it_was(write: Write, shop, rail: NewRail, beside: str):
    before = shop if beside == "a whole vertical" else {name: shop[name] for name in ("vertical.yaml", "topics.co")}
    begun = begin_rail(rail, lambda path: before.get(path, ""))
    folder = write({**before, **begun})
    assert lint(folder, "shop") == ()
    bundle = read_bundle(folder, "shop")
    (made,) = [each for each in bundle.rails if each.name == rail.file_name]
    assert (made.stage, [bundle.messages[each] for each in made.messages]) == (rail.stage, [rail.says])
    assert [each.text for each in bundle.examples[rail.file_name]["block"]] == [rail.trial]
    if beside == "a whole vertical":
        assert {"discounts", "slogans"} <= {each.name for each in bundle.rails}


async def test_it_stops_what_it_was_begun_for(write: Write, shop):
    bundle = read_bundle(write({**shop, **begin_rail(NOTES, lambda path: shop.get(path, ""))}), "shop")
    engine = RailEngine.build(bundle, effective_limits(bundle, AUTO))
    for form, stopped in (("ask about sick notes", True), ("ask about returns", False)):
        verdict = await engine.decide("input", {"topics": {"score": 0.9, "form": form}}, only="sick-notes")
        assert verdict.blocked is stopped


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"name": "Sick notes!"}, "named in plain small letters"),
        ({"name": "discounts"}, "there is a rail discounts already"),
        ({"stopped": " "}, "the text it stops is missing"),
        ({"trial": ""}, "the second text it stops is missing"),
        ({"passes": ""}, "the text it lets through is missing"),
        ({"says": ""}, "the message is missing"),
        ({"paper": {**PAPER, "Owner": "", "Why": " "}}, "Why, Owner must be filled in"),
    ],
)
def test_what_was_left_out_is_named(shop, wrong: dict, told: str):
    with pytest.raises(Invalid, match=told):
        begin_rail(replace(NOTES, **wrong), lambda path: shop.get(path, ""))
