"""Telephone numbers: by their country code, by how they are grouped, or by what the text says about them."""

# ruff: noqa: E501 — a pattern or a row of a table reads better on one line

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.guards.labels import BEGINS, ENDS

Span = tuple[int, int]

_SHAPE = re.compile(
    r"(?<![\w@#$€£.,/-])(?:\+|\(\+)?\(?\d(?:[ \u00a0.()/-]{0,3}\d){5,16}(?P<extension>\s?(?:x|ext\.?\s?)\d{1,5})?(?![\w@%€]|[.,:/]\d)",
    re.IGNORECASE | re.ASCII,
)
_SAID_BEFORE = re.compile(
    rf"{BEGINS}(?:(?:tele)?phones?|tel|mobile|mob|cell(?:phone)?|fax|desk|office|home|work|direct|landline|hotline|pager|beeper|call(?:s|ed|ing)?|ring|dial|text|texts|sms|whatsapp|viber|telegram|messages?|contact|reach|my number|his number|her number|our number|your number|their number|telefono|cellulare|handy|teléfono|téléphone|telefon)(?:{ENDS}|(?=N(?:umber|o{ENDS})))[^\n\d]{{0,24}}\n?[^\n\d]{{0,6}}\Z",
    re.IGNORECASE,
)
_SAID_AFTER = re.compile(
    r"\s?[-–(,]?\s?(?:office|fax|mobile|cell|home|work|direct|landline|phone|desk)\b", re.IGNORECASE
)
_NOT_SAID = re.compile(
    r"\b(?:card|order|invoice|account|policy|ticket|reference|item|sku|isbn|iban|serial|pin|amount)\b", re.IGNORECASE
)
_CODED = re.compile(
    r"\b(?:part|article|model|catalogue|batch|lot|drawing|component|product)s?(?:[ _-]?(?:numbers?|nos?|nrs?|codes?|ids?)\b|#)\W{0,4}(?:is )?\Z",
    re.IGNORECASE,
)
"""What names a number of goods right before it."""
_DATE = re.compile(
    r"\d{1,2}[./ -]\d{1,2}[./ -](?:\d\d|\d{4})\Z|(?:1[4-9]|20)\d\d(?:[-/. ][01]?\d[-/. ][0-3]?\d\b|[01]\d[0-3]\d\Z|[^\d]{1,3}(?:1[4-9]|20)\d\d)",
    re.ASCII,
)
_GROUPED = re.compile(
    r"""\(?\d{2,5}\)?(?:[ \u00a0.-]{1,2}\(?\d{2,6}\)?){2,5}      # three groups or more
    |\(\d{1,5}\)\s?\d[\d -]{3,10}                               # an area code in brackets
    |0\d{1,5}[ \u00a0/-]\d{4,8}|0\d{8,11}                       # a leading 0
    |\d{3,4}[ \u00a0]\d{4}|\d{3}-\d{4}                           # no area code
    """,
    re.VERBOSE | re.ASCII,
)
_AMOUNT = re.compile(r"\d{1,3}(?:[ .\u00a0]\d{3})*[ .\u00a0]000|(?:(?:1[4-9]|20)\d\d[ -]*)+", re.ASCII)
_NAME_FOLLOWS = re.compile(r" +[^\W\d_a-z]")
_VALID_IN = ("GB", "US", "IT")
_MAYBE_VALID = re.compile(r"(?:\+|\b0|\(0?\d|\b\d{3}[ .-]?\d{3}|\b\d{5})[\d\s().-]{4,}\d")
_BEFORE, _AFTER = 48, 16  # Characters around a number in which its name stands.


def phones(text: str) -> Iterator[Span]:
    """Where a telephone number stands: 7 to 15 digits, with its extension."""
    for match in _SHAPE.finditer(text):
        if _is_phone(text, match):
            yield match.span()
    if not _MAYBE_VALID.search(text):
        return
    import phonenumbers

    for region in _VALID_IN:
        for found in phonenumbers.PhoneNumberMatcher(text, region):
            if sum(char.isdigit() for char in found.raw_string) >= 8 and not _is_coded(text, found.start):
                yield found.start, found.end


def _is_coded(text: str, start: int) -> bool:
    return _CODED.search(text, max(start - _BEFORE, 0), start) is not None


def _is_phone(text: str, match: re.Match[str]) -> bool:
    number = match.group()
    digits = sum(char.isdigit() for char in number.removesuffix(match["extension"] or ""))
    if not 7 <= digits <= 15 or _DATE.match(number.lstrip("(")):
        return False
    if number.startswith(("+", "(+")) or (number.startswith("00") and digits >= 10):
        return True
    if _is_coded(text, match.start()):
        return False
    before = text[max(match.start() - _BEFORE, 0) : match.start()]
    if said := _SAID_BEFORE.search(before):
        return _NOT_SAID.search(said.group()) is None
    if match["extension"] or (_GROUPED.fullmatch(number) and not _AMOUNT.fullmatch(number)):
        # "704 1436 Redbud Drive" is a number of a house and a street that bears a number.
        return _NOT_SAID.search(before) is None and _NAME_FOLLOWS.match(text, match.end()) is None
    return _SAID_AFTER.match(text[match.end() : match.end() + _AFTER]) is not None or _alone(text, match)


def _alone(text: str, match: re.Match[str]) -> bool:
    """A number of several groups that fills a line, as below an address."""
    start, end = match.span()
    before, after = text[max(start - 1, 0) : start], text[end : end + 1]
    return before == "\n" and after in ("", "\n", "\r") and bool(re.search(r"\d[ .-]\d", match.group()))
