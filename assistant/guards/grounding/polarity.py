"""Where one text denies what another asserts: negations and opposites."""

# ruff: noqa: E501 — a pattern or a row of a table reads better on one line

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from assistant.guards.grounding.numbers import with_digits
from assistant.guards.grounding.words import NEGATIONS, Words, stem_of

_OPPOSITES = """increase decrease|increase reduce|rise fall|raise lower|before after|open closed|include exclude|allow forbid|allow prohibit|allowed banned
accept reject|accept refuse|accept decline|left right|minimum maximum|always never|high low|higher lower|hot cold|warm cold|start stop|begin end|above below|first last|day night
male female|man woman|boy girl|positive negative|indoor outdoor|morning evening|upper lower|wet dry|heavy light|large small|big small|long short|improve worsen|better worse
easy difficult|easy hard|cheap expensive|fast slow|win lose|won lost|buy sell|approve deny|approve reject|refundable non-refundable|normal abnormal|acute chronic|mild severe|single double
mother father|brother sister|son daughter|husband wife|satisfied dissatisfied|happy unhappy|praise complain|like dislike|agree disagree|legal illegal|possible impossible|safe unsafe|safe dangerous
free charge|optional required|optional mandatory|public private|early late|old new|full empty|strong weak|more less|most least|inside outside|push pull|import export|stable unstable
present absent|same different|keep delete|keep destroy|keep erase|internal external|dark bright|hard soft|inpatient outpatient|systolic diastolic|summer winter|north south|east west"""


def _table() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for pair in _OPPOSITES.replace("\n", "|").split("|"):
        one, other = (stem_of(word) for word in pair.split())
        found.setdefault(one, set()).add(other)
        found.setdefault(other, set()).add(one)
    return {stem: frozenset(opposites) for stem, opposites in found.items()}


OPPOSITES = _table()
"""By stem, the stems that say the opposite or exclude it."""
_PREFIXES = ("un", "non-", "non", "in", "dis", "im", "ir")
_DENYING_WORD = re.compile(
    r"""\b(?:un(?!less|der|til|it|i[oq]|iver|cle)[a-z]{4,}|non-?[a-z]{4,}|dis(?:agree|satisf|approv|allow|connect|continu|abl)[a-z]*
    |(?:in|im|ir)[a-z]{2,}(?:able|ible|valid|correct|complete|active|regular|proper|perfect|adequate|sufficient|eligible|accurate))\b""",
    re.IGNORECASE | re.VERBOSE,
)
_PREFIX = re.compile(r"^(?:un|non-?|dis|in|im|ir)", re.I)
_BEFORE_FIGURE = re.compile(
    r"""\b(?:(?P<until>within|inside|before|until|up\s+to|under|less\s+than|at\s+most|(?:no|not)\s+(?:later|more)\s+than)
    |(?P<since>(?<!not\s)(?<!no\s)(?:later|more)\s+than|after|from|over|beyond|past|since|at\s+least|no\s+(?:less|sooner)\s+than))
    \s+(?:the\s+(?:first\s+)?|about\s+|around\s+|an?\s+)?[€£$]?(?P<number>\d+(?:[.,:]\d+)*)""",
    re.IGNORECASE | re.VERBOSE,
)
_DENIES = re.compile(r"\b(?:not|no|never|cannot|without|\w+n['’]t|ends?|expires?|lapses?|too\s+late)\b", re.I)

_SUBJECTS = frozenset({"patient", "custom", "report"})
"""Stems that only say of whom a denial speaks."""
_OF_NO_WEIGHT = frozenset(
    {"history", "known", "know", "prior", "previous", "past", "current", "sign", "symptom", "complaint", "ever"}
)
"""Stems that change nothing of what is denied: "no known allergies", "no history of surgery"."""


def negation_clash(claim: Words, shown: Words) -> bool:
    """Whether what `claim` asserts stands negated in `shown`, or the other way round.

    Decided on the words they share: at least half of the words one of them negates must stand affirmed in the other.
    """
    shared = frozenset(claim.stems) & frozenset(shown.stems)
    if not shared or (claim.exclusive and shown.exclusive):
        return False
    if claim.negated and shown.contrasted & shared:
        return False
    return _denied(claim, shown, shared) or _denied(shown, claim, shared) or _prefixed(claim, shown)


