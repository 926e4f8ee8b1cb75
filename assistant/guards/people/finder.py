"""Where people and addresses stand in a text, as the name tagger sees it, window by window."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

from assistant.guards.people.nobody import NAMING, names_nobody, standards
from assistant.guards.people.tagger import LABELS, Tagged, Tagger
from assistant.guards.people.words import fold, is_name, is_place, names

Span = tuple[int, int]
PERSON, ADDRESS = LABELS.index("person"), LABELS.index("address")
LIMIT = 0.35
"""How likely a word must be part of a name, or of an address."""
SURE = 0.8
"""How likely every word of an address without a number must be part of it."""
WINDOW = 400
"""Characters read together: some 70 words, so that a letterhead or a few turns of a talk are seen whole."""
ENCODED = 100_000
"""Characters of one text that are read with the encoder, some five seconds; rules and known names read the rest."""
REMEMBERED = 2048  # Windows whose finds are kept: the same passage is masked at several steps of one answer.
_BREAK = re.compile(r"\n+|(?<=[.!?;])\s+")
_WORD = re.compile(r"[^\W\d_]+")
_TITLE = re.compile(
    r"(?:Dr|Mr|Mrs|Ms|Miss|Mx|Prof|Professor|Doctor|Sir|Dame|Rev|Nurse|Sister|Signora?|Sig|Dott|Herr|Frau|Mme|Mlle|Madame|Monsieur|Señora?|Sra?)\b\.?\s*",
    re.IGNORECASE,
)
_POSSESSIVE = re.compile(r"['’]s?\Z")
CERTAIN = 0.95
"""How likely an unknown name in small letters must be one."""
_PARAGRAPH = re.compile(r"\n\s*\n")  # An address does not go on beyond it.
_PERSON_ENDS = re.compile(r"\n|\w{3}[.]\s|[.]\s\s|[?!;:]\s")  # A name does not go on beyond these.
_BETWEEN = frozenset(("or", "und", "oder", "but", "with"))  # What stands between two people, or after one.
_HYPHEN_BEFORE = re.compile(r"\w[-'’]\Z")
_TITLE_BEFORE = re.compile(r"\b(?:dr|mr|mrs|ms|miss|doctor)\.?\s+\Z", re.IGNORECASE)
_PLACED = re.compile(
    r"\b(?:in|near|from|(?:went|go|going|flew|fly|moved|travel|travelled|back|trip)\s+to|and\s+to|\d+|[a-z]+(?:st|nd|rd|th)(?:\s+of)?)\s+\Z",
    re.IGNORECASE,
)
_MONTHS = frozenset(("April", "May", "June", "August"))
_STREET = re.compile(
    r"\b(?:corner of|street|st|road|rd|avenue|ave|lane|drive|square|box|way|court|hills?|loop)\b", re.IGNORECASE
)
_STREET_ON = re.compile(
    r"\s+(?:street|road|avenue|lane|drive|close|way|court|square|terrace|crescent)\b", re.IGNORECASE
)
_CODE_BEGUN = re.compile(r"\b[a-z]{1,2}\d[a-z\d]?(?:\s\d)?\Z", re.IGNORECASE)
_CODE_ON = re.compile(r"(?:\s+\d|(?<=\s\d))[a-z]{2}\b", re.IGNORECASE)
_LONG_WORD = re.compile(r"[^\W\d_]{3}")
_POSTED = re.compile(
    r"[a-z]{1,2}\d[a-z\d]?\s*\d[a-z]{2}|[a-z]{2}\.?\s+\d{5}(?:-\d{4})?|\d{4,5}\s+[a-z]{2}|[a-z]\d[a-z]\s*\d[a-z]\d",
    re.IGNORECASE,
)
"""Postcodes with letters: British, American, Dutch, Canadian."""
_HOUSED = re.compile(
    r"(?<![\w.,/-])\d{1,5}[a-z]?,?\s+(?:[a-z'’]{2,20}\s+){1,3}(?:street|road|avenue|lane|drive|close|court|square|terrace|crescent|grove"
    r"|gardens|mews|place|way|hill|row)\b|\b[a-z]{1,2}\d[a-z\d]?\s\d[abd-hjlnp-uw-z]{2}\b"
)
"""A house with its street, or a postcode, in small letters."""
_NO_PERSON = re.compile(
    r"[ ,]{1,2}(?:Inc|Ltd|LLC|GmbH|Corp|Group|Bank|Capital|Investments|Technologies|Foundation|University|Hospital"
    r"|Clinic|Street|St|Road|Rd|Avenue|Ave|Lane|Drive|Bypass|Boulevard|Station|Airport)\b",
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
    if NAMING.search(text) or _HOUSED.search(text):
        return True
    for match in _WORD.finditer(text):
        word = match.group()
        if word[0].isupper() and word != "I":
            before = text[max(match.start() - 4, 0) : match.start()].rstrip(" \"'“‘(*>-")
            opens = not before or before.endswith((".", "!", "?", ":", "\n"))
            if not opens or (is_name(word) and fold(word) not in _everyday()):
                return True
        elif fold(word) in _common_names() and fold(word) not in _everyday():
            return True
    return False


@lru_cache(maxsize=1)
def _common_names() -> frozenset[str]:
    return frozenset(names("common_given_names.txt"))


@lru_cache(maxsize=1)
def _everyday() -> frozenset[str]:
    files = ("everyday_words.txt", "ambiguous_names.txt", "common_words.txt")
    return frozenset(word for file in files for word in names(file))


def _seen(text: str, tagged: Tagged) -> Seen:
    coded = standards(text)
    persons = [
        span
        for run in _runs(text, tagged, PERSON, apart=_PERSON_ENDS)
        if (rows := _without_ends(text, tagged, run))
        and _is_person(text, tagged, rows)
        and (span := _trimmed(text, _span(tagged, rows)))
        and not _touches(span, coded)
    ]
    addresses = [
        _whole_address(text, *_span(tagged, run))
        for run in _runs(text, tagged, ADDRESS, apart=_PARAGRAPH)
        if _is_address(text, tagged, run) and not _touches(_span(tagged, run), coded)
    ]
    return Seen(tuple(persons), tuple(addresses))


def _touches(span: Span, others: Sequence[Span]) -> bool:
    return any(start < span[1] and span[0] < end for start, end in others)


def _whole_address(text: str, start: int, end: int) -> Span:
    """The address with the kind of its street and the rest of its postcode, where the tagger stopped short of them."""
    for more in (_STREET_ON, _CODE_ON):
        if (rest := more.match(text, end)) and (more is _STREET_ON or _CODE_BEGUN.search(text[start:end])):
            end = rest.end()
    return start, end


def _is_address(text: str, tagged: Tagged, run: list[int]) -> bool:
    """Whether an address has a number, or is sure and says that it is one; a number alone must be sure and long."""
    address = text[slice(*_span(tagged, run))]
    sure = bool(tagged.likely[run, ADDRESS].min() > SURE)
    if not any(char.isalpha() for char in address):
        return sure and len(address) > 3
    if not _LONG_WORD.search(address) and not _POSTED.search(address):
        return False  # "R16 91V" is a tyre, "M4" a road or a screw.
    return any(char.isdigit() for char in address) or (sure and _STREET.search(address) is not None)


def _without_ends(text: str, tagged: Tagged, run: list[int]) -> list[int]:
    """The run without words at its ends that are no names: "F. Also" names F."""
    rows = list(run)
    named = any(text[tagged.words.spans[row][0]].isupper() for row in run)
    for end in (0, -1):
        while rows and _no_name(text[slice(*tagged.words.spans[rows[end]])], capitals=named):
            rows.pop(end)
    return rows


def _no_name(word: str, *, capitals: bool) -> bool:
    """Whether `word` ends no name; where others have `capitals`, one in small letters must be a known one."""
    if not word[0].isalpha() or (capitals and word.islower() and not is_name(word)):
        return True
    return word.lower() in _common_words() and not (word[0].isupper() and word.lower() in _common_names())


@lru_cache(maxsize=1)
def _common_words() -> frozenset[str]:
    return frozenset(names("common_words.txt"))


def _runs(text: str, tagged: Tagged, label: int, *, apart: re.Pattern[str]) -> Iterator[list[int]]:
    """Rows of words that follow one another and are each likely to bear `label`; `apart` ends a run between words."""
    run: list[int] = []
    spans = tagged.words.spans
    for row, likely in enumerate(tagged.likely[:, label]):
        belongs = likely >= LIMIT and text[slice(*spans[row])] not in _BETWEEN
        if run and (not belongs or _ended(text, spans[run[-1]][0], spans[row][0], apart)):
            yield run
            run = []
        if belongs:
            run.append(row)
    if run:
        yield run


def _ended(text: str, last: int, following: int, apart: re.Pattern[str]) -> bool:
    """Whether `apart` stands between the words at `last` and `following`; an end before both is none between them."""
    return any(end.end() > last for end in apart.finditer(text, max(last - 3, 0), following))


def _is_person(text: str, tagged: Tagged, run: list[int]) -> bool:
    """Whether the capitalised words that `run` is part of are rather a person than a firm, a place or an address."""
    words = [text[slice(*tagged.words.spans[row])] for row in run]
    start, end = _span(tagged, run)
    if words[0].islower() and _HYPHEN_BEFORE.search(text, max(start - 3, 0), start):
        return False
    titled = _TITLE_BEFORE.search(text, max(start - 8, 0), start) is not None
    if not titled and names_nobody(words, text, start, end, shouted=text.isupper()):
        return False
    if not titled and all(word.islower() for word in words):
        # In talk written down in small letters a name must be a known one, or look like nothing else.
        known = any(is_name(word) and fold(word) not in _everyday() for word in words)
        if not known and tagged.likely[run, PERSON].mean() < CERTAIN:
            return False
    if (
        len(run) == 1
        and (is_place(words[0]) or words[0] in _MONTHS)
        and _PLACED.search(text, max(start - 16, 0), start)
    ):
        return False
    first, last = run[0], run[-1]
    while first > 0 and _joined(text, tagged, first - 1):
        first -= 1
    while last + 1 < len(tagged.words.spans) and _joined(text, tagged, last):
        last += 1
    if _NO_PERSON.match(text, end):
        return False
    likely = tagged.likely[first : last + 1, 1:].sum(axis=0)
    return bool(likely.argmax() == PERSON - 1)


def _joined(text: str, tagged: Tagged, row: int) -> bool:
    """Whether the words at `row` and after it look like one name: both capitalised, a blank or hyphen between."""
    (start, end), (following, _) = tagged.words.spans[row : row + 2]
    named = bool((tagged.likely[row : row + 2, 0] < LIMIT).all())
    return text[start].isupper() and text[following].isupper() and text[end:following] in (" ", "-", "") and named


def _span(tagged: Tagged, run: list[int]) -> Span:
    return tagged.words.spans[run[0]][0], tagged.words.spans[run[-1]][1]


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
