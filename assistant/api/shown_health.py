"""What the calls about health give, with an example each."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from assistant.api.examples import with_example


class Alive(BaseModel):
    """The process answers."""

    model_config = with_example({"status": "ok"})

    status: Literal["ok"]


class Readiness(BaseModel):
    """Whether questions can be answered, and what is missing."""

    model_config = with_example(
        {
            "status": "degraded",
            "missing": ["medical: the rail doses stops none of the texts it must stop"],
            "verticals": {"feedback": "ready", "medical": "not ready"},
        }
    )

    status: Literal["ready", "degraded", "not ready"]
    """`degraded`: some vertical answers, and something is missing for another."""
    missing: list[str]
    verticals: dict[str, Literal["ready", "stale", "not ready"]]
    """`stale`: it answers by an older release, because its folders as they now are cannot be used."""
