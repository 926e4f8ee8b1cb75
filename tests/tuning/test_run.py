"""What is found wrong before anything is trained."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.cases import Case
from assistant.errors import AssistantError, Invalid
from assistant.models import Catalog, ModelCard
from assistant.settings import Settings
from assistant.tuning.examples import Example, Examples
from assistant.tuning.order import Order
from assistant.tuning.recipe import Recipe
from assistant.tuning.run import _NOT_COMMERCIAL, _card, _checkpoints, tune
from assistant.tuning.studies import Source, Study
from assistant.tuning.train import Outcome
from tests.tuning_cases import cases


@pytest.fixture
def order(tmp_path: Path) -> Order:
    file = tmp_path / "cases.jsonl"
    lines = [
        json.dumps({"id": each.id, "heading": each.heading, "dialogue": each.dialogue, "text": each.text})
        for each in cases(60)
    ]
    file.write_text("\n".join(lines))
    return Order(
        vertical="medical",
        model="smollm2-135m",
        name="ours",
        out=tmp_path / "out",
        cases=((file, "CC BY 4.0"),),
        unlicensed=(),
        validation=None,
        held_out=(),
        published=True,
        recipe=Recipe(),
        threads=1,
        command="assistant tune medical",
    )


def test_what_cannot_be_tuned_is_refused_before_it_begins(order: Order, settings: Settings, tmp_path: Path):
    file = order.cases[0][0]
    (tmp_path / "broken.jsonl").write_text("{no json}\n")
    (tmp_path / "empty.jsonl").write_text("")
    wrong = {
        "no vertical named 'nobody'": replace(order, vertical="nobody"),
        "no model named 'gpt-17'": replace(order, model="gpt-17"),
        "openai-compatible cannot be tuned": replace(order, model="openai-compatible"),
        "say under which licence": replace(order, cases=(), unlicensed=(file,)),
        "does not allow commercial use": replace(order, cases=((file, "CC BY-NC 4.0"),)),
        "marketing has no `summary`": replace(order, vertical="marketing"),
        "broken.jsonl, line 1": replace(order, cases=((tmp_path / "broken.jsonl", "CC0"),)),
        "no adapter of smollm2-135m": replace(order, begin="qwen2.5-coder-1.5b"),
        "give --rank 8": replace(order, begin="medical-sections", recipe=Recipe(rank=4)),
        "there is no": replace(order, held_out=(tmp_path / "missing.jsonl",)),
        "'a/b' cannot be a model's name": replace(order, name="a/b"),
        "already a model named 'medical-sections'": replace(order, name="medical-sections"),
        "cases.jsonl is no folder": replace(order, out=file / "out"),
        "--model smollm2-135m --begin-with": replace(order, model="medical-sections"),
        "empty.jsonl: no case in it": replace(order, cases=((tmp_path / "empty.jsonl", "CC0"),)),
        "its --licence is empty": replace(order, cases=((file, "  "),)),
        "CC_BY_NC_4.0": replace(order, cases=((file, "CC_BY_NC_4.0"),)),
        "evaluation only": replace(order, cases=((file, "evaluation only"),)),
    }
    told = {}
    for words, each in wrong.items():
        with pytest.raises(AssistantError) as refused:
            tune(settings, each, report=lambda _: None)
        told[words] = str(refused.value)
    assert all(words in said for words, said in told.items()), told
    assert not order.out.exists()


@pytest.mark.parametrize(
    "licence",
    ["Non Commercial", "no-licence", "unlicensed", "none", "personal use only", "academic use", "NC", "research only"],
)
def test_a_licence_that_is_no_commercial_one_is_known_as_such(order: Order, settings: Settings, licence: str):
    with pytest.raises(Invalid, match="does not allow commercial use"):
        tune(settings, replace(order, cases=((order.cases[0][0], licence),)), report=lambda _: None)


@pytest.mark.parametrize(
    "licence", ["CC BY-SA 4.0", "The Unlicense", "MIT", "Apache-2.0", "our own", "ODC-BY 1.0, MIT"]
)
def test_a_commercial_licence_is_not_taken_for_another(licence: str):
    assert not _NOT_COMMERCIAL.search(licence)


def test_another_beginning_recipe_or_validation_part_is_another_training(order: Order, settings: Settings):
    catalog = Catalog()
    base, begun = catalog.get(order.model), catalog.get("medical-sections")
    study = Study("Write.", ("section",), Examples((), 0, 0, 0), (), (), ())
    other = replace(study, validation=(Example("visit-1", "Doctor: Any fever?", "None."),))
    trainings = [
        _checkpoints(settings, order, base, study, None),
        _checkpoints(settings, order, base, study, begun),
        _checkpoints(settings, order, base, other, None),
        _checkpoints(settings, replace(order, recipe=Recipe(epochs=7)), base, study, None),
    ]
    assert len(set(trainings)) == 4
    assert trainings[0] == _checkpoints(settings, order, base, study, None)


def test_its_card_names_the_answers_whose_approved_texts_it_learnt_from(order: Order):
    order.out.mkdir()
    (order.out / "ours.gguf").write_bytes(b"GGUF")
    study = Study("Write.", ("section",), Examples((), 0, 0, 0), (), (), (Source("ours", "CC BY 4.0", 1, "0" * 64),))
    approved = Case(id="ans-1", task="summarize", question="Summarise", reference="A cough.", cite=None, split="train")
    card = _card(replace(order, reviewed=(approved,)), Catalog().get(order.model), 8, study, Outcome(1, 2.0, 1.0, 3.0))
    adapter = ModelCard.model_validate(card).adapter
    assert adapter is not None and adapter.learnt_from == ("ans-1",)


def test_what_it_began_with_is_still_in_it(order: Order):
    order.out.mkdir()
    (order.out / "ours.gguf").write_bytes(b"GGUF")
    study = Study("Write.", ("section",), Examples((), 0, 0, 0), (), (), (Source("ours", "CC0", 1, "0" * 64),))
    begun = Catalog().get("medical-sections")
    assert begun.adapter is not None
    began = begun.model_copy(update={"adapter": begun.adapter.model_copy(update={"learnt_from": ("ans-9",)})})
    card = _card(order, Catalog().get(order.model), 8, study, Outcome(1, 2.0, 1.0, 3.0), began)
    made = ModelCard.model_validate(card)
    assert made.adapter is not None
    assert [each.name for each in made.adapter.data] == ["ours", *(each.name for each in begun.adapter.data)]
    assert made.adapter.learnt_from == ("ans-9",) and made.licence == "Apache-2.0, CC BY 4.0, CC0"
