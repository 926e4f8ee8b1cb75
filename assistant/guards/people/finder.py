"""Where people and addresses stand in a text, as the name tagger sees it, window by window."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from assistant.guards.people.tagger import LABELS, Tagged, Tagger
from assistant.guards.people.words import is_given_name

Span = tuple[int, int]
PERSON, ADDRESS = LABELS.index("person"), LABELS.index("address")
LIMIT = 0.5
"""How likely a word must be part of a name, or of an address."""
WINDOW = 400
"""Characters read together: some 70 words, so that a letterhead or a few turns of a talk are seen whole."""
ENCODED = 100_000
"""Characters of one text that are read with the encoder, some five seconds; rules and known names read the rest."""
REMEMBERED = 2048  # Windows whose finds are kept: the same passage is masked at several steps of one answer.
_BREAK = re.compile(r"\n+|(?<=[.!?;])\s+")
_WORD = re.compile(r"[^\W\d_]+")
_TITLE = re.compile(
    r"(?:Dr|Mr|Mrs|Ms|Miss|Mx|Prof|Professor|Doctor|Sir|Dame|Rev|Nurse|Sister|Signora?|Sig|Dott|Herr|Frau)\b\.?\s*",
    re.IGNORECASE,
)
_POSSESSIVE = re.compile(r"['’]s?\Z")
_NAMING = re.compile(
    r"\b(?:name[ds]?|call(?:ed)?|i['’]?m|i am|this is|chiamo|under|ask|spe[ao]k|talked|tell|dr|mr|mrs|ms|dear|hi)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What the tagger saw in a text."""

    persons: tuple[Span, ...]
    addresses: tuple[Span, ...]


class PeopleFinder:
    """Finds people and addresses. Threads may share it."""

    def __init__(self, tagger: Tagger) -> None:
        self._tagger = tagger
        self._memory: OrderedDict[bytes, Seen] = OrderedDict()
        self._secret = secrets.token_bytes(32)
        self._lock = Lock()

    def find(self, text: str) -> Seen:
        """Where people and addresses stand in `text`, in order; only what may hold a name is read."""
        persons: list[Span] = []
        addresses: list[Span] = []
        windows = [span for span in windows_of(text[:ENCODED]) if may_name(text[slice(*span)])]
        for (start, _), seen in zip(windows, self._read([text[slice(*span)] for span in windows]), strict=True):
            persons += [(start + first, start + last) for first, last in seen.persons]
            addresses += [(start + first, start + last) for first, last in seen.addresses]
        return Seen(tuple(persons), tuple(addresses))

    def _read(self, windows: Sequence[str]) -> list[Seen]:
        # Keyed digests, so that no text is kept.
        keys = [hashlib.blake2b(w.encode("utf-8", "replace"), key=self._secret).digest() for w in windows]
        with self._lock:
            known = {key: self._memory[key] for key in keys if key in self._memory}
        unknown = {key: window for key, window in zip(keys, windows, strict=True) if key not in known}
        tagged = self._tagger.tag(list(unknown.values()))
        known |= {key: _seen(w, each) for (key, w), each in zip(unknown.items(), tagged, strict=True)}
        with self._lock:
            self._memory |= known
            while len(self._memory) > REMEMBERED:
                self._memory.popitem(last=False)
        return [known[key] for key in keys]


def windows_of(text: str) -> Iterator[Span]:
    """`text` cut at the ends of lines and sentences into pieces of at most about `WINDOW` characters."""
    start = end = 0
    for stop in (*(gap.end() for gap in _BREAK.finditer(text)), len(text)):
        if end > start and stop - start > WINDOW:
            yield start, end
            start = end
        while stop - start > 2 * WINDOW:  # A line without an end is cut at a blank.
            cut = text.rfind(" ", start + WINDOW, start + 2 * WINDOW) + 1 or start + 2 * WINDOW
            yield start, cut
            start = cut
        end = stop
    if start < len(text):
        yield start, len(text)


def may_name(text: str) -> bool:
    """Whether `text` may name somebody: a capital inside a sentence, a given name, or words that introduce one.

    Reading a question with the encoder costs milliseconds, and most questions name nobody.
    """
    if _NAMING.search(text):
        return True
    previous = ""
    for match in _WORD.finditer(text):
        word = match.group()
        opens = not previous or text[max(match.start() - 4, 0) : match.start()].rstrip(" \"'“‘(*").endswith(
            (".", "!", "?", ":", "\n")
        )
        if word[0].isupper() and word != "I" and not opens:
            return True
        if len(word) > 2 and is_given_name(word):
            return True
        previous = word
    return False


def _seen(text: str, tagged: Tagged) -> Seen:
    persons = [span for each in _runs(text, tagged, PERSON, across_lines=False) if (span := _trimmed(text, each))]
    addresses = [
        (start, end)
        for start, end in _runs(text, tagged, ADDRESS, across_lines=True)
        if any(char.isdigit() for char in text[start:end])
    ]
    return Seen(tuple(persons), tuple(addresses))


def _runs(text: str, tagged: Tagged, label: int, *, across_lines: bool) -> Iterator[Span]:
    """Words that follow one another and are each likely to bear `label`."""
    start = end = None
    for (first, last), likely in zip(tagged.words.spans, _likely(tagged, label), strict=True):
        if start is not None and end is not None and (likely < LIMIT or (not across_lines and "\n" in text[end:first])):
            yield start, end
            start = None
        if likely >= LIMIT:
            start, end = first if start is None else start, last
    if start is not None and end is not None:
        yield start, end


def _likely(tagged: Tagged, label: int) -> NDArray[np.float32]:
    return tagged.likely[:, label]


def _trimmed(text: str, span: Span) -> Span | None:
    """The span without a title before the name and what follows it; None where no letter is left."""
    start, end = span
    while title := _TITLE.match(text, start, end):
        start = title.end()
    if possessive := _POSSESSIVE.search(text[start:end]):
        end = start + possessive.start()
    while end > start and not text[end - 1].isalnum() and text[end - 1] != ".":
        end -= 1
    if end > start and text[end - 1] == "." and not (end - start > 1 and text[end - 2].isupper()):
        end -= 1  # The point of an initial belongs to a name, that of a sentence does not.
    while start < end and not text[start].isalpha():
        start += 1
    return (start, end) if end - start > 1 else None
