"""People's names in a text, by title, by introduction, by label, or by a common first name before a surname."""

# ruff: noqa: E501 — a pattern or a row of a table reads better on one line

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib.resources import files

from assistant.guards.people.nobody import is_eponym
from assistant.guards.people.words import TITLES, fold, is_name

Span = tuple[int, int]

_PART = r"(?:[A-Z][^\W\d_]*(?:['’-][^\W\d_]+)*)"
_PARTICLE = r"(?:de|di|da|del|della|van|von|der|den|la|le|bin|al|el|O['’]|Mc|Mac|D['’])"
_NAME = rf"{_PART}(?:[ \t]+(?:[A-Z]\.[ \t]*)?(?:{_PARTICLE}[ \t]+){{0,2}}{_PART}){{0,3}}"
_TITLED = re.compile(
    rf"\b(?:Dr|Mr|Mrs|Ms|Miss|Mx|Prof|Professor|Doctor|Sir|Dame|Rev|Nurse|Sister|Signora?|Sig\.?r?a?|Dott\.?(?:ssa)?|Herr|Frau|Mme|Monsieur|Madame|Señora?|Sra?|DR|MR|MRS|MS|MISS|PROF|NURSE)\b\.?\s+(?:[A-Z]\.\s*)*(?P<name>{_NAME})"
)
_INTRODUCED = re.compile(
    rf"(?i:\b(?:my|his|her|their|the\s+patient['’]s|the\s+customer['’]s)\s+(?:full\s+|first\s+|last\s+)?(?:name|surname)\s+(?:is|was)|\b(?:mi\s+chiamo|call\s+me|i\s+am\s+called|(?:he|she)\s+is\s+called|named|this\s+is)(?=\s+[A-Z]))\s+(?P<name>{_NAME})"
)
_INTRODUCED_LOWER = re.compile(
    r"\b(?:my\s+name\s+is|my\s+name['’]s|mi\s+chiamo)\s+(?P<name>[^\W\d_]+(?:\s+(?!and\b|but\b|i\b|from\b|is\b)[^\W\d_]+)?)",
    re.I,
)
_I_AM = re.compile(rf"\b(?:I['’]m|I\s+am|It['’]s)\s+(?P<name>{_NAME})")
_LABELLED = re.compile(
    rf"(?:^|[\n;|,.(]\s*|\*\*)(?i:patient(?:\s+name)?|name|full\s+name|customer|client|contact|reviewer|reviewed\s+by|author|signed(?:\s+by)?|prepared\s+by|next\s+of\s+kin|mother|father|wife|husband|doctor|physician|cc)(?:\*\*)?\s*:(?:\*\*)?\s*(?P<name>{_NAME})",
    re.MULTILINE,
)
_BARE_NAME = re.compile(r"(?:^|[\n;|,.(*]\s*)name\**\s*:\**\s*\Z", re.IGNORECASE)
_LABEL_REACH = 60  # Characters before a name in which its label stands.
_ABOUT_PEOPLE = re.compile(
    r"\b(?:born|birth|dob|patient|address|phone|tel|mobile|e-?mail|age|gender|sex|nhs|passport|surname|allerg\w+|employee)\b",
    re.IGNORECASE,
)
_SIGNED = re.compile(
    rf"(?i:(?:kind|best|warm|many)\s+(?:regards|wishes|thanks)|regards|yours\s+(?:sincerely|faithfully|truly)|sincerely|cheers|thanks|love)[,!.]?\s*\n+\s*(?P<name>{_NAME})\s*(?:\n|$)"
)
_FIRST_LAST = re.compile(
    rf"(?<![\w'’-])(?P<first>{_PART})[ \t]+(?P<rest>(?:[A-Z]\.[ \t]*)?(?:{_PARTICLE}[ \t]+){{0,2}}{_PART})"
)
_PARTS = re.compile(r"(?<![\w'’-])[A-Z][^\W\d_]{2,39}(?![\w-])")
_AFTER_TITLE = re.compile(r"\b(?:dr|mr|mrs|ms|miss|mx|prof|professor|doctor|nurse|sister|sir|dame|rev)\.?\s+\Z", re.I)
_TITLES = frozenset(fold(title) for title in TITLES)
_OWNER = re.compile(r"(?:['’]s?|\.)\Z")  # "Who's", "Ltd."
_MONTHS = frozenset(("April", "May", "June", "August"))
_DATED = re.compile(
    r"(?:\b(?:in|since|until|till|by|from|of|last|next|this|early|late|mid|and|or|to|during|before|after|through|on)|\d|st|nd|rd|th)[\s-]+\Z",
    re.I,
)
_YEAR = re.compile(r"\.?,?\s*\d")
_OWNS, _SPEAKS, _LINE = re.compile(r"['’]s\b"), re.compile(r"\s?:"), re.compile(r"(?:\A|\n)\W{0,3}\Z")
_INSIDE = re.compile(r"(?:[a-z]|[a-z],)\s\Z")
_LAST_FIRST = re.compile(rf"(?<![\w'’-])(?P<last>{_PART}),\s+(?P<first>{_PART})(?=\s*(?:[,;.)\n]|$|\d|[A-Z]\.))")


