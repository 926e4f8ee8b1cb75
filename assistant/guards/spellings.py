"""A text as the finders of personal data read it: blanks, digits and dashes as typed on a keyboard, nothing hidden."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect
from collections.abc import Callable, Iterable

from assistant.guards.plain_text import GAP_KEPT, INVISIBLE, LONG_GAP

_DASHES = "\u2010-\u2015\u2212\ufe58\ufe63\uff0d"
_DASH = re.compile(f"[{_DASHES}]")
_DASHED = re.compile(
    rf"(?<![A-Za-z0-9])(?:0[0-9]|[A-Za-z0-9]{{3,34}})(?: ?[{_DASHES}] ?[A-Za-z0-9]{{1,34}}){{2,16}}",
)
"""Groups that a dash parts twice or more: between two numbers alone it says "to", and scores begin with few digits."""


def as_typed(text: str) -> str:
    """`text` with wide letters, digits and blanks, and dashes inside numbers, made plain ones, place by place."""
    if text.isascii():
        return text
    return _DASHED.sub(lambda match: _DASH.sub("-", match.group()), text.translate(_TYPED))


def without_gaps(text: str) -> tuple[str, Callable[[int], int]]:
    """`text` without invisible marks and with every long gap cut down, and where a place in it was before.

    Marks hide what stands in groups, and patterns look across gaps.
    """
    bare, place_in_text = _left_out(text, ((each.start(), each.end()) for each in _invisible(text)))
    short, place_in_bare = _left_out(
        bare, ((gap.start() + GAP_KEPT, gap.end() - GAP_KEPT) for gap in LONG_GAP.finditer(bare))
    )
    return short, lambda place: place_in_text(place_in_bare(place))


def _invisible(text: str) -> Iterable[re.Match[str]]:
    return () if text.isascii() else INVISIBLE.finditer(text)


def _left_out(text: str, spans: Iterable[tuple[int, int]]) -> tuple[str, Callable[[int], int]]:
    parts: list[str] = []
    places, lost = [0], [0]  # From each place on, so many characters have been left out.
    position = 0
    for start, end in spans:
        parts.append(text[position:start])
        position = end
        places.append(start - lost[-1])
        lost.append(lost[-1] + end - start)
    if not parts:
        return text, int
    return "".join([*parts, text[position:]]), lambda place: place + lost[bisect(places, place) - 1]


class _Typed(dict[int, int | str]):
    """By its code, what a character would be on a keyboard: digits of every script, wide letters and signs, blanks."""

    def __missing__(self, code: int) -> int | str:
        char = chr(code)
        if _WIDE[0] <= code <= _WIDE[1]:
            self[code] = code - _WIDE[0] + ord("!")
        else:
            category = unicodedata.category(char)
            self[code] = " " if category == "Zs" else str(unicodedata.decimal(char)) if category == "Nd" else code
        return self[code]


_WIDE = (0xFF01, 0xFF5E)  # The signs from "!" to "~" as wide as a Chinese one.
_TYPED = _Typed()
