"""Sentences composed for the name tagger: our templates, filled with names of many cultures, places and products."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from random import Random
from typing import Literal

from ruamel.yaml import YAML

from assistant.guards.people.words import names

Label = Literal["person", "address", "place", "firm"]
_SLOT = re.compile(r"\{(\w+)\}")
_PLAIN, _UPPER, _TITLE = 0.14, 0.03, 0.04  # Shares of texts in small letters, as in chats, in capitals, or As A Title.
_SMALL_WORD = re.compile(r"(?<![\w'’])[a-z]{3,}")
_LABELS: Mapping[str, Label] = {
    **dict.fromkeys(("person", "given", "family", "listed", "titled"), "person"),
    "place": "place",
    "firm": "firm",
    "address": "address",
}


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text and what stands where in it."""

    text: str
    spans: tuple[tuple[int, int, Label], ...]
    """Start, end and label, in order, none overlapping."""


def compose(count: int, random: Random) -> list[Labelled]:
    """`count` texts from the shipped templates, each slot filled at random."""
    lines = files(__package__).joinpath("sentences.txt").read_text(encoding="utf-8").splitlines()
    templates = [line.replace("\\n", "\n") for line in lines if line and not line.startswith("#")]
    return [recased(fill(random.choice(templates), random), random) for _ in range(count)]


def fill(template: str, random: Random) -> Labelled:
    """`template` with every `{slot}` filled."""
    text, spans, position = "", [], 0
    for slot in _SLOT.finditer(template):
        text += template[position : slot.start()]
        before, value = _SLOTS[slot[1]](random)
        label = _LABELS.get(slot[1])
        if label:
            start = len(text) + len(before)
            spans.append((start, start + len(value), label))
        text += before + value
        position = slot.end()
    return Labelled(text + template[position:], tuple(spans))


def full_name(random: Random) -> str:
    """A name as people write it: two or more parts, sometimes an initial, a particle or a double name."""
    given, family = given_name(random), family_name(random)
    form = random.random()
    if form < 0.10:
        return f"{given} {_initial(random)}. {family}"
    if form < 0.15:
        return f"{given} {_initial(random)} {family}"
    if form < 0.20:
        return f"{_initial(random)}. {family}"
    if form < 0.25:
        return f"{given} {random.choice(_PARTICLES)} {family}"
    if form < 0.32:
        return f"{given} {family}{random.choice('- ')}{family_name(random)}"
    if form < 0.38:
        return f"{given} {given_name(random)} {family}"
    if form < 0.40:
        return f"{given} {family}{random.choice((' Jr.', ' Sr.', ' III', ', PhD', ' MD', ' DDS', ', MBA'))}"
    if form < 0.42:
        return f"{_initial(random)}.{random.choice(('', ' '))}{_initial(random)}. {family}"
    return f"{given} {family}"


def given_name(random: Random) -> str:
    """One given name."""
    # Half of the time one of the commonest, or rare names would be nearly all that is learnt.
    name = random.choice(names("given_names.txt")) if random.random() < 0.5 else _common(random)
    return f"{name}-{random.choice(names('given_names.txt'))}" if random.random() < 0.02 else name


def family_name(random: Random) -> str:
    """One family name."""
    name = random.choice(names("family_names.txt"))
    return random.choice(_PREFIXES) + name if random.random() < 0.03 else name


def place_name(random: Random) -> str:
    """A town or country, real or made up."""
    form = random.random()
    if form < 0.3:
        place = _one("place", random)
    elif form < 0.75:
        place = random.choice(names("place_names.txt")).replace("_", " ")
    else:
        place = _one("town_start", random) + _one("town_end", random)
    return place.upper() if random.random() < 0.12 else place


def firm_name(random: Random) -> str:
    """A company, often one that bears its founder's name."""
    form = random.random()
    if form < 0.30:
        return _one("firm_start", random) + _one("firm_end", random)
    if form < 0.42:
        return f"{_one('firm_start', random)}{_one('firm_end', random)} {_one('firm_tail_word', random)}"
    if form < 0.46:
        tail = random.choice(("firm_tail", "firm_tail_word"))
        return f"{_one('firm_word', random)} {_one(tail, random)} {_one('firm_tail', random)}"
    if form < 0.54:
        return f"{family_name(random)} {_one('firm_tail', random)}"
    if form < 0.62:
        return f"{family_name(random)} {_one('firm_tail_word', random)}"
    if form < 0.70:
        return f"{family_name(random)}, {family_name(random)} and {family_name(random)}"
    if form < 0.76:
        return f"{family_name(random)}{random.choice(['-', ' & '])}{family_name(random)}"
    if form < 0.88:
        return f"{_one('firm_word', random)} {_one('firm_tail', random)}"
    return _one("brand", random)


def street_address(random: Random) -> str:
    """A house number and a street, with or without flat, town and postcode."""
    if random.random() < 0.05:
        box = f"{random.choice(('PSC 52,', 'Unit 7210', 'PSC 8103,'))} Box {random.randint(1, 9999)}"
        return f"{box}\n{random.choice(('APO AA', 'DPO AE', 'FPO AP'))} {random.randint(10000, 99999)}"
    street = _street(random)
    if random.random() < 0.12:
        street = f"the corner of {street} and {_street(random)}"
    elif random.random() < 0.15:
        street = f"{random.randint(1, 99999):05} {street}"
    between = random.choice([", ", " ", "\n", "\n ", "\n"])
    if random.random() < 0.35:
        flat = f"{random.choice(['Apt.', 'Suite', 'Flat', 'Unit'])} {random.randint(1, 999)}"
        street = f"{flat} {street}" if random.random() < 0.15 else f"{street}{between}{flat}"
    if random.random() < 0.6:
        code = random.choice(["", f"{random.randint(1000, 99999)}", f"{random.randint(10000, 99999)}", "SW1A 1AA"])
        country = random.choice(
            ["", f"{between}{_one('place', random)}", f"{random.choice([', ', ' '])}{_state(random)}"]
        )
        street += f"{between}{place_name(random)}{country} {code}".rstrip()
    return street


