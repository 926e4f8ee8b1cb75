"""One folder of rails as it stands: the files that may be there, read and parsed, and what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from assistant.messages import Stage
from assistant.rails.colang import Block, Flow, parse_flow, parse_texts
from assistant.rails.lines import Problem
from assistant.rails.sheets import Example, Floors, parse_examples, parse_floors, parse_phrases, parse_policy
from assistant.verticals import SHARED

MAX_FILE_BYTES = 1024 * 1024
STAGES: tuple[Stage, ...] = ("input", "output")
_COMMON = ("topics.co", "messages.co", "phrases.yaml", "policy.md", "examples.yaml")
_RAIL = re.compile(r"(?:input|output)/[a-z][a-z0-9]*(?:-[a-z0-9]+)*\.co")
_LEFT_ALONE = re.compile(r"README(\.md)?|\..*|.*~|#.*#|.*\.(bak|orig|swp|swo|tmp)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RailFile:
    """One file of a bundle."""

    path: str
    """Below the rails folder, with slashes: `medical/input/personal-advice.co`."""
    text: str


@dataclass(frozen=True, slots=True)
class Definition:
    """One rail as its file states it."""

    name: str
    """In hyphens, as the file is called."""
    stage: Stage
    file: str
    flow: Flow


@dataclass(frozen=True)
class Source:
    """The parsed content of `shared` or of one vertical."""

    name: str
    files: tuple[RailFile, ...]
    definitions: tuple[Definition, ...]
    forms: tuple[Block, ...]
    messages: tuple[Block, ...]
    phrases: Mapping[str, tuple[str | Mapping[str, str], ...]]
    policy: Mapping[str, str]
    examples: Mapping[str, Mapping[str, tuple[Example, ...]]]
    floors: Floors
    problems: tuple[Problem, ...]

    @cached_property
    def texts(self) -> dict[str, str]:
        """Text of each file by its path below this folder."""
        return {file.path.partition("/")[2]: file.text for file in self.files}

    def path(self, file: str) -> str:
        """`file` of this folder as problems name it."""
        return f"{self.name}/{file}"


def read_source(rails_dir: Path, name: str) -> Source:
    """What the folder `name` in `rails_dir` holds; mistakes are listed in its `problems`, none is raised."""
    files, problems = _read_files(rails_dir, name)
    texts = {file.path.partition("/")[2]: file.text for file in files}
    definitions = []
    for path, text in texts.items():
        if _RAIL.fullmatch(path):
            flow, wrong = parse_flow(f"{name}/{path}", text)
            problems += wrong
            if flow:
                stage: Stage = "input" if path.startswith("input/") else "output"
                definitions.append(Definition(PurePosixPath(path).stem, stage, f"{name}/{path}", flow))
    forms, form_problems = _blocks(name, texts, "topics.co")
    messages, message_problems = _blocks(name, texts, "messages.co")
    phrases, phrase_problems = parse_phrases(f"{name}/phrases.yaml", texts.get("phrases.yaml"))
    policy, policy_problems = parse_policy(f"{name}/policy.md", texts.get("policy.md"))
    examples, example_problems = parse_examples(f"{name}/examples.yaml", texts.get("examples.yaml"))
    floors, floor_problems = parse_floors(f"{name}/floors.yaml", texts.get("floors.yaml"))
    problems += [*form_problems, *message_problems, *phrase_problems, *policy_problems, *example_problems]
    problems += floor_problems
    return Source(name, files, tuple(definitions), forms, messages, phrases, policy, examples, floors, tuple(problems))


def _blocks(name: str, texts: Mapping[str, str], file: str) -> tuple[tuple[Block, ...], tuple[Problem, ...]]:
    if file not in texts:
        return (), ()
    return parse_texts(f"{name}/{file}", texts[file], "user" if file == "topics.co" else "bot")


def _read_files(rails_dir: Path, name: str) -> tuple[tuple[RailFile, ...], list[Problem]]:
    folder = rails_dir / name
    files: list[RailFile] = []
    problems: list[Problem] = []
    for file in walk(folder):
        path = file.relative_to(folder).as_posix()
        wrong = _unwelcome(name, path, file, folder)
        text = _decode(file) if wrong is None else ""
        if wrong or text is None:
            reason = wrong or f"not UTF-8 text of at most {MAX_FILE_BYTES // 1024} KiB; save it as UTF-8"
            problems.append(Problem(f"{name}/{path}", None, reason))
        else:
            files.append(RailFile(f"{name}/{path}", text))
    return tuple(sorted(files, key=lambda each: each.path)), problems


def walk(folder: Path) -> Iterator[Path]:
    """The files of a rails folder, less those that editors and systems leave behind."""
    for entry in sorted(folder.iterdir()):
        if _LEFT_ALONE.fullmatch(entry.name):
            continue
        if entry.is_dir() and entry.name in STAGES and not entry.is_symlink():
            yield from (each for each in sorted(entry.iterdir()) if not _LEFT_ALONE.fullmatch(each.name))
        else:
            yield entry


def unwelcome(name: str, path: str) -> str | None:
    """Why a file at `path` does not belong into the rails folder `name`; None where it does."""
    names = (*_COMMON, "floors.yaml" if name == SHARED else "vertical.yaml")
    if path in names or _RAIL.fullmatch(path):
        return None
    return f"this file does not belong here; there may be {', '.join(names)}, input/<rail>.co and output/<rail>.co"


def _unwelcome(name: str, path: str, file: Path, folder: Path) -> str | None:
    if wrong := unwelcome(name, path):
        return wrong
    if not file.resolve().is_relative_to(folder.resolve()):
        return "is a link that leads out of the folder; put the file itself here"
    return None if file.is_file() else "is not a file"


def _decode(file: Path) -> str | None:
    """The text without byte-order mark and with plain line ends; None when it is no text or too long."""
    if file.stat().st_size > MAX_FILE_BYTES:
        return None
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    return text.replace("\r\n", "\n")
