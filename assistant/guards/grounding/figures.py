"""The figures of a text: counts, measures, money, shares, dates and times, each with its unit."""

# ruff: noqa: E501 — a pattern or a row of a table reads better on one line

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from assistant.guards.grounding.numbers import LARGEST, with_digits
from assistant.guards.grounding.units import CURRENCY_SIGNS, UNITS

Bound = Literal["exact", "about", "over", "under", "beyond", "short"]

_MONTHS = {
    name: i // 2 + 1
    for i, name in enumerate(
        [
            "january",
            "jan",
            "february",
            "feb",
            "march",
            "mar",
            "april",
            "apr",
            "may",
            "may",
            "june",
            "jun",
            "july",
            "jul",
            "august",
            "aug",
            "september",
            "sep",
            "october",
            "oct",
            "november",
            "nov",
            "december",
            "dec",
        ]
    )
} | {"sept": 9}
_MONTH = "|".join(sorted(set(_MONTHS), key=len, reverse=True))
_DATE = re.compile(
    rf"""\b(?P<iso>\d{{4}}-\d{{2}}-\d{{2}})\b|\b(?:(?P<from1>\d{{1,2}})\s?[-–]\s?)?(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<m1>{_MONTH})\b\.?(?:\s?,?\s+(?P<y1>\d{{4}})\b)?
    |\b(?P<m2>{_MONTH})\b\.?\s+(?:(?P<from2>\d{{1,2}})\s?[-–]\s?)?(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\b(?!\s*(?:%|am|pm))(?:\s?,?\s+(?P<y2>\d{{4}})\b)?
    |\b(?P<m3>{_MONTH})\b\.?,?\s+(?P<y3>\d{{4}})\b|\b(?P<slash>\d{{1,2}}[/.]\d{{1,2}}[/.](?:19|20)\d\d)\b|(?:(?<![\d.,€£$-])|(?<=mid-)|(?<=pre-)|(?<=late-)|(?<=post-)|(?<=early-))(?P<year>(?:1[5-9]|20)\d\d)(?P<decade>['’]?s)?\b(?![.,]?\d|\s*(?:%|{"|".join(u for u in UNITS if u.isalpha() and len(u) > 2)}))""",
    re.IGNORECASE | re.VERBOSE,
)
_TIME = re.compile(
    r"\b(?P<h>\d{1,2})(?:[:.](?P<m>[0-5]\d))?\s?(?P<half>a\.?m\b\.?|p\.?m\b\.?)|\b(?P<h24>[01]?\d|2[0-3]):(?P<m24>[0-5]\d)\b(?!:\d)|\b(?P<word>noon|midday|midnight)\b",
    re.I,
)
_NUMBER = re.compile(
    rf"""(?P<sign>[{CURRENCY_SIGNS}]\s?)?(?<![\w.])(?P<number>\d+(?:,\d{{3}})+(?:\.\d+)?|\d+(?:[.,]\d+)?)(?P<scale>(?:k|(?<=[€£$]\d)m|(?<=[€£$]\d\d)m)(?!\w))?(?P<ordinal>st|nd|rd|th)?
    (?:\s?(?P<symbol>%|°\s?[CF]\b|[€£])|[\s-]?(?P<unit>(?:(?:working|business)\s+days?|years?[\s-]olds?|per\s+cent|[a-zµ]+))\b)?""",
    re.IGNORECASE | re.VERBOSE,
)
_RANGE = re.compile(
    r"(?<!\d)(?P<low>\d++(?:[.,]\d++)?+)\s*(?:[-–—]|to|and|or)\s*(?=\d+(?:[.,]\d+)?[\s-]?(?P<unit>%|(?:working|business)\s+days?|[a-zµ]+))",
    re.I,
)
_LABEL = re.compile(
    r"(?<![\w-])(?P<name>[A-Z]|[^\W\d_]{2,20}(?:-[^\W\d_]{1,20}){0,2})-(?P<number>\d{1,9})(?!\w|[-.,:/]\d)"
)
_SINGLE = re.compile(r"(?<![\w-])an?\s+(?P<unit>second|minute|hour|day|week|fortnight|month|year|decade)\b(?!-)", re.I)
_OFTEN = re.compile(r"\b(?P<word>once|twice)\b(?!\s+(?:you|the|we|it|they|your|a\s+(?:patient|customer)))", re.I)
_NO_ORDINAL = re.compile(r"\b(?:a|one)\s+\dth\s+of\b|\b2th[\s-]hand\b|\b3th[\s-]part(?:y|ies)\b", re.I)
"""A share of something, goods that somebody used before, people who are neither of two; as `with_digits` writes them."""
_EACH = re.compile(
    r"\b(?:(?P<adverb>hourly|daily|weekly|monthly|yearly|annually)|(?<!of\s)(?:a|an|per|every|each)\s+(?P<unit>hour|day|week|month|year)\b(?!\s+(?:after|later|ago|before|earlier|in\s+advance|or\s+two|or\s+so|and\s+a\s+half)\b))\b",
    re.I,
)
_EACH_DAYS = {"hour": 1 / 24, "dai": 1, "day": 1, "week": 7, "month": 30, "year": 365, "annual": 365}
_NO_LABEL = frozenset(
    {
        "mid",
        "pre",
        "post",
        "under",
        "over",
        "sub",
        "top",
        "aged",
        "age",
        "late",
        "early",
        "since",
        "about",
        "non",
        "to",
        "up",
    }
)
"""What stands before a number without making a name of it: "under-18", "top-10"."""
_BOUNDS: tuple[tuple[Bound, re.Pattern[str]], ...] = (
    ("over", re.compile(r"(?:at\s+least|minimum\s+of|no\s+less\s+than|not\s+less\s+than)\s*[€£$]?\s*$", re.I)),
    ("under", re.compile(r"(?:at\s+most|maximum\s+of|(?:no|not)\s+more\s+than)\s*[€£$]?\s*$", re.I)),
    (
        "beyond",
        re.compile(
            r"(?:over|more\s+than|above|beyond|exceed(?:s|ing)?|greater\s+than|longer\s+than|>)\s*[€£$]?\s*$", re.I
        ),
    ),
    ("short", re.compile(r"(?:under|less\s+than|below|fewer\s+than|almost|nearly|<)\s*[€£$]?\s*$", re.I)),
    ("about", re.compile(r"(?:about|around|approximately|approx\.?|roughly|some|circa|~)\s*[€£$]?\s*$", re.I)),
)
_BOUNDS_AFTER: tuple[tuple[Bound, re.Pattern[str]], ...] = (
    ("over", re.compile(r"\+|(?:\s?[^\W\d]+){0,2}?\s+(?:or|and)\s+(?:more|over|above|older|longer|up)\b", re.I)),
    ("under", re.compile(r"(?:\s?[^\W\d]+){0,2}?\s+(?:or|and)\s+(?:less|under|below|younger|fewer|shorter)\b", re.I)),
)


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a text."""

    kind: str
    """A kind of unit (`duration`, `mass`, `euro`, …), or `count`, `date`, `time`, `ordinal`, `each` for "daily" and "a week", or
    `label` for the number of a name, as in "COVID-19"."""
    value: float
    """In the kind's base unit; for dates 0, see `date`."""
    text: str
    """As it stands in the text, numbers in digits."""
    bound: Bound = "exact"
    """"about" when the text says so, or of a year that stands for its decade; "over" and "under" of at least and at most,
    "beyond" and "short" of more and less."""
    noun: str = ""
    """What a count counts, as written: "reviews" in "12 reviews"; what a label is of, "covid" in "COVID-19"."""
    date: tuple[int | None, int | None, int | None] | None = None
    """Year, month and day of a date, None for what it leaves open."""
    implied: bool = False
    """True for the one of "a year": evidence may rest on it, a claim need not state it."""


