"""The rails that one vertical runs: the allowed files of shared and its own folder, read, checked and digested."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import InvalidRail, InvalidVertical
from assistant.messages import Stage
from assistant.rails.colang import Block, Flow
from assistant.rails.flows import members_of, refusals_of
from assistant.rails.lines import Problem
from assistant.rails.lint import Reading, read_folders
from assistant.rails.measurements import AUTO_LIMITS
from assistant.rails.sheets import Example, Expected
from assistant.rails.sources import STAGES, Definition, RailFile, Source
from assistant.verticals import Vertical


@dataclass(frozen=True, slots=True)
class Rail:
    """A named rule that decides on measurements."""

    name: str
    """In hyphens: `personal-advice`."""
    stage: Stage
    """`input` or `output`: the folder its file is in."""
    file: str
    owner: str
    """`shared`, or the vertical that defines it."""
    members: frozenset[str]
    """What it reads, to the member: `topics.score`, `limits.topics`."""
    messages: tuple[str, ...]
    """What it may say when it stops, in the order of its file."""
    flow: Flow

    @property
    def reads(self) -> frozenset[str]:
        """The measurements it reads, `limits` among them."""
        return frozenset(member.partition(".")[0] for member in self.members)


@dataclass(frozen=True, slots=True)
class RailBundle:
    """Everything a reviewer may change about one vertical, checked; known by its digest."""

    vertical: Vertical
    files: tuple[RailFile, ...]
    rails: tuple[Rail, ...]
    """In the order they run, input before output, shared before own."""
    messages: Mapping[str, str]
    forms: Mapping[str, tuple[str, ...]]
    """Examples of each form, small talk and counter-examples among them."""
    small_talk: frozenset[str]
    """Forms of rails/shared/topics.co."""
    phrases: Mapping[str, tuple[str | Mapping[str, str], ...]]
    floors: Mapping[str, float]
    policy: Mapping[str, str]
    """Section of policy.md by rail."""
    examples: Mapping[str, Mapping[Expected, tuple[Example, ...]]]
    """Texts to block and to let pass, by rail; for a shared rail those of shared come first."""
    digest: str
    """`sha256:…` over paths and texts of all files."""


def read_bundle(rails_dir: Path, name: str) -> RailBundle:
    """The rails of the vertical `name`.

    Raises UnknownVertical, InvalidVertical for its settings and InvalidRail for everything else; `lint` lists all.
    """
    reading = read_folders(rails_dir, name)
    if reading.problems:
        raise _error(reading.problems[0], reading.own)
    if reading.vertical is None:
        raise InvalidVertical(f"{name}/vertical.yaml", "cannot be read")
    return _bundle(reading, reading.vertical)


def effective_limits(bundle: RailBundle, auto: Mapping[str, float]) -> dict[str, float]:
    """The value of every `$limits.<name>`: the vertical's own, else the calibrated one raised to its floor.

    `auto` holds what the guards calibrated. Raises InvalidVertical when it lacks one that is needed.
    """
    limits: dict[str, float] = {}
    for name in dict.fromkeys((*AUTO_LIMITS, *bundle.vertical.limits)):
        wanted = bundle.vertical.limits.get(name, "auto")
        if wanted == "auto" and name not in auto:
            raise InvalidVertical(f"{bundle.vertical.name}/vertical.yaml", f"limits.{name}: nothing calibrates it")
        value = auto[name] if wanted == "auto" else wanted
        limits[name] = max(float(value), bundle.floors.get(name, 0.0))
    return limits


def _bundle(reading: Reading, vertical: Vertical) -> RailBundle:
    shared, own = reading.shared, reading.own
    files = (*shared.files, *own.files)
    return RailBundle(
        vertical=vertical,
        files=files,
        rails=tuple(rail for stage in STAGES for rail in _ordered(stage, shared, own, vertical)),
        messages={block.name: block.texts[0][1] for block in (*shared.messages, *own.messages)},
        forms=_merged(shared.forms, own.forms),
        small_talk=frozenset(form.name for form in shared.forms),
        phrases={**shared.phrases, **own.phrases},
        floors=shared.floors,
        policy={**own.policy, **shared.policy},
        examples=_examples(shared, own),
        digest=_digest(files),
    )


def _ordered(stage: Stage, shared: Source, own: Source, vertical: Vertical) -> list[Rail]:
    listed = vertical.rails.input if stage == "input" else vertical.rails.output
    inherited = [each for each in shared.definitions if each.stage == stage]
    mine = {each.name: each for each in own.definitions if each.stage == stage}
    # The list is an order: a rail it leaves out runs after those it names, for a list must not switch a rail off.
    ordered = [mine[name] for name in listed if name in mine]
    ordered += [each for name, each in mine.items() if name not in listed]
    return [_rail(each, "shared") for each in inherited] + [_rail(each, vertical.name) for each in ordered]


def _rail(definition: Definition, owner: str) -> Rail:
    flow = definition.flow
    messages = tuple(dict.fromkeys(refusal.message for refusal in refusals_of(flow.body)))
    return Rail(definition.name, definition.stage, definition.file, owner, members_of(flow), messages, flow)


def _merged(*groups: tuple[Block, ...]) -> dict[str, tuple[str, ...]]:
    forms: dict[str, tuple[str, ...]] = {}
    for form in (form for group in groups for form in group):
        forms[form.name] = (*forms.get(form.name, ()), *(text for _, text in form.texts))
    return forms


def _examples(shared: Source, own: Source) -> dict[str, dict[Expected, tuple[Example, ...]]]:
    merged: dict[str, dict[Expected, tuple[Example, ...]]] = {}
    for source in (shared, own):
        for rail, lists in source.examples.items():
            kept = merged.setdefault(rail, {"block": (), "pass": ()})
            kept["block"] += tuple(lists.get("block", ()))
            kept["pass"] += tuple(lists.get("pass", ()))
    return merged


def _digest(files: tuple[RailFile, ...]) -> str:
    digest = hashlib.sha256()
    for part in (part for file in sorted(files, key=lambda each: each.path) for part in (file.path, file.text)):
        encoded = part.encode()
        digest.update(len(encoded).to_bytes(8, "big") + encoded)
    return f"sha256:{digest.hexdigest()}"


def _error(problem: Problem, own: Source) -> InvalidRail | InvalidVertical:
    if problem.file == own.path("vertical.yaml"):
        place = f"{problem.file}:{problem.line}" if problem.line else problem.file
        return InvalidVertical(place, problem.message)
    return InvalidRail(problem.file, problem.line, problem.message)
