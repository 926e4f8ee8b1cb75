"""What each call gives, described with an example each; the answers themselves are made in wire.py and the routes."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel

from assistant.api.examples import RELEASE, with_example
from assistant.api.shown_accounts import Batch, BatchList, SignedIn, Usage
from assistant.api.shown_checks import CheckedText
from assistant.api.shown_events import DeliveryList, FeedbackTaken, HandedOver, NewWebhook, WebhookDeleted, WebhookList
from assistant.api.shown_health import Alive, Readiness
from assistant.api.shown_records import AnswerReceipt, Approved
from assistant.api.shown_revisions import SHOWN_REVISIONS
from assistant.messages import Basis, Outcome, Task

_CITATION = {
    "n": 1,
    "document": "returns.md",
    "title": "Returns",
    "text": "You can return an unopened item within 30 days from delivery.",
    "start": 10,
    "end": 71,
    "score": 0.71,
    "effective": "2026-09-01",
    "link": "https://www.northmoor.example/help/returns",
}
_OF_ANSWERS = {"n", "effective", "link"}
_TOKENS = {"prompt_tokens": 96, "completion_tokens": 14}
_USAGE = {**_TOKENS, "cost_usd": 0.0, "energy_wh": 0.0031, "checks_wh": 0.0008, "co2_g": 0.0015, "basis": "estimated"}
_ASSISTANT = {
    "answer_id": "ans-5f0c",
    "conversation_id": "con-81aa",
    "vertical": "feedback",
    "release": RELEASE,
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
    checks_wh: float
    """The part of it that guards and rails took."""
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
            "system_fingerprint": RELEASE,
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


_MODEL = {
    "id": "feedback",
    "object": "model",
    "created": 0,
    "owned_by": "assistant",
    "title": "Customer feedback",
    "tasks": ["answer", "summarize"],
    "language": "en",
    "release": RELEASE,
}


class Model(BaseModel):
    """A vertical as what can be asked, in OpenAI's shape; the `id` is the `model` of a chat request."""

    model_config = with_example(_MODEL)

    id: str
    object: Literal["model"]
    created: int
    owned_by: str
    title: str
    tasks: list[str]
    language: str
    release: str


class ModelList(BaseModel):
    """The verticals a key may use, in OpenAI's shape."""

    model_config = with_example({"object": "list", "data": [_MODEL]})

    object: Literal["list"]
    data: list[Model]


class ShownVertical(BaseModel):
    """What a page shows of a vertical before anything is asked."""

    model_config = with_example(
        {
            "object": "vertical",
            "name": "feedback",
            "title": "Customer feedback",
            "language": "en",
            "tasks": ["answer", "summarize"],
            "notice": "You are talking to an AI assistant.",
            "disclaimer": "The policies on the website apply.",
            "suggestions": ["How long do I have to return an unopened item?"],
            "theme": {
                "light": {"accent": "#2f5d3a", "on_accent": "#ffffff"},
                "dark": {"accent": "#8fae97", "on_accent": "#111111"},
            },
            "handoff": {"text": "Please call us.", "mailto": "care@shop.example", "person": True},
            "limits": {
                "file_bytes": 10485760,
                "document_characters": 300000,
                "question_characters": 20000,
                "request_bytes": 1048576,
            },
        }
    )

    object: Literal["vertical"]
    name: str
    title: str
    language: str
    tasks: list[Task]
    notice: str
    """To be shown where the visitor sees it before asking."""
    disclaimer: str | None
    suggestions: list[str]
    theme: dict[str, dict[str, str]]
    """Accent and the text on it, readable on light and on dark ground (4.5 : 1)."""
    handoff: dict[str, str | bool | None]
    """Where a person is reached; `person` says whether there is such a place."""
    limits: dict[str, int]


class Passages(BaseModel):
    """Evidence, best first."""

    model_config = with_example(
        {
            "object": "list",
            "vertical": "feedback",
            "release": RELEASE,
            "data": [{**{k: v for k, v in _CITATION.items() if k not in _OF_ANSWERS}, "trust": "approved"}],
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


class Stopped(BaseModel):
    """An answer that is not written any more."""

    model_config = with_example({"id": "ans-5f0c", "object": "answer.stopped", "stopped": True})

    id: str
    object: Literal["answer.stopped"]
    stopped: Literal[True]


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
    Completion, Model, ModelList, ShownVertical, CheckedText, Passages, ReadFile, Erased, Stopped, Batch, BatchList,
    SignedIn, Usage, FeedbackTaken, HandedOver, AnswerReceipt, Approved, NewWebhook, WebhookList, WebhookDeleted,
    DeliveryList, Alive, Readiness, Problem, *SHOWN_REVISIONS,
)  # fmt: skip
"""Everything that a call may give."""
