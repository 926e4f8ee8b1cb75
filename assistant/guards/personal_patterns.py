"""Personal data that has a form: addresses of every sort, cards and accounts with check digits, dates of birth."""

# ruff: noqa: E501 — a pattern or a row of a table reads better on one line

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from ipaddress import ip_address

from assistant.guards.national_ids import luhn

Span = tuple[int, int]
Finder = Callable[[str], Iterator[Span]]

_EMAIL = re.compile(
    r"(?<![\w.+-])[\w.+%'-]{1,64}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}(?![\w-])|(?<![\w.])[\w.+-]{1,64}\s?[\[(]at[\])]\s?[\w-]+\s?[\[(]dot[\])]\s?\w{2,}",
    re.I,
)
_SAID_AT = re.compile(r"[\[(]at[\])]", re.I)
_CARD = re.compile(r"(?<![\d-])(?:\d[ -]?){11,18}\d(?![\d-])", re.A)
_ISSUED = re.compile(r"[2-6]\d{12}|(?:1800|2131)\d{11}")  # How the numbers of today's card schemes begin.
_CARD_SAID = re.compile(r"\b(?:cards?|credit|debit|visa|mastercard|maestro|amex|kreditkarte|carta|tarjeta)\b", re.I)
_CARD_REACH = 100  # Characters around a number in which it may be called a card's.
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?(?![A-Za-z0-9])", re.I)
_IP = re.compile(
    r"(?<![\w.:])(?:(?:\d{1,3}\.){3}\d{1,3}|(?=[0-9a-f:]*:[0-9a-f:]*:)[0-9a-f:]{4,39})(?![\w:]|\.\d)", re.I | re.A
)
_VERSION = re.compile(r"(?:\bv|\bversion|\brelease|\bbuild|\bfirmware)\W{0,3}\Z", re.I)
_URL = re.compile(r"\b(?:https?://|www\.)[^\s<>\"'()\[\]{}|]{3,300}(?<![.,;:!?])", re.I)
_MONTH = r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
_DATE = rf"(?:\d{{1,2}}[./-]\d{{1,2}}[./-](?:\d{{4}}|\d\d)|\d{{4}}-\d\d-\d\d|\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}\.?,?\s+\d{{4}}|{_MONTH}\.?\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+\d{{4}})"
_BORN = re.compile(
    rf"\b(?:born|d\.?o\.?b\.?|date\s+of\s+birth|birth\s?date|birthday|nat[oa]\s+il|né[e]?\s+le|geboren)\b(?:[^\d\n]{{0,25}}\n?|[^\d\n?]{{0,25}}\?[^\d\n]{{0,10}}\n?[^\d\n]{{0,40}})(?<![\w])({_DATE})",
    re.I,
)
_RECORD_ID = r"(?P<id>(?=[A-Z0-9/-]*\d{3})[A-Z0-9][A-Z0-9/-]{3,19})\b"
_RECORD = re.compile(
    rf"""\b(?:(?:mrn|(?:(?:medical\s+)?record|patient|chart|case|file|order|customer|account|policy|insurance|member|membership|prescription|reference|invoice|booking|claim|ticket|hospital|nhs)
      \s+(?:number|no|nr|id|code|ref))\b\.?\s*(?:[:\#]|is\b|№)*\s*\#?
    |(?:order|invoice|booking|ticket|reference|ref|account|case|policy|claim|record)\.?\s*(?:[:\#]\s*)+(?!\d{{4}}-\d\d-\d\d)){_RECORD_ID}
    |\b(?:order|invoice|booking|ticket|reference|policy|account)\s+(?P<bare>(?=[A-Z]*-?[\d-]*\d{{5}})[A-Z]{{0,4}}-?\d[\d-]{{4,14}})\b""",
    re.IGNORECASE | re.VERBOSE,
)
_STREET_KINDS = r"(?:street|st|road|rd|avenue|ave|lane|ln|drive|dr|court|ct|square|sq|boulevard|blvd|way|close|crescent|terrace|place|pl|gardens|grove|mews|row|parade|highway|hwy|parkway|pkwy|circle|hill|walk|alley|quay|wharf)"
_SHORT_STREETS = r"(?:st|rd|ave|ln|dr|ct|sq|blvd|pl|hwy|pkwy)"
_STREET = re.compile(
    rf"""(?<![\w.])(?:(?i:flat|apt\.?|apartment|unit|suite)\s+\w{{1,4}},?\s+)?\d{{1,5}}[a-z]?(?:[-/]\d{{1,4}})?,?\s+(?:(?:[NSEW]|north|south|east|west)\.?\s+)?(?:[A-Z][\w'’.-]*\s+){{1,4}}?(?i:{_SHORT_STREETS}\b\.?|{_STREET_KINDS}\b)
    (?:,?\s+(?i:flat|apt\.?|apartment|unit|suite)\s+\w{{1,5}})?
    |\b(?i:via|viale|piazza|corso|vicolo|largo|rue|avenue|calle|avenida|plaza)\s+(?:(?i:del|della|dei|degli|delle|di|de|du|des|la|le|san|santa)\s+)*(?:[A-Z][\w'’.-]*\s+){{0,3}}[A-Z][\w'’.-]*,?\s+(?i:n\.?\s*)?\d{{1,4}}[a-z]?\b
    |\b(?:[A-Z][a-zäöü]+(?:straße|strasse|str\.|weg|platz|allee|gasse)|(?:[A-Z][a-zäöü]+(?:er)?\s+)(?:Straße|Strasse|Weg|Platz|Allee))\s+\d{{1,4}}[a-z]?\b
    |\b(?i:p\.?\s?o\.?\s+box)\s+\d{{1,6}}\b""",
    re.VERBOSE,
)  # fmt: skip
_POSTCODE = re.compile(
    r"(?i:\b(?:zip|postal|post)\s?-?code\W{0,3}(?:is\s+|was\s+)?)(?P<zip>(?=[A-Z]{0,4}[ -]?\d)[A-Z\d]{2,8}(?:[ -][A-Z\d]{2,4})?)\b|\b(?:[A-Z]{1,2}\d[A-Z\d]?\s?\d[ABD-HJLNP-UW-Z]{2})\b|(?<=[a-z], )[A-Z]{2}\s\d{5}(?:-\d{4})?\b|(?<=\b[A-Z]{2} )\d{5}-\d{4}\b"
)
_TAIL = re.compile(
    r"\s*,\s*(?:[A-Z][\w'’.-]+(?:\s+[A-Z][\w'’.-]+){0,2}(?:\s*,)?\s+)?(?:[A-Z]{1,2}\d[A-Z\d]?\s?\d[ABD-HJLNP-UW-Z]{2}|[A-Z]{2}\s+\d{5}(?:-\d{4})?|\d{5}(?:\s+[A-Z][\w'’.-]+){0,2})\b"
)


