from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from assistant.embedding import SentenceEmbedder
from assistant.errors import ModelUnavailable
from assistant.models import Catalog, pull, verify

CARD = Catalog().get("all-minilm-l6-v2")


@pytest.fixture(scope="module")
def weights(weights_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("weights")
    for file in CARD.files:
        (folder / CARD.name / file.name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(weights_dir / CARD.name / file.name, folder / CARD.name / file.name)
    return folder


def test_onnx_is_made_once_checked_and_known_by_its_digest(weights):
    said: list[str] = []
    folder = pull(CARD, weights, offline=True, report=said.append)
    assert "gives the vectors of sentence-transformers (cosine" in said[-1]
    verify(CARD, weights, deep=True)
    assert SentenceEmbedder(folder).dimension == 384
    pull(CARD, weights, offline=True, report=said.append)
    assert said[-1] == "all-minilm-l6-v2: already here"


def test_a_corrupted_onnx_is_found(weights):
    folder = pull(CARD, weights, offline=True, report=lambda _: None)
    made = json.loads((folder / "made.json").read_text())
    made["file"]["sha256"] = "0" * 64
    (folder / "made.json").write_text(json.dumps(made))
    with pytest.raises(ModelUnavailable, match=r"model\.onnx is corrupt: expected SHA-256 0000"):
        verify(CARD, weights, deep=True)
    (folder / "made.json").unlink()
    with pytest.raises(ModelUnavailable, match=r"made\.json is missing or unreadable"):
        verify(CARD, weights)
