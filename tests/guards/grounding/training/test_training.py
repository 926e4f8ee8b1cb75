"""The whole of training on a handful of pairs: real encoder, real steps, real export, real fusion."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from assistant.errors import Invalid
from assistant.guards.grounding.training.answerability import Asked, fit_answers
from assistant.guards.grounding.training.export import export
from assistant.guards.grounding.training.fuse import FUSED_ON, balanced_weights, fit, fusing_pairs, rising
from assistant.guards.grounding.training.lessons import Lesson
from assistant.guards.grounding.training.measure import accuracy_at, auroc
from assistant.guards.grounding.training.network import ANSWER_TASK, beside, build, predict, teach
from assistant.guards.grounding.training.pairs import held_out, read_pairs
from assistant.guards.grounding.training.teacher import with_odds
from assistant.guards.grounding.training.trainer import Schedule, Trainer

LESSONS = [
    Lesson("support", f"The tent number {i} is {claimed}.", f"The tent number {i} is {shown}.", label, "made here")
    for i in range(12)
    for claimed, shown, label in (("green", "green", "supported"), ("green", "not green at all", "contradicted"))
] + [Lesson("answer", "What colour is it?", "It is green.", "supported", "made here")]


@pytest.fixture(scope="module")
def encoder(weights_dir: Path) -> Path:
    return weights_dir / "all-minilm-l6-v2"


@pytest.mark.soak
def test_a_few_steps_teach_it_something_and_the_quantised_file_agrees(encoder, tmp_path):
    from tokenizers import Tokenizer

    taught = teach(LESSONS * 6, Tokenizer.from_file(str(encoder / "tokenizer.json")))
    schedule = Schedule("short", 64, rate=2e-4, warm_up=5, batch_tokens=240)
    trainer = Trainer(build(encoder), tmp_path / "checkpoints", threads=2, report=lambda _: None)
    before = predict(trainer.network, taught[:2])
    trainer.run(taught, schedule)
    after = predict(trainer.network, taught[:2])

    assert after[0, 0] - after[1, 0] > before[0, 0] - before[1, 0]

    asked = [each for each in taught if each.task == ANSWER_TASK]
    answers = Trainer(beside(trainer.network, encoder), tmp_path / "answers", threads=2, report=lambda _: None)
    answers.run(asked, schedule)
    assert predict(answers.network, asked[:1])[0, 3] > predict(trainer.network, asked[:1])[0, 3]
    assert export(trainer.network, answers.network, encoder / "tokenizer.json", tmp_path / "weights", taught) > 0.97

    again = Trainer(build(encoder), tmp_path / "checkpoints", threads=2, report=lambda _: None)
    again.run(taught, schedule)
    assert np.allclose(predict(again.network, taught[:2]), after, atol=1e-5)


@pytest.mark.soak
def test_of_what_nobody_judged_the_network_learns_what_the_teacher_says(encoder, tmp_path):
    from tokenizers import Tokenizer

    lessons = [replace(lesson, label="unjudged") for lesson in LESSONS[:24]]
    doubting = np.array(
        [[-2.0, 3.0, -2.0, 0.0] if "not" in each.second else [3.0, -2.0, -2.0, 0.0] for each in lessons]
    )
    taught = with_odds(lessons * 8, np.tile(doubting, (8, 1)), Tokenizer.from_file(str(encoder / "tokenizer.json")))
    trainer = Trainer(build(encoder), tmp_path, threads=2, report=lambda _: None)
    trainer.run(taught, Schedule("told", 64, rate=3e-4, warm_up=5, batch_tokens=240))

    found = predict(trainer.network, taught[:24])
    assert (found[:, :3].argmax(axis=1) == doubting[:, :3].argmax(axis=1)).all()


def test_pairs_come_in_the_same_order_each_time_and_evidence_is_held_out_whole(tmp_path):
    rows = [
        {"id": i, "claim": f"Claim {i}.", "context": f"Context {i % 40}.", "label": "supported"} for i in range(200)
    ]
    with gzip.open(tmp_path / "some.jsonl.gz", "wt") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)

    pairs = read_pairs(tmp_path, "some")

    assert pairs == read_pairs(tmp_path, "some")
    assert pairs != sorted(pairs, key=lambda pair: pair.claim)
    held = {pair.evidence for pair in pairs if held_out(pair)}
    assert held.isdisjoint({pair.evidence for pair in pairs if not held_out(pair)})
    assert 0 < len(held) < 20


def test_a_missing_set_is_named(tmp_path):
    with pytest.raises(Invalid, match="nowhere"):
        read_pairs(tmp_path, "nowhere")


def test_the_fit_finds_which_signal_matters():
    chance = np.random.default_rng(1)
    signals = np.column_stack([np.ones(400), chance.normal(size=400), chance.normal(size=400)])
    labels = (signals[:, 1] > 0).astype(float)

    coefficients = fit(signals, labels, np.ones(400))

    assert coefficients[1] > 3 * abs(coefficients[2])


def test_a_signal_counts_only_in_its_direction():
    chance = np.random.default_rng(1)
    signals = np.column_stack([np.ones(400), chance.normal(size=400)])
    labels = (signals[:, 1] > 0).astype(float)

    assert fit(signals, labels, np.ones(400), (0, 1))[1] > 1
    assert fit(signals, labels, np.ones(400), (0, -1))[1] == 0


def test_every_claim_to_fuse_on_is_also_shown_false_and_beside_other_evidence(tmp_path):
    for name in FUSED_ON:
        with gzip.open(tmp_path / f"{name}.jsonl.gz", "wt") as file:
            file.writelines(json.dumps(_written(name, i)) + "\n" for i in range(16))

    pairs = fusing_pairs(tmp_path)

    for name in FUSED_ON:
        mine = [pair for pair in pairs if pair.source.partition("+")[0] == name]
        assert 3 * sum(pair.label == "supported" for pair in mine) == len(mine) > 0, name
        assert {pair.source for pair in mine} >= {name, f"{name}+near"}


def _written(name: str, i: int) -> dict[str, object]:
    """A row as the set `name` has it, of one claim with a figure."""
    said, shown = f"The ferry {i} takes {i + 20} cars.", f"Ferry {i} is small. The ferry {i} takes {i + 20} cars."
    return {
        "id": i, "long_answer": said, "contexts": [shown], "input": "What?", "label": "answerable",
        "passages": [{"title": "", "text": shown}], "output": [{"answer": said}],
        "reviews": [shown], "summaries": [said],
        "dialogue": shown, "note": said,
    }  # fmt: skip


def test_every_set_and_answer_weighs_the_same():
    weights = balanced_weights([("a", True), ("a", True), ("a", False), ("b", True)])

    assert weights[0] + weights[1] == weights[2] == weights[3]


def test_the_calibrated_line_rises_and_is_right_about_even_odds():
    chance = np.random.default_rng(2)
    odds = chance.normal(size=2000) * 2
    labels = (chance.random(2000) < 1 / (1 + np.exp(-odds))).astype(float)

    at, scores = rising(odds, labels, np.ones(2000))

    assert np.all(np.diff(scores) >= 0)
    assert np.interp(0.0, at, scores) == pytest.approx(0.5, abs=0.08)


def test_balanced_accuracy_and_area_are_those_of_the_books():
    scores, supported = np.array([0.9, 0.4, 0.1, 0.2]), np.array([True, True, False, False])

    assert accuracy_at(scores, supported, 0.5) == 0.75
    assert auroc(scores, supported) == 1.0
    assert auroc(np.array([1.0, 1.0, 1.0]), np.array([True, False, True])) == 0.5


def test_answerability_learns_from_questions(hash_embedder):
    from assistant.guards.grounding import WordReader

    asked = [
        each
        for i in range(20)
        for each in (
            Asked(f"How heavy is tent {i}?", f"Tent {i} is not heavy, it weighs {i} kg.", True, "made here"),
            Asked(f"How heavy is tent {i}?", "The shop opens on Monday.", False, "made here"),
        )
    ]

    coefficients = fit_answers(asked, hash_embedder, WordReader())

    assert coefficients[1] > 0
