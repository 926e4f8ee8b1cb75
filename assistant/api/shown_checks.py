"""What the calls that check a text give, with an example each."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from assistant.api.examples import RELEASE, with_example
from assistant.checks import CheckOutcome
from assistant.messages import Reason


class CheckedText(BaseModel):
    """What the rails would do with a text, and every measurement behind it."""

    model_config = with_example(
        {
            "outcome": "block",
            "rail": "grounding",
            "reason": "I cannot confirm that from our documents.",
            "text": "Refunds take 90 days.",
            "scores": {"grounding": 0.2, "personal-data": 1.0},
            "found": [],
            "sentences": [
                {"text": "Refunds take 90 days.", "claim": True, "support": 0.2, "reason": "figure", "evidence": 0}
            ],
            "release": RELEASE,
            "ms": 31.4,
        }
    )

    outcome: CheckOutcome
    rail: str | None
    reason: str | None
    text: str
    """With personal data masked where the vertical masks it."""
    scores: dict[str, float]
    """By guard: 0 certainly stop … 1 certainly fine."""
    found: list[dict[str, Any]]
    sentences: list[CheckedLine]
    release: str
    ms: float


class CheckedLine(BaseModel):
    """One sentence of an output text, held against the evidence."""

    text: str
    claim: bool
    support: float | None
    reason: Reason
    evidence: int | None
    """Place of the passage that bears it out in the evidence sent, from 0."""
