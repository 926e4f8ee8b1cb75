from __future__ import annotations

from dataclasses import dataclass

import pytest

from assistant.errors import InvalidRail
from assistant.rails import RailBundle, RailEngine, lint, mutate, read_bundle, run_trials
from assistant.rails.colang import parse_flow
from assistant.rails.mutations import stops

from .conftest import Write
from .test_trials import WordGuards


@dataclass
class Topics:
    """A topics guard that knows what is asked by one word, and only while it has the form."""

    forms: dict[str, tuple[str, ...]]
    limit: float = 0.4

    def measure(self, text: str):
        form = (
            "ask for a discount" if "per cent" in text and "ask for a discount" in self.forms else "ask about returns"
        )
        return type("Score", (), {"score": 0.1 if "poem" in text else 0.9, "form": form})()


async def test_what_no_trial_notices_is_told(bundle: RailBundle, engine: RailEngine):
    found = await mutate(bundle, engine, WordGuards(), Topics)
    told = {each.text: each.noticed for each in found if each.rail == "discounts" or each.kind == "form"}
    assert told["shop/input/discounts.co:3 taken out"] and told["shop/input/discounts.co:3 turned round"]
    assert not told["shop/input/discounts.co:6 taken out"]  # No example haggles on a later turn.
    assert told["topics.co: without `ask for a discount`"] and not told["topics.co: without `off topic sport`"]


@pytest.mark.parametrize(
    ("condition", "stopped"),
    [
        ("$topics.score < $limits.topics", True),
        ("$topics.score >= 0.3", False),
        ('"email" in $personal_data.kinds and not $turn == 1', False),
        ('"phone" not in $personal_data.kinds or $task == "write"', True),
        ("$topics.score > 0.1 and ($turn != 1 or $personal_data.count <= 1)", True),
    ],
)
async def test_we_decide_as_nemo_does(
    bundle: RailBundle, write: Write, shop: dict[str, str], condition: str, stopped: bool
):
    rail = f"define subflow discounts\n  $late = $turn > 1\n  if not $late and ({condition})\n"
    rail += "    bot refuse discount\n    stop\n"
    made = read_bundle(write({**shop, "input/discounts.co": rail}), "shop")
    limits = {"topics": 0.4, "injection": 0.5, "grounding": 0.5}
    measured = {
        "topics": {"score": 0.2, "form": "ask about returns"},
        "personal_data": {"kinds": ["email"], "count": 1},
        "task": "answer",
        "turn": 1,
    }
    verdict = await RailEngine.build(made, limits).decide("input", measured, only="discounts")
    flow, _ = parse_flow("discounts.co", rail)
    assert flow and verdict.blocked == stops(flow.body, {**measured, "limits": limits}) == stopped


async def test_an_example_may_name_the_form_it_must_be_nearest_to(
    write: Write, shop: dict[str, str], engine: RailEngine
):
    examples = shop["examples.yaml"].replace(
        "where do returns go", '{text: "where do returns go", form: ask for a discount}'
    )
    made = read_bundle(write({**shop, "examples.yaml": examples}), "shop")
    failed = [each.text for each in await run_trials(made, engine, WordGuards()) if not each.passed]
    assert "where do returns go" in failed


def test_an_example_with_a_form_that_is_not_there_is_named(write: Write, shop: dict[str, str]):
    examples = shop["examples.yaml"].replace("where do returns go", '{text: "where do returns go", form: ask the way}')
    rails = write({**shop, "examples.yaml": examples})
    assert any("no form `ask the way`" in each.message and each.line for each in lint(rails, "shop"))
    with pytest.raises(InvalidRail):
        read_bundle(rails, "shop")
