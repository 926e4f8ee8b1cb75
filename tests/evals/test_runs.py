"""A run goes on where it was, counts what failed, and never puts together what does not belong together."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.cases import read_cases
from assistant.errors import Conflict, Invalid, InvalidCase, ModelUnavailable, UnknownModel
from assistant.evals.contenders import Bench
from assistant.evals.runs import Run, open_run, read_run, work
from assistant.models import ScriptedChat
from tests.evals.conftest import CASES, DELIVERY, OPENED, RETURNS


async def run(folder: Path, bench: Bench, *contenders: str, ways: tuple[str, ...] = ("railed",)) -> Run:
    open_run(folder, bench, contenders, CASES, split="test", ways=ways)  # type: ignore[arg-type]
    return await work(folder, bench)


async def test_every_contender_answers_every_case(folder: Path, bench: Bench, model: ScriptedChat, other: ScriptedChat):
    model.will_say(RETURNS)
    other.will_say("Everything is free.")
    done = await run(folder, bench, "smollm2-135m", "other", "best-passage", "first-words")

    assert done.complete and len(done.results) == 4 * len(CASES)
    right = done.of("smollm2-135m")[0][1]
    assert (right.outcome, right.facts, right.cited, right.claims) == ("answered", 1.0, ("returns.md",), 1)
    invented = done.of("other")[0][1]
    assert (invented.outcome, invented.drafted, invented.drafted_supported) == ("quoted", 1, 0)
    assert "free" not in invented.text
    assert done.spec.contenders["best-passage"].models == ()


async def test_a_killed_run_goes_on_without_repeating_a_generation(folder: Path, bench: Bench, model: ScriptedChat):
    model.will_say(RETURNS)
    model.tokens_per_s = 200
    open_run(folder, bench, ["smollm2-135m"], CASES, split="test", ways=["railed"])
    ledger = folder / "results.jsonl"
    halfway = asyncio.Event()
    killed = asyncio.create_task(work(folder, bench, progress=lambda _, done, __: halfway.set() if done == 2 else None))
    await halfway.wait()
    killed.cancel()
    await asyncio.gather(killed, return_exceptions=True)
    with ledger.open("a") as file:
        file.write('{"model": "smollm2-135m", "way": "rai')  # Cut off in the middle of a line.
    before = [line for line in ledger.read_text().split("\n") if line.endswith("}")]
    asked = len(model.prompts)
    model.tokens_per_s = None

    again = await run(folder, bench, "smollm2-135m")

    lines = ledger.read_text().splitlines()
    assert lines[: len(before)] == before and again.complete
    assert len(lines) == len(CASES) == len({json.loads(line)["case"] for line in lines})
    # The case that was cut off is asked again; of the cases, one asks no model because nothing answers it.
    assert len(model.prompts) - asked <= len(CASES) - len(before)
    assert (await run(folder, bench, "smollm2-135m")).results == again.results
    assert ledger.read_text().splitlines() == lines


async def test_a_model_that_fails_is_counted_and_not_dropped(folder: Path, bench: Bench, model: ScriptedChat):
    model.fail_with(ModelUnavailable("out of order"))
    done = await run(folder, bench, "smollm2-135m")

    failed = [result for result in done.results if result.failed]
    assert len(done.results) == len(CASES) and failed
    assert "out of order" in (failed[0].failed or "") and failed[0].outcome == "failed"
    share = done.estimate("smollm2-135m", "failed")
    assert share is not None and (share.value, share.n) == (len(failed) / len(CASES), len(CASES))
    right = done.estimate("smollm2-135m", "right")
    assert right is not None and right.n == len(CASES) and right.value <= 0.2


async def test_nobody_stands_in_for_a_model_that_is_tried(folder: Path, bench: Bench, model: ScriptedChat):
    """The vertical's stand-ins would make a broken model look good."""
    vertical = bench.release.vertical.model_copy(update={"fallback_models": ("smollm2-135m",)})
    release = replace(bench.release, bundle=replace(bench.release.bundle, vertical=vertical))
    bench.models.open("other").fail_with(ModelUnavailable("out of order"))  # type: ignore[attr-defined]
    model.will_say(RETURNS)
    done = await run(folder, replace(bench, release=release), "other")
    assert done.of("other")[0][1].outcome == "failed" and not model.prompts


async def test_a_cascade_goes_on_where_nothing_was_borne_out(
    folder: Path, bench: Bench, model: ScriptedChat, other: ScriptedChat
):
    model.will_say("Everything is free.")
    other.will_say(RETURNS)
    done = await run(folder, bench, "smollm2-135m+other")
    first = done.of("smollm2-135m+other")[0][1]
    assert (first.outcome, first.wrote, first.facts) == ("answered", "other", 1.0)
    assert done.spec.contenders["smollm2-135m+other"].models == ("smollm2-135m", "other")
    # One of the cases asks no model, because nothing answers it.
    assert [each.escalated for _, each in done.of("smollm2-135m+other")] == [True, True, True, False, True]


