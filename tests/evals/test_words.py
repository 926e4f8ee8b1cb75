"""Figures that others can compute must be theirs, to the last digit."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from assistant.evals.metrics import METRICS
from assistant.evals.words import corpus_bleu, edits
from tests.evals.conftest import case, result

SAID = [
    "The parcel arrives in three to five days.",
    "You may send it back within 30 days, if it is not opened!",
    "",
    "There are 10 reviews; 6 of the 10 reviews (60%) are positive.",
    "the the the",
]
WANTED = [
    "The parcel will arrive within 3 to 5 business days.",
    "You may send it back within 30 days if it was not opened.",
    "The tent weighs 2.1 kg.",
    "6 of the 10 reviews are positive, 1 is neutral and 3 are negative.",
    "The shop opens at nine.",
]
SECOND = [
    "It arrives in three to five days.",
    "Send it back within thirty days.",
    "It weighs 2.1 kg.",
    "Six in ten are positive.",
    "At nine.",
]


def write(file: Path, lines: list[str]) -> str:
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return str(file)


@pytest.mark.parametrize("others", [(), tuple(SECOND)], ids=["one reference", "two references"])
def test_bleu_is_that_of_the_command_line_of_sacrebleu(tmp_path: Path, others: tuple[str, ...]):
    pairs = [
        (case(str(n), reference=WANTED[n], other_references=others[n : n + 1]), result(str(n), said))
        for n, said in enumerate(SAID)
    ]
    references = [write(tmp_path / "wanted", WANTED), *([write(tmp_path / "second", SECOND)] if others else [])]
    command = [sys.executable, "-m", "sacrebleu", *references, "-i", write(tmp_path / "said", SAID), "-w", "12"]
    theirs = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    assert round(corpus_bleu(pairs)(range(len(pairs))), 12) == theirs["score"]
    assert theirs["score"] > 5


def test_rouge_is_that_of_the_command_line_of_rouge_score(tmp_path: Path):
    files = {"target": write(tmp_path / "wanted", WANTED), "prediction": write(tmp_path / "said", SAID)}
    out = tmp_path / "scores.csv"
    command = [sys.executable, "-m", "rouge_score.rouge", "--noaggregate", f"--output_filename={out}"]
    subprocess.run(
        [*command, *(f"--{name}_filepattern={file}" for name, file in files.items())], capture_output=True, check=True
    )
    rows = list(csv.DictReader(out.open()))

    for n, row in enumerate(rows):
        pair = case(str(n), reference=WANTED[n]), result(str(n), SAID[n])
        ours = {f"rouge{kind.upper()}-F": METRICS[f"rouge_{kind}"].of(*pair) for kind in ("1", "2", "l")}
        assert {name: f"{value:f}" for name, value in ours.items()} == {name: row[name] for name in ours}
    assert len(rows) == len(SAID)


@pytest.mark.parametrize(
    ("said", "approved", "words", "characters"),
    [
        ("The tent weighs 2.1 kg.", "The tent weighs 2.1 kg.", 0, 0),
        ("The tent weighs 2.2 kg.", "The tent weighs 2.1 kg.", 1, 1),
        ("", "The tent.", 2, 9),
        ("Now the tent.", "The tent.", 2, 5),
    ],
)
def test_corrections_are_the_fewest_until_the_text_is_the_approved_one(
    said: str, approved: str, words: int, characters: int
):
    pair = case("x", reference=approved), result("x", said)
    assert (METRICS["word_edits"].of(*pair), METRICS["character_edits"].of(*pair)) == (words, characters)
    assert edits(approved, approved) == 0


def test_the_nearest_of_several_references_counts():
    two = case("x", reference="Nine o'clock.", other_references=("The shop opens at nine.",))
    said = result("x", "The shop opens at nine.")
    assert [METRICS[name].of(two, said) for name in ("word_edits", "rouge_l", "exact", "token_f1")] == [0, 1, 1, 1]


def test_words_say_nothing_about_a_case_that_nothing_answers():
    nothing = case("x", reference="")
    for name in ("bleu", "chrf", "rouge_1", "rouge_l", "exact", "token_f1", "word_edits", "character_edits"):
        assert METRICS[name].of(nothing, result("x", "I do not know.")) is None


def test_figures_count_however_they_are_written():
    kept = METRICS["figures"].of(case("x", reference="It takes 14 days and costs 4.90."), result("x", "Fourteen days."))
    assert kept == 0.5


def test_a_failed_answer_is_worth_nothing():
    failed = result("x", "", outcome="failed", failed="ModelUnavailable")
    wanted = case("x", reference="The tent weighs 2.1 kg.")
    worth = {
        name: METRICS[name].of(wanted, failed) for name in ("right", "rouge_l", "bleu", "wrongly_declined", "failed")
    }
    assert worth == {"right": 0, "rouge_l": 0, "bleu": 0, "wrongly_declined": 1, "failed": 1}
