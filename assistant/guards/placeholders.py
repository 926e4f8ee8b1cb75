"""Which placeholder stands for which value or person, throughout a conversation, without keeping any value."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from dataclasses import dataclass
from typing import Literal

from assistant.guards.people.words import fold
from assistant.verticals import ALL_KINDS, PersonalKind

PLACEHOLDER = re.compile(r"\[(?:" + "|".join(kind.upper() for kind in ALL_KINDS) + r")_\d+\]")
Gender = Literal["f", "m"]
_TITLE = re.compile(
    r"\b(?:(?P<m>mr|mister|sir|sig|signor|herr|monsieur|señor|sr)"
    r"|(?P<f>mrs|ms|miss|dame|lady|signora|sig\.ra|frau|mme|mlle|madame|señora|sra))\.?\s+\Z",
    re.IGNORECASE,
)
TITLE_REACH = 12
"""Characters before a name in which its title stands."""
_NO_NAME = frozenset((
    "de", "di", "da", "del", "della", "van", "von", "der", "den", "la", "le", "bin", "al", "el", "dos", "das",
    "du", "of", "the", "jr", "sr", "ii", "iii", "iv", "md", "phd", "dds", "dvm", "rn", "esq",
))  # fmt: skip


@dataclass(slots=True)
class _Person:
    number: int
    parts: set[str]
    """Digests of the given and family names they were called by."""
    gender: Gender | None


class Placeholders:
    """Which placeholder stands for which value, kept as keyed digests: what is stored holds no value to read back."""

    def __init__(self, key: bytes) -> None:
        """Use `key` for the digests; with another key the same value gets another placeholder."""
        self._key = key
        self._numbers: dict[str, dict[str, int]] = {}
        self._people: list[_Person] = []  # The one named last stands last.
        self._values: dict[str, str] = {}

    def for_value(self, kind: PersonalKind, value: str, *, before: str = "") -> str:
        """The placeholder of `value`, such as `[PERSON_1]`: the same however the value is spaced or cased.

        A person is the same by full name, by given name and by family name; `before` is the text before the name,
        whose title keeps Mr and Mrs Smith apart.
        """
        if kind == "person":
            number = self._person(value, _gender(before)).number
        else:
            normal = value.strip().casefold() if kind == "email" else re.sub(r"[\W_]+", "", value).casefold()
            numbers = self._numbers.setdefault(kind, {})
            number = numbers.setdefault(self._digest(kind, normal), len(numbers) + 1)
        placeholder = f"[{kind.upper()}_{number}]"
        if len(value) > len(self._values.get(placeholder, "")):
            self._values[placeholder] = value
        return placeholder

    def restore(self, text: str) -> str:
        """`text` with each placeholder put back that this object gave out; of others the value is not known."""
        return PLACEHOLDER.sub(lambda match: self._values.get(match.group(), match.group()), text)

    def conceal(self, text: str) -> str:
        """`text` with what `restore` put back replaced again, also where no guard would know it for a name."""
        for placeholder, value in sorted(self._values.items(), key=lambda each: -len(each[1])):
            text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", placeholder, text)
        return text

    def to_json(self) -> str:
        """The digests and their numbers, to be kept with a conversation; neither the key nor a value is in it."""
        people = [[each.number, sorted(each.parts), each.gender] for each in self._people]
        return json.dumps({**self._numbers, "people": people}, sort_keys=True)

    @classmethod
    def from_json(cls, text: str, key: bytes) -> Placeholders:
        """What `to_json` kept, to go on with the same `key`."""
        restored = cls(key)
        kept = json.loads(text)
        for number, parts, gender in kept.pop("people", []):
            restored._people.append(_Person(int(number), {str(part) for part in parts}, gender))
        # Until 0.1 a person was one digest of the whole name.
        for digest, number in kept.pop("person", {}).items():
            restored._people.append(_Person(int(number), {str(digest)}, None))
        restored._numbers = {
            str(kind): {str(digest): int(n) for digest, n in numbers.items()} for kind, numbers in kept.items()
        }
        return restored

    def _person(self, name: str, gender: Gender | None) -> _Person:
        parts = {self._digest("person", part) for part in _parts(name)}
        person = next((each for each in reversed(self._people) if _same(each, parts, gender)), None)
        if person is None:
            person = _Person(max((each.number for each in self._people), default=0) + 1, set(), None)
        else:
            self._people.remove(person)
        person.parts |= parts
        person.gender = person.gender or gender
        self._people.append(person)
        return person

    def _digest(self, kind: str, normal: str) -> str:
        return hmac.new(self._key, f"{kind}:{normal}".encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def _parts(name: str) -> set[str]:
    """The names in `name` that tell people apart: without initials, particles and degrees."""
    words = re.findall(r"[^\W_]+", fold(re.sub(r"['’](?=\w{2})", "", name)))
    return {word for word in words if len(word) > 1 and word not in _NO_NAME} or {"".join(words)}


def _same(person: _Person, parts: set[str], gender: Gender | None) -> bool:
    if gender and person.gender and gender != person.gender:
        return False
    return parts <= person.parts or person.parts <= parts


def _gender(before: str) -> Gender | None:
    title = _TITLE.search(before[-TITLE_REACH:])
    if title is None:
        return None
    return "m" if title["m"] else "f"