async def test_a_cascade_whose_first_model_is_enough_asks_no_other(
    folder: Path, bench: Bench, model: ScriptedChat, other: ScriptedChat
):
    model.will_say(RETURNS)
    open_run(folder, bench, ["smollm2-135m+other", "other"], CASES[:1], split="test", ways=["railed"])
    done = await work(folder, bench)
    share = done.estimate("smollm2-135m+other", "escalated")
    assert share is not None and (share.value, share.n, share.high < 1) == (0, 1, True)
    assert done.estimate("other", "escalated") is None


async def test_a_model_made_worse_is_found_worse_and_how_many_cases_that_takes(
    folder: Path, bench: Bench, model: ScriptedChat, other: ScriptedChat
):
    cases = [CASES[0].model_copy(update={"id": f"unopened-{n}"}) for n in range(24)]
    model.will_say(RETURNS)
    other.will_say(*[RETURNS, RETURNS, "Everything is free."] * 8)  # One answer in three is made up.
    open_run(folder, bench, ["smollm2-135m", "other"], cases, split="test", ways=["railed"])
    done = await work(folder, bench)

    worse = done.difference("other", "smollm2-135m", "drafts_supported")
    assert worse is not None and worse.certain and worse.high < 0
    assert worse.value == pytest.approx(-1 / 3) and worse.cases_needed is not None and 10 < worse.cases_needed <= 24
    few = Run(done.spec, done.cases[:9], done.results).difference("other", "smollm2-135m", "drafts_supported")
    assert few is not None and not few.certain
    # Through the rails nobody is misled by it: what was made up is replaced by the passage itself.
    misled = done.estimate("other", "supported")
    assert misled is not None and misled.value == 1


async def test_without_rails_what_the_model_said_is_kept_and_measured(folder: Path, bench: Bench, model: ScriptedChat):
    model.will_say(f"{OPENED} Everything is free.")
    done = await run(folder, bench, "smollm2-135m", ways=("railed", "raw"))
    raw, railed = done.of("smollm2-135m", "raw")[1][1], done.of("smollm2-135m")[1][1]
    assert "free" in raw.text and "free" not in railed.text
    assert (raw.claims, raw.claims_supported, raw.unsupported) == (2, 1, ("Everything is free.",))
    assert railed.claims == railed.claims_supported == 1 and railed.unsupported == ()


async def test_a_question_that_nothing_answers_is_right_when_it_says_so(
    folder: Path, bench: Bench, model: ScriptedChat
):
    model.will_say(DELIVERY)
    done = await run(folder, bench, "smollm2-135m", ways=("railed", "raw"))
    figures = [done.estimate("smollm2-135m", "wrongly_answered", way) for way in ("railed", "raw")]
    assert [(each.value, each.n) for each in figures if each] == [(0.0, 1), (1.0, 1)]


async def test_a_folder_with_another_run_is_not_added_to(folder: Path, bench: Bench):
    await run(folder, bench, "best-passage")
    with pytest.raises(Conflict, match="cases_digest"):
        open_run(folder, bench, ["best-passage"], CASES[:2], split="test", ways=["railed"])
    with pytest.raises(Conflict, match="seed"):
        open_run(folder, replace(bench, seed=2), ["best-passage"], CASES, split="test", ways=["railed"])
    assert {each.model for each in (await run(folder, bench, "first-words")).results} == {"best-passage", "first-words"}


async def test_what_cannot_be_tried_is_refused_before_anything_is_asked(folder: Path, bench: Bench):
    with pytest.raises(UnknownModel, match="gpt-9"):
        open_run(folder, bench, ["gpt-9"], CASES, split="test", ways=["railed"])
    with pytest.raises(Invalid, match="on_premises"):
        open_run(folder, bench, ["openai-compatible"], CASES, split="test", ways=["railed"])
    with pytest.raises(Invalid, match="no case"):
        open_run(folder, bench, ["best-passage"], (), split="final", ways=["railed"])
    assert not list(folder.parent.parent.glob("run"))


def test_a_corrupt_case_names_its_line(tmp_path: Path):
    file = tmp_path / "cases.jsonl"
    file.write_text(f"{CASES[0].model_dump_json()}\n\n{{broken\n", encoding="utf-8")
    with pytest.raises(InvalidCase, match=r"cases\.jsonl:3: "):
        read_cases(file)
    file.write_text(CASES[0].model_dump_json().replace('"answer"', '"sing"') + "\n", encoding="utf-8")
    with pytest.raises(InvalidCase, match=r"cases\.jsonl:1: task"):
        read_cases(file)
    file.write_text(2 * f"{CASES[0].model_dump_json()}\n", encoding="utf-8")
    with pytest.raises(InvalidCase, match="'unopened' stands here twice"):
        read_cases(file)


async def test_a_corrupt_result_names_its_line(folder: Path, bench: Bench):
    await run(folder, bench, "best-passage")
    ledger = folder / "results.jsonl"
    ledger.write_text("{}\n" + ledger.read_text())
    with pytest.raises(Invalid, match=r"results\.jsonl:1"):
        read_run(folder)
