"""Counts the phrases of named lists, as reviewers write them in phrases.yaml."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import regex

from assistant.errors import RailsUnavailable

TIMEOUT_S = 0.05
"""A pattern that needs longer is broken; the text is then withheld rather than waved through."""


class PhraseGuard:
    """Finds the words and patterns of each list; upper and lower case do not matter, only whole words count."""

    def __init__(self, lists: Mapping[str, Sequence[str | Mapping[str, str]]]) -> None:
        """Compile `lists`: a string is a phrase, `{pattern: …}` a regular expression; ValueError if bad."""
        self._lists = {name: _compile(name, entries) for name, entries in lists.items()}

    def measure(self, text: str) -> dict[str, int]:
        """How often the phrases of each list occur in `text`. Raises RailsUnavailable when a pattern takes too long."""
        return {name: len(self.find(text, name)) for name in self._lists}

    def find(self, text: str, name: str) -> tuple[tuple[int, int], ...]:
        """Start and end of every occurrence of list `name`, in order; overlapping ones count once."""
        spans: list[tuple[int, int]] = []
        for pattern in self._lists[name]:
            try:
                spans += [match.span() for match in pattern.finditer(text, timeout=TIMEOUT_S) if match.group()]
            except TimeoutError as error:
                raise RailsUnavailable(f"a pattern of phrase list {name!r} takes too long") from error
        return _without_overlaps(spans)


def _compile(name: str, entries: Sequence[str | Mapping[str, str]]) -> tuple[regex.Pattern[str], ...]:
    phrases = [entry for entry in entries if isinstance(entry, str)]
    patterns = [entry["pattern"] for entry in entries if not isinstance(entry, str)]
    try:
        compiled = [regex.compile(pattern, regex.IGNORECASE) for pattern in patterns]
    except regex.error as error:
        raise ValueError(f"phrase list {name!r}: {error}") from error
    return (*((_any_of(phrases),) if phrases else ()), *compiled)


def _any_of(phrases: Sequence[str]) -> regex.Pattern[str]:
    longest_first = sorted({" ".join(phrase.split()) for phrase in phrases}, key=len, reverse=True)
    joined = "|".join(_whole_words(phrase) for phrase in longest_first)
    return regex.compile(joined, regex.IGNORECASE)


def _whole_words(phrase: str) -> str:
    inner = r"\s+".join(regex.escape(word).replace("'", "['’]") for word in phrase.split())
    before = r"(?<!\w)" if phrase[:1].isalnum() else ""
    return before + inner + (r"(?!\w)" if phrase[-1:].isalnum() else "")


def _without_overlaps(spans: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    kept: list[tuple[int, int]] = []
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return tuple(kept)
