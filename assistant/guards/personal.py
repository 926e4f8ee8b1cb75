"""Personal data found in a text, and masked by placeholders that stay the same for the same value and person."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from assistant.guards import personal_patterns as patterns
from assistant.guards.national_ids import national_ids
from assistant.guards.people.finder import PeopleFinder, Seen
from assistant.guards.people.names import persons
from assistant.guards.phone_numbers import phones
from assistant.guards.placeholders import PLACEHOLDER, TITLE_REACH, Placeholders
from assistant.guards.plain_text import GAP_KEPT, LONG_GAP
from assistant.verticals import DEFAULT_KINDS, PersonalKind

# Where two finds overlap, the kind named first has the stronger proof: check digits before mere shapes.
_FINDERS: Mapping[PersonalKind, patterns.Finder] = {
    "email": patterns.emails,
    "url": patterns.urls,
    "iban": patterns.ibans,
    "card": patterns.cards,
    "national_id": national_ids,
    "date_of_birth": patterns.birth_dates,
    "ip_address": patterns.ip_addresses,
    "record_number": patterns.record_numbers,
    "phone": phones,
    "address": patterns.addresses,
    "person": persons,
}
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

    def __init__(self, kinds: Sequence[PersonalKind] = DEFAULT_KINDS, people: PeopleFinder | None = None) -> None:
        """Without `people` only names with a title, an introduction, a label or a common first name are found."""
        self._finders = {kind: finder for kind, finder in _FINDERS.items() if kind in kinds}
        self._people = people

    def find(self, text: str) -> tuple[Found, ...]:
        """Every piece of personal data in `text`, in order, none overlapping; placeholders are none."""
        text, place_of = _gaps_shortened(text)
        seen = self._people.find(text) if self._people else _NOTHING
        taken = [match.span() for match in PLACEHOLDER.finditer(text)]
        found: list[Found] = []
        for kind, finder in self._finders.items():
            for start, end in _longest_first([*finder(text), *_seen_as(kind, seen)]):
                place = bisect(taken, (start, end))
                if (place == 0 or taken[place - 1][1] <= start) and (place == len(taken) or end <= taken[place][0]):
                    taken.insert(place, (start, end))
                    found.append(Found(kind, place_of(start), place_of(end)))
        return tuple(sorted(found, key=lambda each: each.start))

    def mask(self, text: str, placeholders: Placeholders, *, spare: str = "") -> Masked:
        """`text` with every find replaced, but for what stands in `spare`; masking twice changes nothing."""
        found = tuple(each for each in self.find(text) if not spare or text[each.start : each.end] not in spare)
        parts, position = [], 0
        for each in found:
            value, before = text[each.start : each.end], text[max(each.start - TITLE_REACH, 0) : each.start]
            parts += [text[position : each.start], placeholders.for_value(each.kind, value, before=before)]
            position = each.end
        return Masked("".join([*parts, text[position:]]), found)


def _seen_as(kind: PersonalKind, seen: Seen) -> Sequence[tuple[int, int]]:
    return {"person": seen.persons, "address": seen.addresses}.get(kind, ())


def _gaps_shortened(text: str) -> tuple[str, Callable[[int], int]]:
    """`text` with every long gap cut down, since patterns look across gaps, and where a place in it was before."""
    parts: list[str] = []
    places, lost = [0], [0]  # From each place on, so many characters have been left out.
    position = 0
    for gap in LONG_GAP.finditer(text):
        cut = gap.start() + GAP_KEPT
        parts.append(text[position:cut])
        position = gap.end() - GAP_KEPT
        places.append(cut - lost[-1])
        lost.append(lost[-1] + position - cut)
    if not parts:
        return text, int
    return "".join([*parts, text[position:]]), lambda place: place + lost[bisect(places, place) - 1]


def _longest_first(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    return sorted(set(spans), key=lambda span: (span[0] - span[1], span[0]))
