"""True claims made false by one exact change: a figure, a date, a name, a unit, a negation, a quantity, a role."""

# ruff: noqa: E501 — a pattern or a row of a table reads better on one line

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Literal

from assistant.guards.grounding.names import names_of

Flip = Literal["figure", "date", "name", "unit", "negation", "quantity", "role", "word"]

_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d\b")
_MONTH = re.compile(
    rf"\b(?:{'|'.join(_MONTHS)})\b(?=\s+\d|,|\s+of\b)|(?<=\d\s)(?:{'|'.join(_MONTHS)})\b|(?<=\b[Ii]n\s)(?:{'|'.join(_MONTHS)})\b"
)
_DAY = re.compile(rf"\b(?:{'|'.join(_DAYS)})(?=s?\b)")
_NUMBER = re.compile(r"(?<![\w.,-])\d{1,3}(?:,\d{3})+(?![\w.]*\d)|(?<![\w.,/-])\d+(?:\.\d+)?(?![\d/]|[.,]\d)")
_NUMBER_WORDS = (
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "twenty",
    "thirty",
    "fifty",
)
_NUMBER_WORD = re.compile(rf"\b(?:{'|'.join(_NUMBER_WORDS)})\b")
_UNITS: tuple[tuple[str, ...], ...] = (
    ("second", "minute", "hour", "day", "week", "month", "year"),
    ("mg", "g", "kg", "mcg"),
    ("milligram", "gram", "kilogram", "microgram"),
    ("mm", "cm", "m", "km"),
    ("millimetre", "centimetre", "metre", "kilometre"),
    ("inch", "foot", "yard", "mile"),
    ("ml", "l"),
    ("million", "billion", "thousand"),
    ("pound", "ounce"),
)
_UNIT = re.compile(
    rf"(?<=\d)(?P<gap>[\s-]?)(?P<unit>{'|'.join(unit for row in _UNITS for unit in row)})(?P<plural>s?)\b"
)
_WORD_UNIT = re.compile(rf"(?<=[a-z])(?P<gap>\s)(?P<unit>{'|'.join(_UNITS[0])})(?P<plural>s)\b")
_POSITIVE = re.compile(
    r"\b(is|are|was|were|can|could|will|would|should|must|may|has|have|had|does|do|did)\b(?!\s+(?:not|never|no)\b|n['’]t)",
    re.I,
)
_FULL_VERB = re.compile(r"\b(?P<who>it|he|she|patient|which|that|who)\s+(?P<verb>[a-z]{3,})s\b(?<!his)(?<!this)")
_NEGATIVE = re.compile(
    r"\b(?P<aux>is|are|was|were|can|could|will|would|should|must|may|has|have|had|does|do|did)(?:\s+not|n['’]t)\b|\bcannot\b|\b(?:denie[sd]|denying)\b|\bwithout\b|\bnever\b|\bno\b(?=\s+[a-z])",
    re.I,
)
_QUANTITIES: Mapping[str, tuple[str, ...]] = {
    "all": ("some", "few", "most"), "every": ("almost no", "not every"), "most": ("few", "all", "a minority of"), "many": ("few", "no", "all"),
    "some": ("all", "no", "most"), "few": ("many", "most"), "several": ("no", "all"), "always": ("sometimes", "never"),
    "often": ("rarely", "always"), "usually": ("rarely", "never", "always"), "sometimes": ("always", "never"), "rarely": ("often", "usually"),
    "both": ("neither of",), "half": ("a quarter", "two thirds"), "majority": ("minority",), "none": ("all",), "only": ("not only",), "at least": ("at most",),
    "more than": ("less than",), "less than": ("more than",), "up to": ("at least",),
}  # fmt: skip
_QUANTITY = re.compile(rf"\b(?:{'|'.join(_QUANTITIES)})\b", re.I)
_WORDS: tuple[tuple[str, str], ...] = (
    ("before", "after"), ("increase", "decrease"), ("increased", "decreased"), ("increases", "decreases"), ("higher", "lower"), ("first", "last"),
    ("largest", "smallest"), ("north", "south"), ("east", "west"), ("northern", "southern"), ("eastern", "western"), ("left", "right"),
    ("open", "closed"), ("male", "female"), ("mother", "father"), ("son", "daughter"), ("brother", "sister"), ("husband", "wife"), ("improved", "worsened"),
    ("better", "worse"), ("safe", "unsafe"), ("allowed", "forbidden"), ("included", "excluded"), ("free", "chargeable"), ("start", "stop"), ("old", "new"),
    ("early", "late"), ("win", "lose"), ("won", "lost"), ("cheap", "expensive"), ("high", "low"), ("above", "below"), ("over", "under"), ("more", "less"),
    ("acute", "chronic"), ("normal", "abnormal"), ("positive", "negative"), ("men", "women"), ("man", "woman"), ("boy", "girl"), ("long", "short"),
    ("black", "white"), ("red", "blue"), ("green", "yellow"), ("summer", "winter"), ("morning", "evening"), ("daily", "weekly"), ("buy", "sell"),
    ("inside", "outside"), ("heavy", "light"), ("large", "small"), ("best", "worst"), ("majority", "minority"), ("like", "dislike"), ("rise", "fall"),
    ("with", "without"), ("cold", "hot"), ("internal", "external"), ("upper", "lower"), ("public", "private"), ("younger", "older"), ("mild", "severe"),
)  # fmt: skip
_OTHER: Mapping[str, str] = dict(_WORDS) | {second: first for first, second in _WORDS}
_TURNED = re.compile(rf"\b(?:{'|'.join(_OTHER)})\b", re.I)


