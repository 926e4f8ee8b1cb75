"""Which placeholder stands for which value or person, throughout a conversation, without keeping any value."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from assistant.guards.people.words import fold
from assistant.verticals import ALL_KINDS, PersonalKind

PLACEHOLDER = re.compile(r"\[(?:" + "|".join(kind.upper() for kind in ALL_KINDS) + r")_\d+\]")
Gender = Literal["f", "m"]
_TITLE = re.compile(
    r"\b(?:(?P<m>mr|mister|sir|sig|signor|herr|monsieur|señor|sr|husband|son|father|dad|brother|uncle|grandfather"
    r"|grandson|nephew|boyfriend)"
    r"|(?P<f>mrs|ms|miss|dame|lady|signora|sig\.ra|frau|mme|mlle|madame|señora|sra|wife|daughter|mother|mum|mom|sister"
    r"|aunt|grandmother|granddaughter|niece|girlfriend)|(?P<any>dr|doctor|prof|professor|nurse|rev))\s?[.,]?\s+\Z",
    re.IGNORECASE,
)
TITLE_REACH = 16
"""Characters before a name in which its title, or whose father or daughter that is, stands."""
_NAMESAKES = 100  # So many people of one name are told apart, those named last; time would grow with all of them.
_PHONE_DIGITS = 10  # The last ones tell numbers apart, with the code of the country before them or without.
_STREET = re.compile(r"(?:[^,\n]*,){0,2}?[^,\n]*\d[^,\n]*[^\W\d_]{2}[^,\n]*[^\W\d_]{2}[^,\n]*")
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
    last_named: int = 0


class Placeholders:
    """Which placeholder stands for which value, kept as keyed digests: what is stored holds no value to read back."""

    def __init__(self, key: bytes) -> None:
        """Use `key` for the digests; with another key the same value gets another placeholder."""
        self._key = key
        self._numbers: dict[str, dict[str, int]] = {}
        self._people: dict[int, _Person] = {}  # By number; the one named last stands last, here and below.
        self._called: dict[str, dict[int, _Person]] = {}
        self._times = self._most = 0  # So often somebody was named; the highest number given to anybody.
        self._values: dict[str, str] = {}
        self._titled: dict[str, str] = {}  # What stands after a title: "Mrs. Lopez" is not "Mrs. Martha and Ana Lopez".

    def for_value(self, kind: PersonalKind, value: str, *, before: str = "", full: str = "") -> str:
        """The placeholder of `value`, such as `[PERSON_1]`: the same however the value is spaced or cased.

        A person is the same by full name, by given name and by family name; `before` is the text before the name,
        whose title keeps Mr and Mrs Smith apart, and `full` what the same person is called elsewhere in the text.
        """
        title = _TITLE.search(before[-TITLE_REACH:]) if kind == "person" else None
        if kind == "person":
            number = self._person(f"{value} {full}", _gender(title)).number
        elif kind == "address":
            number = self._address(value)
        else:
            number = self._number(kind, _normal(kind, value))
        placeholder = f"[{kind.upper()}_{number}]"
        for values in (self._values, self._titled) if title else (self._values,):
            values[placeholder] = max(values.get(placeholder, ""), value, key=_fullness)
        return placeholder

    def restore(self, text: str) -> str:
        """`text` with each placeholder put back that this object gave out; of others the value is not known."""

        def put_back(match: re.Match[str]) -> str:
            titled = _TITLE.search(text[max(match.start() - TITLE_REACH, 0) : match.start()])
            known = self._values.get(match.group(), match.group())
            return self._titled.get(match.group(), known) if titled else known

        return PLACEHOLDER.sub(put_back, text)

    def conceal(self, text: str) -> str:
        """`text` with what `restore` put back replaced again, also where no guard would know it for a name."""
        given = {*self._values.items(), *self._titled.items()}
        for placeholder, value in sorted(given, key=lambda each: (-len(each[1]), each)):
            text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", placeholder, text)
        return text

    def to_json(self) -> str:
        """The digests and their numbers, to be kept with a conversation; neither the key nor a value is in it."""
        people = [[each.number, sorted(each.parts), each.gender] for each in self._people.values()]
        return json.dumps({**self._numbers, "people": people}, sort_keys=True)

    @classmethod
    def from_json(cls, text: str, key: bytes) -> Placeholders:
        """What `to_json` kept, to go on with the same `key`."""
        restored = cls(key)
        kept = json.loads(text)
        for number, parts, gender in kept.pop("people", []):
            restored._named(_Person(int(number), {str(part) for part in parts}, gender))
        # Until 0.1 a person was one digest of the whole name.
        for digest, number in kept.pop("person", {}).items():
            restored._named(_Person(int(number), {str(digest)}, None))
        restored._numbers = {
            str(kind): {str(digest): int(n) for digest, n in numbers.items()} for kind, numbers in kept.items()
        }
        return restored

    def _number(self, kind: str, normal: str) -> int:
        numbers = self._numbers.setdefault(kind, {})
        return numbers.setdefault(self._digest(kind, normal), max(numbers.values(), default=0) + 1)

    def _address(self, value: str) -> int:
        """The number of an address, the same with and without its town; the same street in two towns is two."""
        street = _STREET.match(value)
        whole, short = (_normal("address", part) for part in (value, street.group() if street else value))
        known, streets = self._numbers.setdefault("address", {}), self._numbers.setdefault("street", {})
        whole, short = self._digest("address", whole), self._digest("address", short)
        if whole == short and short in streets:
            return streets[short]
        # A street that was said alone gets its town later.
        number = known.get(whole) or known.get(short) or max(known.values(), default=0) + 1
        known[whole] = streets[short] = number
        return number

    def _person(self, name: str, gender: Gender | None) -> _Person:
        parts = {self._digest("person", part) for part in _parts(name)}
        alike = [each for part in parts for each in islice(reversed(self._called.get(part, {}).values()), _NAMESAKES)]
        found = max((each for each in alike if _same(each, parts, gender)), key=_last_named, default=None)
        person = found or _Person(self._most + 1, set(), None)
        person.parts |= parts
        person.gender = person.gender or gender
        self._named(person)
        return person

    def _named(self, person: _Person) -> None:
        """`person` stands last among all, and among those who are called by the same names."""
        self._times, self._most = self._times + 1, max(self._most, person.number)
        person.last_named = self._times
        for known in (self._people, *(self._called.setdefault(part, {}) for part in person.parts)):
            known.pop(person.number, None)
            known[person.number] = person

    def _digest(self, kind: str, normal: str) -> str:
        return hmac.new(self._key, f"{kind}:{normal}".encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def fuller_names(names: Sequence[tuple[str, str]]) -> Mapping[str, str]:
    """By each name, the one fuller name among `names` that it is a part of, if there is just one.

    Beside each name stands the text before it: "Mrs. Lopez" is Martha where "her husband Ramon Lopez" is the other.
    """
    spelt: dict[frozenset[str], str] = {}
    genders: dict[frozenset[str], set[Gender]] = {}
    with_part: dict[str, set[frozenset[str]]] = {}
    for name, before in names:
        parts = frozenset(_parts(name))
        spelt.setdefault(parts, name)
        if gender := _gender(_TITLE.search(before[-TITLE_REACH:])):
            genders.setdefault(parts, set()).add(gender)
        for part in parts:
            with_part.setdefault(part, set()).add(parts)
    fuller: dict[frozenset[str], str] = {}
    for parts in spelt:
        own, near = genders.get(parts, set()), min((with_part[part] for part in parts), key=len)
        found = [more for more in near if parts < more and not _differ(own, genders.get(more, set()))]
        if len(own) < 2 and len(found) == 1:
            fuller[parts] = spelt[found[0]]
    return {name: full for name, _ in names if (full := fuller.get(frozenset(_parts(name))))}


def _differ(genders: set[Gender], others: set[Gender]) -> bool:
    return bool(genders and others) and not genders & others


def _normal(kind: str, value: str) -> str:
    if kind == "email":
        return value.strip().casefold()
    plain = re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", value)).casefold()
    return plain[-_PHONE_DIGITS:] if kind == "phone" else plain


def _fullness(value: str) -> tuple[int, bool]:
    """How much of a name stands there, and whether in the usual capitals."""
    return len(value), value[:1].isupper() and not value.isupper()


def _parts(name: str) -> set[str]:
    """The names in `name` that tell people apart: without initials, particles and degrees; Jean is not Jean-Luc."""
    words = re.findall(r"[^\W_]+(?:[-‐‑][^\W_]+)*", fold(re.sub(r"['’](?=\w{2})", "", name)))
    words = ["".join(part for part in re.split(r"[-‐‑]", word) if part not in _NO_NAME) for word in words]
    return {word for word in words if len(word) > 1} or {"".join(words)}


def _same(person: _Person, parts: set[str], gender: Gender | None) -> bool:
    if gender and person.gender and gender != person.gender:
        return False
    return parts <= person.parts or person.parts <= parts


def _last_named(person: _Person) -> int:
    return person.last_named


def _gender(title: re.Match[str] | None) -> Gender | None:
    if title is None or title["any"]:
        return None
    return "m" if title["m"] else "f"
