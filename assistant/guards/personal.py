"""Personal data found in a text, and masked by placeholders that stay the same for the same value."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from bisect import bisect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from assistant.guards import personal_patterns as patterns
from assistant.guards.personal_names import persons
from assistant.guards.plain_text import GAP_KEPT, LONG_GAP
from assistant.verticals import ALL_KINDS, PersonalKind

# Where two finds overlap, the kind named first has the stronger proof: check digits before mere shapes.
_FINDERS: Mapping[PersonalKind, patterns.Finder] = {
    "email": patterns.emails,
    "iban": patterns.ibans,
    "card": patterns.cards,
    "national_id": patterns.national_ids,
    "date_of_birth": patterns.birth_dates,
    "record_number": patterns.record_numbers,
    "phone": patterns.phones,
    "address": patterns.addresses,
    "person": persons,
}
_PLACEHOLDER = re.compile(r"\[(?:" + "|".join(kind.upper() for kind in ALL_KINDS) + r")_\d+\]")


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


class Placeholders:
    """Which placeholder stands for which value, kept as keyed digests only: from it alone no value can be read back."""

    def __init__(self, key: bytes) -> None:
        """Use `key` for the digests; with another key the same value gets another placeholder."""
        self._key = key
        self._numbers: dict[str, dict[str, int]] = {}

    def for_value(self, kind: PersonalKind, value: str) -> str:
        """The placeholder of `value`, such as `[PERSON_1]`: the same however the value is spaced or cased."""
        normal = re.sub(r"[\W_]+", "", value).casefold() if kind != "email" else value.strip().casefold()
        digest = hmac.new(self._key, f"{kind}:{normal}".encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
        numbers = self._numbers.setdefault(kind, {})
        return f"[{kind.upper()}_{numbers.setdefault(digest, len(numbers) + 1)}]"

    def to_json(self) -> str:
        """The digests and their numbers, to be kept with a conversation; the key is not in it."""
        return json.dumps(self._numbers, sort_keys=True)

    @classmethod
    def from_json(cls, text: str, key: bytes) -> Placeholders:
        """What `to_json` kept, to go on with the same `key`."""
        restored = cls(key)
        restored._numbers = {
            str(kind): {str(digest): int(n) for digest, n in numbers.items()}
            for kind, numbers in json.loads(text).items()
        }
        return restored


class PersonalDataGuard:
    """Finds and masks personal data of the given kinds."""

    def __init__(self, kinds: Sequence[PersonalKind] = ALL_KINDS) -> None:
        self._finders = {kind: finder for kind, finder in _FINDERS.items() if kind in kinds}

    def find(self, text: str) -> tuple[Found, ...]:
        """Every piece of personal data in `text`, in order, none overlapping; placeholders are none."""
        text, place_of = _gaps_shortened(text)
        taken = [match.span() for match in _PLACEHOLDER.finditer(text)]
        found: list[Found] = []
        for kind, finder in self._finders.items():
            for start, end in _longest_first(finder(text)):
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
            parts += [text[position : each.start], placeholders.for_value(each.kind, text[each.start : each.end])]
            position = each.end
        return Masked("".join([*parts, text[position:]]), found)


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


def _longest_first(spans: Iterator[tuple[int, int]]) -> list[tuple[int, int]]:
    return sorted(set(spans), key=lambda span: (span[0] - span[1], span[0]))
