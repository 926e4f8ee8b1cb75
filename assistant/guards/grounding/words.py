"""The content words of a text, reduced to stems, with what negates them."""

# ruff: noqa: E501 — a pattern or a row of a table reads better on one line

from __future__ import annotations

import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from assistant.guards.grounding.numbers import with_digits

_STOPPED = """a an the this that these those it its it's he she they we you i me him her us them my your his our their who whom whose which what there here is are
was were be been being am do does did done have has had having will would shall should can could may might must of in on at by for from to with into
onto about as and or nor but if then than so such also too very just up out over under again once per via both each any some when where while during
after before because since until through between within more most able s t re ve ll d m"""
STOP_WORDS = frozenset(_STOPPED.split())
_NEGATING = """not no never without none neither nor nothing nobody cannot unable denies denied deny denying lacks lack lacking excluding excludes free-of"""
NEGATIONS = frozenset(_NEGATING.split())
_NOT_NEGATING = re.compile(
    r"\b(?:not\s+only|not\s+just|no\s+(?:later|more|less|fewer|longer)\s+than|not\s+limited\s+to|whether\s+or\s+not|yes\s?(?:/|or)\s?no|no\s+matter|no\s+doubt|not\s+(?:more|less|later)\s+than)\b",
    re.I,
)
_TOKEN = re.compile(r"\w{1,40}n['’]t\b|[^\W\d_]+(?:['’][a-z]+)?(?:-[^\W\d_]+)*|\d+(?:[.,:/]\d+)*|[.;:!?,()]")
_ENDING = """. ; : ! ? ( ) but except however although though unless because due while then which who whose reports complains"""
_SCOPE_ENDS = frozenset(_ENDING.split())
_GOES_ON = frozenset({"has", "have", "had", "is", "are", "was", "were", "can", "will", "should", "must"})
"""After "and" they begin something that a negation before it does not reach: "eats no meat and has heavy periods"."""
_LISTING = frozenset({"no", "denies", "denied", "deny", "denying", "without", "neither", "none"})
_ANSWERED_NO = re.compile(
    r"""[:?]\s*+(?:[A-Z][\w.'-]{0,20}(?:\ [\w.'-]{1,20})?:\s*+)?(?:(?:uh|um|well|oh)\b[,.]?\s*+)?
    (?:no\b(?!\s+\w)|nope\b|nah\b|never\b(?!\s+\w)|none\b|nothing\b(?!\s+\w)|denie[sd]\b|negative\b
    |not\s+(?:present|reported|that\s+i|at\s+all|really|now|anymore)\b|nil\b|i\s+(?:don|have|do|did|am|haven|didn)(?:['’]t|\s+not)(?=\s*+[.,!]|$))""",
    re.IGNORECASE | re.VERBOSE,
)
"""An answer that denies what was asked before it: "Any fever: no.", "Do you have any fever? Patient: No, not that I know." """
_DENIED = re.compile(
    r"\b(?:is|are|was|were|has\s+been|have\s+been)\s+(?:both\s+|all\s+)?(?:denied|absent|ruled\s+out)\b", re.IGNORECASE
)
"""What denies the words before it: "Fever and chills were denied." """
_TOPIC_BEGINS = re.compile(r"[.!:;\n]")
_TOPIC_REACH = 200
_LIKE_NO = re.compile(
    r"""\bnegative\s+for\b|\b(?:instead|in\s+place)\s+of\b|\brather\s+than\b
    |(?<=\bkeep\s)(?=(?:[\w-]+\s+){1,4}(?:out\s+of|away\s+from)\b)""",
    re.IGNORECASE | re.VERBOSE,
)
"""What denies without a word that does."""
_FORBIDDEN = re.compile(
    r"\b(is|are|was|were|be|been)\s+(?:strictly\s+)?(?:forbidden|prohibited|banned)\b", re.IGNORECASE
)
_ITEM_WORD = r"(?!(?:is|are|was|were|has|have|had|can|will|must|should|may|does?|did|but|it|we|you|they|he|she|i)\b)[^\W\d_][\w'’-]*"
_ITEM = rf"(?:{_ITEM_WORD}\s+){{0,5}}?{_ITEM_WORD}"
_DENIED_LIST = re.compile(
    rf"""\bfollowing\b[^.:;!?]*\b(?:not|cannot|never|no|\w+n['’]t)\b[^.;!?]*:\s*[^.;!?]+
    |\b(?:not|cannot|\w+n['’]t)\s+(?:be\s+)?\w+\s+(?:to|in|for|on|with|at|by)\s+{_ITEM}(?:,\s+{_ITEM})*,?\s+(?:and|or)\s+{_ITEM}(?=\s*(?:[.;!?]|$))""",
    re.IGNORECASE | re.VERBOSE,
)
"""Lists of which every item is denied: "not available to the Highlands, the islands and Wales", "the following cannot …: …"."""
_UNDER = re.compile(r":\s{1,3}[-*•]\s[^\n]+")
"""Items of a list, with the end of what leads up to it: "You must never carry: - gas bottles"."""
_LEAD_BEGINS = re.compile(r"[.:;!?\n]")
_LEAD_REACH = 200
_DENYING_LEAD = re.compile(r"\b(?:not|cannot|never|no|nothing)\b|n['’]t\b", re.I)
_CONTRAST = re.compile(r"(?:,|\bbut)\s+not\s+([^.;:,!?]+)", re.I)
_EXCLUSIVE = re.compile(r"\b(?:only|unless|except|excluding|other\s+than|apart\s+from)\b", re.I)
_LEADING_ANSWER = re.compile(r"^\W*(?:no|yes)\b\s*[,.;:–-]\s+(?=\w)", re.I)
_SCOPE_WORDS = 9
_Denial = Literal["", "first", "behind", "listed"]


