"""Numbers by which a state knows a person, of some twenty countries, proved by their check digits where they have them."""

# ruff: noqa: E501 — a pattern or a row of a table reads better on one line

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from assistant.guards.labels import ENDS, JOINT, label

Span = tuple[int, int]
_NUMBER_IS = rf"(?:{JOINT}(?:number|no|nr|code|id){ENDS}\.?)?\W{{0,4}}(?:(?:is|was)\s+)?"


def _named(names: str, form: str) -> re.Pattern[str]:
    """A `form` that the text calls by one of `names`."""
    return re.compile(rf"{label(names)}{_NUMBER_IS}(?P<id>{form})(?![\w-])", re.IGNORECASE)


# What has no check digit, or so short a one that other numbers pass it, counts only beside its name.
_NAMED = (
    _named(r"ssn|social security", r"\d{3}[ -]?\d{2}[ -]?\d{4}"),
    _named(r"itin|tin|ein|tax(?:payer)? id(?:entification)?", r"\d{2,3}[ -]?\d{2}[ -]?\d{4,5}"),
    _named(r"passport", r"[A-Z]{0,2}\d{6,9}[A-Z]?|[A-Z]\d[A-Z0-9]{6,7}"),
    _named(r"driv(?:er|ing)['’]?s?['’]? licen[cs]e[^\d\n]{0,20}?|licen[cs]e", r"(?=[A-Z]{0,5}[ -]?\d{2})[A-Z0-9](?:-?[A-Z0-9]){4,17}"),
    _named(r"nhs|chi", r"\d{3}[ -]?\d{3}[ -]?\d{4}"),
    _named(r"(?:national )?(?:id|identity)(?: card)? (?:number|no)|national id(?:entity)?|personal (?:identity|identification)", r"(?=[A-Z]{0,5}[ .-]?\d{2})[A-Z0-9](?:[.-]?[A-Z0-9]){5,17}"),
    _named(r"(?:national insurance|nino)", r"[A-Z]{2}(?:\s?\d{2}){3}\s?[A-D]"),
    _named(r"bsn|sofi|nif|tfn|sin|cpr|steuer-?id|pesel|pps|ppsn", r"\d(?:[ .-]?\d){7,10}[A-Z]{0,2}"),
    _named(r"pan", r"[A-Z]{5}\d{4}[A-Z]"),
)  # fmt: skip


def national_ids(text: str) -> Iterator[Span]:
    """Where a national identity, insurance, tax, health, passport or driving licence number stands."""
    for pattern in _NAMED:
        yield from (match.span("id") for match in pattern.finditer(text))
    for pattern, is_right in _PROVED:
        yield from (match.span() for match in pattern.finditer(text) if is_right(_plain(match.group())))


def _plain(number: str) -> str:
    return re.sub(r"[\s./-]", "", number).upper()


def _any(_: str) -> bool:
    return True


def _nhs(digits: str) -> bool:
    """The eleventh-modulus check digit of NHS numbers (NHS Data Dictionary)."""
    if len(set(digits)) == 1:
        return False
    check = 11 - sum(int(digit) * (10 - i) for i, digit in enumerate(digits[:9])) % 11
    return (0 if check == 11 else check) == int(digits[9])


