"""Sentences of public sets with other names put in: real contexts for the name tagger, without their people."""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from random import Random

from assistant.guards.people.compose import (
    Label,
    Labelled,
    family_name,
    fillers,
    full_name,
    given_name,
    place_name,
    recased,
)
from assistant.guards.people.words import TITLES, fold, is_place, names

SETS = ("nli_mnli_dev", "nli_newprot_base_train", "nli_newprot_edit_premise_train", "mams_acsa_train")
"""MultiNLI, entailment of Wikipedia and MAMS: news, talk, fiction, encyclopaedia and reviews."""
LONGEST = 240  # Characters of a sentence; the longer ones are mostly lists and lists of titles.
KNOWN_WORD = 2  # How often a word must stand in small letters for its capital to be that of a sentence's opening.
_PLAIN = 0.06  # Share of the sentences that name no person and no place that is used.
_TIMES = 2  # How often a sentence about somebody is used, each time about somebody else.
_TEXT = ("context", "claim", "text")
_TOKEN = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]{2,})*")
_CHAIN = re.compile(r"[A-Z][^\W\d_]*(?:['’-][A-Z][^\W\d_]+)*(?: (?:[A-Z]\.|[A-Z][^\W\d_]+(?:-[A-Z][^\W\d_]+)*))*")
_SENTENCE = re.compile(r"(?<=[^.A-Z][.!?]) +(?=[A-Z\"“])")


@dataclass(frozen=True, slots=True)
class _Part:
    """A run of capitalised words and what it is."""

    start: int
    end: int
    label: Label | None
    """None where its capitals mean nothing."""


def borrow(folder: Path, random: Random) -> list[Labelled]:
    """The sentences in `folder` of which every capital is understood, with other people and places in them."""
    sentences = _sentences(folder)
    common = Counter(match.group() for text in sentences for match in _TOKEN.finditer(text) if match.group().islower())
    words = frozenset(word for word, count in common.items() if count >= KNOWN_WORD)
    borrowed = []
    for text in sentences:
        parts = _parts(text, words)
        if parts or (parts is not None and random.random() < _PLAIN):
            times = _TIMES if any(part.label == "person" for part in parts) else 1
            borrowed += [recased(_filled(text, parts, random), random) for _ in range(times)]
    return borrowed


def other_people(text: str, words: frozenset[str], random: Random) -> Labelled | None:
    """`text` about other people and places; None if one of its capitals is not understood.

    `words` are those that mean nothing when a sentence opens with them.
    """
    parts = _parts(text, words)
    return None if parts is None else _filled(text, parts, random)


def _sentences(folder: Path) -> list[str]:
    found: dict[str, None] = {}
    for name in SETS:
        with gzip.open(folder / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                texts = [row[field] for field in _TEXT if isinstance(row.get(field), str)]
                found |= dict.fromkeys(each for text in texts for each in _SENTENCE.split(text.strip()))
    return [text for text in found if 12 < len(text) <= LONGEST]


def _parts(text: str, words: frozenset[str]) -> list[_Part] | None:
    """What each run of capitals in `text` is, or None where one of them is not understood."""
    parts: list[_Part] = []
    families: set[str] = set()
    for match in _CHAIN.finditer(text):
        if match.start() and (text[match.start() - 1].isalnum() or text[match.start() - 1] in "-'’"):
            return None
        understood = _understood(match, words, families)
        if understood is None:
            return None
        parts += [part for part in understood if part.label]
    return parts


def _understood(match: re.Match[str], words: frozenset[str], families: set[str]) -> list[_Part] | None:
    """The parts of a run of capitalised words; `families` are those already named, and grows."""
    tokens = [(each.start() + match.start(), each.group()) for each in re.finditer(r"\S+", match.group())]
    if tokens[0][1].lower() in words | {"i"} and _opens(match) and not _is_given(tokens[0][1]):
        tokens.pop(0)
    titled = bool(tokens) and fold(tokens[0][1]) in TITLES
    if titled:
        tokens.pop(0)
    if not tokens or all(fold(token) in _PLAIN_CAPITALS or token in fillers()["nationality"] for _, token in tokens):
        return [_Part(match.start(), match.end(), None)]
    start, end = tokens[0][0], match.end()
    if " ".join(token for _, token in tokens) in fillers()["place"]:
        return [_Part(start, end, "place")]
    given = _is_given(tokens[0][1])
    families_only = all(token in families for _, token in tokens)
    last_known = tokens[-1][1].lower() not in words and not is_place(tokens[-1][1]) and len(tokens[-1][1]) > 2
    named = families_only or (given and len(tokens) == 1) or ((given or titled) and len(tokens) < 4 and last_known)
    if not named or any(fold(token) in _FIRM_WORDS for _, token in tokens):
        return None
    families |= {token for _, token in tokens if len(token) > 2}
    return [_Part(start, end, "person")]


def _opens(match: re.Match[str]) -> bool:
    before = match.string[: match.start()].rstrip(" \"'“‘`([-")
    return not before or before[-1] in ".!?:;"


def _is_given(token: str) -> bool:
    return fold(token) in _given_names()


@lru_cache(maxsize=1)
def _given_names() -> frozenset[str]:
    doubtful = ("everyday_words.txt", "ambiguous_names.txt", "common_words.txt")
    return frozenset(names("common_given_names.txt")) - {word for file in doubtful for word in names(file)}


def _filled(text: str, parts: Sequence[_Part], random: Random) -> Labelled:
    """`text` with another person for each person and another place for each place, the same for the same."""
    chosen: dict[str, str] = {}
    made, spans, position = "", [], 0
    for part in parts:
        assert part.label
        value = text[part.start : part.end]
        made += text[position : part.start]
        position = part.end
        put = chosen.setdefault(value, _other(value, part.label, random))
        spans.append((len(made), len(made) + len(put), part.label))
        made += put
    return Labelled(made + text[position:], tuple(spans))


def _other(value: str, label: Label, random: Random) -> str:
    if label == "place":
        return place_name(random)
    if " " in value:
        return full_name(random)
    return given_name(random) if random.random() < 0.6 else family_name(random)


_FIRM_WORDS = frozenset((
    "street", "road", "avenue", "inc", "ltd", "corp", "company", "bank", "university", "college", "school",
    "hospital", "park", "house", "hotel", "church", "museum", "county", "river", "lake", "mount", "island",
    "station", "club", "act", "award", "prize", "cup", "league", "institute", "foundation", "group", "brothers",
    "sons", "co",
))  # fmt: skip
_PLAIN_CAPITALS = frozenset((
    "i", "i'm", "january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
    "november", "december", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
    "christmas", "easter", "tv", "ok", "dvd", "pm", "am", "us", "usa", "uk", "eu", "bbc", "cnn", "ceo", "english",
    "french", "german", "spanish", "italian", "american", "british", "european", "internet", "god", "mr", "mrs",
    "yes", "no", "oh", "ad", "bc", "democrats", "republicans", "republican", "democratic", "congress", "senate",
    "catholic", "jewish", "muslim", "nazi", "roman", "greek", "western", "asian", "african", "latin", "arab",
))  # fmt: skip
