"""Texts that a model, a rail or a guard of a vertical was given before any case: where cases can leak to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from assistant.cases import read_cases, read_sentences
from assistant.rails import RailBundle


def texts_known(bundle: RailBundle, knowledge_dir: Path) -> Mapping[str, Sequence[str]]:
    """The instructions, the topics, the examples of each rail, the training cases and the labelled sentences."""
    own = knowledge_dir / bundle.vertical.name
    questions = own / "questions.yaml"
    training = [case for case in read_cases(questions) if case.split == "train"] if questions.exists() else []
    return {
        "the instructions of vertical.yaml": [bundle.vertical.instructions],
        "topics.co": [text for texts in bundle.forms.values() for text in texts],
        "examples.yaml": [
            text
            for sheet in bundle.examples.values()
            for group in sheet.values()
            for each in group
            for text in (each.text,)
        ],
        "the training cases": [text for case in training for text in (case.question, *case.references)],
        "sentences.yaml": [each.text for each in read_sentences(own / "sentences.yaml")],
    }
