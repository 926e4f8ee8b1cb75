"""Texts cut into sentences, whole or while they are still being written."""

# ruff: noqa: E501 — a pattern or a row of a table reads better on one line

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.guards.grounding.rows import rows_of

LOOKAHEAD = 4
"""Characters after a possible end that decide whether it is one: enough to see a list marker such as `12. `."""

_TITLES = frozenset(
    [
        "dr",
        "mr",
        "mrs",
        "ms",
        "mx",
        "prof",
        "rev",
        "hon",
        "st",
        "sr",
        "sra",
        "dott",
        "dssa",
        "sig",
        "eg",
        "e.g",
        "ie",
        "i.e",
        "vs",
        "cf",
        "approx",
        "ca",
        "viz",
        "fig",
        "figs",
        "eq",
    ]
)
_BEFORE_NUMBER = frozenset(
    [
        "no",
        "nos",
        "nr",
        "p",
        "pp",
        "vol",
        "ch",
        "sec",
        "art",
        "para",
        "jan",
        "feb",
        "mar",
        "apr",
        "jun",
        "jul",
        "aug",
        "sep",
        "sept",
        "oct",
        "nov",
        "dec",
    ]
)
_MAY_END = frozenset(
    [
        "etc",
        "a.m",
        "p.m",
        "am",
        "pm",
        "inc",
        "ltd",
        "co",
        "corp",
        "jr",
        "u.s",
        "u.k",
        "u.s.a",
        "mg",
        "mcg",
        "ml",
        "kg",
        "tab",
        "tabs",
        "hr",
        "hrs",
        "min",
        "max",
        "dept",
        "est",
        "al",
        "incl",
    ]
)
_END = re.compile(r"""[.!?…]{1,64}+(?:\[\d{1,9}\])*+["'”’»)\]*_]*+(?=\s|$)|\n""")
_WORD_BEFORE = re.compile(r"[\w.'-]*$")
_VISIBLE = re.compile(r"\S")
_ITEM = r"[-*•–·]\s|\d{1,2}[.)]\s"
_ITEM_MARK = re.compile(_ITEM)
_LIST_MARK = re.compile(rf"(?:{_ITEM}|#|\||>)")
_UNDER = re.compile(r"([^\n]{1,200}?:)\s(?=[-*•–·]\s)")  # A heading, and behind it the first item of a list.
_NUMBERED = re.compile(r"^[ \t]*\d{1,2}$")
_SOFT_WRAP_WIDTH = 60
_REACH = 100  # So many characters before a stop tell whether it ends the sentence.
_TAIL = 12  # The end pattern (stops, a footnote mark, closing quotes) may still grow by what the next token brings.

_LONGEST_JOINED = 400  # Characters that others are joined to, so that no text grows with the square of its length.
_MOST_REPEATED = 10  # So many times the length of a passage what leads up to its lists may take in all.
_SHORT_WORDS = 2  # A sentence of at most so many words ("No.", "Yes, daily.") means nothing without the one before.

