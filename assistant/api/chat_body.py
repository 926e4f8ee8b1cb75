"""A chat request as it arrives: OpenAI's fields that count here, and five of ours."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SkipValidation,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from assistant.api.bodies import MOST_ENTRIES, StrictBody, Text, VerticalName, WireDocument
from assistant.api.openai_fields import IGNORED, refusal, without_idle
from assistant.chat import Wording
from assistant.messages import Message, Role, Task
from assistant.shapes import FREE, InvalidShape, Shape, read_shape

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
    if len(content) > MOST_ENTRIES:
        raise ValueError(f"has {len(content)} parts; at most {MOST_ENTRIES} are read")
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


def _listed(stop: object) -> list[Any]:
    match stop:
        case None:
            return []
        case str():
            return [stop]
        case list():
            return stop
    raise ValueError(f"must be a string or a list of at most {MAX_STOPS} strings")


def _shape(wanted: object) -> Shape | None:
    """The form that `response_format` asks for; None for sentences."""
    match wanted:
        case None | {"type": "text"}:
            return None
        case {"type": "json_object"}:
            return FREE
        case {"type": "json_schema", "json_schema": {"schema": schema}}:
            try:
                return read_shape(schema)
            except InvalidShape as error:
                raise ValueError(f"json_schema.schema: {error}") from error
        case {"type": "json_schema"}:
            raise ValueError("must hold json_schema: {'name': …, 'schema': {…}}")
    raise ValueError("must be {'type': 'text'}, {'type': 'json_object'} or {'type': 'json_schema', 'json_schema': {…}}")


_FORMATS_SCHEMA: dict[str, Any] = {
    "anyOf": [
        {"type": "object", "properties": {"type": {"enum": ["text", "json_object"]}}, "required": ["type"]},
        {
            "type": "object",
            "properties": {
                "type": {"const": "json_schema"},
                "json_schema": {
                    "type": "object",
                    "properties": {"name": {"type": "string"}, "schema": {"type": "object"}},
                    "required": ["schema"],
                },
            },
            "required": ["type", "json_schema"],
        },
        {"type": "null"},
    ]
}
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


_EXAMPLES: list[dict[str, Any]] = [
    {"model": "feedback", "messages": [{"role": "user", "content": "How long do I have to return an unopened item?"}]},
    {
        "model": "medical",
        "task": "summarize",
        "messages": [{"role": "user", "content": "Summarise this visit."}],
        "documents": [{"id": "visit", "title": "Visit", "text": "Doctor: Any fever? Patient: No."}],
        "stream": True,
    },
]


def _describe(schema: dict[str, Any]) -> None:
    """Adds the fields that are accepted and ignored, and examples."""
    ignored = {name: {"description": f"Accepted and ignored: {why}."} for name, why in IGNORED.items()}
    schema["properties"].update(ignored)
    schema["examples"] = _EXAMPLES


class ChatBody(StrictBody):
    """A chat request in OpenAI's shape, with five fields of ours."""

    model_config = ConfigDict(json_schema_extra=lambda schema: _describe(schema))

    model: VerticalName
    """A vertical, or one pinned to its live release: `medical@sha256:…`."""
    messages: Annotated[
        list[WireMessage], Field(min_length=1, max_length=MOST_ENTRIES), AfterValidator(_ending_with_the_user)
    ]
    """The conversation, the question last; nothing in it is trusted."""
    stream: bool | None = False
    """Whether each sentence is sent as soon as it has been checked."""
    stream_options: StreamOptions | None = None
    max_tokens: Annotated[int, Field(ge=1, lt=2**31)] | None = None
    """The most tokens the model may write, never more than the vertical allows; a sentence that it cuts is left out."""
    max_completion_tokens: Annotated[int, Field(ge=1, lt=2**31)] | None = None
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
    response_format: Annotated[
        SkipValidation[Shape | None], BeforeValidator(_shape), WithJsonSchema(_FORMATS_SCHEMA)
    ] = None
    """JSON in place of sentences, each value held against the evidence; what this cannot give comes as a refusal."""
    documents: Annotated[list[WireDocument], Field(max_length=MOST_ENTRIES)] = Field(default_factory=list)
    task: Task | None = None
    conversation_id: Annotated[Text, Field(min_length=1, max_length=64)] | None = None
    """Goes on with a recorded conversation; `messages` then holds the new question alone."""
    notice_shown: bool = False
    """Whether your page showed the vertical's notice before the question; kept with the answer."""

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
