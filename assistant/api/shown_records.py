"""What the calls about records give, with an example each."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel

from assistant.api.examples import with_example

_DIGEST = "4f6fbc6a8f4a5dd7a7a8f0e4b1c3a5d0e9b8c7d6f5a4b3c2d1e0f9a89f2c64ce"
_PARTS = {"version": "0.1.0", "rails": f"sha256:{_DIGEST}", "index": "none", "embedder": "all-minilm-l6-v2@1"}


class AnswerReceipt(BaseModel):
    """What made an answer and what decided on it; its texts only as keyed digests, which tell nobody what they were."""

    model_config = with_example(
        {
            "id": "ans-5f0c",
            "object": "answer.receipt",
            "conversation_id": "con-81aa",
            "created_at": 1764000000,
            "erased": False,
            "sha256": _DIGEST,
            "receipt": {
                "answer_id": "ans-5f0c",
                "vertical": "feedback",
                "outcome": "answered",
                "rail": None,
                "release": {"digest": f"sha256:{_DIGEST}", "published": False, "parts": _PARTS},
                "question": _DIGEST,
                "evidence": [{"document": "returns.md", "start": 10, "end": 71, "text": _DIGEST, "score": 0.71}],
                "sentences": [{"text": _DIGEST, "claim": True, "support": 0.93, "citations": [1]}],
                "decisions": [
                    {
                        "stage": "input",
                        "measurements": {"injection": {"score": 0.99, "kind": "none"}},
                        "blocked": False,
                        "rail": None,
                    }
                ],
            },
        }
    )

    id: str
    object: Literal["answer.receipt"]
    conversation_id: str
    created_at: int
    erased: bool
    """Whether the texts are gone; the receipt stands without them."""
    sha256: str
    """Of the receipt as canonical JSON (RFC 8785), as the audit chain holds it."""
    receipt: dict[str, Any]
    """Release and its parts, evidence, sentences, what was withheld, every decision with its measurements, usage."""


class Approved(BaseModel):
    """A text that a person let go out, and what they corrected until it was right."""

    model_config = with_example(
        {
            "id": "ans-5f0c",
            "object": "answer.approval",
            "approved_at": 1764000000,
            "seconds": 40,
            "word_edits": 3,
            "character_edits": 17,
        }
    )

    id: str
    object: Literal["answer.approval"]
    approved_at: int
    seconds: int
    word_edits: int
    """Words inserted, deleted or replaced."""
    character_edits: int
