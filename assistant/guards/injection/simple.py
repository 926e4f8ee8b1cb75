"""Simple ways of telling attempts, to measure ours against: a list of key words, and the nearest known example."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files

import numpy as np
import yaml

from assistant.embedding import Embedder

_KEYWORDS = re.compile(
    r"\b(?:ignore|disregard|forget|bypass|override|jailbreak|pretend|roleplay|act as|system prompt|instructions"
    r"|developer mode|DAN|unfiltered|restrictions|password|access granted|repeat|reveal)\b",
    re.IGNORECASE,
)


def by_keywords(text: str) -> float:
    """1 without a key word, less with each that is found."""
    return 1 / (1 + len(set(_KEYWORDS.findall(text.lower()))))


def by_exemplar(embedder: Embedder) -> Callable[[str, bool], float]:
    """A score from the text's nearness to known attempts and to harmless twins, as one embedding of the whole text."""
    known = exemplars()
    vectors = {kind: embedder.embed(texts) for kind, texts in known.items()}
    attempts = np.concatenate([rows for kind, rows in vectors.items() if kind != "benign"])

    def score(text: str, _passage: bool) -> float:
        vector = embedder.embed([text])[0]
        return float((1 + (vectors["benign"] @ vector).max() - (attempts @ vector).max()) / 2)

    return score


def exemplars() -> Mapping[str, Sequence[str]]:
    """Known attempts by kind, and their harmless twins under `benign`."""
    text = files(__package__).joinpath("exemplars.yaml").read_text(encoding="utf-8")
    return {str(kind): [str(each) for each in texts] for kind, texts in yaml.safe_load(text).items()}
