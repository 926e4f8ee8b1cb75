"""What the calls about batches, sessions and usage give, described with an example each."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel

from assistant.api.examples import with_example

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


class Batch(BaseModel):
    """How far a batch is."""

    model_config = with_example(_BATCH)

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

    model_config = with_example({"object": "list", "data": [_BATCH]})

    object: Literal["list"]
    data: list[dict[str, Any]]


class SignedIn(BaseModel):
    """A session and the person it is of."""

    model_config = with_example(
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
    """Answers, tokens, money, energy and carbon by key, day (UTC) and vertical."""

    model_config = with_example(
        {
            "object": "list",
            "data": [
                {
                    "key": "key-1",
                    "day": "2026-11-24",
                    "vertical": "feedback",
                    "answers": 3,
                    "prompt_tokens": 290,
                    "completion_tokens": 41,
                    "cost_usd": 0.0,
                    "energy_wh": 0.0094,
                    "checks_wh": 0.0021,
                    "co2_g": 0.0044,
                    "basis": "estimated",
                }
            ],
        }
    )

    object: Literal["list"]
    data: list[dict[str, Any]]
