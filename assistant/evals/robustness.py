"""The same case asked otherwise: what a visitor types is not what an expert wrote, and a robust model does not mind."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

from assistant.cases import Case, CaseDocument
from assistant.evals.results import Variant

Varied = Callable[[Case, Sequence[Case], random.Random], Case | None]
"""The case asked otherwise, given all cases; None where there is nothing to change."""
_EVERY = 4  # One word in so many is misspelt.
_LEAST = 5  # Letters of a word that can be misspelt and still be read.

_ASKED_OTHERWISE = tuple(
    (re.compile(pattern, re.IGNORECASE), other)
    for pattern, other in (
        (r"^how much (?:does|do) (.+) cost\b(.*)", r"What is the price of \1\2"),
        (r"^what (?:does|do) (.+) cost\b(.*)", r"What is the price of \1\2"),
        (r"^how much (?:does|do) (.+) weigh\b(.*)", r"What is the weight of \1\2"),
        (r"^how heavy (?:is|are) (.+)", r"What is the weight of \1"),
        (r"^how long do i have to (.+)", r"What is the time limit to \1"),
        (r"^(?:can|may) i (.+)", r"Am I allowed to \1"),
        (r"^how do i (.+)", r"What is the right way to \1"),
        (r"^where (?:do|can) i (.+)", r"In which place can I \1"),
        (r"^what do (.+) say about (.+)", r"What is the opinion of \1 on \2"),
        (r"^summari[sz]e (.+)", r"Give me a summary of \1"),
        (r"^(?:write|draft) (.+)", r"I need you to write \1"),
    )
)
_OTHER_WORDS = {
    "return": "send back",
    "buy": "purchase",
    "delivery": "shipping",
    "begin": "start",
    "need": "require",
    "repair": "fix",
    "large": "big",
    "allowed": "permitted",
    "show": "tell",
    "short": "brief",
}


def asks_otherwise(case: Case, variant: Variant, cases: Sequence[Case], *, seed: int) -> bool:
    """Whether the variant asks the case otherwise at all; the same seed says the same."""
    return vary(case, variant, cases, seed=seed) != case


def vary(case: Case, variant: Variant, cases: Sequence[Case], *, seed: int) -> Case:
    """The case asked otherwise; as it is where the variant has nothing to change. The same seed changes the same."""
    own = random.Random(f"{seed} {variant} {case.id}")  # noqa: S311 — nothing secret depends on it
    return VARIANTS[variant](case, cases, own) or case


def _paraphrased(case: Case, _: Sequence[Case], __: random.Random) -> Case:
    """The same request in other words, by rules that keep its meaning; where none fits, as an indirect question."""
    asked = re.sub(r"\b[a-z]+\b", lambda found: _OTHER_WORDS.get(found[0], found[0]), case.question)
    for pattern, other in _ASKED_OTHERWISE:
        if pattern.match(asked):
            return case.model_copy(update={"question": pattern.sub(other, asked)})
    return case.model_copy(update={"question": f"I would like to know: {asked}"})


def _casing(case: Case, _: Sequence[Case], __: random.Random) -> Case:
    """In small letters and without an end mark, as on a telephone."""
    return case.model_copy(update={"question": case.question.lower().rstrip("?.! ")})


def _misspelt(case: Case, _: Sequence[Case], own: random.Random) -> Case:
    """Two neighbouring letters of some words the wrong way round."""
    words = re.split(r"(\s+)", case.question)
    places = [n for n, word in enumerate(words) if word.isalpha() and len(word) >= _LEAST]
    for place in own.sample(places, k=-(-len(places) // _EVERY)):
        at = own.randrange(1, len(words[place]) - 2)
        word = words[place]
        words[place] = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return case.model_copy(update={"question": "".join(words)})


def _reordered(case: Case, _: Sequence[Case], own: random.Random) -> Case | None:
    """The documents it brings in another order."""
    if len(case.documents) < 2:
        return None
    documents = list(case.documents)
    own.shuffle(documents)
    return case.model_copy(update={"documents": tuple(documents)})


def _distracted(case: Case, cases: Sequence[Case], own: random.Random) -> Case | None:
    """A document of another case beside its own."""
    ids = {each.id for each in case.documents}
    texts = {each.text for each in case.documents}
    others = [each for other in cases for each in other.documents if each.text not in texts]
    if not case.documents or not others:
        return None
    other = own.choice(others)
    name = other.id if other.id not in ids else f"{other.id}-besides"
    added = CaseDocument(id=name, title=other.title, text=other.text)
    return case.model_copy(update={"documents": (*case.documents, added)})


VARIANTS: dict[Variant, Varied] = {
    "paraphrased": _paraphrased,
    "casing": _casing,
    "misspelt": _misspelt,
    "reordered": _reordered,
    "distracted": _distracted,
}