def emails(text: str) -> Iterator[Span]:
    """Email addresses, also those written with [at] and [dot]."""
    if "@" in text or _SAID_AT.search(text):
        yield from (match.span() for match in _EMAIL.finditer(text))


def cards(text: str) -> Iterator[Span]:
    """Payment card numbers: 12 to 19 digits whose Luhn digit is right, of a known scheme or beside the word "card"."""
    for match in _CARD.finditer(text):
        digits = re.sub(r"\D", "", match.group())
        if len(set(digits)) == 1 or not luhn(digits):
            continue
        if _ISSUED.match(digits) or _CARD_SAID.search(
            text, max(match.start() - _CARD_REACH, 0), match.end() + _CARD_REACH
        ):
            yield match.span()


def ibans(text: str) -> Iterator[Span]:
    """Account numbers whose IBAN check digits are right."""
    for match in _IBAN.finditer(text):
        # The greedy end may have swallowed a word that follows; shorten until the check digits fit.
        end = match.end()
        while end - match.start() >= 15:
            if _iban_is_right(text[match.start() : end]):
                yield match.start(), end
                break
            end = match.start() + max(text[match.start() : end].rfind(" "), 0)


def ip_addresses(text: str) -> Iterator[Span]:
    """Addresses of computers, of both generations; version numbers are none."""
    for match in _IP.finditer(text):
        try:
            ip_address(match.group())
        except ValueError:
            continue
        if not _VERSION.search(text, max(match.start() - 12, 0), match.start()):
            yield match.span()


def urls(text: str) -> Iterator[Span]:
    """Addresses of web pages."""
    return (match.span() for match in _URL.finditer(text))


def birth_dates(text: str) -> Iterator[Span]:
    """Dates that stand beside "born", "DOB" or "date of birth"."""
    return (match.span(1) for match in _BORN.finditer(text))


def record_numbers(text: str) -> Iterator[Span]:
    """Numbers of a record, patient, order, account or policy that the text calls by that name."""
    return (match.span("id" if match["id"] else "bare") for match in _RECORD.finditer(text))


def addresses(text: str) -> Iterator[Span]:
    """Streets with a house number and postcodes; a town and postcode after the street belong to it."""
    for match in _STREET.finditer(text):
        tail = _TAIL.match(text, match.end())
        yield match.start(), tail.end() if tail else match.end()
    yield from (match.span("zip" if match["zip"] else 0) for match in _POSTCODE.finditer(text))


def _iban_is_right(text: str) -> bool:
    plain = text.replace(" ", "").upper()
    if not 15 <= len(plain) <= 34:
        return False
    return int("".join(str(int(char, 36)) for char in plain[4:] + plain[:4])) % 97 == 1
