"""A chat request as it arrives: OpenAI's fields that count here, and four of ours."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from assistant.api.bodies import StrictBody, Text, WireDocument
from assistant.api.openai_fields import IGNORED, refusal, without_idle
from assistant.chat import Wording
from assistant.messages import Message, Role, Task

MAX_STOPS = 4  # As OpenAI has it.
_PARTS_SCHEMA: dict[str, Any] = {
    "anyOf": [
        {"type": "string"},
        {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"type": {"const": "text"}, "text": {"type": "string"}},
                "required": ["type", "text"],
            },
        },
        {"type": "null"},
    ]
}


def _joined(content: object) -> object:
    """The text of `content`: a string, a list of text parts, or nothing."""
    if content is None:
        return ""
    if not isinstance(content, list):
        return content
    return "\n".join(_part_text(number, part) for number, part in enumerate(content))


def _part_text(number: int, part: object) -> str:
    match part:
        case {"type": "text", "text": str(text)}:
            return text
        case {"type": kind}:
            raise ValueError(f"part {number} is of type {str(kind)[:40]!r}; only parts of type 'text' are understood")
    raise ValueError(f"part {number} must look like {{'type': 'text', 'text': '…'}}")


class WireMessage(BaseModel):
    """One message of the history; further fields of OpenAI's are ignored."""

    model_config = ConfigDict(strict=True)

    role: Role
    content: Annotated[Text, BeforeValidator(_joined), WithJsonSchema(_PARTS_SCHEMA)] = ""

    @model_validator(mode="after")
    def _users_say_something(self) -> WireMessage:
        if self.role == "user" and not self.content.strip():
            raise ValueError("a message of the user must hold text")
        return self


def _ending_with_the_user(messages: list[WireMessage]) -> list[WireMessage]:
    if messages[-1].role != "user":
        raise ValueError(f"the last message must be the user's; its role is {messages[-1].role!r}")
    return messages


def _one(n: object) -> object:
    if n is not None and n != 1:
        raise ValueError("only one choice is given; leave `n` out or set it to 1")
    return n


def _listed(stop: object) -> object:
    return [] if stop is None else [stop] if isinstance(stop, str) else stop


def _plain_text(wanted: object) -> object:
    if wanted is not None and not (isinstance(wanted, dict) and wanted.get("type") == "text"):
        raise ValueError("only {'type': 'text'} is supported: an answer is sentences that were checked one by one")
    return wanted


Stop = Annotated[Text, Field(min_length=1, max_length=100)]
_STOPS_SCHEMA: dict[str, Any] = {
    "anyOf": [
        {"type": "string", "minLength": 1, "maxLength": 100},
        {"type": "array", "maxItems": MAX_STOPS, "items": {"type": "string", "minLength": 1, "maxLength": 100}},
        {"type": "null"},
    ]
}


class StreamOptions(BaseModel):
    """Options of a stream; further options of OpenAI's are ignored."""

    model_config = ConfigDict(strict=True)

    include_usage: bool | None = False
    """Whether a last chunk tells the token usage."""


class ChatBody(StrictBody):
    """A chat request in OpenAI's shape, with four fields of ours."""

    model_config = ConfigDict(
        json_schema_extra=lambda schema: schema["properties"].update(
            {name: {"description": f"Accepted and ignored: {why}."} for name, why in IGNORED.items()}
        )
    )

    model: Annotated[Text, Field(min_length=1, max_length=200)]
    """A vertical, or one pinned to its live release: `medical@sha256:…`."""
    messages: Annotated[list[WireMessage], Field(min_length=1), AfterValidator(_ending_with_the_user)]
    """The conversation, the question last; nothing in it is trusted."""
    stream: bool | None = False
    """Whether each sentence is sent as soon as it has been checked."""
    stream_options: StreamOptions | None = None
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    """The most tokens the model may write, never more than the vertical allows; a sentence that it cuts is left out."""
    max_completion_tokens: Annotated[int, Field(ge=1)] | None = None
    """The newer name of `max_tokens`; only one of them may be sent."""
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    """0 always takes the likeliest word; by default the vertical's own."""
    seed: Annotated[int, Field(ge=0, lt=2**31)] | None = None
    """Makes draws at a temperature above 0 repeatable."""
    stop: Annotated[
        list[Stop], BeforeValidator(_listed), Field(max_length=MAX_STOPS), WithJsonSchema(_STOPS_SCHEMA)
    ] = Field(default_factory=list)
    """The model stops before the first of these; a sentence that it cuts in the middle is left out."""
    n: Annotated[int | None, AfterValidator(_one), WithJsonSchema({"anyOf": [{"const": 1}, {"type": "null"}]})] = None
    """One answer is given."""
    user: Annotated[Text, Field(max_length=512)] | None = None
    """Accepted and not kept."""
    response_format: Annotated[Any, AfterValidator(_plain_text)] = None
    documents: list[WireDocument] = Field(default_factory=list)
    task: Task | None = None
    conversation_id: Annotated[Text, Field(min_length=1, max_length=64)] | None = None
    """Goes on with a recorded conversation; `messages` then holds the new question alone."""

    @model_validator(mode="before")
    @classmethod
    def _without_idle_fields(cls, body: object) -> object:
        return without_idle(body)

    @field_validator("max_completion_tokens")
    @classmethod
    def _one_length(cls, value: int | None, fields: ValidationInfo) -> int | None:
        if value is not None and fields.data.get("max_tokens") is not None:
            raise ValueError("is the newer name of max_tokens; send one of them, not both")
        return value

    @classmethod
    def unknown(cls, name: str) -> str:
        """Why the field `name` is refused, and what would be right."""
        return refusal(name, set(cls.model_fields))

    def said(self) -> tuple[Message, ...]:
        """The messages that hold text."""
        return tuple(Message(each.role, each.content) for each in self.messages if each.content.strip())

    def wording(self) -> Wording:
        """How the model is to write."""
        return Wording(
            max_tokens=self.max_tokens or self.max_completion_tokens,
            temperature=self.temperature,
            stop=tuple(self.stop),
            seed=self.seed,
        )
