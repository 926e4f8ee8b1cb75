"""Personal data that has a form: addresses of every sort, cards and accounts with check digits, records."""

# ruff: noqa: E501 — a pattern or a row of a table reads better on one line

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from ipaddress import ip_address

from assistant.guards.labels import ENDS, IS, label
from assistant.guards.national_ids import luhn

Span = tuple[int, int]
Finder = Callable[[str], Iterator[Span]]

_EMAIL = re.compile(
    r"(?<![\w.+-])[\w.+%'-]{1,64}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}(?![\w-])|(?<![\w.])[\w.+-]{1,64}\s?[\[(]at[\])]\s?[\w-]+\s?[\[(]dot[\])]\s?\w{2,}",
    re.I,
)
_SAID_AT = re.compile(r"[\[(]at[\])]", re.I)
_CARD = re.compile(r"(?<![\d-])(?:\d[ -]?){11,18}\d(?![\d-])", re.A)
_PARTED = r"(?:[ \t]{1,3}(?:[-./·_][ \t]{0,3})?|[-./·_][ \t]{0,3})?(?:\r?\n[ \t]{0,3})?"
"""Between two groups of one number: blanks, a mark, the end of a line. Written so that it fits in one way only."""
_CARD_IN_GROUPS = re.compile(
    rf"(?<![\d-])\d{{4}}{_PARTED}(?:\d{{4}}{_PARTED}\d{{4}}{_PARTED}\d{{4}}(?:{_PARTED}\d{{3}})?|\d{{6}}{_PARTED}\d{{4,5}})(?![\d-])",
    re.A,
)
_SCHEME = re.compile(r"(?:4\d{15}|5[1-5]\d{14}|2[2-7]\d{14}|6\d{15}(?:\d{3})?|3[47]\d{13}|3[068]\d{12}|35\d{14})\Z")
_ROW_BEFORE, _ROW_AFTER = re.compile(r"\d[\s./·_-]{1,5}\Z", re.A), re.compile(r"[\s./·_-]{1,5}\d", re.A)
_YEARS = re.compile(r"(?:(?:1[89]|20)\d\d\W+){2,}(?:1[89]|20)\d\d", re.A)
_ISSUED = re.compile(r"[2-6]\d{12}|(?:1800|2131)\d{11}")  # How the numbers of today's card schemes begin.
_CARD_SAID = re.compile(r"\b(?:cards?|credit|debit|visa|mastercard|maestro|amex|kreditkarte|carta|tarjeta)\b", re.I)
_CARD_REACH = 100  # Characters around a number in which it may be called a card's.
_IBAN = re.compile(rf"(?<![A-Za-z0-9])[A-Z]{{2}}\d\d(?:{_PARTED}[A-Z0-9]){{11,30}}", re.I | re.A)
_IBAN_LENGTHS = {
    country: int(length)
    for country, length in re.findall(
        r"(\D\D)(\d\d)",
        "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28EE20EG29ES24FI18FK18FO18"
        "FR27GB22GE22GI23GL18GR27GT28HN28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32LI21LT20LU20LV21LY25MC27"
        "MD24ME22MK19MN20MR27MT31MU30NI28NL18NO15OM23PK24PL28PS29PT25QA29RO24RS22RU33SA24SC31SD18SE24SI19SK24SM27"
        "SO23ST25SV28TL23TN24TR26UA29VA22VG24XK20YE30",
    )
}
"""Letters and digits of an account number by country (SWIFT, IBAN Registry)."""
_IBAN_DIGITS = 10  # No country's number has fewer; words after two letters and two digits have none.
_IP = re.compile(
    r"(?<![\w.:])(?:(?:\d{1,3}\.){3}\d{1,3}|(?=[0-9a-f:]*:[0-9a-f:]*:)[0-9a-f:]{4,39})(?![\w:]|\.\d)", re.I | re.A
)
_VERSION = re.compile(r"(?:\bv|\bversion|\brelease|\bbuild|\bfirmware)\W{0,3}\Z", re.I)
_URL = re.compile(r"\b(?:https?://|www\.)[^\s<>\"'()\[\]{}|]{3,300}(?<![.,;:!?])", re.I)
_RECORD_ID = r"(?P<id>(?=[A-Z0-9/-]*\d{3})[A-Z0-9][A-Z0-9/-]{3,19})\b"
_NUMBERED = (
    "order",
    "invoice",
    "booking",
    "ticket",
    "reference",
    "ref",
    "account",
    "case",
    "policy",
    "claim",
    "record",
)
_RECORDED = "medical record|record|patient|chart|case|file|order|customer|account|policy|insurance|member|membership|prescription|reference|invoice|booking|claim|ticket|hospital|nhs"
RECORDS = ("mrn(?: (?:number|no|nr|id|code))?", rf"(?:{_RECORDED}) (?:number|no|nr|id|code|ref)")
"""What a text calls the number of a record, as patterns."""
_RECORD = re.compile(
    rf"{label(*RECORDS)}{ENDS}{IS}{_RECORD_ID}"
    rf"|{label(*_NUMBERED)}\.?[\"'`]?\s*(?:[:\#]\s*)+[\"'`]?(?!\d{{4}}-\d\d-\d\d){_RECORD_ID.replace('<id>', '<said>')}"
    r"|\b(?:order|invoice|booking|ticket|reference|policy|account)\s+(?P<bare>(?=[A-Z]*-?[\d-]*\d{5})[A-Z]{0,4}-?\d[\d-]{4,14})\b",
    re.IGNORECASE,
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
    r"(?i:\b(?:zip|postal|post)\s?-?code\W{0,3}(?:is\s+|was\s+)?)(?P<zip>[a-z]{1,2}\d[a-z\d]?\s?\d[a-z]{2}|(?=[A-Z]{0,4}[ -]?\d)[A-Z\d]{2,8}(?:[ -][A-Z\d]{2,4})?)\b|\b(?:[A-Z]{1,2}\d[A-Z\d]?\s?\d[ABD-HJLNP-UW-Z]{2})\b|(?<=[a-z], )[A-Z]{2}\s\d{5}(?:-\d{4})?\b|(?<=\b[A-Z]{2} )\d{5}-\d{4}\b"
)
_TAIL = re.compile(
    r"\s*,\s*(?:[A-Z][\w'’.-]+(?:\s+[A-Z][\w'’.-]+){0,2}(?:\s*,)?\s+)?(?:[A-Z]{1,2}\d[A-Z\d]?\s?\d[ABD-HJLNP-UW-Z]{2}|[A-Z]{2}\s+\d{5}(?:-\d{4})?|\d{5}(?:\s+[A-Z][\w'’.-]+){0,2})\b"
)


