"""Which statements of a visit a note holds: `python -m benchmarks.noting DATA [write]`.

Learnt from the visits of ACI-Bench and the dialogues of MTS-Dialog that are there to learn from, measured on those that
are there to validate. Nobody has marked what of a visit stands in its note: what is very near to some sentence of it
does, what is far from all of them does not, and what lies between is not learnt from or counted. `write` replaces what
ships.
"""

from __future__ import annotations

import math
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from assistant.commands.records_report import table
from assistant.embedding import SentenceEmbedder, Vectors
from assistant.guards import split_sentences
from assistant.guards.grounding.training.pairs import read_rows
from assistant.guards.grounding.words import words_of
from assistant.messages import Document
from assistant.settings import read_settings
from assistant.tasks import dialogue_statements
from assistant.tasks.noting import LEAST, Noting
from assistant.tasks.omissions import kind_of

LEARNT_FROM = {"acibench_train": 2.0, "mtsdialog_trainingset": 1.0}
"""How much a statement of each set counts: those of whole visits more, for they hold more that no note would."""
MEASURED_ON = ("acibench_valid", "mtsdialog_validationset")
NEAR, NEAR_WORDS = 0.55, 0.5
"""Cosine to the nearest sentence of the note, and the share of the words, rare ones counting more, that it holds."""
FAR, FAR_WORDS = 0.45, 0.3
TELLING = 4.0  # Words that say less than this, all together, say nothing that a note could be searched for.


@dataclass(frozen=True, slots=True)
class Visit:
    """What was said and what was written, with their vectors."""

    said: tuple[str, ...]
    said_vectors: Vectors
    note_vectors: Vectors
    note_words: tuple[frozenset[str], ...]


def main(data: Path, *, write: bool) -> None:
    """Learns, measures, prints the table."""
    embedder = SentenceEmbedder(read_settings().data_dir / "weights" / "all-minilm-l6-v2")
    visits = {name: list(_visits(data, name, embedder)) for name in (*LEARNT_FROM, *MEASURED_ON)}
    rarity = _rarity([text for name in LEARNT_FROM for visit in visits[name] for text in visit.said])
    learnt = {name: _marked(visits[name], rarity) for name in LEARNT_FROM}
    model = LogisticRegression(C=1.0, max_iter=300, class_weight="balanced").fit(
        np.concatenate([vectors for vectors, _, _ in learnt.values()]),
        np.concatenate([noted for _, noted, _ in learnt.values()]),
        sample_weight=np.concatenate([np.full(len(n), LEARNT_FROM[name]) for name, (_, n, _) in learnt.items()]),
    )
    noting = Noting(embedder.name, model.coef_[0], float(model.intercept_[0]))
    rows = [
        ("VISITS", "N", "STATEMENTS", "NOTED", "AUROC", "NOTED: KEPT", "OTHERS: KEPT", "KEPT WITH THE LISTED KINDS")
    ]
    for name in MEASURED_ON:
        vectors, noted, texts = _marked(visits[name], rarity)
        odds = noting.odds(vectors)
        kept = odds >= LEAST
        listed = kept | np.array([kind_of(text) is not None for text in texts])
        rows.append(
            (
                name,
                f"{len(visits[name])}",
                f"{len(noted)}",
                f"{noted.sum()}",
                f"{roc_auc_score(noted, odds):.3f}",
                f"{kept[noted].mean():.3f}",
                f"{kept[~noted].mean():.3f}",
                f"{listed[noted].mean():.3f} / {listed[~noted].mean():.3f}",
            )
        )
    print(table(rows))
    if write:
        noting.write()


def _visits(data: Path, name: str, embedder: SentenceEmbedder) -> Iterator[Visit]:
    for row in read_rows(data, name):
        document = Document("visit", "Visit", row["dialogue"].replace("\r\n", "\n"))
        said = tuple(each.text for each in dialogue_statements(document))
        lines = [sentence for line in row["note"].split("\n") for sentence in split_sentences(line)]
        note = [each for each in lines if len(each.split()) > 1]  # Not "None." nor a heading of one word.
        if said and note:
            words = tuple(frozenset(words_of(each).stems) for each in note)
            yield Visit(said, embedder.embed(said), embedder.embed(note), words)


def _rarity(texts: Sequence[str]) -> dict[str, float]:
    """How much each word tells: the logarithm of the share of texts without it (inverse document frequency)."""
    held = Counter(word for text in texts for word in set(words_of(text).stems))
    return {word: math.log((len(texts) + 1) / (count + 1)) for word, count in held.items()}


def _marked(
    visits: Sequence[Visit], rarity: dict[str, float]
) -> tuple[NDArray[np.float32], NDArray[np.bool_], list[str]]:
    """Vectors and texts of the statements that clearly stand in their note or clearly do not, and which of these do."""
    vectors, noted, texts = [], [], []
    for visit in visits:
        nearest = (visit.said_vectors @ visit.note_vectors.T).max(axis=1)
        for text, vector, near in zip(visit.said, visit.said_vectors, nearest, strict=True):
            shared = _shared(text, visit.note_words, rarity)
            stands, stands_not = near >= NEAR or shared >= NEAR_WORDS, near < FAR and shared < FAR_WORDS
            if stands or stands_not:
                vectors.append(vector)
                noted.append(stands)
                texts.append(text)
    return np.array(vectors), np.array(noted), texts


def _shared(text: str, note: Sequence[frozenset[str]], rarity: dict[str, float]) -> float:
    words = {word: rarity.get(word, max(rarity.values())) for word in set(words_of(text).stems)}
    if sum(words.values()) < TELLING:
        return 0.0
    return max(sum(words[word] for word in words.keys() & sentence) for sentence in note) / sum(words.values())


if __name__ == "__main__":
    main(Path(sys.argv[1]), write="write" in sys.argv[2:])
