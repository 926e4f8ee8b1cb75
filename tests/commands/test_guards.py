from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assistant.cli import app
from assistant.commands.guards_report import vertical_tables
from assistant.guards import GroundingGuard, WordReader

runner = CliRunner()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["measure", "nothing"], "there is no guard 'nothing'"),
        (["measure", "topics"], "--data"),
        (["train", "topics", "--data", "."], "there are no weights of 'topics'"),
    ],
)
def test_a_wrong_call_says_what_would_be_right(arguments, says):
    result = runner.invoke(app, ["guards", *arguments])

    assert result.exit_code == 2
    assert says in " ".join(result.output.replace("│", " ").split())


def test_a_set_that_is_missing_is_named(repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ASSISTANT_DATA_DIR", str(repo / "data"))
    with gzip.open(tmp_path / "fever_dev.jsonl.gz", "wt") as file:
        file.write(json.dumps({"id": 1, "claim": "It is green.", "context": "It is green.", "label": "supported"}))

    result = runner.invoke(app, ["guards", "train", "grounding", "--data", str(tmp_path)])

    assert result.exit_code == 2
    assert "infotabs_train.jsonl.gz" in result.output


def test_the_tables_say_for_every_vertical_what_its_limit_holds(repo: Path, hash_embedder, tmp_path: Path):
    guard = GroundingGuard(hash_embedder, WordReader())
    for name in ("marketing", "medical", "feedback"):
        folder = tmp_path / name
        folder.mkdir()
        text = (repo / "knowledge" / name / "sentences.yaml").read_text(encoding="utf-8")
        head, *records = text.split("\n- id: ")
        (folder / "sentences.yaml").write_text("\n- id: ".join([head, *records[:24]]), encoding="utf-8")

    tables = list(vertical_tables(guard, repo / "rails", tmp_path))

    assert [each.split(":")[0] for each in tables[:3]] == ["feedback", "marketing", "medical"]
    assert all("80% confidence" in each for each in tables[:3])
    assert "BORNE OUT" in tables[3]
