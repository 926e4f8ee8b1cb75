"""What the encoded parts of a text say: base64 and its kin, numbers for letters, escapes, Morse."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from urllib.parse import unquote

MAX_PARTS = 50
"""So many encoded parts of a text are decoded: more would be a file, and cost time."""
_MORSE = {
    ".-": "a", "-...": "b", "-.-.": "c", "-..": "d", ".": "e", "..-.": "f", "--.": "g", "....": "h", "..": "i",
    ".---": "j", "-.-": "k", ".-..": "l", "--": "m", "-.": "n", "---": "o", ".--.": "p", "--.-": "q", ".-.": "r",
    "...": "s", "-": "t", "..-": "u", "...-": "v", ".--": "w", "-..-": "x", "-.--": "y", "--..": "z",
}  # fmt: skip


def decoded_parts(text: str) -> list[str]:
    """Each encoded part of `text` that decodes to words, and the text with its escapes undone if it has many."""
    found: list[str] = []
    for pattern, decode in _CODES:
        for number, match in enumerate(pattern.finditer(text)):
            if number >= MAX_PARTS:
                break
            decoded = decode(match.group())
            if decoded:
                found.append(decoded)
    if len(_PERCENT.findall(text)) >= 6:
        found.append(unquote(text, errors="replace"))
    if len(_ESCAPE.findall(text)) >= 6:
        found.append(_ESCAPE.sub(lambda match: chr(int(match[1] or match[2], 16)), text))
    return found


def _from_base64(text: str) -> str | None:
    padded = text.rstrip("=").translate(str.maketrans("-_", "+/"))
    try:
        return _readable(base64.b64decode(padded + "=" * (-len(padded) % 4), validate=True))
    except (binascii.Error, ValueError):
        return None


def _from_base32(text: str) -> str | None:
    bare = text.rstrip("=")
    try:
        return _readable(base64.b32decode(bare + "=" * (-len(bare) % 8)))
    except (binascii.Error, ValueError):
        return None


def _from_hex(text: str) -> str | None:
    try:
        return _readable(bytes.fromhex(re.sub(r"0x|[ :,]", "", text)))
    except ValueError:
        return None


def _from_bits(text: str) -> str | None:
    bits = re.sub(r"\D", "", text)
    return _readable(bytes(int(bits[start : start + 8], 2) for start in range(0, len(bits) - 7, 8)))


def _from_numbers(text: str) -> str | None:
    codes = [int(each) for each in re.findall(r"\d+", text)]
    if all(1 <= code <= 26 for code in codes):
        return _readable(bytes(code + 96 for code in codes))
    return _readable(bytes(codes)) if all(code < 128 for code in codes) else None


def _from_morse(text: str) -> str | None:
    words = re.split(r"\s*/\s*|\s{2,}", text.strip())
    letters = [[_MORSE.get(sign, "") for sign in word.split()] for word in words]
    return _readable(" ".join("".join(word) for word in letters).encode())


def _readable(raw: bytes) -> str | None:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return None
    plain = sum(char.isalpha() or char.isspace() for char in text)
    return text if len(text) >= 8 and plain >= 0.85 * len(text) else None


_CODES: tuple[tuple[re.Pattern[str], Callable[[str], str | None]], ...] = (
    (re.compile(r"(?<![\w+/=-])[A-Za-z0-9+/_-]{16,}={0,2}(?![\w+/=])"), _from_base64),
    (re.compile(r"(?<![\w=])[A-Z2-7]{24,}={0,6}(?![\w=])"), _from_base32),
    (re.compile(r"(?<!\w)(?:(?:0x)?[0-9a-f]{2}[ :,]{0,2}){10,}(?!\w)", re.IGNORECASE), _from_hex),
    (re.compile(r"(?<!\d)(?:[01]{8}[ ,]{0,2}){8,}(?!\d)"), _from_bits),
    (re.compile(r"(?<![\d.,-])(?:\d{1,3}(?:, ?|[ -])){11,}\d{1,3}(?![\d.,-])"), _from_numbers),
    (re.compile(r"(?<![.\w-])(?:[.-]{1,4}(?: {1,3}|[ ]?/[ ]?)){11,}[.-]{1,4}(?![.\w-])"), _from_morse),
)
_PERCENT = re.compile(r"%[0-9A-Fa-f]{2}")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2}))")
