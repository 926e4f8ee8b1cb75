"""The list of runs reads the answers of a run once, until something is added to them."""

from __future__ import annotations

from pathlib import Path

from assistant.evals.listed import RunList
from tests.console.run_kept import CASES, RUN, keep_run


def test_a_run_is_read_again_only_when_its_files_changed(tmp_path: Path):
    folder, runs = keep_run(tmp_path), RunList(tmp_path)
    (found,) = runs.read()
    assert (found.name, found.folder, found.cases, found.complete) == (RUN, folder, len(CASES), True)
    assert runs.read()[0] is found  # Not read a second time.

    results = folder / "results.jsonl"
    lines = results.read_text().splitlines(keepends=True)
    results.write_text("".join(lines[:-1]))
    assert [each.complete for each in runs.read()] == [False]
    results.write_text("".join(lines))
    assert runs.read() == (found,)


def test_a_run_that_cannot_be_read_is_left_out_until_it_can(tmp_path: Path):
    folder, runs = keep_run(tmp_path), RunList(tmp_path)
    whole = (folder / "run.json").read_text()
    (folder / "run.json").write_text("{")
    assert runs.read() == ()
    (folder / "run.json").write_text(whole)
    assert [each.name for each in runs.read()] == [RUN]
