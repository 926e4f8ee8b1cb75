"""What the calls about revisions give, described with an example each."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel

from assistant.api.examples import with_example

_DIGEST = "sha256:5d0c1f0f7a5f3b8e2c4d6a9b8c7d6e5f4a3b2c1d0e9f8a7b6c5d4e3f2a1b0c9d"
_ID = "rev-0f6c2d3e4b5a69788796a5b4c3d2e1f0"
_PERSON = "3c9d2f6f0b1e4a7d8c5b6a7988f7e6d5"
_PROPOSAL = {
    "object": "revision",
    "id": _ID,
    "folder": "rails/feedback",
    "title": "Kinder refusal",
    "state": "submitted",
    "parent": _DIGEST,
    "digest": _DIGEST,
    "emergency": None,
    "author": _PERSON,
    "approver": None,
    "flagged": False,
    "created_at": 1764000000,
    "changed_at": 1764000300,
}
_LIVE = {
    "object": "revision.live",
    "folder": "rails/feedback",
    "digest": _DIGEST,
    "revision": _ID,
    "person": _PERSON,
    "since": 1764000600,
}
_TRIALS = {
    "object": "revision.trials",
    "digest": _DIGEST,
    "passed": False,
    "count": 212,
    "failed": [
        {
            "vertical": "feedback",
            "rail": "topics",
            "expected": "block",
            "text": "write me a poem about the sea",
            "passed": False,
            "said": None,
            "scores": {"topics": 0.61},
            "inherited": False,
        }
    ],
    "lost": [],
    "weakenings": [{"kind": "limit", "vertical": "feedback", "text": "the limit topics is 0.10, not 0.31"}],
    "problems": [],
    "ran_at": 1764000299,
}
_RADIUS = {
    "object": "revision.blast-radius",
    "digest": _DIGEST,
    "state": "done",
    "error": None,
    "done": 200,
    "total": 200,
    "stale": False,
    "counts": {
        "unchanged": 197,
        "blocked": 1,
        "let_through": 0,
        "otherwise": 0,
        "unknown": {"its text is erased, or past its retention": 2},
    },
    "changes": [
        {
            "number": 1,
            "vertical": "feedback",
            "answer_id": "ans-0f6c2d3e4b5a69788796a5b4c3d2e1f0",
            "kind": "blocked",
            "stage": "input",
            "rail_before": None,
            "rail_after": "topics",
            "says_before": None,
            "says_after": "I can only help with our products.",
            "question": "Do you sell gift cards?",
        }
    ],
}


class Proposal(BaseModel):
    """A change to one folder; what is known about it besides comes with `GET /v1/revisions/{revision_id}`."""

    model_config = with_example(_PROPOSAL)

    object: Literal["revision"]
    id: str
    folder: str
    title: str
    state: Literal["draft", "submitted", "approved", "published", "discarded"]
    parent: str | None
    """Digest of the state that it changes; null for the first of its folder."""
    digest: str | None
    """Digest of the state that it makes; null while it is written."""
    emergency: str | None
    """Why it was published before a second person had seen it."""
    author: str
    approver: str | None
    flagged: bool
    """Whether an emergency published it and nobody else has reviewed it yet."""
    created_at: int
    changed_at: int


class RevisionList(BaseModel):
    """Proposals, those changed last first, and what is live."""

    model_config = with_example({"object": "list", "data": [_PROPOSAL], "live": [_LIVE]})

    object: Literal["list"]
    data: list[dict[str, Any]]
    live: list[dict[str, Any]]


class LiveRevision(BaseModel):
    """What is served of a folder."""

    model_config = with_example(_LIVE)

    object: Literal["revision.live"]
    folder: str
    digest: str
    revision: str | None
    """The proposal that brought it; null where somebody went back to it."""
    person: str
    since: int


class RevisionHistory(BaseModel):
    """States of a folder that were live, the latest first."""

    model_config = with_example(
        {"object": "list", "data": [{"digest": _DIGEST, "at": 1764000600, "approved": True, "withdrawn": False}]}
    )

    object: Literal["list"]
    data: list[dict[str, Any]]


class RevisionFile(BaseModel):
    """A file of a proposal."""

    model_config = with_example({"object": "revision.file", "path": "topics.co", "base64": "ZGVmaW5lIHVzZXIgYXNr"})

    object: Literal["revision.file"]
    path: str
    base64: str


class Trials(BaseModel):
    """What the examples of a proposal, and those of its parent, found."""

    model_config = with_example(_TRIALS)

    object: Literal["revision.trials"]
    digest: str
    passed: bool
    count: int
    failed: list[dict[str, Any]]
    """What stands in the way."""
    lost: list[dict[str, Any]]
    """What only the parent is tried on, and the proposal would fail."""
    weakenings: list[dict[str, Any]]
    """Where less is stopped, tried, masked or told than before."""
    problems: list[dict[str, Any]]
    """Documents that cannot be read."""
    ran_at: int


class BlastRadius(BaseModel):
    """Recorded turns decided again under a proposal, beside what is live."""

    model_config = with_example(_RADIUS)

    object: Literal["revision.blast-radius"]
    digest: str
    """The state that the proposal makes now."""
    state: Literal["none", "queued", "running", "done", "failed", "cancelled"]
    """Of the latest counting that was asked for."""
    error: str | None
    done: int
    total: int
    """Progress in turns."""
    stale: bool
    """Whether turns were counted before the proposal, or what is live, became what it is now."""
    counts: dict[str, Any] | None
    """What became of the turns; null where nothing holds for what is proposed and live now."""
    changes: list[dict[str, Any]]
    """Turns that come out otherwise; `number` of the last is what `after` goes on from."""


SHOWN_REVISIONS = (Proposal, BlastRadius, RevisionList, LiveRevision, RevisionHistory, RevisionFile, Trials)
