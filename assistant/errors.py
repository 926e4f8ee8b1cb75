"""Every way the service fails, with the HTTP status and problem type that each one becomes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar


class AssistantError(Exception):
    """Root of every failure we raise on purpose; the message is safe to show to the caller."""

    status: ClassVar[int] = 500
    type: ClassVar[str] = "internal"
    title: ClassVar[str] = "Something went wrong on our side"

    def __init__(self, message: str = "", *, param: str | None = None) -> None:
        """`param` is the path of the field of a request that is at fault, like `messages[0].content`."""
        super().__init__(message)
        self.param = param


class NotFound(AssistantError):
    """The thing named does not exist."""

    status = 404
    type = "not-found"
    title = "Not found"


class UnknownVertical(NotFound):
    """No vertical of that name is served, or the key may not see it."""

    type = "unknown-vertical"
    title = "Unknown vertical"


class UnknownModel(NotFound):
    """No model card of that name is in the catalog."""

    type = "unknown-model"
    title = "Unknown model"


class UnknownRevision(NotFound):
    """There is no such proposal, and no revision of that digest that may be used."""

    type = "unknown-revision"
    title = "Unknown revision"


class Invalid(AssistantError):
    """What was sent cannot be used; the message names the thing and what would be right."""

    status = 422
    type = "invalid"
    title = "Invalid input"


class InvalidVertical(Invalid):
    """A vertical's YAML file does not follow the contract."""

    type = "invalid-vertical"
    title = "Invalid vertical"

    def __init__(self, file: Path | str, reason: str) -> None:
        super().__init__(f"{file}: {reason}")
        self.file = str(file)


class InvalidRail(Invalid):
    """A rail file would be misread, or could do harm; `file` and `line` say where."""

    type = "invalid-rail"
    title = "Invalid rail"

    def __init__(self, file: Path | str, line: int | None, reason: str) -> None:
        place = f"{file}:{line}" if line else f"{file}"
        super().__init__(f"{place}: {reason}")
        self.file = str(file)
        self.line = line


class InvalidDocument(Invalid):
    """A document cannot be read."""

    type = "invalid-document"
    title = "Invalid document"

    def __init__(self, name: Path | str, reason: str) -> None:
        super().__init__(f"{name}: {reason}")
        self.name = str(name)


class InvalidCase(Invalid):
    """An evaluation case does not follow the contract."""

    type = "invalid-case"
    title = "Invalid case"


class TooLarge(Invalid):
    """The request is larger than the limit named in the message."""

    status = 413
    type = "too-large"
    title = "Too large"


class Unauthenticated(AssistantError):
    """No key came with the request, or it is not a key we know."""

    status = 401
    type = "unauthenticated"
    title = "A valid API key is needed"


class Forbidden(AssistantError):
    """The key is known and may not do this."""

    status = 403
    type = "forbidden"
    title = "Not allowed"


class Conflict(AssistantError):
    """What was asked for does not go together with what there is."""

    status = 409
    type = "conflict"
    title = "Conflict"


class RevisionConflict(Conflict):
    """Something else was published since; the change must first be brought onto it."""

    type = "revision-conflict"
    title = "Something else was published since"


class SelfApproval(Conflict):
    """Whoever made a change cannot be the person who approves it."""

    type = "self-approval"
    title = "Another person must approve"


class TrialsNotPassed(Conflict):
    """The rails do not do what their own examples say."""

    type = "trials-not-passed"
    title = "Trials have not passed"


@dataclass(frozen=True, slots=True)
class Window:
    """Where a caller stands with one limit."""

    name: str
    quota: int
    length_s: int
    remaining: int
    reset_s: int
    """Seconds until all of the quota is there again."""


class TooMany(AssistantError):
    """More was asked for than is allowed; try again after `retry_after_s`."""

    status = 429
    type = "too-many"
    title = "Too much at once"

    def __init__(self, message: str, *, retry_after_s: int, windows: Sequence[Window] = ()) -> None:
        """`windows` is where the caller stands with the limits that were reached."""
        super().__init__(message)
        self.retry_after_s = retry_after_s
        self.windows = tuple(windows)


class RateLimited(TooMany):
    """A limit by the minute, or of answers at the same time, was reached."""

    type = "rate-limited"
    title = "Too many requests"


class BudgetSpent(TooMany):
    """What a day may cost has been used up."""

    type = "budget-spent"
    title = "The budget of the day is spent"


class Unavailable(AssistantError):
    """A part that an answer needs is not there just now; try again after `retry_after_s`."""

    status = 503
    type = "unavailable"
    title = "Not available just now"

    def __init__(self, message: str, *, retry_after_s: int = 5) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class RailsUnavailable(Unavailable):
    """The rails could not decide, so nothing is let through."""

    type = "rails-unavailable"
    title = "The rails cannot decide just now"


class ModelUnavailable(Unavailable):
    """The model is missing, broken or busy."""

    type = "model-unavailable"
    title = "The model is not available just now"


class ModelBusy(ModelUnavailable):
    """The model works, and as many requests wait for it as may."""


class IndexMissing(Unavailable):
    """The knowledge of a vertical has not been ingested, or by a version we cannot read."""

    type = "index-missing"
    title = "The knowledge has not been ingested"


class Misconfigured(AssistantError):
    """A start-up value is wrong; stops the process with one readable line."""

    type = "misconfigured"
    title = "The service is not set up correctly"