@dataclass(frozen=True, slots=True)
class Words:
    """The content words of one text."""

    stems: tuple[str, ...]
    """Stems in order, stop words left out."""
    negated: frozenset[str]
    """Stems that stand in the scope of a negation."""
    affirmed: frozenset[str]
    """Stems that stand outside every negation at least once."""
    pairs: frozenset[tuple[str, str]]
    """Neighbouring stems."""
    contrasted: frozenset[str] = frozenset()
    """Stems set against others by ", not" or "but not"."""
    first_negated: frozenset[str] = frozenset()
    """Stems that stand right behind a negation: what is denied, whatever it is denied of."""
    listed: frozenset[str] = frozenset()
    """Stems of a list of which every item is denied the same: "the following cannot be returned: …"."""
    exclusive: bool = False
    """Whether the text rules out all but some cases: "only", "unless", "except"."""


def words_of(text: str) -> Words:
    """The stems of `text` without its figures, which of them are negated, and which stand next to each other."""
    negated: set[str] = set()
    affirmed: set[str] = set()
    first: set[str] = set()
    listed: set[str] = set()
    stems: list[str] = []
    for token, denial in _with_scope(with_digits(_answers_joined(_LEADING_ANSWER.sub("", text)))):
        stem = stem_of(token)
        stems.append(stem)
        (negated if denial else affirmed).add(stem)
        if denial == "first":
            first.add(stem)
        elif denial == "listed":
            listed.add(stem)
    pairs = frozenset(pairwise(stems))
    contrasted = frozenset(
        stem_of(token)
        for clause in _CONTRAST.findall(text)
        for token in _TOKEN.findall(clause.lower())
        if token[0].isalpha()
    )
    return Words(
        tuple(stems),
        frozenset(negated),
        frozenset(affirmed),
        pairs,
        contrasted,
        frozenset(first),
        frozenset(listed),
        exclusive=bool(_EXCLUSIVE.search(text)),
    )


@lru_cache(maxsize=32768)
def stem_of(word: str) -> str:
    """`word` without its commonest English endings, so that "returned", "returns" and "returning" meet."""
    word = word.lower().replace("’", "'").removesuffix("'s")
    word = _IRREGULAR.get(word, word)
    if len(word) <= 3 or not word.isalpha():
        return word
    # "Delivered" first loses "ed", and then "er" as "deliver" does.
    return _tidy(_without_ending(_tidy(_without_ending(word, _ENDINGS)), _ENDINGS_OF_THE_REST))


def _without_ending(word: str, endings: Sequence[tuple[str, str]]) -> str:
    for ending, instead in endings:
        if word.endswith(ending) and len(word) - len(ending) + len(instead) >= 3:
            return word[: len(word) - len(ending)] + instead
    return word


