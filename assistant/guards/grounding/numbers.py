"""Number words as digits: "thirty" is 30, "two and a half" is 2.5, "a dozen" is 12."""

# ruff: noqa: E501 — a pattern or a row of a table reads better on one line

from __future__ import annotations

import re

_ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_VALUES = {word: value for value, word in enumerate(_ONES.split())} | {
    word: 20 + 10 * i for i, word in enumerate(_TENS.split())
}
_SCALES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
_ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10,
    "eleventh": 11, "twelfth": 12, "thirteenth": 13, "fourteenth": 14, "fifteenth": 15, "twentieth": 20, "thirtieth": 30,
}  # fmt: skip
_WORD = "|".join([*_VALUES, *_SCALES])
_SCALED_AND = "|".join(rf"(?<={scale})\s+and\s+" for scale in _SCALES)  # "between two and four" are two numbers.
_SPELLED = re.compile(
    rf"\b(?:(?:a|an)\s+(?=hundred|thousand|million|billion|dozen))?(?:(?:{_WORD}|dozen)\b(?:(?:{_SCALED_AND}|[\s-]+)(?=(?:{_WORD}|dozen)\b))?)+(?P<half>\s+and\s+a\s+half\b)?",
    re.I,
)
_MIXED_SCALE = re.compile(r"\b(\d+(?:[.,]\d+){0,8})\s+(hundred|thousand|million|billion|dozen)\b", re.I)
_ORDINAL = re.compile(
    r"(?<!\d )\b(?:(twenty|thirty|forty|fifty)[\s-])?(" + "|".join(_ORDINALS) + r")\b(?!\s+of\s+all)", re.I
)
LARGEST = 1e200
"""What is larger is written with hundreds of digits by nobody who means it."""
_FRACTIONS = {"½": ".5", "¼": ".25", "¾": ".75"}
_NOT_A_NUMBER = re.compile(
    r"\b(?:no|this|that|which|the|any|every|each|some|another|only|good|new|blue|red|green)\s+one\b|\bone\s+(?:another|of|or\s+other|can|could|may|should|might|must|day)\b",
    re.I,
)
# What a pattern that ignores case takes for i, s and k although `lower` leaves it as it is: dotted and dotless i, long s,
# the sign for kelvin.
_ALIKE = str.maketrans("\u0130\u0131\u017f\u212a", "Iisk")
_TO_NINE, _TO_NINETEEN, _TIES = ("|".join(words) for words in (_ONES.split()[1:10], _ONES.split()[10:], _TENS.split()))
_YEAR = re.compile(
    rf"\b(eighteen|nineteen|twenty)[\s-]+(?:(?:oh|o)[\s-]+({_TO_NINE})|({_TO_NINETEEN})"
    rf"|({_TIES})(?:[\s-]+({_TO_NINE}))?)\b(?!\s+(?:hundred|thousand|million|dollars?|percent)|[\s-]+(?:year|month|week|day|hour|minute))",
    re.IGNORECASE,
)
"""A year as it is spoken: "nineteen eighty three", "twenty oh eight"."""
_POINT = re.compile(
    r"(?<![\d.])(?<!this )(?<!that )(?<!the )(?<!some )(?:(\d{1,12})\s+)?\bpoint\s+(\d{1,6})\b", re.IGNORECASE
)
_HOW_MANY = {"a": 1, "one": 1, "two": 2, "three": 3, "four": 4}
_IN_HUNDRED = {"quarter": 25, "fifth": 20, "tenth": 10}
_PARTS = re.compile(
    r"\b(a|one|two|three|four)[\s-]+(quarter|fifth|tenth)s?\b(?=\s+of\s+(?!an?\s+(?:hour|mile|century|year|litre|liter|metre|meter)\b))",
    re.IGNORECASE,
)
_OVER_A_HUNDRED = re.compile(
    rf"\b(one)[\s-]+({_TIES}|{_TO_NINETEEN})(?:[\s-]+({_TO_NINE}))?(?=\s+over\b)", re.IGNORECASE
)
_PRESSURE = re.compile(
    r"\b(\d{2,3})\s+over\s+(\d{2,3})\b(?!\s*(?:%|euro|dollar|pound|years?|days?|months?))", re.IGNORECASE
)
"""Blood pressure as it is spoken: "one thirty eight over eighty"."""
_HALF = re.compile(r"\bhalf\s+an?\s+(hour|day|year|dozen|tablet|litre|liter|mile|teaspoon)\b", re.I)
_SPELLED_AT_ALL = re.compile(
    rf"[{''.join(_FRACTIONS)}\u2024]|\b(?:{_WORD}|dozen|half|point|over|quarter|fifth|tenth|{'|'.join(_ORDINALS)})",
    re.IGNORECASE,
)
"""Without any of these nothing below would change a text; most sentences have none."""


def with_digits(text: str) -> str:
    """`text` with every number that is spelled out written in digits; everything else stays."""
    text = text.translate(_ALIKE)
    if not _SPELLED_AT_ALL.search(text):
        return text
    text = _NOT_A_NUMBER.sub(lambda match: match.group().replace("one", "\u2024ne").replace("One", "\u2024ne"), text)
    for sign, decimal in _FRACTIONS.items():
        text = re.sub(rf"(?<=\d)\s?{sign}", decimal, text).replace(sign, f"0{decimal}")
    text = _HALF.sub(r"0.5 \1", text)
    text = _PARTS.sub(lambda match: f"{_HOW_MANY[match[1].lower()] * _IN_HUNDRED[match[2].lower()]} %", text)
    text = _OVER_A_HUNDRED.sub(_hundreds, _YEAR.sub(_hundreds, text))
    text = _MIXED_SCALE.sub(
        lambda match: _plain(_decimal(match[1]) * (_SCALES | {"dozen": 12})[match[2].lower()]), text
    )
    text = _POINT.sub(lambda match: f"{match[1] or 0}.{match[2]}", _SPELLED.sub(_digits, text))
    text = _PRESSURE.sub(r"\1/\2", text)
    text = _ORDINAL.sub(
        lambda match: f"{_VALUES.get((match[1] or '').lower(), 0) + _ORDINALS[match[2].lower()]}th", text
    )
    return text.replace("\u2024", "o")


def _hundreds(match: re.Match[str]) -> str:
    """The first word counts hundreds that are not said: "nineteen eighty three", "one thirty eight"."""
    rest = sum(_VALUES[word.lower()] for word in match.groups()[1:] if word)
    return str(100 * _VALUES[match[1].lower()] + rest)


def _digits(match: re.Match[str]) -> str:
    total: float = 0
    current: float = 0
    for word in re.findall(r"[a-z]+", match.group().lower()):
        if word in _VALUES:
            current += _VALUES[word]
        elif word == "hundred":
            current = max(current, 1) * 100
        elif word == "dozen":
            current = max(current, 1) * 12
        elif word in _SCALES:
            total, current = total + max(current, 1) * _SCALES[word], 0
        current = min(current, LARGEST)
    trailing = match.group()[len(match.group().rstrip()) :]
    return _plain(total + current + (0.5 if match["half"] else 0)) + trailing


def _decimal(digits: str) -> float:
    return min(float(digits.replace(",", "")), LARGEST) if digits.count(".") <= 1 else 0.0


def _plain(value: float) -> str:
    return f"{value:.10g}" if value < 1e10 else f"{value:.0f}"