MOST = 100
"""Figures of one sentence that are compared: each is held against each."""


def figures_of(text: str) -> tuple[Figure, ...]:
    """Every figure of `text`, each once, dates first, then times, then numbers with their units, number words included."""
    rest = with_digits(text.replace("\u00a0", " ").replace("\u202f", " "))
    found: list[Figure] = []
    for pattern, read in ((_DATE, _date), (_TIME, _time)):
        for match in pattern.finditer(rest):
            found += read(match)
        rest = pattern.sub(lambda match: " ¤ " * bool(match.group()), rest)
    labels = [match for match in _LABEL.finditer(rest) if match["name"].lower() not in _NO_LABEL]
    found += [Figure("label", float(match["number"]), match.group(), noun=match["name"].lower()) for match in labels]
    for match in reversed(labels):
        rest = f"{rest[: match.start()]} ¤ {rest[match.end() :]}"
    rest = _NO_ORDINAL.sub(" ¤ ", rest)
    rest = _OFTEN.sub(lambda match: "1 times" if match["word"].lower() == "once" else "2 times", rest)
    rest = _RANGE.sub(lambda match: f"{match['low']} {match['unit']} – ", rest)
    found += [_number(match, rest) for match in _NUMBER.finditer(rest)]
    found += [_single(match) for match in _SINGLE.finditer(rest)]
    found += [_each(match) for match in _EACH.finditer(rest)]
    return tuple(dict.fromkeys(found))


