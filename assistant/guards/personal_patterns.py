"""Personal data that has a form: addresses of every sort, numbers with check digits, dates of birth."""

# ruff: noqa: E501 — a pattern or a row of a table reads better on one line

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

Span = tuple[int, int]
Finder = Callable[[str], Iterator[Span]]

_EMAIL = re.compile(
    r"(?<![\w.+-])[\w.+%'-]{1,64}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}(?![\w-])|(?<![\w.])[\w.+-]{1,64}\s?[\[(]at[\])]\s?[\w-]+\s?[\[(]dot[\])]\s?\w{2,}",
    re.I,
)
_SAID_AT = re.compile(r"[\[(]at[\])]", re.I)
_CARD = re.compile(r"(?<![\d-])(?:\d[ -]?){12,18}\d(?![\d-])")
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?(?![A-Za-z0-9])", re.I)
_UK_NI = re.compile(
    r"\b(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\s?\d{2}\s?\d{2}\s?\d{2}\s?[A-D]\b", re.I
)
_US_SSN = re.compile(r"(?<![\d-])(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\d-])")
_US_SSN_SAID = re.compile(
    r"\b(?:ssn|social\s+security(?:\s+(?:number|no\.?))?)\W{0,3}(?:is\s+)?(\d{3}[ -]?\d{2}[ -]?\d{4})(?!\d)", re.I
)
_ITALIAN_CODE = re.compile(r"\b[A-Z]{6}\d{2}[ABCDEHLMPRST]\d{2}[A-Z]\d{3}[A-Z]\b", re.I)
_PASSPORT = re.compile(r"\bpassport(?:\s+(?:number|no\.?))?\W{0,3}(?:is\s+)?([A-Z]{0,2}\d{6,9})\b", re.I)
_NHS = re.compile(r"(?<![\d-])\d{3}[ -]?\d{3}[ -]?\d{4}(?![\d-])")
_MONTH = r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
_DATE = rf"(?:\d{{1,2}}[./-]\d{{1,2}}[./-](?:\d{{4}}|\d\d)|\d{{4}}-\d\d-\d\d|\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}\.?,?\s+\d{{4}}|{_MONTH}\.?\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+\d{{4}})"
_BORN = re.compile(
    rf"\b(?:born(?:\s+on)?|d\.?o\.?b\.?|date\s+of\s+birth|birth\s?date|birthday|nat[oa]\s+il)\b[\s:,-]{{0,4}}(?:is\s+|was\s+|the\s+|on\s+)?({_DATE})",
    re.I,
)
_RECORD_ID = r"(?P<id>(?=[A-Z0-9/-]*\d{3})[A-Z0-9][A-Z0-9/-]{3,19})\b"
_RECORD = re.compile(
    rf"""\b(?:(?:mrn|(?:(?:medical\s+)?record|patient|chart|case|file|order|customer|account|policy|member|reference|invoice|booking|claim|ticket|hospital|nhs)
      \s+(?:number|no|nr|id|code|ref))\b\.?\s*(?:[:\#]|is\b|№)*\s*\#?
    |(?:order|invoice|booking|ticket|reference|ref|account|case|policy|claim|record)\.?\s*(?:[:\#]\s*)+(?!\d{{4}}-\d\d-\d\d)){_RECORD_ID}
    |\b(?:order|invoice|booking|ticket|reference|policy|account)\s+(?P<bare>(?=[A-Z]*-?[\d-]*\d{{5}})[A-Z]{{0,4}}-?\d[\d-]{{4,14}})\b""",
    re.IGNORECASE | re.VERBOSE,
)
_STREET_KINDS = r"(?:street|st|road|rd|avenue|ave|lane|ln|drive|dr|court|ct|square|sq|boulevard|blvd|way|close|crescent|terrace|place|pl|gardens|grove|mews|row|parade|highway|hwy|parkway|pkwy|circle|hill|walk|alley|quay|wharf)"
_STREET = re.compile(
    rf"""(?<![\w.])(?:(?i:flat|apt\.?|apartment|unit|suite)\s+\w{{1,4}},?\s+)?\d{{1,5}}[a-z]?(?:[-/]\d{{1,4}})?,?\s+(?:(?:[NSEW]|north|south|east|west)\.?\s+)?(?:[A-Z][\w'’.-]*\s+){{1,4}}?(?i:{_STREET_KINDS})\b\.?
    (?:,?\s+(?i:flat|apt\.?|apartment|unit|suite)\s+\w{{1,5}})?
    |\b(?i:via|viale|piazza|corso|vicolo|largo|rue|avenue|calle|avenida|plaza)\s+(?:(?i:del|della|dei|degli|delle|di|de|du|des|la|le|san|santa)\s+)*(?:[A-Z][\w'’.-]*\s+){{0,3}}[A-Z][\w'’.-]*,?\s+(?i:n\.?\s*)?\d{{1,4}}[a-z]?\b
    |\b(?:[A-Z][a-zäöü]+(?:straße|strasse|str\.|weg|platz|allee|gasse)|(?:[A-Z][a-zäöü]+(?:er)?\s+)(?:Straße|Strasse|Weg|Platz|Allee))\s+\d{{1,4}}[a-z]?\b
    |\b(?i:p\.?\s?o\.?\s+box)\s+\d{{1,6}}\b""",
    re.VERBOSE,
)  # fmt: skip
_POSTCODE = re.compile(
    r"\b(?:[A-Z]{1,2}\d[A-Z\d]?\s?\d[ABD-HJLNP-UW-Z]{2})\b|(?<=[a-z], )[A-Z]{2}\s\d{5}(?:-\d{4})?\b|(?<=\b[A-Z]{2} )\d{5}-\d{4}\b"
)
_TAIL = re.compile(
    r"\s*,\s*(?:[A-Z][\w'’.-]+(?:\s+[A-Z][\w'’.-]+){0,2}(?:\s*,)?\s+)?(?:[A-Z]{1,2}\d[A-Z\d]?\s?\d[ABD-HJLNP-UW-Z]{2}|[A-Z]{2}\s+\d{5}(?:-\d{4})?|\d{5}(?:\s+[A-Z][\w'’.-]+){0,2})\b"
)
_PHONE_DIGITS = re.compile(r"(?:\+|\b0|\(0?\d|\b\d{3}[ .-]?\d{3}|\b\d{5})[\d\s().-]{4,}\d")
_PHONE_REGIONS = ("GB", "US", "IT")


