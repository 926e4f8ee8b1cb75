"""A text as words with what can be seen of each: its form, its letters, and the lists of names it stands in."""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

LETTER_BUCKETS = 4096
"""Numbers that the letter groups of words are hashed to."""
LETTER_GROUPS = 12
"""Letter groups kept of one word; shorter words are padded with bucket 0."""
MAX_WORD = 40  # No name is longer; longer runs of letters are cut before their letter groups are taken.
_WORD = re.compile(r"[^\W\d_]+|\d+|[^\w\s]|_")
TITLES = frozenset((
    "dr", "mr", "mrs", "ms", "miss", "mx", "prof", "professor", "doctor", "sir", "dame", "rev", "nurse",
    "sister", "signor", "signora", "sig", "dott", "herr", "frau", "mme", "mlle", "monsieur", "madame", "señor",
    "señora", "sr", "sra", "captain", "uncle", "aunt", "aunty", "father",
))  # fmt: skip
_SENTENCE_ENDS = frozenset('.!?:;•>|-*"“(')


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text, one row each in every field."""

    spans: tuple[tuple[int, int], ...]
    """Where each word stands."""
    shapes: NDArray[np.float32]
    """Yes-or-no facts about each word: shape (n, SHAPES)."""
    letters: NDArray[np.int32]
    """Hashed letter groups of each word: shape (n, LETTER_GROUPS)."""


def split_words(text: str) -> Words:
    """The words, numbers and marks of `text`, and what can be seen of each."""
    spans = tuple(match.span() for match in _WORD.finditer(text))
    words = [text[start:end] for start, end in spans]
    folded = [fold(word) for word in words]
    whole = _case_of(words)
    shapes = np.zeros((len(words), SHAPES), np.float32)
    letters = np.zeros((len(words), LETTER_GROUPS), np.int32)
    for row, word in enumerate(words):
        before = text[spans[row - 1][1] : spans[row][0]] if row else "\n"
        after = text[spans[row][1] : spans[row + 1][0]] if row + 1 < len(words) else "\n"
        first = row == 0 or "\n" in before or words[row - 1] in _SENTENCE_ENDS
        shapes[row] = (*_shape(word, folded[row], before, after, first=first), *whole)
        letters[row] = _letter_groups(folded[row])
    return Words(spans, shapes, letters)


def fold(word: str) -> str:
    """`word` in small letters without accents."""
    if word.isascii():
        return word.lower()
    return "".join(char for char in unicodedata.normalize("NFKD", word.lower()) if not unicodedata.combining(char))


@lru_cache(maxsize=8)
def names(file: str) -> tuple[str, ...]:
    """The names or words listed in `file` of this package, as they are written."""
    lines = files(__package__).joinpath(file).read_text(encoding="utf-8").splitlines()
    return tuple(name for line in lines if not line.startswith("#") for name in line.split())


@lru_cache(maxsize=3)
def _folded_names(file: str) -> frozenset[str]:
    return frozenset(part for name in names(file) for part in re.split(r"[\W_]+", fold(name)) if len(part) > 2)


def is_name(word: str) -> bool:
    """Whether `word` stands in the lists of given or family names, in whatever case."""
    folded = fold(word)
    return folded in _folded_names("given_names.txt") or folded in _folded_names("family_names.txt")


def is_place(word: str) -> bool:
    """Whether `word` stands in the list of towns and countries, in whatever case."""
    return fold(word) in _folded_names("place_names.txt")


GIVEN, FAMILY, PLACE = (
    0,
    1,
    2,
)  # Columns of `shapes`; training forgets them for some words, so that unlisted names are learnt.


def _shape(word: str, folded: str, before: str, after: str, *, first: bool) -> tuple[float, ...]:
    letter = word[0].isalpha()
    return (
        letter and folded in _folded_names("given_names.txt"),
        letter and folded in _folded_names("family_names.txt"),
        letter and folded in _folded_names("place_names.txt"),
        letter and word[0].isupper() and (len(word) == 1 or word[1:].islower()),
        letter and word.islower(),
        letter and len(word) > 1 and word.isupper(),
        letter and word[0].isupper() and not word[1:].islower() and not word.isupper(),
        word.isdecimal(),
        letter and len(word) == 1,
        first,
        first and letter and word[0].isupper(),
        "\n" in before,
        "\n" in after,
        before == "",
        after == "",
        folded in TITLES,
        word in ".,",
        word in "'’-",
        not letter and not word.isdecimal(),
        not word.isascii(),
        len(word) > 9,
        len(word) < 4,
    )


SHAPES = 22 + 2


def _case_of(words: Sequence[str]) -> tuple[float, float]:
    """Whether the whole text is in small letters, or in capitals: then the case of one word says nothing."""
    letters = [word for word in words if word[0].isalpha()]
    capital = sum(word[0].isupper() for word in letters)
    return capital == 0, bool(letters) and sum(word.isupper() for word in letters) > 0.8 * len(letters)


@lru_cache(maxsize=8192)
def _letter_groups(folded: str) -> tuple[int, ...]:
    padded = f"<{folded[:MAX_WORD]}>"
    groups = [padded[:2], padded[:3], padded[:4], padded[-3:], padded[-4:], padded[-5:], padded]
    groups += [padded[start : start + 3] for start in range(1, min(len(padded) - 3, LETTER_GROUPS))]
    hashed = [1 + zlib.crc32(group.encode("utf-8", "replace")) % (LETTER_BUCKETS - 1) for group in groups]
    return tuple((hashed + [0] * LETTER_GROUPS)[:LETTER_GROUPS])
