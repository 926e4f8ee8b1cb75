"""Folders as they are handed in."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.errors import InvalidDocument
from assistant.rails.trees import read_folder


@pytest.mark.parametrize("name", ["feedback", "marketing", "medical"])
def test_the_knowledge_that_ships_can_be_handed_in_without_its_demo_page(repo: Path, name: str):
    files = read_folder(repo / "knowledge" / name, f"knowledge/{name}")
    assert (repo / "knowledge" / name / "demo").is_dir()
    assert {"sources.yaml", "questions.yaml"} <= files.keys()
    assert not any(path.startswith("demo") for path in files)


def test_a_file_that_does_not_belong_into_knowledge_is_named(tmp_path: Path):
    (tmp_path / "demo").write_text("not the folder")
    with pytest.raises(InvalidDocument, match="knowledge/shop/demo"):
        read_folder(tmp_path, "knowledge/shop")
