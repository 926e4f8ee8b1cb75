"""How well personal data is found: the held-out templates of presidio_v2, kind by kind, beside simpler ways."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np

from assistant.guards.people.finder import PeopleFinder
from assistant.guards.people.tagger import Encoder, Tagger
from assistant.guards.people.train import PARTS, Row, held_out, read_rows, train
from assistant.guards.people.words import fold, names
from assistant.guards.personal import PersonalDataGuard
from assistant.verticals import ALL_KINDS, PersonalKind

Span = tuple[int, int]
Finder = Callable[[str], Sequence[tuple[PersonalKind, int, int]]]
RESAMPLES = 1000
KINDS_OF: Mapping[str, PersonalKind] = {
    "EMAIL_ADDRESS": "email",
    "PHONE_NUMBER": "phone",
    "CREDIT_CARD": "card",
    "IBAN_CODE": "iban",
    "US_SSN": "national_id",
    "US_DRIVER_LICENSE": "national_id",
    "IP_ADDRESS": "ip_address",
    "DOMAIN_NAME": "url",
    "STREET_ADDRESS": "address",
    "ZIP_CODE": "address",
    "PERSON": "person",
}
"""Our kinds by the names that presidio_v2 gives them."""
PATTERNS: tuple[PersonalKind, ...] = ("email", "phone", "card", "iban", "national_id", "ip_address", "url")
"""Kinds that have a form or check digits, pooled in one line."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of one kind in one template: what all figures are made of."""

    there: int = 0
    """Pieces of personal data in the texts."""
    caught: int = 0
    """Those of them that a find of the same kind touches."""
    whole: int = 0
    """Those of them of which no letter or digit is left unmasked by any kind."""
    found: int = 0
    """Finds of this kind."""
    right: int = 0
    """Finds that touch a piece of the same kind."""

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.there + other.there,
            self.caught + other.caught,
            self.whole + other.whole,
            self.found + other.found,
            self.right + other.right,
        )

    @property
    def recall(self) -> float:
        """Share of what is there that was caught."""
        return self.caught / self.there if self.there else 1.0

    @property
    def precision(self) -> float:
        """Share of the finds that are right."""
        return self.right / self.found if self.found else 1.0


def measure_personal(encoder: Encoder, folder: Path) -> str:
    """The table of recall and precision with 95 % intervals on the held-out templates in `folder`, ready to print.

    Intervals are from 1,000 resamplings of templates, since texts of one template are alike.
    """
    rows = [row for row in read_rows(folder) if held_out(row)]
    tagged = PersonalDataGuard(ALL_KINDS, PeopleFinder(Tagger(encoder)))
    plain = PersonalDataGuard(ALL_KINDS)
    ours, ours_ms = _run(rows, _guard(tagged))
    lines = [
        f"presidio_v2, {len(rows)} texts of {len({row.template for row in rows})} held-out templates",
        _HEADING,
        _line("pattern kinds", ours, PATTERNS, ours_ms),
        *(_line(f"  {kind}", ours, (kind,), None) for kind in PATTERNS if _sum(ours, (kind,)).there),
        _line("address", ours, ("address",), None),
        _line("person", ours, ("person",), ours_ms),
    ]
    others: Mapping[str, Finder] = {
        "person, rules and patterns only": _guard(plain),
        "person, tagger only": _persons(lambda text: PeopleFinder(Tagger(encoder)).find(text).persons),
        "person, list of first names": _persons(_by_first_name),
        "person, capitalised words": _persons(_capitalised),
    }
    for name, finder in others.items():
        tallies, ms = _run(rows, finder)
        lines.append(_line(name, tallies, ("person",), ms))
    return "\n".join(lines)


def ablate_personal(encoder: Encoder, folder: Path) -> str:
    """What each signal of the name tagger adds to the names found, ready to print; each is left out of one training."""
    rows = [row for row in read_rows(folder) if held_out(row)]
    lines = [_HEADING]
    for part in (None, *PARTS):
        tagger = Tagger(encoder, train(encoder, folder, without=part))
        tallies, ms = _run(rows, _guard(PersonalDataGuard(ALL_KINDS, PeopleFinder(tagger))))
        lines.append(_line(f"person, without {part}" if part else "person, everything", tallies, ("person",), ms))
    return "\n".join(lines)