_IRREGULAR = {
    past: present
    for present, pasts in {
        "pay": "paid", "send": "sent", "buy": "bought", "keep": "kept", "give": "gave given", "take": "took taken", "write": "wrote written", "sell": "sold",
        "make": "made", "find": "found", "hold": "held", "tell": "told", "break": "broke broken", "wear": "wore worn", "begin": "began begun", "choose": "chose chosen",
        "bring": "brought", "fall": "fell fallen", "feel": "felt", "sleep": "slept", "speak": "spoke spoken", "drive": "drove driven", "eat": "ate eaten",
        "allergy": "allergic", "use": "used using", "die": "died dying", "see": "saw seen", "agree": "agreed", "travel": "travelled", "cancel": "cancelled", "allow": "permit permits permitted",
    }.items()
    for past in pasts.split()
}  # fmt: skip
_ENDINGS = (
    ("ational", "ate"), ("fulness", "ful"), ("iveness", "ive"), ("ization", "ize"), ("isation", "ize"), ("ication", "ify"), ("ements", "e"), ("ement", "e"),
    ("ations", "ate"), ("ation", "ate"), ("ments", ""), ("ment", ""), ("ingly", ""), ("iest", "y"), ("ier", "y"), ("ies", "y"), ("ied", "y"),
    ("ings", ""), ("ing", ""), ("edly", ""), ("ness", ""), ("sses", "ss"), ("ches", "ch"), ("shes", "sh"), ("xes", "x"), ("ised", "ize"), ("ise", "ize"),
    ("ed", ""), ("ily", "y"), ("ally", "al"), ("ly", ""), ("able", ""), ("ible", ""), ("ers", ""), ("er", ""), ("ors", ""), ("or", ""), ("ery", ""), ("es", ""), ("ss", "ss"), ("us", "us"), ("is", "is"), ("s", ""),
)  # fmt: skip
_ENDINGS_OF_THE_REST = (("er", ""), ("or", ""), ("ly", ""), ("e", ""))


def _tidy(stem: str) -> str:
    if len(stem) > 3 and stem[-1] == stem[-2] and stem[-1] not in "aeosl":
        stem = stem[:-1]
    return stem[:-1] if len(stem) > 3 and stem.endswith("e") else stem


def _answers_joined(text: str) -> str:
    """`text` with "Any fever: no.", "Fever? None." and "Fever was denied." put as "no fever"."""
    text = _FORBIDDEN.sub(r"\1 not allowed", _LIKE_NO.sub(" not ", text))
    for denying in (_ANSWERED_NO, _DENIED):
        parts, position = [], 0
        for match in denying.finditer(text):
            begin = max(position, match.start() - _TOPIC_REACH)
            for end in _TOPIC_BEGINS.finditer(text, begin, match.start()):
                begin = end.end()
            topic = text[begin : match.start()].replace("?", ",").strip()
            parts += [text[position:begin], f" no {topic} "]
            position = match.end()
        text = "".join([*parts, text[position:]])
    return text


def _denied_under(text: str) -> list[tuple[int, int]]:
    """Where lists stand, with what leads up to them, that are denied by it: "What no cover pays for: - theft"."""
    found = []
    for match in _UNDER.finditer(text):
        begin = max(0, match.start() - _LEAD_REACH)
        for end in _LEAD_BEGINS.finditer(text, begin, match.start()):
            begin = end.end()
        if _DENYING_LEAD.search(text, begin, match.start()):
            found.append((begin, match.end()))
    return found


def _with_scope(text: str) -> list[tuple[str, _Denial]]:
    """Content words with how a negation before them reaches them, if it does."""
    found: list[tuple[str, _Denial]] = []
    left, listing, fresh, before = 0, False, False, ""
    text = _NOT_NEGATING.sub(" ", text)
    lists = deque(sorted([*(match.span() for match in _DENIED_LIST.finditer(text)), *_denied_under(text)]))
    denied_to = 0
    for match in _TOKEN.finditer(text):
        word = match.group().lower().replace("’", "'")
        goes_on = word in _GOES_ON and before in ("and", "or", "but")
        before = word
        while lists and lists[0][0] <= match.start():
            denied_to = max(denied_to, lists.popleft()[1])
        if match.start() < denied_to:
            if word[0].isalpha() and word not in STOP_WORDS and word not in NEGATIONS:
                found.append((word, "listed"))
        elif word in _SCOPE_ENDS or (word == "," and not listing) or goes_on:
            left, listing = 0, False
        elif word in NEGATIONS or word.endswith("n't"):
            left, listing, fresh = _SCOPE_WORDS, word in _LISTING, True
        elif word[0].isalpha() and word not in STOP_WORDS:
            found.append((word, ("first" if fresh else "behind") if left > 0 else ""))
            fresh = False
            left = left if listing else left - 1
    return found
