"""What each call gives, described with an example each; the answers themselves are made in wire.py and the routes."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from assistant.checks import CheckOutcome
from assistant.messages import Outcome, Reason, Task

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
_USAGE = {"prompt_tokens": 96, "completion_tokens": 14}
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


_BATCH = {
    "id": "batch-7d1e",
    "object": "batch",
    "endpoint": "/v1/chat/completions",
    "status": "completed",
    "request_counts": {"total": 2, "completed": 2, "failed": 0},
    "error": None,
    "created_at": 1764000000,
    "completed_at": 1764000009,
    "output": "/v1/batches/batch-7d1e/output",
}


def _shown(example: dict[str, Any]) -> ConfigDict:
    return ConfigDict(extra="allow", json_schema_extra={"examples": [example]}, use_attribute_docstrings=True)


class Extra(BaseModel):
    """Everything known about an answer but its text."""

    model_config = _shown(_ASSISTANT)

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
    usage: dict[str, Any]
    timings_ms: dict[str, float | None]


class Completion(BaseModel):
    """An answer in OpenAI's shape."""

    model_config = _shown(
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
            "usage": {**_USAGE, "total_tokens": 110},
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

    model_config = _shown(
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

    model_config = _shown(
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

    model_config = _shown(
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

    model_config = _shown({"object": "document", "id": "terms.pdf", "title": "Terms", "text": "# Terms\n\nPay soon."})

    object: Literal["document"]
    id: str
    title: str
    text: str


class Erased(BaseModel):
    """What was erased."""

    model_config = _shown({"id": "con-81aa", "object": "conversation.deleted", "deleted": True})

    id: str
    object: Literal["conversation.deleted"]
    deleted: Literal[True]


class Batch(BaseModel):
    """How far a batch is."""

    model_config = _shown(_BATCH)

    id: str
    object: Literal["batch"]
    endpoint: str
    status: Literal["queued", "in_progress", "completed", "failed", "cancelled"]
    request_counts: dict[str, int]
    """Questions in all, answered, and failed."""
    error: str | None
    created_at: int
    completed_at: int | None
    output: str
    """Where the answers are."""


class BatchList(BaseModel):
    """The batches of a key, newest first."""

    model_config = _shown({"object": "list", "data": [_BATCH]})

    object: Literal["list"]
    data: list[dict[str, Any]]


class SignedIn(BaseModel):
    """A session and the person it is of."""

    model_config = _shown(
        {
            "object": "session",
            "person": {
                "id": "per-1",
                "email": "ada@example.org",
                "name": "Ada",
                "roles": ["reviewer"],
                "verticals": None,
            },
            "csrf_token": "mJ0c",
        }
    )

    object: Literal["session"]
    person: dict[str, Any]
    csrf_token: str
    """Goes into the header x-csrf-token of every change."""


class Usage(BaseModel):
    """Answers and tokens by key and day (UTC)."""

    model_config = _shown(
        {
            "object": "list",
            "data": [
                {"key": "key-1", "day": "2026-11-24", "answers": 3, "prompt_tokens": 290, "completion_tokens": 41}
            ],
        }
    )

    object: Literal["list"]
    data: list[dict[str, Any]]


class Alive(BaseModel):
    """The process answers."""

    model_config = _shown({"status": "ok"})

    status: Literal["ok"]


class Readiness(BaseModel):
    """Whether questions can be answered, and what is missing."""

    model_config = _shown({"status": "ready", "missing": []})

    status: Literal["ready", "not ready"]
    missing: list[str]


class Problem(BaseModel):
    """An error: RFC 9457, with the member `error` that OpenAI's clients read."""

    model_config = _shown(
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
    Completion, ModelList, CheckedText, Passages, ReadFile, Erased, Batch, BatchList, SignedIn, Usage, Alive, Readiness,
    Problem,
)  # fmt: skip
"""Everything that a call may give."""