_HEADING = f"{'':34}{'n':>5}  {'recall':>20}  {'precision':>20}  {'whole':>6}  {'ms':>6}"
_Tallies = Mapping[tuple[int, PersonalKind], Tally]


def _guard(guard: PersonalDataGuard) -> Finder:
    return lambda text: [(each.kind, each.start, each.end) for each in guard.find(text)]


def _persons(find: Callable[[str], Sequence[Span]]) -> Finder:
    return lambda text: [("person", start, end) for start, end in find(text)]


def _run(rows: Sequence[Row], finder: Finder) -> tuple[_Tallies, float]:
    """The tallies of each template and kind, and the median milliseconds a text."""
    tallies: dict[tuple[int, PersonalKind], Tally] = {}
    times_ms = []
    finder("Ann Lee wrote.")  # Loads lists and weights.
    for row in rows:
        start = time.process_time()
        found = finder(row.text)
        times_ms.append((time.process_time() - start) * 1000)
        for kind in ALL_KINDS:
            tally = _tally(row, kind, found)
            tallies[row.template, kind] = tallies.get((row.template, kind), Tally()) + tally
    return tallies, median(times_ms)


def _tally(row: Row, kind: PersonalKind, found: Sequence[tuple[PersonalKind, int, int]]) -> Tally:
    there = [(start, end) for start, end, name in row.spans if KINDS_OF.get(name) == kind]
    same = [(start, end) for each, start, end in found if each == kind]
    masked = {place for _, start, end in found for place in range(start, end)}
    return Tally(
        there=len(there),
        caught=sum(_touches(span, same) for span in there),
        whole=sum(all(place in masked or not row.text[place].isalnum() for place in range(*span)) for span in there),
        found=len(same),
        right=sum(_touches(span, there) for span in same),
    )


def _touches(span: Span, others: Sequence[Span]) -> bool:
    return any(start < span[1] and span[0] < end for start, end in others)


def _sum(tallies: _Tallies, kinds: Sequence[PersonalKind]) -> Tally:
    return sum((tally for (_, kind), tally in tallies.items() if kind in kinds), Tally())


def _line(name: str, tallies: _Tallies, kinds: Sequence[PersonalKind], ms: float | None) -> str:
    total = _sum(tallies, kinds)
    recall, precision = _intervals(tallies, kinds)
    whole = total.whole / total.there if total.there else 1.0
    shown_ms = f"{ms:6.1f}" if ms is not None else ""
    return (
        f"{name:34}{total.there:5}  {total.recall:.3f} {recall:>14}  {total.precision:.3f} {precision:>14}"
        f"  {whole:6.3f}  {shown_ms}"
    ).rstrip()


def _intervals(tallies: _Tallies, kinds: Sequence[PersonalKind]) -> tuple[str, str]:
    by_template: dict[int, Tally] = {}
    for (template, kind), tally in tallies.items():
        if kind in kinds and (tally.there or tally.found):
            by_template[template] = by_template.get(template, Tally()) + tally
    each = list(by_template.values())
    if not each:
        return "", ""
    random = np.random.default_rng(7)
    drawn = [sum((each[i] for i in random.integers(len(each), size=len(each))), Tally()) for _ in range(RESAMPLES)]
    return _interval([one.recall for one in drawn]), _interval([one.precision for one in drawn])


def _interval(values: Sequence[float]) -> str:
    low, high = np.percentile(values, [2.5, 97.5])
    return f"[{low:.3f}, {high:.3f}]"


def _by_first_name(text: str) -> Sequence[Span]:
    common = frozenset(fold(name) for name in names("common_given_names.txt"))
    return [match.span() for match in re.finditer(r"[^\W\d_]+", text) if fold(match.group()) in common]


def _capitalised(text: str) -> Sequence[Span]:
    return [match.span() for match in re.finditer(r"(?<![.!?:]\s)(?<!^)\b[A-Z][^\W\d_]+(?: [A-Z][^\W\d_]+)*", text)]
