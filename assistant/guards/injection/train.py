"""The head's training: the corpus and public sets in, weights out."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from assistant.embedding import Embedder, SentenceEmbedder, Vectors
from assistant.guards.injection import corpus
from assistant.guards.injection.head import ATTEMPTS, OUTPUTS, Floats, Head, features
from assistant.guards.injection.public import SETS, is_request, texts_of
from assistant.guards.injection.signals import signals_of
from assistant.guards.injection.simple import exemplars
from assistant.guards.injection.units import units_of
from assistant.guards.plain_text import plain_text

if TYPE_CHECKING:
    import torch

WEIGHTS = Path(__file__).with_name("weights.npz")
SEED = 7
_HIDDEN, _EPOCHS, _BATCH, _DECAY, _DROPOUT, _RATE = 48, 25, 256, 3e-2, 0.3, 1e-3
_SMOOTHING, _NOISE = 0.01, 0.008  # Of labels and of what is read; both keep the head from being sure of templates.
_SORTS = {
    "override": 0, "fence": 0, "foreign": 0, "role": 1, "opening": 1, "part": 1, "long": 1, "leak": 2, "password": 2,
}  # fmt: skip
_OF_DOCUMENTS = ("document", "title")
_NETS = 2
_MIXED_WEIGHT = 0.3  # One attempt among questions: mostly its own sentence gives it away.
_REQUEST_WEIGHT = 2.5  # Most false alarms are long harmless requests that are framed like an attempt.
_EXEMPLAR_WEIGHT = 3.0  # Written one by one, where a template counts ten times.
_PART_WEIGHT = 0.4  # A sentence of a role-play attempt may be harmless alone.
_LONG = 6000  # Characters of a long text that are read.

Left = Literal["signals", "embedding"]
"""What may be left out, to see what it adds."""


@dataclass(frozen=True, slots=True)
class Example:
    """One text with what it is; None where it may be either."""

    text: str
    question: bool | None
    passage: bool | None
    sort: int | None = None
    """Place in ATTEMPTS."""
    weight: float = 1.0
    each: bool = False
    """Its pieces are examples too."""


@dataclass(frozen=True, slots=True)
class Examples:
    """Everything the head learns from, one row a piece."""

    embedder: str
    vectors: Vectors
    signals: Floats
    labels: Floats
    """1 or 0 for each of OUTPUTS, NaN where unknown."""
    weights: Floats


def train(folder: Path, embedder: Embedder, *, seed: int = SEED) -> Head:
    """A head trained on the corpus and the public sets in `folder`; the same inputs give the same head."""
    return fit(read_examples(folder, embedder), seed=seed)


def read_examples(folder: Path, embedder: Embedder) -> Examples:
    """The corpus and the public sets in `folder` as rows; raises Misconfigured where a set is missing."""
    vectors, texts, labels, weights = [], [], [], []
    for example in examples(folder):
        units = units_of(plain_text(example.text)[:_LONG], embedder)
        for row in (rows := _rows(example, len(units.texts), units.sentences)):
            texts.append(units.texts[row])
            vectors.append(units.vectors[row])
            labels.append(_labels(example))
            weights.append(example.weight / len(rows) ** 0.5)
    name = embedder.name.partition("@")[0]
    known = np.array(labels, np.float32), np.array(weights, np.float32)
    return Examples(name, np.stack(vectors), signals_of(texts), *known)


def examples(folder: Path) -> Iterator[Example]:
    """Every text with what it is: harmless ones first."""
    for place, public in enumerate(SETS):
        for text in texts_of(public, folder, seed=SEED + place):
            request = public.field == "query" and is_request(text)
            passage = True if request else public.passage
            yield Example(text, question=False, passage=passage, each=public.cut == "whole")
    for written in corpus.sentences("benign"):
        yield Example(written.text, question=False, passage=False if written.kind in _OF_DOCUMENTS else None)
    for text in exemplars()["benign"]:
        yield Example(text, question=False, passage=None, weight=_EXEMPLAR_WEIGHT)
    for written in (*corpus.long_requests(), *corpus.mixed_requests()):
        yield Example(written.text, question=False, passage=None, each=True, weight=_REQUEST_WEIGHT)
    yield from _attempts()


def _attempts() -> Iterator[Example]:
    for written in corpus.sentences("indirect"):
        yield Example(written.text, question=False if written.kind == "task" else None, passage=True)
    for written in corpus.sentences("direct"):
        part, sort = written.kind == "part", _SORTS.get(written.kind)
        if sort is not None:  # A closing is an attempt only after what went before it.
            weight = _PART_WEIGHT if part else 1.0
            yield Example(written.text, question=True, passage=None if part else True, sort=sort, weight=weight)
    for kind, texts in exemplars().items():
        for text in texts if kind != "benign" else ():
            direct = kind != "indirect"
            yield Example(
                text, question=True if direct else None, passage=True, sort=_SORTS.get(kind), weight=_EXEMPLAR_WEIGHT
            )
    for written in corpus.mixed_attempts():
        yield Example(written.text, question=True, passage=True, sort=_SORTS[written.kind], weight=_MIXED_WEIGHT)
    for written in corpus.long_attempts():
        yield Example(written.text, question=True, passage=True, sort=_SORTS["long"], each=True)


def _rows(example: Example, pieces: int, sentences: int) -> range:
    """Which pieces of an example are learnt from."""
    if not example.each:
        return range(pieces)[-1:]
    # Of an attempt only what is longer than a sentence: its single sentences may be harmless.
    return range(sentences, pieces) if example.question and pieces > sentences else range(pieces)


def _labels(example: Example) -> list[float]:
    sorts = [None if example.sort is None else place == example.sort for place in range(len(ATTEMPTS))]
    return [float("nan") if each is None else float(each) for each in (example.question, example.passage, *sorts)]


def fit(known: Examples, *, seed: int = SEED, without: Left | None = None) -> Head:
    """A head fitted to `known`; `without` the signals or the embedding it learns from the other alone."""
    mean, scale = known.signals.mean(axis=0), known.signals.std(axis=0) + 0.05
    read = features(known.vectors, (known.signals - mean) / scale)
    dimension = known.vectors.shape[1]
    blind = {"embedding": slice(0, dimension), "signals": slice(dimension, None), None: slice(0, 0)}[without]
    read[:, blind] = 0
    # Two nets that started apart, side by side as one, are surer than either: their odds are averaged.
    nets = [_fitted(read, known, seed=seed + each) for each in range(_NETS)]
    hidden, hidden_bias, output, output_bias = (
        np.concatenate(parts, axis=axis) for parts, axis in zip(zip(*nets, strict=True), (1, 0, 0, 0), strict=True)
    )
    hidden[blind] = 0
    mean_bias = np.asarray(output_bias.reshape(_NETS, -1).mean(axis=0), np.float32)
    return Head(known.embedder, mean, scale, hidden, hidden_bias, (output / _NETS).astype(np.float32), mean_bias)


def _fitted(read: Floats, known: Examples, *, seed: int) -> tuple[Floats, Floats, Floats, Floats]:
    """The two layers' weights and biases."""
    import torch
    from torch import nn

    torch.manual_seed(seed)
    chance = np.random.default_rng(seed)
    first, last = nn.Linear(read.shape[1], _HIDDEN), nn.Linear(_HIDDEN, len(OUTPUTS))
    net = nn.Sequential(first, nn.ReLU(), nn.Dropout(_DROPOUT), last)
    optimizer = torch.optim.AdamW(net.parameters(), lr=_RATE, weight_decay=_DECAY)
    counted = torch.tensor(~np.isnan(known.labels) * known.weights[:, None])
    rows = torch.tensor(read)
    targets = torch.tensor(np.nan_to_num(known.labels) * (1 - 2 * _SMOOTHING) + _SMOOTHING)
    for _ in range(_EPOCHS):
        for batch in np.array_split(chance.permutation(len(read)), max(len(read) // _BATCH, 1)):
            odds = net(rows[batch] + _NOISE * torch.randn(rows[batch].shape))
            losses = nn.functional.binary_cross_entropy_with_logits(odds, targets[batch], reduction="none")
            loss = (losses * counted[batch]).sum() / counted[batch].sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return _array(first.weight.T), _array(first.bias), _array(last.weight.T), _array(last.bias)


def _array(values: torch.Tensor) -> Floats:
    return np.array(values.detach().numpy(), np.float32)


def main(arguments: Sequence[str] | None = None) -> None:
    """Train the head and store its weights."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("data", type=Path, help="folder with the public sets as NAME.jsonl.gz")
    parser.add_argument("--embedder", type=Path, required=True, help="folder with model.onnx and tokenizer.json")
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args(arguments)
    train(options.data, SentenceEmbedder(options.embedder, threads=options.threads)).write(options.out)


if __name__ == "__main__":
    main()
