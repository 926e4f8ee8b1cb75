"""Tuning on the real base, broken off and gone on with; a minute on two free cores."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.embedding import HashEmbedder
from assistant.errors import Conflict
from assistant.guards import PersonalDataGuard
from assistant.models import Catalog
from assistant.tasks import Section
from assistant.tuning import examples_of
from assistant.tuning.recipe import Recipe
from assistant.tuning.train import Tuner
from tests.tuning_cases import cases

pytestmark = pytest.mark.soak
CARD = Catalog().get("smollm2-135m")
RECIPE = Recipe(rank=4, alpha=8, rate=2e-3, epochs=3, batch_tokens=600, looks=1)
SECTIONS = (Section("Reason for visit", "What brings the patient in"), Section("History", "Fever, days"))


class BrokenOff(Exception):
    """The process was killed."""


def test_a_training_that_was_broken_off_goes_on_and_ends_as_well(weights_dir: Path, tmp_path: Path):
    weights = weights_dir / CARD.name / CARD.files[0].name
    examples = examples_of(cases(90), SECTIONS, HashEmbedder(), PersonalDataGuard(), report=lambda _: None).kept

    def die_at_the_second_look(line: str) -> None:
        looks.append("validation loss" in line and line.startswith("step"))
        if sum(looks) == 2:
            raise BrokenOff

    looks: list[bool] = []
    first = Tuner(weights, RECIPE, tmp_path, report=die_at_the_second_look)
    encoded = first.encode("Write a section.", examples)
    training, validation = encoded[10:], encoded[:10]
    with pytest.raises(BrokenOff):
        first.run(training, validation)

    said: list[str] = []
    second = Tuner(weights, RECIPE, tmp_path, report=said.append)
    outcome = second.run(training, validation)
    assert said[0].startswith("going on after step")
    assert outcome.loss < 0.7 * outcome.loss_before
    assert (tmp_path / "best" / "adapter_model.safetensors").is_file()

    with pytest.raises(Conflict, match="another recipe or base"):
        Tuner(weights, Recipe(rank=2), tmp_path, report=said.append)
