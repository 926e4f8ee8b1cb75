"""Texts freed of what hides their words: look-alike letters, invisible marks, spacing, digits for letters, encodings."""

# ruff: noqa: E501 — a pattern or a row of a table reads better on one line

from __future__ import annotations

import base64
import binascii
import codecs
import html
import re
import unicodedata

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e0fff]"
)
GAP_KEPT = 10
LONG_GAP = re.compile(rf"\s{{{2 * GAP_KEPT + 1},}}")
"""White space so long that patterns which look across it would take long; its first and last `GAP_KEPT` stay."""
_TAG_LETTERS = re.compile("[\U000e0020-\U000e007e]+")
_LOOK_ALIKES = str.maketrans(
    "аеорсухіѕјԁһԛԝкмтнвАЕОРСУХІЅЈКМТНВαορνικτεηυΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
    "aeopcyxisjdhqwkmthbAEOPCYXISJKMTHBaopviktenyABEZHIKMNOPTYX",
)
_LEET = str.maketrans("013457@$!", "oieastasi")
_LEET_WORD = re.compile(
    r"(?<![\w@$])(?=[\w@$!]{0,200}[A-Za-z])(?=[\w@$!]{0,200}[013457@$!])(?!\d+(?:st|nd|rd|th|mg|g|kg|cm|mm|ml|l|h|x|am|pm|gb|mb|w|v|k|m)\b)[A-Za-z013457@$!]{4,}(?<!!)(?![\w@$])",
    re.I,
)
_SPACED = re.compile(r"(?<![\w])(?:[^\W\d_][ ._*|-]{1,2}){4,}[^\W\d_](?!\w)")
_BASE64 = re.compile(r"(?<![\w+/=-])[A-Za-z0-9+/_-]{16,}={0,2}(?![\w+/=])")
_HEX = re.compile(r"(?<!\w)(?:[0-9a-f]{2}[ :]?){10,}(?!\w)", re.I)
_WORD = re.compile(r"\w+")
_FOREIGN_LETTER = re.compile(r"[^\W\d_a-zA-Z]")
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")
_MARKS = re.compile(r"[*_~`]{1,3}(?=\S)|(?<=\S)[*_~`]{1,3}")


def plain_text(text: str) -> str:
    """`text` as a reader would take it: compatibility forms, look-alikes and markup undone, invisible marks gone."""
    text = unicodedata.normalize(
        "NFKC", _TAG_LETTERS.sub(lambda match: "".join(chr(ord(char) - 0xE0000) for char in match.group()), text)
    )
    text = _INVISIBLE.sub("", text)
    if not text.isascii() and re.search(r"[A-Za-z]", text):
        text = _WORD.sub(lambda match: _with_latin(match.group()), text)
    text = _comments_opened(html.unescape(text))
    text = _MARKS.sub("", _TAG.sub(" ", text))
    return LONG_GAP.sub(lambda gap: gap.group()[:GAP_KEPT] + gap.group()[-GAP_KEPT:], text)


def hidden_texts(text: str) -> tuple[str, ...]:
    """Further readings of `text`, where there are any: spaced-out letters joined, digits read as letters, encodings decoded."""
    found = [
        _SPACED.sub(lambda match: f" {re.sub(r'[^A-Za-z]', '', match.group())} ", text),
        _LEET_WORD.sub(lambda match: match.group().translate(_LEET), text),
    ]
    found += [decoded for match in _BASE64.finditer(text) if (decoded := _from_base64(match.group()))]
    found += [decoded for match in _HEX.finditer(text) if (decoded := _from_hex(match.group()))]
    return tuple(dict.fromkeys(each for each in found if each.strip() and each != text))


def rotated(text: str) -> str:
    """`text` in the ROT13 cipher."""
    return codecs.encode(text, "rot13")


def _with_latin(word: str) -> str:
    if not _FOREIGN_LETTER.search(word):
        return word
    latin = word.translate(_LOOK_ALIKES)
    return latin if re.search(r"[a-zA-Z]", latin) else word


def _comments_opened(text: str) -> str:
    """`text` with each HTML comment on lines of its own, without its marks."""
    parts, position = [], 0
    while (start := text.find("<!--", position)) >= 0 and (end := text.find("-->", start + 4)) >= 0:
        parts += [text[position:start], "\n", text[start + 4 : end], "\n"]
        position = end + 3
    return "".join([*parts, text[position:]])


def _from_base64(text: str) -> str | None:
    padded = text.rstrip("=").translate(str.maketrans("-_", "+/"))
    try:
        return _readable(base64.b64decode(padded + "=" * (-len(padded) % 4), validate=True))
    except (binascii.Error, ValueError):
        return None


def _from_hex(text: str) -> str | None:
    try:
        return _readable(bytes.fromhex(re.sub(r"[ :]", "", text)))
    except ValueError:
        return None


def _readable(raw: bytes) -> str | None:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return (
        text if len(text) >= 8 and sum(char.isalpha() or char.isspace() for char in text) >= 0.85 * len(text) else None
    )
