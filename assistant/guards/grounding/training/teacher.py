"""A larger network learns the lessons, and tells of each how sure it is; of what nobody has judged it tells alone.

What a small network learns from "0.8 neutral, 0.2 contradicted" is more than from "neutral"; and what a language model
writes about a passage, which is what the guard reads in use, nobody has judged.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from assistant.guards.grounding.network import MAX_TOKENS
from assistant.guards.grounding.training.drafts import draft_lessons, load, prompts, save, write
from assistant.guards.grounding.training.lessons import Lesson, lessons
from assistant.guards.grounding.training.network import Taught, build, predict, readable, teach
from assistant.guards.grounding.training.trainer import Schedule, Trainer

if TYPE_CHECKING:
    from tokenizers import Tokenizer

SEEDS = (7, 8, 9)
"""Of the rounds of lessons that the teacher learns; in each, other words are changed."""
LEARNS = Schedule("teacher", MAX_TOKENS, rate=6e-5, end_rate=0.0, batch_tokens=20_000, warm_up=200)
DROPOUT = 0.1
DRAFTS = 44_000
TOLD = 170_000
"""Lessons that the small network hears the teacher on: all that nobody has judged, and some of the others."""
_SURE = 8.0  # Logits beyond it say no more, and would count for more.


def told(
    data: Path,
    encoder: Path,
    writer: Path,
    checkpoints: Path,
    *,
    processes: int = 2,
    threads: int = 2,
    report: Callable[[str], None] = print,
) -> tuple[list[Lesson], NDArray[np.float32]]:
    """Lessons, and what the teacher made of the encoder in `encoder` says of each: logits of shape (n, 4).

    `writer` is the GGUF file of the language model that drafts; its drafts are kept in `checkpoints`.
    """
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(encoder / "tokenizer.json"))
    rounds = [readable(lessons(data, seed=seed, processes=processes)) for seed in SEEDS]
    teacher = Trainer(build(encoder, dropout=DROPOUT), checkpoints / "teacher", threads=threads, report=report)
    judged = [lesson for each in rounds for lesson in each if lesson.label != "unjudged"]
    teacher.run(teach(judged, tokenizer), LEARNS)
    shown = _shown(rounds[0], _drafted(data, writer, checkpoints, report))
    report(f"{len(shown)} lessons are told")
    return shown, predict(teacher.network, teach(shown, tokenizer), batch_tokens=LEARNS.batch_tokens)


def with_odds(lessons: Sequence[Lesson], odds: NDArray[np.float32], tokenizer: Tokenizer) -> list[Taught]:
    """The lessons as the small network reads them, each with what the teacher says."""
    rows = np.clip(odds, -_SURE, _SURE).tolist()
    return [replace(each, odds=tuple(row)) for each, row in zip(teach(lessons, tokenizer), rows, strict=True)]


def sure(taught: Taught) -> Taught:
    """The same question, among lessons that a teacher tells: it is as sure as can be of what we wrote."""
    return replace(taught, odds=(0.0, 0.0, 0.0, -_SURE if taught.target else _SURE))


def _drafted(data: Path, writer: Path, checkpoints: Path, report: Callable[[str], None]) -> list[Lesson]:
    file = checkpoints / "drafts.jsonl"
    if not file.is_file():
        save(write(writer, prompts(data, count=DRAFTS), report=report), file)
    return readable(list(draft_lessons(load(file))))


def _shown(judged: Sequence[Lesson], drafted: Sequence[Lesson]) -> list[Lesson]:
    nobody = [lesson for lesson in judged if lesson.label == "unjudged"]
    rest = [lesson for lesson in judged if lesson.label != "unjudged"]
    random.Random(11).shuffle(rest)  # noqa: S311 — reproducible, not secret
    return [*drafted, *nobody, *rest[: max(0, TOLD - len(drafted) - len(nobody))]]
