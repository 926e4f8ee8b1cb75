"""Counts the phrases of named lists, as reviewers write them in phrases.yaml."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import regex

from assistant.errors import RailsUnavailable

TIMEOUT_S = 0.05
"""A pattern that takes more of the processor is broken; the text is then withheld rather than waved through."""
_INFLECTED = 4  # Shorter words are mostly grammar: "all" has no "alls".


def spans_of(pattern: regex.Pattern[str], text: str, *, within_s: float = TIMEOUT_S) -> list[tuple[int, int]]:
    """Start and end of each match that is not empty.

    Raises TimeoutError when that takes more than `within_s` seconds of the processor; what other threads do meanwhile
    does not count.
    """
    allowed_s = within_s
    while True:
        began = time.thread_time()
        try:
            return [match.span() for match in pattern.finditer(text, timeout=allowed_s) if match.group()]
        except TimeoutError:
            # `regex` counts the processor time of the whole process: with other threads at work it gives up too early.
            if time.thread_time() - began >= within_s:
                raise
            allowed_s *= 2


class PhraseGuard:
    """Finds the words and patterns of each list.

    A phrase is found in whole words, whatever their case, accents and regular English endings: "cure" also in "Cures"
    and "curing". A pattern is found as it is written, but for case; it says itself where words end.
    """

    def __init__(self, lists: Mapping[str, Sequence[str | Mapping[str, str]]]) -> None:
        """Compile `lists`: a string is a phrase, `{pattern: …}` a regular expression; ValueError if bad."""
        self._lists = {name: _compile(name, entries) for name, entries in lists.items()}

    def measure(self, text: str) -> dict[str, int]:
        """How often the phrases of each list occur in `text`. Raises RailsUnavailable when a pattern takes too long."""
        return {name: len(self.find(text, name)) for name in self._lists}

    def find(self, text: str, name: str) -> tuple[tuple[int, int], ...]:
        """Start and end of every occurrence of list `name`, in order; overlapping ones count once."""
        phrases, patterns = self._lists[name].phrases, self._lists[name].patterns
        try:
            spans = [span for pattern in patterns for span in spans_of(pattern, text)]
            if phrases:
                plain = _without_accents(text)
                spans += [(plain.places[first], plain.places[last]) for first, last in spans_of(phrases, plain.text)]
        except TimeoutError as error:
            raise RailsUnavailable(f"a pattern of phrase list {name!r} takes too long") from error
        return _without_overlaps(spans)


@dataclass(frozen=True, slots=True)
class _List:
    phrases: regex.Pattern[str] | None
    patterns: tuple[regex.Pattern[str], ...]


@dataclass(frozen=True, slots=True)
class _Plain:
    text: str
    places: Sequence[int]
    """Where each character of `text` stood before, and where the text ended."""


def _compile(name: str, entries: Sequence[str | Mapping[str, str]]) -> _List:
    phrases = [entry for entry in entries if isinstance(entry, str)]
    patterns = [entry["pattern"] for entry in entries if not isinstance(entry, str)]
    try:
        compiled = [regex.compile(pattern, regex.IGNORECASE) for pattern in patterns]
    except regex.error as error:
        raise ValueError(f"phrase list {name!r}: {error}") from error
    return _List(_any_of(phrases) if phrases else None, tuple(compiled))


def _any_of(phrases: Sequence[str]) -> regex.Pattern[str]:
    longest_first = sorted({" ".join(phrase.split()) for phrase in phrases}, key=len, reverse=True)
    joined = "|".join(_whole_words(phrase) for phrase in longest_first)
    return regex.compile(joined, regex.IGNORECASE)


def _whole_words(phrase: str) -> str:
    inner = r"\s+".join(_any_ending(word) for word in _without_accents(phrase).text.split())
    before = r"(?<!\w)" if phrase[:1].isalnum() else ""
    return before + inner + (r"(?!\w)" if phrase[-1:].isalnum() else "")


def _any_ending(word: str) -> str:
    """A pattern for `word` and what English makes of it: plural, possessive, past tense, participle."""
    written = regex.escape(word).replace("'", "['’]")
    if len(word) < _INFLECTED or not word.isalpha():
        return written
    stem = regex.escape(word[:-1])
    if word.endswith("e"):
        return f"(?:{written}(?:d|['’]?s['’]?)?|{stem}ing)"
    if word.endswith("y") and word[-2] not in "aeiou":
        return f"(?:{written}(?:ing|['’]s)?|{stem}ie[sd])"
    # "Plan" has "planned": a last consonant after one vowel may be doubled.
    doubled = f"{regex.escape(word[-1])}?" if word[-1] not in "aeiouwxy" and word[-2] in "aeiou" else ""
    return f"{written}(?:e?s['’]?|['’]s|{doubled}(?:ed|ing))?"


def _without_accents(text: str) -> _Plain:
    if text.isascii():
        return _Plain(text, range(len(text) + 1))
    found = [
        (part, place)
        for place, char in enumerate(text)
        for part in unicodedata.normalize("NFKD", char)
        if not unicodedata.combining(part)
    ]
    return _Plain("".join(part for part, _ in found), [*(place for _, place in found), len(text)])


def _without_overlaps(spans: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    kept: list[tuple[int, int]] = []
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return tuple(kept)
