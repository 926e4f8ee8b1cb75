"""The names in a text: people, places, products, organisations, model numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.guards.grounding.words import STOP_WORDS, stem_of

_TOKEN = re.compile(r"[^\W_](?:[\w&'’.-]*[^\W_])?")
_START = re.compile(r"(?:^\W*|[.!?:;\n]\s+|[\"“(‘*_]\s*)$")
_TITLES = frozenset(
    [
        "dr",
        "mr",
        "mrs",
        "ms",
        "miss",
        "mx",
        "prof",
        "professor",
        "sir",
        "doctor",
        "lady",
        "lord",
        "patient",
        "i",
        "i'm",
        "i've",
        "i'd",
        "i'll",
    ]
)
MONTHS = frozenset(
    [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
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
_SAID = frozenset({"no", "not", "none", "yes", "yeah", "yep", "nope", "well", "oh", "ok", "okay", "hi", "hello", "hey"})
"""What a sentence may begin with, and no name."""
_NATIONS = """britain british uk|finland finnish finn|france french|germany german|spain spanish spaniard|greece greek
sweden swedish swede|denmark danish dane|norway norwegian|poland polish pole|turkey turkish turk|portugal portuguese
ireland irish|netherlands dutch holland|switzerland swiss|wales welsh|scotland scottish scot|england english
china chinese|thailand thai|philippines filipino|us usa america american"""
_NATION = {
    word: forms
    for forms in (frozenset(line.split()) for line in _NATIONS.replace("\n", "|").split("|"))
    for word in forms
}
"""By a word for a nation, all of them: what is Finnish is of Finland."""
_HEADLINE_SHARE = 0.65  # Above this share of capitalised words, capitals are style and tell nothing.


def names_of(text: str) -> tuple[str, ...]:
    """Words of `text` that are written as names, each once, in order; a plain first word does not count."""
    tokens = [(match.group(), match.start()) for match in _TOKEN.finditer(text)]
    words = [token for token, _ in tokens if token.isalpha()]
    if len(words) > 3 and sum(word[0].isupper() for word in words) > _HEADLINE_SHARE * len(words):
        return tuple(dict.fromkeys(token for token, _ in tokens if _is_code(token)))
    found: dict[str, None] = {}
    for place, (token, start) in enumerate(tokens):
        following, after = tokens[place + 1] if place + 1 < len(tokens) else ("", len(text))
        if ":" in text[start + len(token) : after]:
            following = ""  # "Medication: Digoxin" is not one name.
        titled = place > 0 and tokens[place - 1][0].lower().rstrip(".") in _TITLES
        inside = titled or not _START.search(text[max(0, start - 3) : start]) or _starts_name(token, following)
        if _is_code(token) or (_is_capital(token) and inside):
            found[token] = None
    return tuple(found)


def missing_names(names: Sequence[str], evidence: str) -> tuple[str, ...]:
    """Those of `names` that `evidence` never mentions, not even as an adjective or by its initials."""
    if not names:
        return ()
    tokens = _TOKEN.findall(evidence)
    known = {form for token in tokens for form in _forms(token)}
    initials = _initials(tokens)
    return tuple(
        name
        for name in names
        if not (_forms(name) & known or name.upper().replace(".", "") in initials or _same_root(name, tokens))
    )


def without_maker(names: Sequence[str], claim: str, evidence: str) -> tuple[str, ...]:
    """`names` without those that only stand before a product which `evidence` calls by its short name.

    "The Wrenlow Sill" is "the Sill"; for people ("Nadia Osei", "Osei") the article is missing, so both names count.
    """
    return tuple(name for name in names if not _short_name_shown(name, claim, evidence))


def _short_name_shown(name: str, claim: str, evidence: str) -> bool:
    following = re.search(rf"\b[Tt]he\s+{re.escape(name)}\s+([A-Z]\w+)", claim)
    return following is not None and bool(re.search(rf"\b[Tt]he\s+{re.escape(following[1])}\b", evidence))


def _is_capital(token: str) -> bool:
    lower = token.lower()
    return (
        token[0].isupper()
        and lower not in STOP_WORDS
        and lower.rstrip(".") not in _TITLES
        and lower not in MONTHS
        and lower not in _SAID
    )


def _is_code(token: str) -> bool:
    """Acronyms and model numbers: NHS, B12, MX-200; never a plain measure such as 5mg or 40."""
    letters = sum(char.isupper() for char in token)
    return (letters >= 1 and any(char.isdigit() for char in token)) or (
        letters >= 2 and token.isupper() and token not in {"OK", "AM", "PM", "NO", "NOT"}
    )


def _starts_name(token: str, following: str) -> bool:
    return (
        bool(following)
        and following[0].isupper()
        and following.isalpha()
        and following.lower() not in STOP_WORDS | _TITLES
        and token.isalpha()
    )


def _forms(token: str) -> set[str]:
    lower = token.lower().replace("’", "'").removesuffix("'s").rstrip(".")
    return {lower, stem_of(lower), lower.replace("-", "").replace(".", "")} | {
        part for part in lower.split("-") if len(part) > 2
    }


def _initials(tokens: Sequence[str]) -> set[str]:
    capitals = [
        token[0] if token[0].isupper() else " " for token in tokens if token.lower() not in {"of", "the", "and", "for"}
    ]
    run = "".join(capitals)
    return {run[i : i + n] for n in (2, 3, 4, 5) for i in range(len(run) - n + 1) if " " not in run[i : i + n]} | {
        token.upper() for token in tokens if token.isupper()
    }


def _same_root(name: str, tokens: Sequence[str]) -> bool:
    """Italy and Italian, Finland and Finnish: one nation, or a long common beginning, both written as names."""
    lower = name.lower()
    if nation := _NATION.get(lower.replace(".", "")):
        return any(token.lower().replace(".", "").removesuffix("'s") in nation for token in tokens)
    return len(lower) >= 4 and any(
        token[0].isupper() and _begin_alike(lower, token.lower()) and abs(len(token) - len(name)) <= 3
        for token in tokens
    )


def _begin_alike(one: str, other: str) -> bool:
    shared = max(4, min(len(one), len(other)) - 2)
    return one[:shared] == other[:shared]