def same_figure(claimed: Figure, shown: Figure) -> bool:
    """Whether evidence that gives `shown` bears out a claim of `claimed`: equal, or within the bound the claim states."""
    if claimed.date or shown.date:
        return _same_date(claimed, shown)
    if "label" in (claimed.kind, shown.kind):
        return (claimed.kind, claimed.noun, claimed.value) == (shown.kind, shown.noun, shown.value)
    if claimed.kind != shown.kind:
        # "year-old" and "years", or a bare number beside one with a noun, may still be the same figure.
        loose = {claimed.kind, shown.kind} in ({"age", "months"}, {"age", "count"}, {"count", "times"}) or (
            claimed.kind == "ordinal"
        ) != (shown.kind == "ordinal")
        scale = 12 if "months" in (claimed.kind, shown.kind) else 1
        years = (
            claimed.value * (scale if claimed.kind == "age" else 1),
            shown.value * (scale if shown.kind == "age" else 1),
        )
        return loose and "ordinal" not in (claimed.kind, shown.kind) and abs(years[0] - years[1]) < 1e-9
    return _within(claimed, shown)


def comparable(claimed: Figure, shown: Figure) -> bool:
    """Whether the two speak of the same kind of thing, so that a different value would contradict."""
    if "label" in (claimed.kind, shown.kind):
        return (claimed.kind, claimed.noun) == (shown.kind, shown.noun)
    if claimed.kind == "count" == shown.kind:
        return not claimed.noun or not shown.noun or claimed.noun.rstrip("s") == shown.noun.rstrip("s")
    spans = {"duration", "months", "working days"}
    return (
        claimed.kind == shown.kind
        or {claimed.kind, shown.kind} <= spans
        or {claimed.kind, shown.kind} <= {"euro", "pound", "dollar"}
    )


def _within(claimed: Figure, shown: Figure) -> bool:
    value = shown.value
    if abs(claimed.value - value) <= 1e-9 * max(1.0, abs(value)):
        return claimed.bound not in ("beyond", "short") or shown.bound not in ("exact", "about")
    if claimed.bound == "about":  # A rounded figure is rounder than the one it stands for, which is not rounded itself.
        rounder = _digits(claimed) < _digits(shown) and shown.bound != "about"
        return rounder and abs(claimed.value - value) <= 0.06 * abs(value)
    if claimed.bound in ("over", "beyond"):
        return claimed.value < value <= 1.34 * claimed.value
    if claimed.bound in ("under", "short"):
        return 0.75 * claimed.value <= value < claimed.value
    return False


def _digits(figure: Figure) -> int:
    """How many digits of a figure as it is written tell something: 1 of "500,000", 3 of "505"."""
    written = re.search(r"\d[\d.,]*", with_digits(figure.text))
    return len(re.sub(r"\D", "", written[0]).strip("0")) if written else 0


