"""Trains the name tagger on composed and borrowed sentences and on the training templates of presidio_v2."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from assistant.guards.people.borrowed import borrow
from assistant.guards.people.compose import (
    Label,
    Labelled,
    compose,
    family_name,
    firm_name,
    full_name,
    given_name,
    place_name,
    street_address,
)
from assistant.guards.people.tagger import LABELS, REACH, Encoder, Weights, word_states
from assistant.guards.people.words import FAMILY, GIVEN, LETTER_BUCKETS, PLACE, SHAPES, Words, split_words

if TYPE_CHECKING:
    import torch

HELD_OUT = 0.4
"""Share of the templates of presidio_v2 that are only ever reported on."""
COMPOSED, VARIED = 8_000, 3_500  # Texts from our own templates, and from theirs with other names put in.
EPOCHS, BATCH, RATE = 4, 32, 3e-3
NETWORKS = 3
"""Networks that start differently; two more add about a point of precision (cross-validation, 2026-11)."""
STATES, LETTERS, FIRST, SECOND = 64, 24, 128, 64  # Widths of a network, which then have about 200,000 numbers each.
FORGOTTEN = 0.4  # Share of words whose list memberships are hidden in training, since most names are on no list.
PARTS = ("states", "letters", "lists", "composed", "borrowed", "presidio")
"""What training can do without: the encoder, the letters of words, the lists of names, some of the texts."""
_KINDS: Mapping[str, Label] = {
    "PERSON": "person",
    "STREET_ADDRESS": "address",
    "ZIP_CODE": "address",
    "GPE": "place",
    "ORGANIZATION": "firm",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One text of presidio_v2."""

    text: str
    template: int
    spans: tuple[tuple[int, int, str], ...]
    """Start, end and the kind as the set names it."""


def read_rows(folder: Path) -> list[Row]:
    """The texts of presidio_v2 in `folder`."""
    with gzip.open(folder / "presidio_v2.jsonl.gz", "rt", encoding="utf-8") as lines:
        loaded = [json.loads(line) for line in lines]
    return [
        Row(each["text"], each["template_id"], tuple((s["start"], s["end"], s["type"]) for s in each["spans"]))
        for each in loaded
    ]


def held_out(row: Row) -> bool:
    """Whether the template of `row` is kept for reporting: by its hash, so for every reader the same."""
    return int(hashlib.sha256(f"template-{row.template}".encode()).hexdigest(), 16) % 10 < HELD_OUT * 10


def train(encoder: Encoder, folder: Path, *, seed: int = 7, without: str | None = None) -> Weights:
    """Weights for `Tagger`, from the texts in `folder`; the same seed gives the same weights on the same machine.

    `without` leaves one thing out, for an ablation: one of `PARTS`.
    """
    import torch

    torch.manual_seed(seed)
    random = Random(seed)  # noqa: S311 — Nothing secret depends on it.
    texts = _texts(folder, random, without)
    examples = [each for start in range(0, len(texts), 256) for each in _examples(encoder, texts[start : start + 256])]
    networks = [_fit(examples, random, without) for _ in range(NETWORKS)]
    return {name: np.stack([each[name] for each in networks]) for name in networks[0]}