def denial_of(claim: Words) -> frozenset[str]:
    """The stems that `claim` denies and nowhere asserts."""
    return claim.negated - claim.affirmed


def denied_alike(claim: Words, shown: Sequence[Words]) -> bool:
    """Whether `claim` does nothing but deny, and one of `shown` denies all that it denies: "No fever or chills."."""
    if not claim.negated or claim.affirmed - _SUBJECTS or claim.exclusive:
        return False
    denied = claim.negated - _SUBJECTS - _OF_NO_WEIGHT
    return bool(denied) and any(denied <= words.negated and not denied & words.affirmed for words in shown)


def opposite_clash(claim: Words, shown: Words) -> bool:
    """Whether `claim` uses a word whose opposite stands in `shown` while the word itself does not."""
    there, here = frozenset(shown.stems), frozenset(claim.stems)
    for stem in here - there:
        for other in OPPOSITES.get(stem, frozenset()) & there - here:
            if (stem in claim.negated) == (other in shown.negated):
                return True
    return False


def opposites_of(stems: frozenset[str]) -> frozenset[str]:
    """The stems that say the opposite of one of `stems`."""
    return frozenset(other for stem in stems for other in OPPOSITES.get(stem, frozenset()))


def unshown_side(claim: str, evidence: Sequence[str]) -> bool:
    """Whether `claim` puts something after a figure that `evidence` only ever puts it within, or the other way round."""
    shown = [(bool(_DENIES.search(text)), _sides(text)) for text in evidence]
    denies = bool(_DENIES.search(claim))
    for number, sides in _sides(claim).items():
        given = [(denied, found[number]) for denied, found in shown if number in found]
        if given and all(denied == denies and not sides & found for denied, found in given):
            return True
    return False


def unshown_without_prefix(claim: str, words: Words, evidence: Sequence[str], shown: Sequence[Words]) -> bool:
    """Whether `claim` says "used" where `evidence` says "unused" and never "used", or the other way round."""
    mine, theirs = _tokens([claim]), _tokens(evidence)
    for here, there, claims in ((mine, theirs, False), (theirs, mine, True)):
        for word in there:
            root = _PREFIX.sub("", word) if _DENYING_WORD.fullmatch(word) else ""
            if len(root) < 4 or root not in here or root in there or word in here or root in NEGATIONS:
                continue
            stem = stem_of(root)
            denied = any(stem in each.negated for each in shown) if claims else stem in words.negated
            if not denied and stem_of(word) not in words.negated:
                return True
    return False


def _tokens(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(word for text in texts for word in re.findall(r"[a-z]+(?:-[a-z]+)*", text.lower()))


def _sides(text: str) -> dict[str, frozenset[str]]:
    """By number, the sides of it that `text` names: "until" and "since"."""
    found: dict[str, set[str]] = {}
    for match in _BEFORE_FIGURE.finditer(with_digits(text)):
        found.setdefault(match["number"], set()).add("until" if match["until"] else "since")
    return {number: frozenset(sides) for number, sides in found.items()}


def _denied(one: Words, other: Words, shared: frozenset[str]) -> bool:
    negated = denial_of(one) & shared
    if not negated:
        return False
    if one.first_negated and one.first_negated == other.first_negated:
        return False  # Both deny the same; of what they deny it may stand before the denial or behind it.
    if other.negated:  # The other may name first what one denies in a list, and deny it in other words.
        negated -= one.listed - other.negated
    asserted = {stem for stem in negated if stem in other.affirmed and stem not in other.negated}
    if negated & other.negated:
        # "Dogs are not allowed on the beach": the first word of such a denial stands before it.
        return len(asserted) * 2 > len(negated)
    return len(asserted) * 2 >= len(negated) > 0


def _prefixed(claim: Words, shown: Words) -> bool:
    """ "Unopened" against "opened": the prefix negates."""
    mine, theirs = frozenset(claim.stems), frozenset(shown.stems)
    for one, other, words in ((mine, theirs, claim), (theirs, mine, shown)):
        for stem in one - other:
            root = next((stem.removeprefix(prefix) for prefix in _PREFIXES if stem.startswith(prefix)), "")
            if len(root) > 3 and root in other and root not in one and stem not in words.negated:
                return True
    return False
