"""What ships can learn on: it is taken up as it is, and only the layers for claims change."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from assistant.errors import ModelUnavailable
from assistant.guards.grounding.network import ANSWERS, EMBEDDINGS, SUPPORT, WEIGHTS, CrossEncoder
from assistant.guards.grounding.training.export import export_claims
from assistant.guards.grounding.training.lessons import Lesson
from assistant.guards.grounding.training.network import beside, build, predict, teach
from assistant.guards.grounding.training.shipped import take_up
from assistant.guards.grounding.training.trainer import Schedule, Trainer

PAIRS = [
    ("The drug is safe for children.", "The drug has not been tested in children under 12. Adults take it daily."),
    ("Delivery takes two days.", "We deliver within two days in Italy and within four days elsewhere."),
    ("He went to Rome.", "The parliament met on Tuesday."),
    ("The tent weighs 3 kg.", "weight: 3 kg\ncolour: green"),
]


@pytest.fixture(scope="module")
def encoder(weights_dir: Path) -> Path:
    return weights_dir / "all-minilm-l6-v2"


OTHERS = [
    (f"The {thing} is {said}.", f"Of all we have the {thing} is {shown}.")
    for thing in ("lamp", "tent", "clinic", "stove")
    for said, shown in (("green", "green"), ("new", "not new"), ("cheap", "on the upper floor"))
]


def _taught(folder: Path, pairs=PAIRS):
    from tokenizers import Tokenizer

    lessons = [Lesson("support", claim, shown, "supported", "made here") for claim, shown in pairs]
    return teach(lessons, Tokenizer.from_file(str(folder / "tokenizer.json")))


@pytest.mark.parametrize(("layers", "number"), [(SUPPORT, 0), (ANSWERS, 3)])
def test_the_shipped_layers_are_taken_up_as_they_are(encoder, layers, number):
    network = build(encoder)
    take_up(network, WEIGHTS, layers)

    exact = predict(network, _taught(WEIGHTS))[:, number]

    shipped = CrossEncoder()
    session = shipped._support if layers == SUPPORT else shipped._answers
    quantised = [shipped._logits(session, claim, shown)[number] for claim, shown in PAIRS]
    assert np.allclose(exact, quantised, atol=0.5), (exact, quantised)
    assert np.ptp(exact) > 2


def test_learning_on_changes_the_layers_for_claims_and_nothing_else(encoder, tmp_path):
    folder = tmp_path / "weights"
    shutil.copytree(WEIGHTS, folder)
    before = {name: (folder / name).read_bytes() for name in (EMBEDDINGS, SUPPORT, ANSWERS)}
    network = build(encoder)
    take_up(network, folder, SUPPORT)
    unseen = _taught(folder, PAIRS[2:3])  # It is taught that this is borne out.
    odds = predict(network, unseen)[0, 0]
    learning = Trainer(beside(network, encoder), tmp_path / "checkpoints", report=lambda _: None)
    learning.run(unseen * 6, Schedule("claimed", 64, rate=5e-5, warm_up=2, batch_tokens=40))

    assert predict(learning.network, unseen)[0, 0] > odds
    assert export_claims(learning.network, folder, _taught(folder, PAIRS + OTHERS)) > 0.97
    changed = {name for name, content in before.items() if (folder / name).read_bytes() != content}
    assert changed == {SUPPORT}
    assert CrossEncoder(folder).name != CrossEncoder().name


@pytest.mark.parametrize("broken", [EMBEDDINGS, SUPPORT])
def test_a_file_that_is_no_network_is_named(encoder, tmp_path, broken):
    folder = tmp_path / "weights"
    shutil.copytree(WEIGHTS, folder)
    (folder / broken).write_bytes(b"no network")

    with pytest.raises(ModelUnavailable, match=r"support\.onnx"):
        take_up(build(encoder), folder, SUPPORT)


def test_layers_of_another_make_are_refused(encoder, tmp_path):
    folder = tmp_path / "weights"
    shutil.copytree(WEIGHTS, folder)
    shutil.copy(folder / EMBEDDINGS, folder / SUPPORT)

    with pytest.raises(ModelUnavailable, match=r"support\.onnx"):
        take_up(build(encoder), folder, SUPPORT)