def emails(text: str) -> Iterator[Span]:
    """Email addresses, also those written with [at] and [dot]."""
    if "@" in text or _SAID_AT.search(text):
        yield from (match.span() for match in _EMAIL.finditer(text))


def cards(text: str) -> Iterator[Span]:
    """Payment card numbers: 12 to 19 digits whose Luhn digit is right, of a known scheme or beside the word "card".

    In groups as on a card, whatever parts them; a row of other numbers is none.
    """
    for pattern in (_CARD, _CARD_IN_GROUPS):
        for match in pattern.finditer(text):
            digits = re.sub(r"\D", "", match.group())
            if len(set(digits)) == 1 or not luhn(digits):
                continue
            start, end = match.span()
            if _CARD_SAID.search(text, max(start - _CARD_REACH, 0), end + _CARD_REACH) or (
                not _YEARS.fullmatch(match.group())
                and (
                    _ISSUED.match(digits)
                    if pattern is _CARD
                    else _SCHEME.match(digits) and not _in_row(text, start, end)
                )
            ):
                yield start, end


def _in_row(text: str, start: int, end: int) -> bool:
    """Whether further numbers stand before or after those between `start` and `end`, as in a table."""
    return bool(_ROW_BEFORE.search(text, max(start - 6, 0), start) or _ROW_AFTER.match(text, end))


def ibans(text: str) -> Iterator[Span]:
    """Account numbers as long as their country's are, whose IBAN check digits are right."""
    position = 0
    while match := _IBAN.search(text, position):
        position = match.start() + 4
        if end := _iban_end(text, *match.span()):
            position = end
            yield match.start(), end


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


def record_numbers(text: str) -> Iterator[Span]:
    """Numbers of a record, patient, order, account or policy that the text calls by that name."""
    return (match.span(match.lastgroup or 0) for match in _RECORD.finditer(text))


def addresses(text: str) -> Iterator[Span]:
    """Streets with a house number and postcodes; a town and postcode after the street belong to it."""
    for match in _STREET.finditer(text):
        tail = _TAIL.match(text, match.end())
        yield match.start(), tail.end() if tail else match.end()
    yield from (match.span("zip" if match["zip"] else 0) for match in _POSTCODE.finditer(text))


def _iban_end(text: str, start: int, end: int) -> int | None:
    """Where the account number that begins at `start` ends, at `end` or before; None where none stands there."""
    length = _IBAN_LENGTHS.get(text[start : start + 2].upper(), 0)
    places = [place for place in range(start, end) if text[place].isalnum()][:length]
    plain = "".join(text[place] for place in places).upper()
    if not length or len(plain) < length or text[places[-1] + 1 : places[-1] + 2].isalnum():
        return None
    if sum(char.isdigit() for char in plain) < _IBAN_DIGITS:
        return None
    return places[-1] + 1 if int("".join(str(int(char, 36)) for char in plain[4:] + plain[:4])) % 97 == 1 else None
