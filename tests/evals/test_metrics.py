"""What each metric says about an answer, and about what it says nothing."""

from __future__ import annotations

import pytest

from assistant.evals.metrics import METRICS
from tests.evals.conftest import case, result

ANSWERED = case("x", "How heavy?", "2.1 kg.")
NOTHING = case("y", "How tall?", "")


@pytest.mark.parametrize(
    ("name", "asked", "told", "value"),
    [
        ("right", ANSWERED, {"facts": 0.5}, 0.5),
        ("right", NOTHING, {"outcome": "unanswered"}, 1.0),
        ("right", NOTHING, {"outcome": "quoted"}, 0.0),
        ("wrongly_declined", ANSWERED, {"outcome": "declined"}, 1.0),
        ("wrongly_declined", NOTHING, {"outcome": "declined"}, None),
        ("wrongly_answered", NOTHING, {"outcome": "answered"}, 1.0),
        ("wrongly_answered", ANSWERED, {"outcome": "answered"}, None),
        ("supported", ANSWERED, {"claims": 4, "claims_supported": 3}, 0.75),
        ("supported", ANSWERED, {"claims": 0}, None),
        ("drafts_supported", ANSWERED, {"drafted": 4, "drafted_supported": 1}, 0.25),
        ("citation_recall", ANSWERED, {"cited": ("returns.md", "b.md")}, 1.0),
        ("citation_recall", ANSWERED, {"cited": ("b.md",)}, 0.0),
        ("citation_precision", ANSWERED, {"cited": ("returns.md", "b.md")}, 0.5),
        ("citation_precision", ANSWERED, {}, None),
        ("citation_precision", case("z", cite=None), {"cited": ("review-1",)}, None),
        ("tokens_per_s", ANSWERED, {"completion_tokens": 30, "generation_s": 2.0}, 15.0),
        ("total_s", ANSWERED, {"outcome": "failed", "failed": "out of order", "total_s": 9.0}, None),
        ("failed", ANSWERED, {"outcome": "failed", "failed": "out of order"}, 1.0),
    ],
)
def test_a_metric_is_as_it_says(name: str, asked, told: dict[str, object], value: float | None):
    assert METRICS[name].of(asked, result(asked.id, "It weighs 2.1 kg.", **told)) == value


def test_every_metric_says_what_it_means_in_one_sentence():
    for metric in METRICS.values():
        assert metric.meaning.endswith((".", ")", "it.")) and len(metric.meaning) > 20, metric.name


def test_better_is_more_or_less_as_the_metric_says():
    assert METRICS["right"].improved(0.4, 0.5) and not METRICS["word_edits"].improved(4, 5)