def _street(random: Random) -> str:
    number = str(random.randint(1, 9999 if random.random() < 0.2 else 300))
    form = random.random()
    if form < 0.25:
        return f"{number} {family_name(random)} {_one('street', random)}"
    if form < 0.40:
        return f"{number} {full_name(random) if form < 0.3 else given_name(random)} {_one('street', random)}"
    if form < 0.48:
        return f"{random.choice([given_name, family_name])(random)} {_one('street', random)}"
    if form < 0.65:
        return f"{_one('foreign_street', random)} {random.choice([family_name, full_name])(random)} {number}"
    if form < 0.9:
        return f"{_one('town_start', random).strip()}{_one('compound_street', random)} {number}"
    return f"{number} {_one('product_word', random)} {_one('street', random)}"


def _state(random: Random) -> str:
    return random.choice(
        ("AZ", "CA", "CO", "FL", "GA", "IL", "MA", "NJ", "NY", "OH", "PA", "TX", "VA", "WA", "BC", "ON")
    )


def _product(random: Random) -> str:
    name = _one("product_word", random)
    name += random.choice(["", "", f" {_one('product_word', random)}", f" {random.randint(2, 90)}"])
    kind = _one("product_kind", random)
    return f"{name} {kind.title() if random.random() < 0.2 else kind}".strip()


def _titled(random: Random) -> tuple[str, str]:
    title = random.choice(
        ["Mr.", "Mrs.", "Ms.", "Dr.", "Mr", "Mrs", "Ms", "Dr", "Miss", "Doctor", "Prof.", "Professor"]
    )
    return f"{title} ", full_name(random) if random.random() < 0.25 else family_name(random)


def _listed(random: Random) -> str:
    return f"{family_name(random)}, {given_name(random)}" + (f" {_initial(random)}." if random.random() < 0.3 else "")


def _number(random: Random) -> str:
    return str(random.randint(2, random.choice([9, 99, 2030])))


def _date(random: Random) -> str:
    day, month, year = random.randint(1, 28), random.randint(1, 12), random.randint(1935, 2026)
    return random.choice(
        [f"{day}/{month}/{year}", f"{year}-{month:02}-{day:02}", f"{day} {_one('month', random)} {year}"]
    )


def _phone(random: Random) -> str:
    digits = "".join(str(random.randint(0, 9)) for _ in range(9))
    return random.choice([f"0{digits[:4]} {digits[4:]}", f"{digits[:3]}-{digits[3:6]}-{digits[5:]}", f"+44 {digits}"])


def _email(random: Random) -> str:
    return f"{given_name(random).lower()}.{family_name(random).lower()}@{_one('firm_word', random).lower()}.example"


def _common(random: Random) -> str:
    return random.choice(names("common_given_names.txt")).capitalize()


def _initial(random: Random) -> str:
    return random.choice("ABCDEFGHIJKLMNOPRSTVW")


def _one(filler: str, random: Random) -> str:
    return random.choice(fillers()[filler])


@lru_cache(maxsize=1)
def fillers() -> Mapping[str, Sequence[str]]:
    """What may stand in each slot that is filled from a list."""
    text = files(__package__).joinpath("fillers.yaml").read_text(encoding="utf-8")
    loaded: Mapping[str, Sequence[str]] = YAML(typ="safe", pure=True).load(text)
    return loaded


def recased(sentence: Labelled, random: Random) -> Labelled:
    """`sentence` as it is, or now and then in small letters, in capitals, or with a capital on every word."""
    form, text = random.random(), sentence.text
    changed = text
    if form < _PLAIN:
        changed = text.lower()
    elif form < _PLAIN + _UPPER:
        changed = text.upper()
    elif form < _PLAIN + _UPPER + _TITLE:
        changed = _SMALL_WORD.sub(lambda word: word.group().capitalize(), text)
    # A few letters change their number with their case, and then the spans would be wrong.
    return Labelled(changed, sentence.spans) if len(changed) == len(text) else sentence


def _bare(value: Callable[[Random], str]) -> Callable[[Random], tuple[str, str]]:
    return lambda random: ("", value(random))


def _of(filler: str) -> Callable[[Random], tuple[str, str]]:
    return lambda random: ("", _one(filler, random))


_PARTICLES = ("de", "van", "von", "di", "da", "del", "della", "al", "bin", "van der", "de la", "dos")
_PREFIXES = ("O'", "D'", "Mc", "Mac", "Fitz", "St. ", "Ben-", "Al-", "van ", "de ")
_PLAIN_SLOTS = (
    "drug", "eponym", "eponym_thing", "brand", "month", "day", "work", "rank", "kind_of_firm", "nationality",
)  # fmt: skip
_SLOTS: Mapping[str, Callable[[Random], tuple[str, str]]] = {
    "person": _bare(full_name),
    "given": _bare(given_name),
    "family": _bare(family_name),
    "listed": _bare(_listed),
    "titled": _titled,
    "place": _bare(place_name),
    "firm": _bare(firm_name),
    "address": _bare(street_address),
    "product": _bare(_product),
    "number": _bare(_number),
    "date": _bare(_date),
    "phone": _bare(_phone),
    "email": _bare(_email),
    "namesake": _bare(family_name),
    **{name: _of(name) for name in _PLAIN_SLOTS},
}
