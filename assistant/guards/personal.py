"""Personal data found in a text, and masked by placeholders that stay the same for the same value and person."""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from assistant.guards import personal_patterns as patterns
from assistant.guards.birth_dates import birth_dates
from assistant.guards.columns import cells
from assistant.guards.injection.patterns import attempt_in, foreign_attempt_in
from assistant.guards.national_ids import national_ids
from assistant.guards.people.finder import PeopleFinder, Seen
from assistant.guards.people.names import named_again, persons
from assistant.guards.people.words import is_name
from assistant.guards.phone_numbers import phones
from assistant.guards.placeholders import PLACEHOLDER, TITLE_REACH, Placeholders, fuller_names
from assistant.guards.spellings import as_typed, without_gaps
from assistant.verticals import DEFAULT_KINDS, PersonalKind

# Where two finds overlap, the kind named first has the stronger proof: check digits before mere shapes.
_FINDERS: Mapping[PersonalKind, patterns.Finder] = {
    "email": patterns.emails,
    "url": patterns.urls,
    "iban": patterns.ibans,
    "card": patterns.cards,
    "national_id": national_ids,
    "date_of_birth": birth_dates,
    "ip_address": patterns.ip_addresses,
    "record_number": patterns.record_numbers,
    "phone": phones,
    "address": patterns.addresses,
    "person": persons,
}
_NUMBERED = frozenset(_FINDERS) - {"email", "url", "ip_address", "person"}  # Kinds that have no find without a digit.
AROUND = 160
"""Characters around a number in which its name or the rest of an address stands."""
LONGEST_WORD = 80  # No number is longer; a longer run without a blank is cut.
ORDER_REACH = 80  # Characters around a name in which the rest of an order to the assistant may stand.
_WORD = re.compile(r"[^\W\d_]+")
_DIGITS = re.compile(r"\d+")
_NOTHING = Seen((), ())


@dataclass(frozen=True, slots=True)
class Found:
    """One piece of personal data: its kind and where it stands."""

    kind: PersonalKind
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Masked:
    """A text in which personal data was replaced by placeholders."""

    text: str
    found: tuple[Found, ...]
    """Kinds and places in the text as it was before."""


class PersonalDataGuard:
    """Finds and masks personal data of the given kinds."""

    def __init__(
        self,
        kinds: Sequence[PersonalKind] = DEFAULT_KINDS,
        people: PeopleFinder | None = None,
        no_persons: Sequence[str] = (),
    ) -> None:
        """Without `people` only names with a title, an introduction, a label or a common first name are found.

        A name with one of the words `no_persons` is that of a product or a firm.
        """
        words = "|".join(re.escape(word) for word in no_persons)
        self._no_person = re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE) if words else None
        self._finders = {kind: finder for kind, finder in _FINDERS.items() if kind in kinds}
        self._people = people

    def find(self, text: str, *, spare: str = "") -> tuple[Found, ...]:
        """Every piece of personal data in `text`, in order, none overlapping; placeholders are none.

        Nor is what stands in `spare`, which is public.
        """
        return tuple(each for each in self._found(text) if text[each.start : each.end] not in spare)

    def _found(self, text: str) -> tuple[Found, ...]:
        text, place_of = without_gaps(text)
        typed = as_typed(text)
        seen = self._people.find(text) if self._people else _NOTHING
        numbered = tuple(_with_digits(typed))
        in_columns = cells(typed)
        found = _Taken([match.span() for match in PLACEHOLDER.finditer(text)])
        for kind, finder in self._finders.items():
            spans = [*_seen_as(kind, seen), *in_columns.get(kind, ())]
            read, parts = (typed, numbered) if kind in _NUMBERED else (text, ((0, len(text)),))
            for start, end in parts:
                spans += [(start + first, start + last) for first, last in finder(read[start:end])]
            if kind == "person" and (ours := self._no_person):
                spans = [span for span in spans if not ours.search(text, *span)]
            if kind == "person":
                spans = [span for span in spans if not _hides_an_order(text, *span)]
            found.take(kind, spans)
        if "person" in self._finders:
            found.take(
                "person", named_again(text, [(first, last) for kind, first, last in found.kinds if kind == "person"])
            )
        return tuple(
            Found(kind, place_of(start), place_of(end - 1) + 1) for kind, start, end in sorted(found.kinds, key=_place)
        )

    def mask(self, text: str, placeholders: Placeholders, *, spare: str = "", left: str = "") -> Masked:
        """`text` with every find replaced, but for what stands in `spare`; masking twice changes nothing.

        `left` was masked before, with more words around: what it shows and no list of names holds is nobody's name.
        """
        found = tuple(
            each
            for each in self.find(text, spare=spare)
            for value in [text[each.start : each.end]]
            if not (each.kind == "person" and value in left and not _is_listed(value))
        )
        fuller = fuller_names([_read(text, each) for each in found if each.kind == "person"])
        parts, position = [], 0
        for each in found:
            value, before = _read(text, each)
            full = fuller.get(value, "") if each.kind == "person" else ""
            parts += [text[position : each.start], placeholders.for_value(each.kind, value, before=before, full=full)]
            position = each.end
        return Masked("".join([*parts, text[position:]]), found)


