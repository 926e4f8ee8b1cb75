"""The shipped cross-encoder: a claim read side by side with its evidence, a question with a passage."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Protocol

import numpy as np

from assistant.embedding import open_session, read_tokenizer
from assistant.guards.grounding.memory import Memory

WEIGHTS = Path(str(files(__package__).joinpath("weights")))
MAX_TOKENS = 224  # What the network was trained on; of what is longer, the longer text is cut.
_MAX_CHARACTERS = 4000  # A claim and 110 words of evidence are far shorter.
_REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class Odds:
    """What the network says of one pair, as log odds: 0 is even, 2 about 88 %."""

    supported: float
    """That the evidence bears out the claim."""
    answers: float
    """That the second text, a passage, answers the first, a question."""


class PairReader(Protocol):
    """What reads two texts side by side."""

    name: str
    """Stable name of the reader and its weights: equal names give equal odds."""

    def read(self, first: str, second: str) -> Odds:
        """The odds of the pair."""


class CrossEncoder:
    """The shipped network, int8 on the CPU. Threads may share it; a pair read lately is not read again."""

    def __init__(self, folder: Path = WEIGHTS, *, threads: int = 1) -> None:
        """Load `model.onnx` and `tokenizer.json` from `folder`; raises ModelUnavailable if they cannot be read."""
        self._tokenizer = read_tokenizer(folder / "tokenizer.json", max_tokens=MAX_TOKENS)
        self._session = open_session(folder / "model.onnx", threads=threads)
        self._memory: Memory[Odds] = Memory(_REMEMBERED)
        self.name = f"cross-encoder@{hashlib.sha256((folder / 'model.onnx').read_bytes()).hexdigest()[:12]}"

    def read(self, first: str, second: str) -> Odds:
        """The odds of the pair, alone: quantised numbers depend on what else is in a batch, and must be repeatable."""
        first, second = _encodable(first[: _MAX_CHARACTERS // 4]), _encodable(second[:_MAX_CHARACTERS])
        return self._memory.of(f"{first}\0{second}", lambda _: self._compute(first, second))

    def _compute(self, first: str, second: str) -> Odds:
        encoded = self._tokenizer.encode(first, second)
        feed = {
            "input_ids": np.array([encoded.ids], np.int64),
            "attention_mask": np.array([encoded.attention_mask], np.int64),
            "token_type_ids": np.array([encoded.type_ids], np.int64),
        }
        supported, neutral, contradicted, answers = (float(each) for each in self._session.run(None, feed)[0][0])
        return Odds(supported - float(np.logaddexp(neutral, contradicted)), answers)


class WordReader:
    """Reads pairs by shared words alone; needs no weights. For tests and for measuring what the network adds."""

    name = "words"

    def read(self, first: str, second: str) -> Odds:
        """Odds that grow with the share of the first text's words that the second holds."""
        asked = set(first.lower().split())
        share = len(asked & set(second.lower().split())) / max(1, len(asked))
        return Odds(8 * (share - 0.5), 8 * (share - 0.3))


def _encodable(text: str) -> str:
    # A lone surrogate has no UTF-8 form, and the tokenizer would not take it.
    return text.encode("utf-8", "replace").decode("utf-8")
