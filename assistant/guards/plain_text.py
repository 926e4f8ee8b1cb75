"""Texts freed of what hides their words: look-alike letters, invisible marks, spacing, digits for letters, encodings."""

# ruff: noqa: E501 — a pattern or a row of a table reads better on one line

from __future__ import annotations

import codecs
import html
import re
import unicodedata

from assistant.guards.encodings import decoded_parts
from assistant.guards.markup import without_markup

INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e0fff]"
)
_STACKED = re.compile("[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]")
"""Marks still loose after composition: no language stacks them on Latin letters, attempts to hide words do."""
GAP_KEPT = 10
LONG_GAP = re.compile(rf"\s{{{2 * GAP_KEPT + 1},}}")
"""White space so long that patterns which look across it would take long; its first and last `GAP_KEPT` stay."""
_TAG_LETTERS = re.compile("[\U000e0020-\U000e007e]+")
_LOOK_ALIKES = str.maketrans(
    "аеорсухіѕјԁһԛԝкмтнвАЕОРСУХІЅЈКМТНВαορνικτεηυΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
    "aeopcyxisjdhqwkmthbAEOPCYXISJKMTHBaopviktenyABEZHIKMNOPTYX",
)
_SMALL_CAPITALS = str.maketrans("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘǫʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnopqrstuvwyz")
_BOXED = str.maketrans(
    {
        chr(first + place): chr(ord("a") + place)
        for first in (0x1F150, 0x1F170, 0x1F1E6)  # White on black circles and squares, and the letters of flags.
        for place in range(26)
    }
)
_LEET = str.maketrans("013457@$!", "oieastasi")
_LEET_WORD = re.compile(
    r"(?<![\w@$])(?=[\w@$!]{0,200}[A-Za-z])(?=[\w@$!]{0,200}[013457@$!])(?!\d+(?:st|nd|rd|th|mg|g|kg|cm|mm|ml|l|h|x|am|pm|gb|mb|w|v|k|m)\b)[A-Za-z013457@$!]{4,}(?<!!)(?![\w@$])",
    re.I,
)
_SPACED = re.compile(r"(?<![\w])(?:[^\W\d_][ ._*|-]{1,2}){4,}[^\W\d_](?!\w)")
_SPLIT_WORD = re.compile(r"(?<=[a-z])[-_.·*/\\](?=[a-z])", re.IGNORECASE)
_RUN_TOGETHER = re.compile(r"\b(?:[A-Za-z]++(?:[-_.+/\\][A-Za-z]++){2,}|[A-Za-z][a-z]*+(?:[A-Z][a-z]++){2,})")
_JOINT = re.compile(r"[-_.+/\\]|(?<=[a-z])(?=[A-Z])")
_WORD = re.compile(r"\w+")
_FOREIGN_LETTER = re.compile(r"[^\W\d_a-zA-Z]")
_MARKS = re.compile(r"[*~`]{1,3}(?=\S)|(?<=\S)[*~`]{1,3}|(?<![^\W_])_{1,3}(?=[^\W_])|(?<=[^\s_])_{1,3}(?!\w)")
"""Marks of emphasis. A low line within a word is none: it stands for a blank, or makes a token of a model's."""


def plain_text(text: str) -> str:
    """`text` as a reader would take it: compatibility forms, look-alikes and markup undone, invisible marks gone."""
    text = unicodedata.normalize(
        "NFKC", _TAG_LETTERS.sub(lambda match: "".join(chr(ord(char) - 0xE0000) for char in match.group()), text)
    )
    text = INVISIBLE.sub("", text)
    if not text.isascii():
        text = _STACKED.sub("", text).translate(_SMALL_CAPITALS).translate(_BOXED)
        if re.search(r"[A-Za-z]", text):
            text = _WORD.sub(lambda match: _with_latin(match.group()), text)
    text = _MARKS.sub("", without_markup(html.unescape(text)))
    return LONG_GAP.sub(lambda gap: gap.group()[:GAP_KEPT] + gap.group()[-GAP_KEPT:], text)


def hidden_texts(text: str) -> tuple[str, ...]:
    """Further readings of `text`, where there are any: spaced-out letters joined, digits read as letters, encodings decoded."""
    found = [
        _SPACED.sub(lambda match: f" {re.sub(r'[^A-Za-z]', '', match.group())} ", text),
        _LEET_WORD.sub(lambda match: match.group().translate(_LEET), text),
        *decoded_parts(text),
    ]
    return tuple(dict.fromkeys(each for each in found if each.strip() and each != text))


def turned_texts(text: str) -> tuple[str, ...]:
    """`text` in readings that turn every text into another: ROT13, backwards, split words joined, joined words split.

    Sense in them proves something only where it is a known attempt word for word.
    """
    backwards = " ".join(word[::-1] for word in text.split())
    apart = _RUN_TOGETHER.sub(lambda match: _JOINT.sub(" ", match.group()), text)
    return codecs.encode(text, "rot13"), text[::-1], backwards, _SPLIT_WORD.sub("", text), apart


def _with_latin(word: str) -> str:
    if not _FOREIGN_LETTER.search(word):
        return word
    latin = word.translate(_LOOK_ALIKES)
    return latin if re.search(r"[a-zA-Z]", latin) else word
