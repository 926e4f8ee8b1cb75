"""The description of all calls as OpenAPI 3.1: every status, every field, an example of each shape."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel

from assistant.api.bodies import StrictBody, body_schemas
from assistant.api.shown import SHOWN, Problem

KEY = "key"
_STATUSES = {
    401: "No key came with the request, or it is not a valid one.",
    403: "The key may not do this.",
    404: "There is no such thing, or it is not this key's.",
    409: "Another request is at work on the same thing, or it is past the state for that.",
    413: "The request is larger than the limit that `detail` names.",
    421: "The Host is none that this service answers to.",
    422: "A field cannot be used; `error.param` names it.",
    429: "Too much was asked; `Retry-After` says when to try again.",
    500: "Something went wrong on our side; `instance` names the request.",
    503: "A part is not available just now; `Retry-After` says when to try again.",
}


def responses(
    shape: type[BaseModel] | None, what: str, *statuses: int, status: int = 200, **more: Any
) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that gives `shape` and may fail with `statuses`, besides what any call may answer."""
    failing: dict[int | str, dict[str, Any]] = {
        status: {
            "description": _STATUSES[status],
            "content": {"application/problem+json": {"schema": {"$ref": f"#/components/schemas/{Problem.__name__}"}}},
        }
        for status in sorted({*statuses, 413, 422, 500})
    }
    given: dict[str, Any] = {"description": what, **more} | ({} if shape is None else {"model": shape})
    return {status: given, **failing}


def keyed(*statuses: int) -> tuple[int, ...]:
    """The statuses that a route with a key may answer besides `statuses`."""
    return (401, 403, 421, 429, 503, *statuses)


def describe(app: FastAPI, *bodies: type[StrictBody]) -> dict[str, Any]:
    """The description of `app`, whose routes read `bodies`."""
    description = app.openapi()
    components = description.setdefault("components", {})
    # FastAPI drops the nulls of an example, and what is required with them: ours are put back.
    components.setdefault("schemas", {}).update(body_schemas(*SHOWN, *bodies))
    components["securitySchemes"] = {
        KEY: {"type": "http", "scheme": "bearer", "description": "A key made with `assistant keys create`."}
    }
    for path in description["paths"].values():
        for operation in path.values():
            if "401" in operation["responses"]:
                operation["security"] = [{KEY: []}]
    return description