def flips(claim: str, passage: str, chance: random.Random) -> dict[Flip, str]:
    """For every sort of change that `claim` allows, a claim that it makes false.

    Other figures and names come from `passage` half of the time: those are the ones a model confuses.
    """
    made: dict[Flip, str] = {}
    for flip, change in _CHANGES.items():
        changed = change(claim, passage, chance)
        if changed is not None and changed != claim:
            made[flip] = changed
    return made


def _figure(claim: str, passage: str, chance: random.Random) -> str | None:
    found = [m for m in _NUMBER.finditer(claim) if not _YEAR.fullmatch(m.group())]
    words = list(_NUMBER_WORD.finditer(claim))
    if not found and not words:
        return None
    match = chance.choice([*found, *words])
    if match.group() in _NUMBER_WORDS:
        return _put(claim, match, chance.choice([word for word in _NUMBER_WORDS if word != match.group()]))
    shown = {m.group() for m in _NUMBER.finditer(passage)}
    confusable = [number for number in sorted(shown) if number != match.group() and number not in claim]
    if confusable and chance.random() < 0.4:
        return _put(claim, match, chance.choice(confusable))
    other = _near_number(match.group(), chance)
    return None if other in shown else _put(claim, match, other)


def _near_number(number: str, chance: random.Random) -> str:
    plain = number.replace(",", "")
    if "." in plain:
        whole, _, rest = plain.partition(".")
        return f"{int(whole) + chance.choice([1, 2, 3, 10])}.{rest}"
    value = int(plain)
    changed = chance.choice(
        [value + 1, value + 2, max(1, value - 1) if value > 2 else value + 3, value * 2, value * 10, value + 5]
    )
    return f"{changed:,}" if "," in number else str(changed)


def _date(claim: str, passage: str, chance: random.Random) -> str | None:
    away = [-11, -5, -2, -1, 1, 2, 4, 10]
    choices = [(m, str(int(m.group()) + chance.choice(away))) for m in _YEAR.finditer(claim)]
    choices += [(m, chance.choice([month for month in _MONTHS if month != m.group()])) for m in _MONTH.finditer(claim)]
    choices += [(m, chance.choice([day for day in _DAYS if day != m.group()])) for m in _DAY.finditer(claim)]
    choices = [(match, other) for match, other in choices if other not in passage]
    return _put(claim, *chance.choice(choices)) if choices else None


