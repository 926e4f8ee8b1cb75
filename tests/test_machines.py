"""Machines are compared by runs that were made on them; where there is none, nothing is claimed."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.cases import read_cases
from assistant.errors import Misconfigured
from assistant.machines import Run, machines_table, read_runs, record, write_run
from assistant.machines.runs import SHIPPED, architecture

RUN = Run(
    machine="small box",
    architecture="x86_64",
    processor="a processor",
    cores=2,
    version="0.1.0",
    recorded_at="2026-11-26T22:00:00+00:00",
    vertical="feedback",
    model="smollm2-135m",
    answers=20,
    seconds=40.0,
    processor_s=60.0,
    first_sentence_s=0.9,
    tokens=9000,
    energy_wh=0.2,
    checks_wh=0.05,
    basis="estimated",
)


def test_money_and_energy_of_a_thousand_answers_follow_from_price_and_watts():
    assert (RUN.answers_per_hour, RUN.wh_per_1000, RUN.usd_per_1000) == (1800, pytest.approx(10), None)
    priced = RUN.model_copy(update={"watts": 18.0, "usd_per_hour": 0.09})
    assert (priced.wh_per_1000, priced.usd_per_1000) == (pytest.approx(10), pytest.approx(0.05))


def test_an_architecture_nobody_has_run_on_says_so_and_no_figure_is_made_up():
    lines = machines_table([RUN]).splitlines()
    assert lines[1].split("  ")[0] == "small box" and "1,800" in lines[1] and "25 %" in lines[1]
    assert lines[2].startswith("not recorded yet") and "arm64" in lines[2]
    assert not any(character.isdigit() for character in lines[2].replace("arm64", ""))
    assert "not recorded yet" not in machines_table([RUN, RUN.model_copy(update={"architecture": "arm64"})])


def test_a_run_beside_other_work_is_marked():
    told = machines_table([RUN.model_copy(update={"others": 0.4})])
    assert "1,800 (disturbed)" in told and "disturbed" not in machines_table([RUN.model_copy(update={"others": 0.02})])


def test_runs_are_kept_once_for_each_machine_and_a_file_that_is_none_is_named(tmp_path: Path):
    write_run(RUN, tmp_path)
    write_run(RUN.model_copy(update={"answers": 10}), tmp_path)
    assert [run.answers for run in read_runs(tmp_path)] == [10]
    (tmp_path / "other.json").write_text("{}")
    with pytest.raises(Misconfigured, match=r"other\.json"):
        read_runs(tmp_path)


def test_what_is_shipped_was_recorded_by_this_service():
    shipped = read_runs(SHIPPED)
    assert {run.architecture for run in shipped} <= {"x86_64", "arm64"} and all(run.answers > 1 for run in shipped)


async def test_a_run_counts_what_the_answers_took(chat, model, repo: Path):
    model.will_say("Standard delivery costs 3.95 pounds.")
    cases = [case for case in read_cases(repo / "knowledge" / "feedback" / "questions.yaml") if not case.documents][:3]
    run = await record(chat, "feedback", cases, machine="here", watts=30.0)
    assert (run.answers, run.architecture, run.model) == (3, architecture(), "feedback-requests")
    assert run.seconds > 0 and run.tokens > 0 and 0 < run.checks_wh <= run.energy_wh
    assert run.others is None or 0 <= run.others <= 1
