"""Cases as the model will meet them: the very prompt that the product sends, and what should be written."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from assistant.embedding import Embedder
from assistant.errors import InvalidCase
from assistant.guards import PersonalDataGuard, Placeholders
from assistant.messages import Document, Evidence
from assistant.tasks import Section, assign, dialogue_statements, section_prompt
from assistant.tuning.sections import SectionCase

FEWEST = 50
"""With fewer cases the model learns these cases and not the task."""


@dataclass(frozen=True, slots=True)
class Example:
    """What the model is asked, and what it should write; nothing where there is nothing to be said."""

    id: str
    prompt: str
    completion: str


@dataclass(frozen=True, slots=True)
class Examples:
    """Examples, and what was left out of them and why."""

    kept: tuple[Example, ...]
    duplicates: int
    leaked: int
    """Cases that stand in the held-out part as well."""
    masked: int
    """Cases in which personal data was masked."""

    @property
    def digest(self) -> str:
        """Names exactly these examples."""
        text = "\n".join(f"{each.prompt}\0{each.completion}" for each in self.kept)
        return hashlib.sha256(text.encode()).hexdigest()


def examples_of(
    cases: Sequence[SectionCase],
    sections: Sequence[Section],
    embedder: Embedder,
    personal: PersonalDataGuard,
    *,
    held_out: Iterable[str] = (),
    fewest: int = FEWEST,
    report: Callable[[str], None] = print,
) -> Examples:
    """The examples made of `cases`, personal data masked as in answering, none of them twice.

    `held_out`: dialogues that may not be trained on. Raises InvalidCase when what is left is fewer than `fewest` or all
    the same.
    """
    out, seen = {_plain(text) for text in held_out}, set[str]()
    headings = Counter(dialogue for dialogue, _ in {(case.dialogue, case.heading) for case in cases})
    kept: list[Example] = []
    leaked = duplicates = masked = 0
    for number, case in enumerate(cases, start=1):
        key = _plain(f"{case.heading} {case.dialogue} {case.text}")
        if _plain(case.dialogue) in out:
            leaked += 1
            continue
        if key in seen:
            duplicates += 1
            continue
        seen.add(key)
        placeholders = Placeholders(b"tuning")
        dialogue, text = personal.mask(case.dialogue, placeholders), personal.mask(case.text, placeholders)
        masked += bool(dialogue.found or text.found)
        read = replace(case, dialogue=dialogue.text, text=text.text)
        kept += _examples(read, sections, embedder, is_whole=headings[case.dialogue] > 1)
        if number % 200 == 0:
            report(f"{number} of {len(cases)} cases read")
    require_enough(kept, fewest=fewest)
    return Examples(tuple(kept), duplicates, leaked, masked)


def _examples(
    case: SectionCase, sections: Sequence[Section], embedder: Embedder, *, is_whole: bool
) -> Iterator[Example]:
    """Of a whole visit the section's own part is shown, as when answering; other dialogues are about one section."""
    statements = dialogue_statements(Document(case.id, "Visit", case.dialogue))
    shown = _parts(statements, sections, embedder).get(case.heading, []) if is_whole else statements
    if shown:
        yield Example(case.id, section_prompt(case.heading, shown), case.text)


def _parts(
    statements: Sequence[Evidence], sections: Sequence[Section], embedder: Embedder
) -> dict[str, list[Evidence]]:
    return dict(zip((each.heading for each in sections), assign(statements, sections, embedder), strict=True))


def require_enough(examples: Sequence[Example], *, fewest: int = FEWEST) -> None:
    """Raises InvalidCase when too little can be learnt from `examples`."""
    written = [each for each in examples if each.completion]
    if len(written) < fewest:
        raise InvalidCase(f"there are {len(written)} usable cases; at least {fewest} are needed to learn from")
    if len({each.completion for each in written}) < len(written) / 4:
        raise InvalidCase("most cases have the same text; a model would learn to write nothing else")


def _plain(text: str) -> str:
    return " ".join(text.lower().split())