_ODD = dict(zip("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23], strict=True))  # fmt: skip


def _italian(code: str) -> bool:
    """The check letter of the codice fiscale (DM 23 December 1976)."""
    total = sum(
        _ODD[char] if i % 2 == 0 else (int(char) if char.isdigit() else ord(char) - 65)
        for i, char in enumerate(code[:15])
    )
    return chr(65 + total % 26) == code[15]


def _spanish(code: str) -> bool:
    """The letter of the DNI and NIE is the number modulo 23 (Real Decreto 1553/2005)."""
    number = code[:-1].translate(str.maketrans("XYZ", "012"))
    return "TRWAGMYFPDXBNJZSQVHLCKE"[int(number) % 23] == code[-1]


def _french(code: str) -> bool:
    """The last two digits of the NIR are 97 less the rest modulo 97; Corsica counts as 19 and 18 (INSEE)."""
    number = code[:13].replace("2A", "19").replace("2B", "18")
    return number.isdecimal() and 97 - int(number) % 97 == int(code[13:])


def _polish(digits: str) -> bool:
    return _weighted(digits, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1), 10) and 1 <= int(digits[2:4]) % 20 <= 12


def _brazilian(digits: str) -> bool:
    if len(set(digits)) == 1:
        return False
    return all(
        sum(int(digit) * (length + 1 - i) for i, digit in enumerate(digits[:length])) * 10 % 11 % 10
        == int(digits[length])
        for length in (9, 10)
    )


def _swedish(digits: str) -> bool:
    return luhn(digits[-10:]) and 1 <= int(digits[-8:-6]) <= 12


def _finnish(code: str) -> bool:
    number = re.sub(r"\D", "", code[:-1])
    return len(number) == 9 and "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(number) % 31] == code[-1]


def _belgian(digits: str) -> bool:
    return any(97 - int(century + digits[:9]) % 97 == int(digits[9:]) for century in ("", "2"))


def _swiss(digits: str) -> bool:
    return _weighted(digits, (1, 3) * 6 + (1,), 10)


def _indian(digits: str) -> bool:
    """Verhoeff's check digit of Aadhaar numbers (Verhoeff 1969)."""
    check = 0
    for i, digit in enumerate(reversed(digits)):
        check = _DIHEDRAL[check][_permuted(int(digit), i % 8)]
    return check == 0 and digits[0] not in "01"


_DIHEDRAL = tuple(
    tuple((a + b) % 5 if a < 5 and b < 5 else (a + b) % 5 + 5 if a < 5 else (a - b) % 5 + 5 if b < 5 else (a - b) % 5 for b in range(10))
    for a in range(10)
)  # fmt: skip


def _permuted(digit: int, times: int) -> int:
    for _ in range(times):
        digit = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)[digit]
    return digit


def luhn(digits: str) -> bool:
    """Whether the last digit is the one that Luhn's formula gives (ISO/IEC 7812-1, annex B)."""
    doubled = [int(digit) * 2 if i % 2 else int(digit) for i, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def _weighted(digits: str, weights: Sequence[int], modulus: int) -> bool:
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True)) % modulus == 0


_PROVED: tuple[tuple[re.Pattern[str], Callable[[str], bool]], ...] = (
    (re.compile(r"\b(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\s?\d{2}\s?\d{2}\s?\d{2}\s?[A-D]\b", re.I), _any),  # UK
    (re.compile(r"(?<![\d-])(?!000|666)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\d-])"), _any),  # US, tax numbers from 900 too
    (re.compile(r"(?<![\d-])\d{3}[ -]?\d{3}[ -]?\d{4}(?![\d-])", re.A), _nhs),
    (re.compile(r"\b[A-Z]{6}[\dLMNPQRSTUV]{2}[ABCDEHLMPRST][\dLMNPQRSTUV]{2}[A-Z][\dLMNPQRSTUV]{3}[A-Z]\b", re.I | re.A), _italian),
    (re.compile(r"(?<![\w-])(?:[XYZ][ -]?\d{7}|\d{8})[ -]?[A-HJ-NP-TV-Z](?![\w-])", re.I | re.A), _spanish),
    (re.compile(r"(?<!\d)[12] ?\d\d ?(?:0[1-9]|1[0-2]) ?\d[\dAB] ?\d{3} ?\d{3} ?\d\d(?!\d)", re.A), _french),
    (re.compile(r"(?<![\d.,/+-])\d{11}(?![\d-])", re.A), _polish),
    (re.compile(r"(?<!\d)\d{3}\.\d{3}\.\d{3}-\d{2}(?!\d)", re.A), _brazilian),
    (re.compile(r"(?<![\d-])(?:19|20)?\d{6}[-+]\d{4}(?![\d-])", re.A), _swedish),
    (re.compile(r"(?<!\w)[0-3]\d[01]\d{3}[-+A]\d{3}[0-9A-FHJ-NPR-Y](?!\w)", re.A), _finnish),
    (re.compile(r"(?<!\d)\d\d\.\d\d\.\d\d-\d{3}\.\d\d(?!\d)", re.A), _belgian),
    (re.compile(r"(?<!\d)756\.?\d{4}\.?\d{4}\.?\d{2}(?!\d)", re.A), _swiss),
    (re.compile(r"(?<![\d-])\d{4} \d{4} \d{4}(?! ?\d)", re.A), _indian),
)  # fmt: skip
