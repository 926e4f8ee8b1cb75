"""What the network is shown: public pairs, true ones turned false, copies, strangers, and questions with passages."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from assistant.guards.grounding.reduce import TAUGHT_WORDS, reduced
from assistant.guards.grounding.sentences import split_sentences
from assistant.guards.grounding.training.flips import flips
from assistant.guards.grounding.training.pairs import TRAINED_ON, Label, Pair, held_out, read_pairs, read_rows

Task = Literal["support", "answer"]


@dataclass(frozen=True, slots=True)
class Lesson:
    """One example: for `support` a claim and evidence, for `answer` a question and a passage."""

    task: Task
    first: str
    second: str
    label: Label
    """For `answer`: supported when the passage answers, unsupported when it does not."""
    source: str
    matter: str = ""
    """Lessons of one matter, one after the other in a list, are learnt side by side; "" stands alone."""


_FLIPPED: Mapping[str, float] = {
    "fever_dev": 1.0, "infotabs_train": 0.6, "nli_newprot_base_train": 1.0, "nli_newprot_contrast_train": 0.3,
    "nli_newprot_edit_other_train": 0.7, "nli_newprot_edit_premise_train": 0.7, "nli_mnli_dev": 0.25, "medquad": 1.0,
    "mtsdialog_trainingset": 1.0, "acibench_train": 1.0, "e2e_cleaned_dev": 1.0,
}  # fmt: skip
"""Share of the true claims of a set that are also shown with one change that makes them false."""
_KEPT: Mapping[str, float] = {
    "breaking_nli": 0.35, "nli_med": 0.5, "nli_help_and": 0.35, "nli_mpe_train": 0.6, "e2e_cleaned_dev": 0.5,
}  # fmt: skip
"""Share of a set that is used where all of it would teach its own manner."""
_COPIED = 0.12  # Share of evidence of which a sentence is made a claim, for copying is what a small model does most.
_UNRELATED = 0.06
_NEAR = 0.25  # Share of pairs whose claim is also held against other evidence that is about the same; nobody judged it.
_PARTS = 4  # So many pieces of a set are made beside each other.
_LOOKED_AT = 40  # Other pairs among which the nearest is looked for.
_WITH_STRANGERS = 0.35  # Share of longer pairs shown among passages of other pairs, as retrieval shows them.
_HEADED = ("fever_dev", "nli_newprot_base_train", "medquad", "acibench_train", "mtsdialog_trainingset")


def lessons(
    folder: Path, *, seed: int = 7, only: Sequence[str] = tuple(TRAINED_ON), processes: int = 1
) -> list[Lesson]:
    """Every lesson from the sets in `folder`, in an order that mixes them; the same for the same `seed`."""
    parts = [(folder, name, seed, part) for name in only for part in range(_PARTS)]
    if processes > 1:
        with ProcessPoolExecutor(processes) as pool:
            made = [lesson for some in pool.map(_part, *zip(*parts, strict=True)) for lesson in some]
    else:
        made = [lesson for part in parts for lesson in _part(*part)]
    made += _questions(folder, random.Random(seed))  # noqa: S311 — reproducible, not secret
    random.Random(seed).shuffle(made)  # noqa: S311 — reproducible, not secret
    return made


def _part(folder: Path, name: str, seed: int, part: int) -> list[Lesson]:
    """One part of the lessons of one set."""
    chance = random.Random(f"{seed} {name} {part}")  # noqa: S311 — reproducible, not secret
    pairs = [pair for pair in read_pairs(folder, name) if not held_out(pair)]
    pairs = pairs[: int(len(pairs) * _KEPT.get(name, 1.0))]
    return [lesson for pair in pairs[part::_PARTS] for lesson in _from_pair(pair, pairs, chance)]


def _from_pair(pair: Pair, pairs: Sequence[Pair], chance: random.Random) -> Iterator[Lesson]:
    passage = "\n".join(pair.evidence)
    yield _lesson(pair.claim, passage, pair.label, pair.source, pairs, chance)
    if pair.label == "supported" and chance.random() < _FLIPPED.get(pair.source, 0.0):
        made = flips(pair.claim, passage, chance)
        if made:
            flip = chance.choice(list(made))
            yield _lesson(made[flip], passage, "unsupported", f"{pair.source}+{flip}", pairs, chance)
    if chance.random() < _COPIED:
        yield from _copied(pair, pairs, chance)
    if chance.random() < _UNRELATED:
        other = chance.choice(pairs)
        if other.evidence != pair.evidence:
            yield _lesson(pair.claim, "\n".join(other.evidence), "neutral", f"{pair.source}+unrelated", pairs, chance)
    if chance.random() < _NEAR:
        yield from _near(pair, pairs, chance)


def _near(pair: Pair, pairs: Sequence[Pair], chance: random.Random) -> Iterator[Lesson]:
    words = set(pair.claim.lower().split())
    others = [each for each in chance.sample(pairs, min(_LOOKED_AT, len(pairs))) if each.evidence != pair.evidence]
    if others:
        near = max(others, key=lambda each: len(words & set("\n".join(each.evidence).lower().split())))
        yield _lesson(pair.claim, "\n".join(near.evidence), "unjudged", f"{pair.source}+near", pairs, chance)


def _copied(pair: Pair, pairs: Sequence[Pair], chance: random.Random) -> Iterator[Lesson]:
    """A sentence of the evidence as a claim, sometimes shortened, and the same made false."""
    passage = "\n".join(pair.evidence)
    sentences = [each for each in split_sentences(passage) if 6 <= len(each.split()) <= 40 and not each.endswith("?")]
    if not sentences:
        return
    sentence = chance.choice(sentences)
    clauses = sentence.split(", ")
    if len(clauses) > 1 and len(clauses[0].split()) >= 5 and chance.random() < 0.5:
        sentence = clauses[0].rstrip(".") + "."
    yield _lesson(sentence, passage, "supported", f"{pair.source}+copy", pairs, chance)
    made = flips(sentence, passage, chance)
    for flip in chance.sample(sorted(made), min(2, len(made))):
        yield _lesson(made[flip], passage, "unsupported", f"{pair.source}+copy+{flip}", pairs, chance)


def _lesson(
    claim: str, passage: str, label: Label, source: str, pairs: Sequence[Pair], chance: random.Random
) -> Lesson:
    passages = [passage]
    if source.partition("+")[0] in _HEADED and chance.random() < _WITH_STRANGERS:
        passages += ["\n".join(chance.choice(pairs).evidence) for _ in range(chance.choice([1, 2, 3]))]
        chance.shuffle(passages)
    return Lesson("support", claim, reduced(claim, passages, max_words=TAUGHT_WORDS), label, source)


def _questions(folder: Path, chance: random.Random) -> Iterator[Lesson]:
    reported = _reported_questions(folder)
    for row in read_rows(folder, "nli_qnli_dev"):
        if row["context"].strip().lower() in reported:
            continue
        label: Label = "supported" if row["label"] == "supported" else "unsupported"
        yield Lesson("answer", row["context"], row["claim"], label, "nli_qnli_dev")
    by_focus: dict[str, list[dict[str, str]]] = {}
    for row in read_rows(folder, "medquad"):
        by_focus.setdefault(row["focus"], []).append(row)
    for rows in by_focus.values():
        for row in rows:
            yield Lesson("answer", row["question"], _start(row["answer"], chance), "supported", "medquad")
            others = [other for other in rows if other["question"].split()[:2] != row["question"].split()[:2]]
            if others:  # The same illness and another question: near without answering.
                passage = _start(chance.choice(others)["answer"], chance)
                yield Lesson("answer", row["question"], passage, "unsupported", "medquad")


def _reported_questions(folder: Path) -> frozenset[str]:
    """Questions that the guard is measured on; some stand in QNLI too, which was made from the same passages."""
    return frozenset(row["question"].strip().lower() for row in read_rows(folder, "xquad_en"))


def _start(answer: str, chance: random.Random) -> str:
    sentences = split_sentences(answer)
    return " ".join(" ".join(sentences[: chance.choice([1, 2, 3])]).split()[:90])