def _name(claim: str, passage: str, chance: random.Random) -> str | None:
    mine = [name for name in names_of(claim) if name.isalpha() and len(name) > 2]
    others = [name for name in _names_shown(passage) if name not in claim and name.isalpha() and len(name) > 2]
    if not mine:
        return None
    name = chance.choice(mine)
    other = chance.choice(others) if others and chance.random() < 0.6 else chance.choice(_STRANGERS)
    if other == name or (other in _STRANGERS and other in passage):
        return None
    return re.sub(rf"\b{re.escape(name)}\b", other, claim)


@lru_cache(maxsize=64)
def _names_shown(passage: str) -> tuple[str, ...]:
    return names_of(passage)


def _unit(claim: str, _passage: str, chance: random.Random) -> str | None:
    found = [
        *_UNIT.finditer(claim),
        *(m for m in _WORD_UNIT.finditer(claim) if _NUMBER_WORD.search(claim[: m.start()][-10:])),
    ]
    if not found:
        return None
    match = chance.choice(found)
    row = next(row for row in _UNITS if match["unit"] in row)
    other = chance.choice([unit for unit in row if unit != match["unit"]])
    return f"{claim[: match.start()]}{match['gap']}{other}{match['plural']}{claim[match.end() :]}"


def _negation(claim: str, _passage: str, _chance: random.Random) -> str | None:
    if denied := _NEGATIVE.search(claim):
        word = denied.group().lower()
        said = denied["aux"] or {"cannot": "can", "without": "with", "never": "always", "no": "a"}.get(word, "reports")
        return _put(claim, denied, said)
    if stated := _POSITIVE.search(claim):
        word = "cannot" if stated.group().lower() == "can" else f"{stated.group()} not"
        return _put(claim, stated, word)
    if acting := _FULL_VERB.search(claim):
        return _put(claim, acting, f"{acting['who']} does not {acting['verb']}")
    return None


def _quantity(claim: str, _passage: str, chance: random.Random) -> str | None:
    match = _QUANTITY.search(claim)
    return None if match is None else _put(claim, match, chance.choice(_QUANTITIES[match.group().lower()]))


def _role(claim: str, _passage: str, chance: random.Random) -> str | None:
    names = [name for name in names_of(claim) if name.isalpha()]
    if len(names) < 2:
        return None
    first, second = chance.sample(names, 2)
    parts = re.split(rf"\b({re.escape(first)}|{re.escape(second)})\b", claim)
    apart = (
        len(
            re.findall(
                rf"\b{re.escape(first)}\s+{re.escape(second)}\b|\b{re.escape(second)}\s+{re.escape(first)}\b", claim
            )
        )
        == 0
    )
    return "".join({first: second, second: first}.get(part, part) for part in parts) if apart else None


def _word(claim: str, _passage: str, chance: random.Random) -> str | None:
    found = list(_TURNED.finditer(claim))
    if not found:
        return None
    match = chance.choice(found)
    return _put(claim, match, _OTHER[match.group().lower()])


def _put(text: str, match: re.Match[str], other: str) -> str:
    if match.group()[:1].isupper() and other[:1].islower():
        other = other[0].upper() + other[1:]
    return text[: match.start()] + other + text[match.end() :]


_CHANGES: Mapping[Flip, Callable[[str, str, random.Random], str | None]] = {
    "figure": _figure,
    "date": _date,
    "name": _name,
    "unit": _unit,
    "negation": _negation,
    "quantity": _quantity,
    "role": _role,
    "word": _word,
}
_STRANGERS = (
    "Anderson", "Okafor", "Bianchi", "Kowalski", "Tanaka", "Moreau", "Lindqvist", "Ferreira", "Novak", "Haddad", "Portugal", "Norway", "Kenya", "Bolivia",
    "Lisbon", "Osaka", "Denver", "Leipzig", "Granada", "Bristol", "Michael", "Sarah", "Amara", "Elena", "Jonas", "Priya", "Nokia", "Halden", "Mercado",
)  # fmt: skip
