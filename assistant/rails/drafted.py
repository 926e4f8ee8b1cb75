"""The mistakes in a draft: its files and those beside them, held against every rule that folders are held against."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from assistant.errors import AssistantError, InvalidDocument, InvalidRail
from assistant.knowledge import read_sources
from assistant.rails.lines import Problem
from assistant.rails.lint import lint
from assistant.rails.sources import read_source
from assistant.rails.trees import KNOWLEDGE, RAILS, SHARED_FOLDER, vertical_of
from assistant.verticals import SHARED

Contents = Mapping[str, bytes]
"""Content of each file by its path below a folder."""


def problems_in(folder: str, contents: Contents, beside: Mapping[str, Contents]) -> tuple[Problem, ...]:
    """What is wrong with `folder` holding these, among the rails of the folders `beside` it."""
    own = vertical_of(folder)
    with TemporaryDirectory(prefix="draft-") as place:
        root = Path(place)
        if folder.startswith(f"{KNOWLEDGE}/"):
            write_folder(root / "knowledge", {path: text for path, text in contents.items() if "/" not in path})
            return _source_problems(root / "knowledge", folder, contents)
        for each, files in {**beside, folder: contents}.items():
            if each.startswith(f"{RAILS}/"):
                write_folder(root / each, files)
        rails = root / RAILS
        if own is not None:
            if not (rails / SHARED).is_dir():
                return (Problem(folder, None, f"{SHARED_FOLDER} was never published; publish that first"),)
            if "vertical.yaml" not in contents:
                return (Problem(f"{own}/vertical.yaml", None, "the file is missing"),)
            return lint(rails, own)
        verticals = [name for each in beside if (name := vertical_of(each)) and each.startswith(f"{RAILS}/")]
        found = list(read_source(rails, SHARED).problems)
        for vertical in verticals:
            found += lint(rails, vertical)
        return tuple(dict.fromkeys(found))


def check_problems(problems: tuple[Problem, ...]) -> None:
    """Raises InvalidRail or InvalidDocument for the first of `problems`."""
    for first in problems[:1]:
        more = f" ({len(problems) - 1} more)" if len(problems) > 1 else ""
        if first.file.startswith(f"{KNOWLEDGE}/"):
            raise InvalidDocument(first.file, f"{first.message}{more}")
        raise InvalidRail(first.file, first.line, f"{first.message}{more}")


def write_folder(folder: Path, contents: Contents) -> None:
    """Writes the files below `folder`, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    for path, content in contents.items():
        file = folder / path
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(content)


def _source_problems(root: Path, folder: str, contents: Contents) -> tuple[Problem, ...]:
    try:
        sources = read_sources(root / "sources.yaml")
    except AssistantError as error:
        return (Problem(f"{folder}/sources.yaml", None, str(error).removeprefix(f"{root / 'sources.yaml'}: ")),)
    absent = [name for name in sources if f"documents/{name}" not in contents]
    return tuple(Problem(f"{folder}/sources.yaml", None, f"{name} is not in documents/") for name in absent)
