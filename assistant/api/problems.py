"""Errors as they leave: application/problem+json (RFC 9457) with an `error` member that OpenAI clients read."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import Scope

from assistant.api.headers import limit_headers, request_id, response_headers
from assistant.api.presence import CALLER_LEFT
from assistant.errors import AssistantError, Invalid, TooMany, Unavailable

logger = logging.getLogger(__name__)


class InvalidField(Invalid):
    """A field of a request cannot be used; `param` is its path, like `messages[0].content`."""

    def __init__(self, param: str | None, reason: str) -> None:
        super().__init__(f"{param}: {reason}" if param else reason, param=param)
        self.reason = reason


def add_problem_handlers(app: FastAPI) -> None:
    """Makes every failure of `app` leave as a problem, and an unexpected one without any inner text."""
    app.add_exception_handler(ClientDisconnect, _on_caller_left)
    app.add_exception_handler(AssistantError, _on_assistant_error)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(RequestValidationError, _on_validation_error)
    app.add_exception_handler(Exception, _on_unexpected)


def problem(error: BaseException, scope: Scope) -> JSONResponse:
    """The response for an error of ours; for any other exception a plain 500, logged."""
    known = (
        error if isinstance(error, AssistantError) else AssistantError("the request failed; its id is in `instance`")
    )
    _note(error, known, scope)
    headers = {"WWW-Authenticate": "Bearer"} if known.status == HTTPStatus.UNAUTHORIZED else {}
    if isinstance(known, Unavailable | TooMany):
        headers["Retry-After"] = str(known.retry_after_s)
    if isinstance(known, TooMany):
        headers |= limit_headers(known.windows)
    return _response(known.status, _body(known, scope), scope, headers)


def openai_error(error: BaseException, scope: Scope) -> dict[str, Any]:
    """The `error` member alone, for a stream that has already begun; an unexpected exception is logged, not told."""
    known = error if isinstance(error, AssistantError) else AssistantError("the request failed half-way")
    _note(error, known, scope)
    member: dict[str, Any] = _body(known, scope)["error"]
    return member


def members(error: AssistantError, instance: str) -> dict[str, Any]:
    """The members of a problem that does not leave as a response of its own; `instance` says what it happened to."""
    return _members(error.status, error.type, error.title, str(error), instance, param=error.param)


def field_path(loc: tuple[int | str, ...]) -> str | None:
    """`("messages", 0, "content")` as people write it: `messages[0].content`; None for the whole body."""
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc)
    return path.removeprefix(".") or None


def _body(error: AssistantError, scope: Scope) -> dict[str, Any]:
    return members(error, request_id(scope))


def _members(
    status: int, kind: str, title: str, detail: str, instance: str, *, param: str | None = None
) -> dict[str, Any]:
    return {
        "type": f"urn:assistant:problem:{kind}",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": instance,
        "error": {"message": detail, "type": _openai_type(status), "param": param, "code": kind},
    }


def _openai_type(status: int) -> str:
    named = {401: "authentication_error", 403: "permission_error", 404: "not_found_error", 429: "rate_limit_error"}
    return named.get(status, "invalid_request_error" if status < HTTPStatus.INTERNAL_SERVER_ERROR else "server_error")


def _response(status: int, body: dict[str, Any], scope: Scope, headers: dict[str, str]) -> JSONResponse:
    # An unexpected failure is answered outside our middleware, so every problem brings these headers itself.
    headers = {**response_headers(scope), **headers}
    return JSONResponse(body, status, headers=headers, media_type="application/problem+json")


def _note(error: BaseException, known: AssistantError, scope: Scope) -> None:
    scope.setdefault("state", {})["problem"] = known.type  # Counted when the request is over.
    if error is not known:
        logger.error("request %s failed unexpectedly", request_id(scope), exc_info=error)
    elif known.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        logger.warning("request %s: %s: %s", request_id(scope), known.type, error)


async def _on_assistant_error(request: Request, error: Exception) -> JSONResponse:
    return problem(error, request.scope)


async def _on_caller_left(_request: Request, _error: Exception) -> Response:
    return Response(status_code=CALLER_LEFT)  # Before the question was read; nobody is there to be told.


async def _on_unexpected(request: Request, error: Exception) -> JSONResponse:
    return problem(error, request.scope)


async def _on_http_exception(request: Request, error: Exception) -> JSONResponse:
    status = error.status_code if isinstance(error, HTTPException) else HTTPStatus.INTERNAL_SERVER_ERROR
    headers = dict(getattr(error, "headers", None) or {})
    phrase = HTTPStatus(status).phrase
    detail = f"{request.method} {request.url.path[:200]}: {phrase.lower()}"
    body = _members(status, phrase.lower().replace(" ", "-"), phrase, detail, request_id(request.scope))
    return _response(status, body, request.scope, headers)


async def _on_validation_error(request: Request, error: Exception) -> JSONResponse:
    first = error.errors()[0] if isinstance(error, RequestValidationError) else {"loc": (), "msg": str(error)}
    return problem(InvalidField(field_path(tuple(first["loc"][1:])), str(first["msg"])), request.scope)