def emails(text: str) -> Iterator[Span]:
    """Email addresses, also those written with [at] and [dot]."""
    if "@" in text or _SAID_AT.search(text):
        yield from (match.span() for match in _EMAIL.finditer(text))


def phones(text: str) -> Iterator[Span]:
    """Telephone numbers that are valid in the UK, the US or Italy, or anywhere with their country code."""
    if not _PHONE_DIGITS.search(text):
        return
    import phonenumbers

    for region in _PHONE_REGIONS:
        for match in phonenumbers.PhoneNumberMatcher(text, region):
            if sum(char.isdigit() for char in match.raw_string) >= 8:
                yield match.start, match.end


def cards(text: str) -> Iterator[Span]:
    """Payment card numbers: 13 to 19 digits whose Luhn digit is right."""
    for match in _CARD.finditer(text):
        digits = re.sub(r"\D", "", match.group())
        if digits[0] in "23456" and len(set(digits)) > 1 and _luhn(digits):
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


def national_ids(text: str) -> Iterator[Span]:
    """National insurance, social security, passport numbers, NHS numbers and Italian tax codes with right check digits."""
    for pattern in (_UK_NI, _US_SSN):
        yield from (match.span() for match in pattern.finditer(text))
    for pattern in (_US_SSN_SAID, _PASSPORT):
        yield from (match.span(1) for match in pattern.finditer(text))
    yield from (match.span() for match in _ITALIAN_CODE.finditer(text) if _italian_code_is_right(match.group().upper()))
    yield from (match.span() for match in _NHS.finditer(text) if _nhs_is_right(re.sub(r"\D", "", match.group())))


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
    yield from (match.span() for match in _POSTCODE.finditer(text))


def _luhn(digits: str) -> bool:
    doubled = [int(digit) * 2 if i % 2 else int(digit) for i, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def _iban_is_right(text: str) -> bool:
    plain = text.replace(" ", "").upper()
    if not 15 <= len(plain) <= 34:
        return False
    return int("".join(str(int(char, 36)) for char in plain[4:] + plain[:4])) % 97 == 1


def _nhs_is_right(digits: str) -> bool:
    """The eleventh-modulus check digit of NHS numbers (NHS Data Dictionary)."""
    if len(set(digits)) == 1:
        return False
    check = 11 - sum(int(digit) * (10 - i) for i, digit in enumerate(digits[:9])) % 11
    return (0 if check == 11 else check) == int(digits[9])


_ODD = dict(zip("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23], strict=True))  # fmt: skip


def _italian_code_is_right(code: str) -> bool:
    """The check letter of the codice fiscale (DM 23 December 1976)."""
    total = sum(
        _ODD[char] if i % 2 == 0 else (int(char) if char.isdigit() else ord(char) - 65)
        for i, char in enumerate(code[:15])
    )
    return chr(65 + total % 26) == code[15]