_LEANS = re.compile(
    r"""^\W*(?:(?:but|however|yet|still|instead|otherwise|except|unless|also|then|therefore|thus|hence|so|and|or|nor
    |nevertheless|nonetheless|although|though|similarly|likewise|moreover|furthermore|additionally|consequently|alternatively
    |it|its|it's|this|that|these|those|they|they're|their|he|she|his|her|him|them|both|either|neither|such|same)\b
    |(?:in\s+(?:that|this|such|these)\s+cases?|if\s+(?:so|not)|after\s+that|for\s+(?:this|that)\s+reason|as\s+a\s+result
    |the\s+(?:same|latter|former|first|second|other)|(?:only|not)\s+(?:if|when|after|for|in)|to\s+do\s+(?:so|this|that)|because\s+of\s+(?:this|that))\b)""",
    re.IGNORECASE | re.VERBOSE,
)
_EXPLETIVE = re.compile(
    r"^\W*it(?:'s| is| was) (?:possible|important|worth|recommended|advisable|best|necessary|likely|essential) (?:to|that)\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Piece:
    """One sentence and the white space that stood before it."""

    text: str
    joiner: str


def split_sentences(text: str) -> tuple[str, ...]:
    """The sentences of `text`, in order, without the white space around them.

    Full stops end a sentence, line breaks and list items do too; abbreviations, initials, decimals and lines that are
    merely wrapped do not.
    """
    return tuple(piece.text for piece in split_pieces(text))


def split_pieces(text: str) -> tuple[Piece, ...]:
    """The sentences of `text` with the white space before each, so that the pieces joined give the text back."""
    joiner = SentenceJoiner()
    return joiner.feed(text) + joiner.flush()


def units_of(passage: str) -> tuple[str, ...]:
    """The sentences of `passage`; a question is joined with its answer, a very short one with the one before.

    Each item of a list is joined with what leads up to the list: "You must never carry: - gas bottles"; each value of
    a comma-separated row with its column.
    """
    if rows := rows_of(passage):
        return rows
    units: list[str] = []
    leading, left = "", _MOST_REPEATED * len(passage)
    for piece in split_pieces(passage):
        sentence = piece.text
        is_item = bool(_ITEM_MARK.match(sentence))
        if not is_item and "\n" in piece.joiner:
            leading = ""
        if is_item and leading and left > 0:
            units.append(f"{leading} {sentence}")
            left -= len(leading)
            continue
        leading = _led_up_to(sentence, units, is_item=is_item) or leading
        answers = units and (
            units[-1].rstrip("\"'”)* ").endswith("?") or (units[-1].rstrip().endswith(":") and "\n" not in units[-1])
        )
        if units and (answers or len(sentence.split()) <= _SHORT_WORDS) and len(units[-1]) < _LONGEST_JOINED:
            units[-1] = f"{units[-1]} {sentence}"
        else:
            units.append(sentence)
    return tuple(units)


def _led_up_to(sentence: str, before: Sequence[str], *, is_item: bool) -> str:
    """What leads up to the list that `sentence` is the first item of; nothing where it is none, or nothing does."""
    if is_item:
        last = before[-1] if before else ""
        return last if last.endswith(":") and "\n" not in last and len(last) < _LONGEST_JOINED else ""
    under = _UNDER.match(sentence)
    return under[1] if under else ""


def leans_on_previous(sentence: str) -> bool:
    """Whether `sentence` says little or something else without the one before it: "But …", "It …", "Otherwise …"."""
    return bool(_LEANS.match(sentence)) and not _EXPLETIVE.match(sentence)


class SentenceJoiner:
    """Joins tokens into sentences and gives each out as soon as its end is certain.

    However the text is cut into tokens, the pieces are the same.
    """

    def __init__(self) -> None:
        self._text = ""
        self._searched = 0

    def feed(self, token: str) -> tuple[Piece, ...]:
        """The sentences that `token` completed, often none."""
        tail = self._text[-LOOKAHEAD:]
        self._text += token
        if token.isspace() and tail.isspace() and len(tail) == LOOKAHEAD:
            return ()  # White space after white space makes nothing certain.
        return self._take(final=False)

    def flush(self) -> tuple[Piece, ...]:
        """What is left when the text has ended."""
        pieces = self._take(final=True)
        rest, self._text, self._searched = self._text, "", 0
        return (*pieces, *_piece(rest))

    def _take(self, *, final: bool) -> tuple[Piece, ...]:
        pieces: list[Piece] = []
        start = 0
        position = max(self._searched, _first_visible(self._text, 0))
        while match := _END.search(self._text, position):
            after = _first_visible(self._text, match.end())
            if not final and len(self._text) - after < LOOKAHEAD:
                break
            position = match.end()
            if _ends(self._text, start, match, after):
                raw = self._text[start:position].rstrip()
                pieces += _piece(raw)
                start += len(raw)
                position = max(position, after)
        self._searched = (match.start() if match else max(position, len(self._text) - _TAIL)) - start
        self._text = self._text[start:]
        return tuple(pieces)


def _piece(raw: str) -> tuple[Piece, ...]:
    text = raw.strip()
    return (Piece(text, raw[: raw.index(text)]),) if text else ()


def _first_visible(text: str, position: int) -> int:
    visible = _VISIBLE.search(text, position)
    return visible.start() if visible else len(text)


def _ends(text: str, start: int, match: re.Match[str], after: int) -> bool:
    before = text[start : match.start()]
    if not before.strip():
        return False
    following = text[after : after + LOOKAHEAD]
    if match.group() == "\n":
        return _line_ends(before, text[match.end() : after], following)
    if "\n" in text[match.end() : after] and not following[:1].islower():
        return not _NUMBERED.match(before.rpartition("\n")[2])
    if match.group().startswith("."):
        return _stop_ends(before, match.group(), following)
    quoted = match.group()[-1] in "\"'”’»)"
    return not (quoted and following[:1].islower())


def _line_ends(before: str, space: str, following: str) -> bool:
    line = before.rpartition("\n")[2].strip()
    if "\n" in space or not following or _LIST_MARK.match(following) or line.startswith(("#", "|")):
        return True
    wrapped = following[0].islower() or (len(line) >= _SOFT_WRAP_WIDTH and line[-1] not in ".!?:;")
    return not wrapped


def _stop_ends(before: str, stops: str, following: str) -> bool:
    if not following or before[-1:].isspace():
        return True
    if _NUMBERED.match(before.rpartition("\n")[2]):
        return False
    before = before[-_REACH:]
    found = _WORD_BEFORE.search(before)
    word = found.group().strip(".'-") if found else ""
    lower = word.lower()
    if lower in _TITLES or (lower in _BEFORE_NUMBER and following[0].isdigit()) or _is_initial(before, word):
        return False
    if not following[0].islower():
        return True
    return lower not in _MAY_END and lower not in _BEFORE_NUMBER and len(word) >= 2 and not stops.startswith("..")


def _is_initial(before: str, word: str) -> bool:
    if len(word) != 1 or not word.isupper() or word == "I":
        return False
    earlier = before[:-1].split()
    return not earlier or earlier[-1][:1].isupper()
