"""A model as judge: asked by name alone, in both orders, once about each text, and held against people."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from assistant.errors import Conflict, Invalid, ModelUnavailable, TooLarge
from assistant.evals.contenders import Bench
from assistant.evals.judge import judge_run, prompts, require_judge
from assistant.evals.opinions import OpinionFile
from assistant.evals.report import write_report
from assistant.evals.runs import Run, open_run, read_run, work
from assistant.models import ScriptedChat
from tests.evals.conftest import CASES, DELIVERY, RETURNS, case


def grade(number: object, reason: str = "It says <b>so</b>.") -> str:
    return json.dumps({"reason": reason, "grade": number})


@pytest.fixture
async def answered(folder: Path, bench: Bench, model: ScriptedChat) -> Run:
    """A run on two cases: `smollm2-135m` and the nearest passage, whose words are the same on one of them."""
    model.will_say(RETURNS)
    open_run(folder, bench, ["smollm2-135m", "best-passage"], CASES[:2], split="test", ways=["railed"])
    return await work(folder, bench)


def texts_of(run: Run) -> set[tuple[str, str]]:
    return {(each.case, each.text) for each in run.results}


async def test_each_text_is_graded_with_the_approved_text_first_and_with_the_answer_first(
    answered: Run, folder: Path, bench: Bench, other: ScriptedChat
):
    other.will_say(grade(5), grade(4))
    found = await judge_run(folder, bench, "other")

    first, second = (prompt[-1].text for prompt in other.prompts[:2])
    assert first.index("THE APPROVED TEXT") < first.index("THE ANSWER")
    assert second.index("THE ANSWER") < second.index("THE APPROVED TEXT")
    assert len(other.prompts) == 2 * len(texts_of(answered))
    for options in other.options:
        assert (options["seed"], options["temperature"]) == (1, 0.0)
        assert options["response_format"]["json_schema"]["schema"]["properties"]["grade"]["enum"] == [1, 2, 3, 4, 5]
    assert found.results[0].judged == pytest.approx((1 + 0.75) / 2)
    estimate = found.estimate("smollm2-135m", "judged")
    assert estimate is not None and estimate.n == 2 and estimate.low <= estimate.value <= estimate.high
    assert found.judge == "other" and found.opinions[0].grades == (5, 4)


async def test_a_judge_that_is_stopped_goes_on_and_never_grades_a_text_twice(
    answered: Run, folder: Path, bench: Bench, other: ScriptedChat
):
    other.will_say(grade(3))
    other.tokens_per_s = 100
    begun = asyncio.Event()
    stopped = asyncio.create_task(
        judge_run(folder, bench, "other", progress=lambda _, done, __: begun.set() if done == 1 else None)
    )
    await begun.wait()
    stopped.cancel()
    await asyncio.gather(stopped, return_exceptions=True)
    with (folder / "opinions.jsonl").open("a") as file:
        file.write('{"judge": "oth')  # Cut off in the middle of a line.
    kept, asked = OpinionFile(folder).read(), len(other.prompts)
    other.tokens_per_s = None

    again = await judge_run(folder, bench, "other")

    assert again.opinions[: len(kept)] == kept and len(kept) >= 1
    assert len({(each.case, each.answer) for each in again.opinions}) == len(again.opinions) == len(texts_of(answered))
    assert len(other.prompts) - asked <= 2 * (len(again.opinions) - len(kept))
    told = len(other.prompts)
    assert (await judge_run(folder, bench, "other")).opinions == again.opinions and len(other.prompts) == told


@pytest.mark.parametrize(
    "reply", ["Very good!", '{"grade": 6}', '{"grade": "5"}', '{"grade": true}', "[5]", '{"grade": 5']
)
async def test_a_reply_without_a_grade_is_no_opinion_and_is_counted(
    reply: str, answered: Run, folder: Path, bench: Bench, other: ScriptedChat
):
    other.will_say(grade(5), reply)
    found = await judge_run(folder, bench, "other")
    assert {each.judged for each in found.results} == {None} and found.estimate("best-passage", "judged") is None
    assert "no grade from 1 to 5" in (found.opinions[0].failed or "")
    assert f"{len(texts_of(answered))} texts have no grade" in write_report(folder.parent).read_text()


async def test_a_judge_out_of_order_ends_the_judging_and_what_was_graded_stays(
    answered: Run, folder: Path, bench: Bench, other: ScriptedChat
):
    other.will_say(grade(5))
    await judge_run(folder, bench, "other")
    lines = (folder / "opinions.jsonl").read_text().splitlines(keepends=True)
    (folder / "opinions.jsonl").write_text(lines[0])
    asked = len(other.prompts)
    other.fail_with(ModelUnavailable("out of order"))
    with pytest.raises(ModelUnavailable):
        await judge_run(folder, bench, "other")
    assert OpinionFile(folder).read() == read_run(folder).opinions and len(read_run(folder).opinions) == 1
    assert len(other.prompts) == asked + 1  # The others were not tried as well.
    other.fail_with(TooLarge("too long"))
    assert "do not fit" in ((await judge_run(folder, bench, "other")).opinions[-1].failed or "")


async def test_an_answer_that_failed_is_worth_nothing_without_being_asked_about(
    folder: Path, bench: Bench, model: ScriptedChat, other: ScriptedChat
):
    model.fail_with(ModelUnavailable("out of order"))
    open_run(folder, bench, ["smollm2-135m", "best-passage"], CASES[:1], split="test", ways=["railed"])
    await work(folder, bench)
    other.will_say(grade(5))
    found = await judge_run(folder, bench, "other")
    assert [each.judged for each in found.results] == [0.0, 1.0] and len(other.prompts) == 2


async def test_what_may_not_judge_is_refused_before_anything_is_asked(
    answered: Run, folder: Path, bench: Bench, other: ScriptedChat
):
    with pytest.raises(Invalid, match="on_premises"):
        require_judge(folder, bench, "openai-compatible")
    with pytest.raises(Invalid, match="one model of the catalog"):
        require_judge(folder, bench, "other+smollm2-135m")
    other.will_say(grade(5))
    await judge_run(folder, bench, "other")
    with pytest.raises(Conflict, match="was judged by other"):
        await judge_run(folder, bench, "smollm2-135m")


def test_a_judge_reads_what_a_model_reads_masked_and_what_nothing_answers_said(bench: Bench):
    asked = case("x", "Write to jane.roe@example.org, how long does delivery take?", DELIVERY)
    first, second = prompts(bench, asked, "Write to jane.roe@example.org.")
    assert "example.org" not in first + second and first.count("[EMAIL_1]") == 2
    assert "4.90 euros" in first.split("THE APPROVED TEXT")[0]  # The sources were searched for it.
    assert "Nothing in the sources answers this." in prompts(bench, CASES[3], "")[0]


async def test_the_report_marks_it_as_a_machines_and_says_that_nobody_knows_whether_people_agree(
    answered: Run, folder: Path, bench: Bench, other: ScriptedChat
):
    assert "machine thinks" not in write_report(folder.parent).read_text()
    other.will_say(*[grade(5), grade(1)] * len(texts_of(answered)))
    await judge_run(folder, bench, "other")
    html = write_report(folder.parent).read_text()
    for text in (
        "<b>A machine’s opinion</b>, by which nothing is chosen unless somebody asks for it by name",
        "of other, no measurement",
        f"{len(texts_of(answered))} texts graded, 0 of them the same both times",
        "Agreement with people: not known",
        "a machine thinks 0.50",
        "It says &lt;b&gt;so&lt;/b&gt;.",
    ):
        assert text in html, text


async def test_a_model_that_judges_itself_is_named(folder: Path, bench: Bench, model: ScriptedChat):
    model.will_say(RETURNS)
    open_run(folder, bench, ["smollm2-135m"], CASES[:1], split="test", ways=["railed"])
    await work(folder, bench)
    model.will_say(grade(5))
    await judge_run(folder, bench, "smollm2-135m")
    assert "smollm2-135m judges its own answers here" in write_report(folder.parent).read_text()
