"""The shipped cross-encoder: a claim read side by side with its evidence, a question with a passage."""

from __future__ import annotations

import hashlib
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from assistant.embedding import open_session, read_tokenizer
from assistant.guards.grounding.memory import Memory

if TYPE_CHECKING:
    import onnxruntime

WEIGHTS = Path(str(files(__package__).joinpath("weights")))
EMBEDDINGS, SUPPORT, ANSWERS = "embeddings.onnx", "support.onnx", "answers.onnx"
"""The embeddings of any pair, and the layers that read from them whether a claim is borne out, or a passage answers."""
MAX_TOKENS = 224  # What the network was trained on; of what is longer, the longer text is cut.
_MAX_CHARACTERS = 4000  # A claim and 110 words of evidence are far shorter.
_REMEMBERED = 4096


class PairReader(Protocol):
    """What reads two texts side by side."""

    name: str
    """Stable name of the reader and its weights: equal names give equal odds."""

    def supports(self, claim: str, evidence: str) -> float:
        """Log odds that the evidence bears out the claim: 0 is even, 2 about 88 %."""

    def answers(self, question: str, passage: str) -> float:
        """Log odds that the passage answers the question."""


class CrossEncoder:
    """The shipped network, int8 on the CPU. Threads may share it; a pair read lately is not read again.

    Each pair is read alone: quantised numbers depend on what else is in a batch, and must be repeatable.
    """

    def __init__(self, folder: Path = WEIGHTS, *, threads: int = 1) -> None:
        """Load the network and `tokenizer.json` from `folder`; raises ModelUnavailable if they cannot be read."""
        self._tokenizer = read_tokenizer(folder / "tokenizer.json", max_tokens=MAX_TOKENS)
        self._embeddings, self._support, self._answers = (
            open_session(folder / name, threads=threads) for name in (EMBEDDINGS, SUPPORT, ANSWERS)
        )
        self._memory: Memory[float] = Memory(_REMEMBERED)
        parts = b"".join((folder / name).read_bytes() for name in (EMBEDDINGS, SUPPORT, ANSWERS))
        self.name = f"cross-encoder@{hashlib.sha256(parts).hexdigest()[:12]}"

    def supports(self, claim: str, evidence: str) -> float:
        """Log odds that the evidence bears out the claim."""

        def read(_: str) -> float:
            supported, neutral, contradicted = self._logits(self._support, claim, evidence)[:3]
            return float(supported - np.logaddexp(neutral, contradicted))

        return self._memory.of(f"support\0{claim}\0{evidence}", read)

    def answers(self, question: str, passage: str) -> float:
        """Log odds that the passage answers the question."""
        return self._memory.of(
            f"answers\0{question}\0{passage}", lambda _: float(self._logits(self._answers, question, passage)[3])
        )

    def _logits(self, upper: onnxruntime.InferenceSession, first: str, second: str) -> NDArray[np.float32]:
        """The four numbers that `upper` has for the pair: supported, neutral, contradicted, answers."""
        encoded = self._tokenizer.encode(
            _encodable(first[: _MAX_CHARACTERS // 4]), _encodable(second[:_MAX_CHARACTERS])
        )
        feed = {
            "input_ids": np.array([encoded.ids], np.int64),
            "token_type_ids": np.array([encoded.type_ids], np.int64),
        }
        states = self._embeddings.run(None, feed)[0]
        logits: NDArray[np.float32] = upper.run(None, {"states": states})[0][0]
        return logits


class WordReader:
    """Reads pairs by shared words alone; needs no weights. For tests and for measuring what the network adds."""

    name = "words"

    def supports(self, claim: str, evidence: str) -> float:
        """Odds that grow with the share of the claim's words that the evidence holds."""
        return 8 * (_shared(claim, evidence) - 0.5)

    def answers(self, question: str, passage: str) -> float:
        """Odds that grow with the share of the question's words that the passage holds."""
        return 8 * (_shared(question, passage) - 0.3)


def _shared(first: str, second: str) -> float:
    asked = set(first.lower().split())
    return len(asked & set(second.lower().split())) / max(1, len(asked))


def _encodable(text: str) -> str:
    # A lone surrogate has no UTF-8 form, and the tokenizer would not take it.
    return text.encode("utf-8", "replace").decode("utf-8")
