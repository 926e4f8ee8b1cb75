"""Which words of a text name a person, or stand in an address: small networks on the shared encoder's token states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import as_file, files
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from assistant.embedding import TokenStates, Vectors
from assistant.guards.people.words import Words, split_words

LABELS = ("none", "person", "address", "place", "firm")
REACH = 2
"""Words to the left and right that one layer sees."""
Weights = Mapping[str, NDArray[np.float32]]
"""Arrays by name; the first axis counts the networks, whose likelihoods are averaged."""
WEIGHTS = "weights.npz"


class Encoder(Protocol):
    """What gives the state of every word piece of a text."""

    def token_states(self, texts: Sequence[str]) -> list[TokenStates]:
        """The states of the word pieces of each text, in order."""


@dataclass(frozen=True, slots=True)
class Tagged:
    """The words of a text and how likely each label is for each."""

    words: Words
    likely: NDArray[np.float32]
    """Shape (n, len(LABELS)), rows add up to 1."""


class Tagger:
    """Labels the words of texts. Threads may share it."""

    def __init__(self, encoder: Encoder, weights: Weights | None = None) -> None:
        """Use `weights`, or those that ship."""
        self._encoder = encoder
        self._weights = weights or read_weights()

    def tag(self, texts: Sequence[str]) -> list[Tagged]:
        """The words of each text with the likelihood of each label, in order."""
        encoded = self._encoder.token_states(texts)
        tagged = []
        for text, states in zip(texts, encoded, strict=True):
            words = split_words(text)
            tagged.append(Tagged(words, forward(self._weights, word_states(words, states), words)))
        return tagged


def read_weights() -> Weights:
    """The weights that ship, as float32."""
    with as_file(files(__package__).joinpath(WEIGHTS)) as file, np.load(file, allow_pickle=False) as stored:
        return {name: stored[name].astype(np.float32) for name in stored.files}


def word_states(words: Words, pieces: TokenStates) -> Vectors:
    """The mean state of each word's pieces: shape (n, dimension); zero for a word that the encoder cut off."""
    states = np.zeros((len(words.spans), pieces.states.shape[1]), np.float32)
    counts = np.zeros((len(words.spans), 1), np.float32)
    row = 0
    for piece, (start, end) in enumerate(pieces.spans):
        while row < len(words.spans) and words.spans[row][1] <= start:
            row += 1
        if row < len(words.spans) and words.spans[row][0] < end:
            states[row] += pieces.states[piece]
            counts[row] += 1
    return np.asarray(states / np.maximum(counts, 1), np.float32)


def forward(weights: Weights, states: Vectors, words: Words) -> NDArray[np.float32]:
    """How likely each label is for each word, the mean of the networks in `weights`: shape (n, len(LABELS))."""
    if not words.spans:
        return np.zeros((0, len(LABELS)), np.float32)
    networks = [dict(zip(weights, parts, strict=True)) for parts in zip(*weights.values(), strict=True)]
    return np.asarray(np.mean([_likely(each, states, words) for each in networks], axis=0), np.float32)


def _likely(weights: Weights, states: Vectors, words: Words) -> NDArray[np.float32]:
    """What one network says."""
    seen = words.letters > 0
    letters = (weights["letters"][words.letters] * seen[:, :, None]).sum(axis=1)
    letters = letters / np.maximum(seen.sum(axis=1, keepdims=True), 1)
    row = np.concatenate([states @ weights["states"], letters, words.shapes], axis=1)
    row = np.maximum(_around(row) @ weights["first"] + weights["first_bias"], 0)
    row = np.maximum(_around(row) @ weights["second"] + weights["second_bias"], 0)
    scores = row @ weights["last"] + weights["last_bias"]
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), np.float32)


def _around(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each row with its neighbours beside it: shape (n, width * (2 * REACH + 1))."""
    padded = np.pad(rows, ((REACH, REACH), (0, 0)))
    return np.concatenate([padded[shift : shift + len(rows)] for shift in range(2 * REACH + 1)], axis=1)
