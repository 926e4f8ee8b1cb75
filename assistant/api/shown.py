"""What each call gives, described with an example each; the answers themselves are made in wire.py and the routes."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel

from assistant.api.examples import with_example
from assistant.api.shown_accounts import Batch, BatchList, SignedIn, Usage
from assistant.api.shown_events import DeliveryList, FeedbackTaken, HandedOver, NewWebhook, WebhookDeleted, WebhookList
from assistant.api.shown_revisions import SHOWN_REVISIONS
from assistant.checks import CheckOutcome
from assistant.messages import Basis, Outcome, Reason, Task

_RELEASE = "sha256:9f2c64ce4f6fbc6a8f4a5dd7a7a8f0e4b1c3a5d0e9b8c7d6f5a4b3c2d1e0f9a8"
_CITATION = {
    "n": 1,
    "document": "returns.md",
    "title": "Returns",
    "text": "You can return an unopened item within 30 days from delivery.",
    "start": 10,
    "end": 71,
    "score": 0.71,
}
_TOKENS = {"prompt_tokens": 96, "completion_tokens": 14}
_USAGE = {**_TOKENS, "cost_usd": 0.0, "energy_wh": 0.0031, "co2_g": 0.0015, "basis": "estimated"}
_ASSISTANT = {
    "answer_id": "ans-5f0c",
    "conversation_id": "con-81aa",
    "vertical": "feedback",
    "release": _RELEASE,
    "published": False,
    "model": "smollm2-135m",
    "task": "answer",
    "outcome": "answered",
    "rail": None,
    "reason": None,
    "sentences": [{"text": "Within 30 days from delivery.", "claim": True, "support": 0.93, "citations": [1]}],
    "citations": [_CITATION],
    "omitted": [],
    "withheld": {"evidence": [], "sentences": []},
    "masked": [],
    "parts": 1,
    "usage": _USAGE,
    "timings_ms": {
        "input": 9.1,
        "evidence": 4.2,
        "first_sentence": 310.5,
        "generation": 320.0,
        "output": 1.0,
        "total": 335.0,
    },
}


class Extra(BaseModel):
    """Everything known about an answer but its text."""

    model_config = with_example(_ASSISTANT)

    answer_id: str
    conversation_id: str
    """Send it with the next question to go on."""
    vertical: str
    release: str
    """The digest of everything that made the answer."""
    published: bool
    model: str
    task: Task
    outcome: Outcome
    rail: str | None
    """The rail that declined."""
    reason: str | None
    sentences: list[dict[str, Any]]
    citations: list[dict[str, Any]]
    withheld: dict[str, Any]
    masked: list[str]
    usage: Used
    timings_ms: dict[str, float | None]


class Used(BaseModel):
    """What one answer used."""

    model_config = with_example(_USAGE)

    prompt_tokens: int
    completion_tokens: int
    cost_usd: float
    """What a hosted model charges, and the electricity where its price is set."""
    energy_wh: float
    """Watt-hours of the machine of this service."""
    co2_g: float
    basis: Basis
    """Whether the energy was measured, or reckoned from the time of the processor."""


class Completion(BaseModel):
    """An answer in OpenAI's shape."""

    model_config = with_example(
        {
            "id": "chatcmpl-ans-5f0c",
            "object": "chat.completion",
            "created": 1764000000,
            "model": "feedback",
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": "Within 30 days from delivery.", "refusal": None},
                    "logprobs": None,
                    "finish_reason": "stop",
                }
            ],
            "usage": {**_TOKENS, "total_tokens": 110},
            "system_fingerprint": _RELEASE,
            "assistant": _ASSISTANT,
        }
    )

    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[dict[str, Any]]
    usage: dict[str, int]
    assistant: Extra


class ModelList(BaseModel):
    """The verticals a key may use, in OpenAI's shape."""

    model_config = with_example(
        {
            "object": "list",
            "data": [
                {
                    "id": "feedback",
                    "object": "model",
                    "created": 0,
                    "owned_by": "assistant",
                    "title": "Customer feedback",
                    "tasks": ["answer", "summarize"],
                    "language": "en",
                    "release": _RELEASE,
                }
            ],
        }
    )

    object: Literal["list"]
    data: list[dict[str, Any]]


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
            "release": _RELEASE,
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


class Passages(BaseModel):
    """Evidence, best first."""

    model_config = with_example(
        {
            "object": "list",
            "vertical": "feedback",
            "release": _RELEASE,
            "data": [{**{k: v for k, v in _CITATION.items() if k != "n"}, "trust": "approved"}],
        }
    )

    object: Literal["list"]
    vertical: str
    release: str
    data: list[dict[str, Any]]


class ReadFile(BaseModel):
    """The text of a file, as it may be sent in `documents`."""

    model_config = with_example(
        {"object": "document", "id": "terms.pdf", "title": "Terms", "text": "# Terms\n\nPay soon."}
    )

    object: Literal["document"]
    id: str
    title: str
    text: str


class Erased(BaseModel):
    """What was erased."""

    model_config = with_example({"id": "con-81aa", "object": "conversation.deleted", "deleted": True})

    id: str
    object: Literal["conversation.deleted"]
    deleted: Literal[True]


class Alive(BaseModel):
    """The process answers."""

    model_config = with_example({"status": "ok"})

    status: Literal["ok"]


class Readiness(BaseModel):
    """Whether questions can be answered, and what is missing."""

    model_config = with_example({"status": "ready", "missing": []})

    status: Literal["ready", "not ready"]
    missing: list[str]


class Problem(BaseModel):
    """An error: RFC 9457, with the member `error` that OpenAI's clients read."""

    model_config = with_example(
        {
            "type": "urn:assistant:problem:invalid",
            "title": "Invalid input",
            "status": 422,
            "detail": "messages: is missing",
            "instance": "8c1d2f",
            "error": {
                "message": "messages: is missing",
                "type": "invalid_request_error",
                "param": "messages",
                "code": "invalid",
            },
        }
    )

    type: str
    title: str
    status: int
    detail: str
    instance: str
    """The id of the request, as in `x-request-id`."""
    error: dict[str, str | None]


SHOWN = (
    Completion, ModelList, CheckedText, Passages, ReadFile, Erased, Batch, BatchList, SignedIn, Usage, FeedbackTaken,
    HandedOver, NewWebhook, WebhookList, WebhookDeleted, DeliveryList, Alive, Readiness, Problem, *SHOWN_REVISIONS,
)  # fmt: skip
"""Everything that a call may give."""