def persons(text: str) -> Iterator[Span]:
    """Where people are named; titles and labels stay outside the span."""
    about_people = _ABOUT_PEOPLE.search(text) is not None
    for pattern in (_TITLED, _INTRODUCED, _LABELLED, _SIGNED, _I_AM):
        for match in pattern.finditer(text):
            span = _trimmed(text, match.span("name"))
            if (
                span
                and (pattern is not _I_AM or _is_first_name(_first_word(text, span)))
                and (pattern is not _LABELLED or _like_a_person(text, span, about_people=about_people))
            ):
                yield span
    for match in _INTRODUCED_LOWER.finditer(text):
        if match["name"].split()[0].lower() not in _words("common_words.txt"):
            yield match.span("name")
    for match in _FIRST_LAST.finditer(text):
        span = _trimmed(text, match.span())
        if (
            _is_first_name(match["first"])
            and match["first"].lower() not in _words("ambiguous_names.txt")
            and span
            and " " in text[slice(*span)]
        ):
            yield span
    for match in _LAST_FIRST.finditer(text):
        if (
            _is_first_name(match["first"])
            and not _is_first_name(match["last"])
            and not {match["first"].lower(), match["last"].lower()}
            & (_words("common_words.txt") | _words("ambiguous_names.txt"))
        ):
            yield match.span()


def named_again(text: str, spans: Sequence[Span]) -> Iterator[Span]:
    """Where a part of a name that stands at `spans` stands again, alone: "Martha Lopez … Martha".

    A name that is a word too counts where only a name has a capital: "Mark: Will it scar?", "at April's".
    """
    words = _words("common_words.txt") | _words("ambiguous_names.txt")
    parts: set[str] = set()
    for start, end in spans:
        own = _PARTS.findall(text[start:end])
        if len(own) > 1 or _AFTER_TITLE.search(text, max(start - 12, 0), start) or any(map(_may_be_called, own)):
            parts.update(own)
    for match in _PARTS.finditer(text) if parts else ():
        word = match.group()
        if word in parts and (word.lower() not in words or _as_a_name(text, match)) and not _is_disease(text, match):
            yield match.span()


def _may_be_called(word: str) -> bool:
    return _is_first_name(word) or (is_name(word) and word.lower() in _words("ambiguous_names.txt"))


def _is_disease(text: str, word: re.Match[str]) -> bool:
    titled = _AFTER_TITLE.search(text, max(word.start() - 12, 0), word.start()) is not None
    return not titled and is_eponym(word.group(), text, word.end())


def _as_a_name(text: str, word: re.Match[str]) -> bool:
    """Whether a capital there is that of a name: inside a sentence, before who speaks, or as an owner; no date."""
    before, after = text[max(word.start() - 12, 0) : word.start()], text[word.end() : word.end() + 6]
    if word.group() in _MONTHS and (_DATED.search(before) or _YEAR.match(after)):
        return False
    return bool(_OWNS.match(after) or _INSIDE.search(before) or (_SPEAKS.match(after) and _LINE.search(before)))


def _trimmed(text: str, span: Span) -> Span | None:
    """The span without words at its end that are no name: "Anna Rossi Practice" names a practice, "Mr Smith The" a man."""
    words = list(re.finditer(r"\S+", text[slice(*span)]))
    while words and fold(words[0].group().rstrip(".")) in _TITLES:
        words.pop(0)  # "This is Dr. Moore" introduces Moore.
    kept = 0
    while kept < len(words) and _OWNER.sub("", words[kept].group().lower()) not in _words("common_words.txt"):
        kept += 1
    return (span[0] + words[0].start(), span[0] + words[kept - 1].end()) if kept else None


def _first_word(text: str, span: Span) -> str:
    return text[slice(*span)].split()[0]


def _like_a_person(text: str, span: Span, *, about_people: bool) -> bool:
    words = text[slice(*span)].split()
    if _is_first_name(words[0]):
        return True
    # "Name: Wrenlow Fell" heads a list of product facts as often as a form about a person.
    bare = _BARE_NAME.search(text, max(span[0] - _LABEL_REACH, 0), span[0]) is not None
    return len(words) >= 2 and (not bare or about_people)


def _is_first_name(word: str) -> bool:
    return word.lower().split("-")[0] in _words("common_given_names.txt") or word.lower() in _words(
        "common_given_names.txt"
    )


@lru_cache(maxsize=4)
def _words(file: str) -> frozenset[str]:
    lines = files(__package__).joinpath(file).read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())
