"""What the calls of revisions read."""

from __future__ import annotations

import base64
from typing import Annotated, Self

from fastapi import Path
from pydantic import ConfigDict, Field, model_validator

from assistant.api.bodies import FilledText, StrictBody, Text

Id = Annotated[str, Path(max_length=40, pattern=r"^rev-[0-9a-f]{32}$")]
Folder = Annotated[FilledText, Field(max_length=80)]
Digest = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]
Note = Annotated[FilledText, Field(max_length=4000)]
_DIGEST = "sha256:5d0c1f0f7a5f3b8e2c4d6a9b8c7d6e5f4a3b2c1d0e9f8a7b6c5d4e3f2a1b0c9d"


class FileBody(StrictBody):
    """A file as it is to be: its text, its bytes, or gone."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"path": "topics.co", "text": "define user ask\n"}]})

    path: Annotated[FilledText, Field(max_length=255)]
    """Below the folder, like `topics.co` or `documents/returns.pdf`."""
    text: Text | None = None
    base64: Annotated[str, Field(max_length=14 * 1024 * 1024)] | None = None
    removed: bool = False

    @model_validator(mode="after")
    def one_of_three(self) -> Self:
        """Raises unless exactly one is said."""
        if (self.text is not None) + (self.base64 is not None) + self.removed != 1:
            raise ValueError("give exactly one of text, base64 and removed")
        if self.base64 is not None:
            base64.b64decode(self.base64, validate=True)  # A ValueError where it is none.
        return self

    def content(self) -> bytes | None:
        """What is in it; None where it is to go."""
        if self.base64 is not None:
            return base64.b64decode(self.base64)
        return None if self.text is None else self.text.encode()


class ProposalBody(StrictBody):
    """A change to one folder."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "folder": "feedback",
                    "title": "Kinder refusal",
                    "files": [{"path": "messages.co", "text": 'define bot refuse off topic\n  "Sorry."\n'}],
                }
            ]
        }
    )

    folder: Folder
    """`feedback` for its rails, `shared` for those of all verticals, `knowledge/feedback` for its documents."""
    title: Annotated[FilledText, Field(max_length=200)]
    files: Annotated[list[FileBody], Field(default_factory=list, max_length=1000)]


class FilesBody(StrictBody):
    """Files of a draft as they are now."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"files": [{"path": "input/old-rail.co", "removed": True}]}]}
    )

    files: Annotated[list[FileBody], Field(min_length=1, max_length=1000)]


class NoteBody(StrictBody):
    """What its author wants to say with it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"note": "As agreed on Monday."}]})

    note: Note | None = None


class ApprovalBody(StrictBody):
    """What is approved."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"digest": _DIGEST, "note": "Read and tried."}]})

    digest: Digest
    """The state that was looked at; another one is refused."""
    note: Note | None = None


class CommentBody(StrictBody):
    """What is to be said about it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"comment": "Please say where to turn."}]})

    comment: Note


class ReasonBody(StrictBody):
    """Why the rule of two people is left aside."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "It gives out a wrong emergency number."}]})

    reason: Note


class TurnBackBody(StrictBody):
    """An older state of a folder, and why."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"folder": "feedback", "digest": _DIGEST, "reason": "It stops too much."}]}
    )

    folder: Folder
    digest: Digest
    reason: Note


class TurnsBody(StrictBody):
    """How many recorded turns are to be decided again."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"turns": 200}]})

    turns: Annotated[int, Field(ge=1, le=100_000)] = 200
    """Of each vertical that the change is a part of, the latest ones."""


BODIES = (ProposalBody, FilesBody, TurnsBody, NoteBody, ApprovalBody, CommentBody, ReasonBody, TurnBackBody)
"""Everything that these calls read."""


def contents(files: list[FileBody]) -> dict[str, bytes | None]:
    """By path; None for a file that is to go."""
    return {each.path: each.content() for each in files}
