from datetime import date
from pathlib import Path

import pytest

from assistant.errors import InvalidDocument
from assistant.knowledge.sources import read_sources


def sources(folder: Path, text: str):
    (folder / "sources.yaml").write_text(text, encoding="utf-8")
    return read_sources(folder / "sources.yaml")


def test_a_source_is_read_with_its_dates_and_trust(tmp_path: Path):
    found = sources(tmp_path, "sources:\n  a.md: {title: A, effective: 2026-01-31, trust: approved}\n  b.md:\n")
    assert (found["a.md"].title, found["a.md"].effective, found["a.md"].trust) == ("A", date(2026, 1, 31), "approved")
    assert found["b.md"].trust == "reference"


def test_no_file_means_no_sources(tmp_path: Path):
    assert read_sources(tmp_path / "sources.yaml") == {}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("sources:\n  a.md: {colour: red}\n", r"sources\.yaml: sources\.a\.md\.colour: unknown key"),
        ("sources:\n  a.md: {trust: full}\n", r"sources\.a\.md\.trust: .*found 'full'"),
        ("sources:\n  a.md: {effective: soon}\n", r"sources\.a\.md\.effective"),
        ("sources:\n  a.md: text\n", r"sources\.a\.md"),
        ("source: {}\n", "exactly one root key, `sources:`"),
        ("sources: [a.md]\n", "exactly one root key"),
        ("sources:\n  a.md: {}\n  a.md: {}\n", r"sources\.yaml:3: .*duplicate key"),
        ("sources: {\n", r"sources\.yaml:2: not valid YAML"),
    ],
)
def test_a_mistake_is_named_with_file_and_key(tmp_path: Path, text: str, reason: str):
    with pytest.raises(InvalidDocument, match=reason):
        sources(tmp_path, text)
