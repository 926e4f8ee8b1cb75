from __future__ import annotations

import json
import threading

import pytest

from assistant.errors import ModelUnavailable
from assistant.guards.grounding.fusion import as_json, read_fusion
from assistant.guards.grounding.network import ANSWERS, EMBEDDINGS, SUPPORT, WEIGHTS, CrossEncoder

EVIDENCE = "Refunds are issued within 5 business days. Opened items cannot be returned."


@pytest.fixture(scope="module")
def network() -> CrossEncoder:
    return CrossEncoder()


PAIRS = [
    ("Refunds are issued within 5 business days.", "Refunds are issued within 9 business days."),
    ("Refunds are issued within 5 business days.", "Refunds are not issued within 5 business days."),
    ("Opened items cannot be returned.", "Opened items can always be returned."),
    ("Refunds are issued within 5 business days.", "Refunds are issued within 5 business weeks."),
    ("Refunds are issued.", "Refunds are refused."),
    ("Opened items cannot be returned.", "Opened letters cannot be returned."),
]


def test_what_is_borne_out_mostly_has_better_odds_than_what_is_not(network):
    better = [network.supports(true, EVIDENCE) > network.supports(false, EVIDENCE) for true, false in PAIRS]

    assert sum(better) >= 5


def test_a_passage_that_answers_has_better_odds_than_one_that_does_not(network):
    question = "How long does a refund take?"

    assert network.answers(question, EVIDENCE) > network.answers(question, "The tent is green and light.")


def test_the_same_pair_has_the_same_odds_whatever_was_read_before(network):
    pair = "The tent is green.", "The tent is green and light."
    alone = CrossEncoder()
    first = alone.supports(*pair), alone.answers(*pair)
    for other in ("One", "A very much longer claim about quite another thing"):
        network.answers(other, EVIDENCE * 3)
        network.supports(other, EVIDENCE * 3)

    assert (network.supports(*pair), network.answers(*pair)) == first


def test_threads_may_share_it(network):
    found = []
    threads = [
        threading.Thread(target=lambda i=i: found.append(network.supports(f"Claim {i % 2}", EVIDENCE)))
        for i in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(found)) == 2


@pytest.mark.parametrize("text", ["", "\ud800", "\0", "字" * 5000, "a" * 100_000, "😀" * 3000, "[SEP] [CLS] [MASK]"])
def test_no_text_makes_it_fail(network, text):
    for first, second in ((text, EVIDENCE), ("A claim.", text), (text, text)):
        assert isinstance(network.supports(first, second), float)
        assert isinstance(network.answers(first, second), float)


def test_missing_weights_are_named(tmp_path):
    with pytest.raises(ModelUnavailable, match=r"\.onnx|tokenizer\.json"):
        CrossEncoder(tmp_path)


def test_the_shipped_network_is_small_enough_for_the_repository():
    assert sum((WEIGHTS / name).stat().st_size for name in (EMBEDDINGS, SUPPORT, ANSWERS)) < 35_000_000


def test_a_fusion_written_is_the_fusion_read(tmp_path):
    shipped = read_fusion()
    (tmp_path / "fusion.json").write_text(as_json(shipped))

    again = read_fusion(tmp_path)

    assert again.coefficients.tolist() == pytest.approx(shipped.coefficients.tolist(), abs=1e-4)
    assert again.score(shipped.coefficients * 0) == pytest.approx(shipped.score(shipped.coefficients * 0), abs=1e-3)


def test_a_fusion_for_other_signals_is_refused(tmp_path):
    stored = json.loads((WEIGHTS / "fusion.json").read_text())
    stored["coefficients"].pop("network")
    (tmp_path / "fusion.json").write_text(json.dumps(stored))

    with pytest.raises(ModelUnavailable, match="network"):
        read_fusion(tmp_path)


def test_a_score_never_falls_when_the_odds_rise():
    fusion = read_fusion()

    assert all(low <= high for low, high in zip(fusion.scores, fusion.scores[1:], strict=False))
    assert 0 <= fusion.scores[0] <= 0.5 <= fusion.scores[-1] <= 1


def test_the_model_card_names_every_set_the_weights_were_made_from():
    card = (WEIGHTS / "MODEL_CARD.md").read_text()
    made = json.loads((WEIGHTS / "fusion.json").read_text())

    for part in ("network_trained_on", "fused_on", "answers_fitted_on"):
        for name, licence in made[part].items():
            assert name in card
            assert licence in card