def _fit(examples: list[_Example], random: Random, without: str | None) -> Weights:
    """The weights of one network."""
    import torch

    network = _network(without)
    optimizer = torch.optim.AdamW(network.values(), lr=RATE, weight_decay=1e-3)
    steps = EPOCHS * (len(examples) // BATCH + 1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps)
    for _ in range(EPOCHS):
        random.shuffle(examples)
        for start in range(0, len(examples), BATCH):
            loss = _loss(network, examples[start : start + BATCH], without)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    weights = {name: each.detach().numpy() for name, each in network.items()}
    if without == "lists":  # They were never seen in training, so what they would add is chance.
        rows = weights["first"].reshape(2 * REACH + 1, STATES + LETTERS + SHAPES, FIRST)
        rows[:, [STATES + LETTERS + each for each in (GIVEN, FAMILY, PLACE)]] = 0
    return weights


def write_weights(weights: Weights, file: Path) -> None:
    """Keeps `weights` as float16, which costs no accuracy and half the room."""
    np.savez_compressed(file, **{name: each.astype(np.float16) for name, each in weights.items()})  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class _Example:
    states: NDArray[np.float16]
    words: Words
    labels: NDArray[np.int64]


def _texts(folder: Path, random: Random, without: str | None) -> list[Labelled]:
    own = [] if without == "composed" else compose(COMPOSED, random)
    own += [] if without == "borrowed" else borrow(folder, random)
    if without == "presidio":
        return own
    rows = [row for row in read_rows(folder) if not held_out(row)]
    plain = [Labelled(row.text, _labels(row)) for row in rows]
    by_template: dict[int, list[Labelled]] = {}
    for row, each in zip(rows, plain, strict=True):
        by_template.setdefault(row.template, []).append(each)
    templates = list(by_template.values())
    varied = [_varied(random.choice(random.choice(templates)), random) for _ in range(VARIED)]
    return [*own, *plain, *varied]


def _labels(row: Row) -> tuple[tuple[int, int, Label], ...]:
    return tuple(sorted((start, end, _KINDS[kind]) for start, end, kind in row.spans if kind in _KINDS))


def _varied(text: Labelled, random: Random) -> Labelled:
    """`text` with other names, places, firms and addresses in it; a name of one word stays one word."""
    parts, spans, position, length = [], [], 0, 0
    for start, end, label in text.spans:
        value = text.text[start:end]
        if label == "person":
            short = random.choice((given_name, family_name))
            value = full_name(random) if " " in value else short(random)
        elif label == "place" and random.random() < 0.7:
            value = place_name(random)
        elif label == "firm" and random.random() < 0.7:
            value = firm_name(random)
        elif label == "address" and random.random() < 0.4 and not value.isdecimal():
            value = street_address(random)
        parts += [text.text[position:start], value]
        length += start - position
        spans.append((length, length + len(value), label))
        length += len(value)
        position = end
    varied = Labelled("".join([*parts, text.text[position:]]), tuple(spans))
    small = varied.text.lower()
    return replace(varied, text=small) if random.random() < 0.1 and len(small) == len(varied.text) else varied


def _examples(encoder: Encoder, texts: Sequence[Labelled]) -> Iterator[_Example]:
    for text, states in zip(texts, encoder.token_states([each.text for each in texts]), strict=True):
        words = split_words(text.text)
        if words.spans:
            labels = np.array([_label_at(text, start) for start, _ in words.spans], np.int64)
            yield _Example(word_states(words, states).astype(np.float16), words, labels)


def _label_at(text: Labelled, place: int) -> int:
    return next((LABELS.index(label) for start, end, label in text.spans if start <= place < end), 0)


def _network(without: str | None) -> dict[str, torch.Tensor]:
    import torch

    width = (STATES + LETTERS + SHAPES) * (2 * REACH + 1)
    sizes = {
        "states": (384, STATES),
        "letters": (LETTER_BUCKETS, LETTERS),
        "first": (width, FIRST),
        "second": (FIRST * (2 * REACH + 1), SECOND),
        "last": (SECOND, len(LABELS)),
    }
    network = {name: torch.randn(size) * (2 / size[0]) ** 0.5 for name, size in sizes.items()}
    network["letters"] = torch.randn(sizes["letters"]) * (0.0 if without == "letters" else 0.5)
    if without == "states":
        network["states"] *= 0
    biases = {f"{name}_bias": torch.zeros(sizes[name][1]) for name in ("first", "second", "last")}
    return {name: each.requires_grad_() for name, each in (network | biases).items()}


def _loss(network: Mapping[str, torch.Tensor], batch: Sequence[_Example], without: str | None) -> torch.Tensor:
    import torch

    # Texts lie behind one another with empty words between them, so that no word sees its neighbour text.
    gap = 2 * REACH
    states = torch.from_numpy(_joined([each.states for each in batch], gap).astype(np.float32))
    letters = torch.from_numpy(_joined([each.words.letters for each in batch], gap).astype(np.int64))
    shapes = torch.from_numpy(_joined([each.words.shapes for each in batch], gap))
    labels = torch.from_numpy(_joined([each.labels + 1 for each in batch], gap)) - 1
    there = (labels >= 0)[:, None]
    forgotten = torch.rand(len(labels)) < (1 if without == "lists" else FORGOTTEN)
    for each in (GIVEN, FAMILY, PLACE):
        shapes[forgotten, each] = 0
    parts = [
        states * (without != "states") @ network["states"],
        _mean_letters(network["letters"], letters) * (without != "letters"),
        shapes,
    ]
    row = torch.dropout(torch.cat(parts, dim=1), 0.15, train=True) * there
    for layer in ("first", "second"):
        row = torch.relu(_around(row) @ network[layer] + network[f"{layer}_bias"])
        row = torch.dropout(row, 0.15, train=True) * there
    scores = row @ network["last"] + network["last_bias"]
    return torch.nn.functional.cross_entropy(scores, labels, ignore_index=-1)


def _mean_letters(table: torch.Tensor, letters: torch.Tensor) -> torch.Tensor:
    import torch

    seen = (letters > 0).unsqueeze(-1)
    summed: torch.Tensor = (torch.nn.functional.embedding(letters, table) * seen).sum(dim=1)
    return summed / seen.sum(dim=1).clamp(min=1)


def _around(rows: torch.Tensor) -> torch.Tensor:
    import torch

    padded = torch.nn.functional.pad(rows, (0, 0, REACH, REACH))
    return torch.cat([padded[shift : shift + len(rows)] for shift in range(2 * REACH + 1)], dim=1)


def _joined(arrays: Sequence[NDArray[Any]], gap: int) -> NDArray[Any]:
    between = np.zeros((gap, *arrays[0].shape[1:]), arrays[0].dtype)
    return np.concatenate([part for each in arrays for part in (each, between)])