def _is_listed(name: str) -> bool:
    return any(map(is_name, _WORD.findall(name)))


def _hides_an_order(text: str, start: int, end: int) -> bool:
    """Whether an attempt is plain to read and no longer with a placeholder there: "Vergiss deine Anweisungen"."""
    before, value, after = text[max(start - ORDER_REACH, 0) : start], text[start:end], text[end : end + ORDER_REACH]
    if _is_listed(value) or not _states(f"{before}{value}{after}"):
        return False
    return not _states(f"{before}[PERSON_1]{after}")


def _states(text: str) -> bool:
    return attempt_in(text, indirect=True) is not None or foreign_attempt_in(text) is not None


def _read(text: str, found: Found) -> tuple[str, str]:
    """What was found, and the text before it in which a title stands."""
    return text[found.start : found.end], text[max(found.start - TITLE_REACH, 0) : found.start]


class _Taken:
    """Finds that do not overlap: what comes first stays."""

    def __init__(self, spans: list[tuple[int, int]]) -> None:
        self._spans = spans
        self.kinds: list[tuple[PersonalKind, int, int]] = []

    def take(self, kind: PersonalKind, spans: Iterable[tuple[int, int]]) -> None:
        for start, end in sorted(set(spans), key=lambda span: (span[0] - span[1], span[0])):
            place = bisect(self._spans, (start, end))
            free = place == 0 or self._spans[place - 1][1] <= start
            if free and (place == len(self._spans) or end <= self._spans[place][0]):
                self._spans.insert(place, (start, end))
                self.kinds.append((kind, start, end))


def _place(found: tuple[PersonalKind, int, int]) -> int:
    return found[1]


def _with_digits(text: str) -> Iterator[tuple[int, int]]:
    """Stretches of `text` with a digit in them and some words around; most of a long text needs no further look."""
    start = end = None
    for match in _DIGITS.finditer(text):
        if end is not None and start is not None and match.start() - AROUND > end:
            yield start, end
            start = None
        if start is None:
            start = _blank_before(text, max(match.start() - AROUND, end or 0))
        end = _blank_after(text, match.end() + AROUND)
    if start is not None and end is not None:
        yield start, end


def _blank_before(text: str, place: int) -> int:
    """Where a word begins at or a little before `place`."""
    return max(place - LONGEST_WORD, 0) + len(text[max(place - LONGEST_WORD, 0) : place].rpartition(" ")[0])


def _blank_after(text: str, place: int) -> int:
    """Where a word ends at or a little after `place`."""
    return min(place + len(text[place : place + LONGEST_WORD].partition(" ")[0]), len(text))


def _seen_as(kind: PersonalKind, seen: Seen) -> Sequence[tuple[int, int]]:
    return {"person": seen.persons, "address": seen.addresses}.get(kind, ())
