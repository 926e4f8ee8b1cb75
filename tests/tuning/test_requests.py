"""Requests to learn from, asked for as the line asks."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from assistant.cases import Case, CaseDocument
from assistant.errors import InvalidCase
from assistant.parts import Parts
from assistant.tuning.requests import Line, requests_of

SHEET = CaseDocument(id="tent", title="Tent", text="Name: Fell\nWeight: 2.1 kg\nHeight: 1.4 m\nColours: moss, sand")


@pytest.fixture
def line(scripted: Parts) -> Line:
    return Line(scripted.rails.release("shop"), scripted.writer, scripted.embedder, "smollm2-135m")


def case(name: str, question: str, reference: str, *documents: CaseDocument, **more: object) -> Case:
    fields = {"task": "answer", "cite": None, "split": "train", **more}
    return Case(id=name, question=question, reference=reference, documents=documents, **fields)  # type: ignore[arg-type]


def sheets(count: int) -> list[Case]:
    return [
        case(
            f"sheet-{n}",
            "Describe it.",
            f"The tent weighs {n} kg.",
            SHEET.model_copy(update={"text": f"Name: Fell\nWeight: {n} kg\nHeight: {n + 1} m"}),
            task="write",
        )
        for n in range(count)
    ]


async def test_copy_is_asked_for_with_every_fact_and_the_request_as_it_came(line: Line):
    kind, (example,) = await line.examples(sheets(1)[0]) or pytest.fail("no model is asked")
    assert kind == "copy"
    assert example.prompt == "- Name: Fell\n- Fell, Weight: 0 kg\n- Fell, Height: 1 m\n\nDescribe it."
    assert example.completion == "The tent weighs 0 kg."


async def test_an_answer_is_asked_for_with_what_knowledge_holds(line: Line):
    asked = case(
        "returns", "How long do I have to return an unopened item?", "Thirty days.", other_references=("30 days.",)
    )
    kind, examples = await line.examples(asked) or pytest.fail("no model is asked")
    assert (kind, [each.completion for each in examples]) == ("answer", ["Thirty days.", "30 days."])
    assert "30 days from delivery" in examples[0].prompt and examples[0].prompt.endswith(f"\n\n{asked.question}")


async def test_where_nothing_answers_no_model_is_asked(line: Line):
    assert await line.examples(case("moon", "Who was the first on the moon?", "Nobody.")) is None


async def test_personal_data_has_one_name_in_prompt_and_text(line: Line):
    sheet = SHEET.model_copy(update={"text": "Name: Fell\nWeight: 2.1 kg\nContact: jo@mail.example"})
    _, (example,) = await line.examples(
        case("mail", "Describe it.", "Write to jo@mail.example.", sheet, task="write")
    ) or pytest.fail("no model is asked")
    assert "Contact: [EMAIL_1]" in example.prompt and example.completion == "Write to [EMAIL_1]."


async def test_fewer_are_enough_to_tell_when_to_stop(line: Line):
    told = await requests_of(sheets(12), line, fewest=10, report=lambda _: None)
    assert len(told.examples.kept) == 12


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (lambda: sheets(20), "20 usable cases"),
        (lambda: [each.model_copy(update={"reference": "The same."}) for each in sheets(60)], "same text"),
        (lambda: [each.model_copy(update={"reference": ""}) for each in sheets(60)], "0 usable cases"),
    ],
)
async def test_too_little_to_learn_from_is_refused(line: Line, given: Callable[[], list[Case]], told: str):
    with pytest.raises(InvalidCase, match=told):
        await requests_of(given(), line, report=lambda _: None)


async def test_what_stands_twice_or_brings_what_is_held_out_is_left_out(line: Line):
    cases = sheets(60)
    held = [cases[1].model_copy(update={"question": "Something else about it."})]
    found = await requests_of([*cases, cases[0]], line, held_out=held, report=lambda _: None)
    assert (found.writes, found.examples.duplicates, found.examples.leaked) == (("copy",), 1, 1)
    assert "sheet-1" not in {each.id for each in found.examples.kept}