def _same_date(claimed: Figure, shown: Figure) -> bool:
    if claimed.date is None or shown.date is None:
        number, date = (claimed, shown.date) if claimed.date is None else (shown, claimed.date)
        return number.kind == "count" and date is not None and date == (int(number.value), None, None)
    if "about" in (claimed.bound, shown.bound):
        return claimed.bound == "about" and (claimed.date[0] or 0) // 10 == (shown.date[0] or 0) // 10
    return all(mine is None or mine == theirs for mine, theirs in zip(claimed.date, shown.date, strict=True))


def _date(match: re.Match[str]) -> list[Figure]:
    parts = match.groupdict()
    if parts["iso"]:
        year, month, day = (int(part) for part in parts["iso"].split("-"))
        options: list[tuple[int | None, int | None, int | None]] = [(year, month, day)]
    elif parts["slash"]:
        first, second, year = (int(part) for part in re.split(r"[/.]", parts["slash"]))
        options = [(year, second, first)] if second <= 12 else [(year, first, second)]
    elif parts["year"]:
        options = [(int(parts["year"]), None, None)]
    else:
        month_name = parts["m1"] or parts["m2"] or parts["m3"]
        year_text, day_text = parts["y1"] or parts["y2"] or parts["y3"], parts["d1"] or parts["d2"]
        days: list[int | None] = [int(each) for each in (parts["from1"] or parts["from2"], day_text) if each] or [None]
        options = [(int(year_text) if year_text else None, _MONTHS[month_name.lower()], day) for day in days]
    bound: Bound = "about" if parts["decade"] else "exact"
    return [Figure("date", 0.0, match.group().strip(), bound, date=date) for date in options]


def _time(match: re.Match[str]) -> list[Figure]:
    if match["word"]:
        minutes = 0 if match["word"].lower() == "midnight" else 720
    elif match["h24"]:
        minutes = int(match["h24"]) * 60 + int(match["m24"])
    else:
        hour = int(match["h"]) % 12 + (12 if match["half"].lower().startswith("p") else 0)
        minutes = hour * 60 + int(match["m"] or 0)
    return [Figure("time", float(minutes), match.group().strip())]


def _number(match: re.Match[str], text: str) -> Figure:
    value = _value(match["number"]) * {"k": 1e3, "m": 1e6}.get((match["scale"] or "").lower(), 1)
    if match["ordinal"]:
        return Figure("ordinal", value, match.group().strip())
    before = text[max(0, match.start() - 20) : match.start()]
    bound: Bound = next((name for name, pattern in _BOUNDS if pattern.search(before)), "exact")
    if bound == "exact":
        bound = next((name for name, pattern in _BOUNDS_AFTER if pattern.match(text, match.end("number"))), bound)
    name = (match["sign"] or match["symbol"] or match["unit"] or "").strip().lower()
    unit = UNITS.get(re.sub(r"\s+", "-", name.replace("° ", "°")))
    if unit is None and name in _NO_NOUN:
        return Figure("count", value, text[match.start() : match.end("number")].strip(), bound)
    if unit is None:
        return Figure("count", value, match.group().strip(), bound, noun=name)
    return Figure(unit.kind, value * unit.factor, match.group().strip(), bound)


_NOT_COUNTED = """of to and or in on at by for from the a an per is are was were with as out than has have had can will may must should who which
that when if but"""
_NO_NOUN = frozenset(_NOT_COUNTED.split())


def _single(match: re.Match[str]) -> Figure:
    unit = UNITS[match["unit"].lower()]
    return Figure(unit.kind, unit.factor, match.group(), implied=True)


def _each(match: re.Match[str]) -> Figure:
    word = (match["unit"] or match["adverb"]).lower().removesuffix("ly")
    return Figure("each", _EACH_DAYS[word], match.group())


def _value(digits: str) -> float:
    if re.fullmatch(r"\d+(?:,\d{3})+(?:\.\d+)?", digits):
        digits = digits.replace(",", "")
    return min(float(digits.replace(",", ".")), LARGEST)
