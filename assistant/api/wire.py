"""OpenAI's chat shapes: what a request may hold, and an answer whole and in chunks."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from assistant.api.bodies import Text, WireDocument
from assistant.chat import SentenceEvent
from assistant.messages import Answer, Citation, Dropped, Message, Role, Sentence, Task, Timings, TokenUsage

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


def _one(n: int | None) -> int | None:
    if n not in (None, 1):
        raise ValueError("only one choice is given; leave `n` out or set it to 1")
    return n


def _absent(value: object) -> object:
    if value not in (None, [], "none", False):
        raise ValueError("is not supported: the assistant writes checked text and calls nothing")
    return value


def _plain_text(wanted: object) -> object:
    if wanted is not None and not (isinstance(wanted, dict) and wanted.get("type") == "text"):
        raise ValueError("only {'type': 'text'} is supported: an answer is sentences that were checked one by one")
    return wanted


Unsupported = Annotated[Any, AfterValidator(_absent)]


class StreamOptions(BaseModel):
    """Options of a stream."""

    include_usage: bool = False
    """Whether a last chunk tells the token usage."""


class ChatBody(BaseModel):
    """A chat request in OpenAI's shape, with three fields of ours.

    What would change how the model writes (`temperature`, `max_tokens`, `seed`, …) is ignored: the vertical decides it.
    """

    model_config = ConfigDict(extra="ignore")

    model: Annotated[Text, Field(min_length=1, max_length=200)]
    """A vertical, or one pinned to its live release: `medical@sha256:…`."""
    messages: Annotated[list[WireMessage], Field(min_length=1), AfterValidator(_ending_with_the_user)]
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    n: Annotated[int | None, AfterValidator(_one)] = None
    tools: Unsupported = None
    tool_choice: Annotated[Any, AfterValidator(lambda value: None if value == "auto" else _absent(value))] = None
    functions: Unsupported = None
    logprobs: Unsupported = None
    audio: Unsupported = None
    response_format: Annotated[Any, AfterValidator(_plain_text)] = None
    documents: list[WireDocument] = []
    task: Task | None = None
    conversation_id: Annotated[Text, Field(min_length=1, max_length=64)] | None = None

    def said(self) -> tuple[Message, ...]:
        """The messages that hold text."""
        return tuple(Message(each.role, each.content) for each in self.messages if each.content.strip())


Told = Callable[[dict[str, Any]], dict[str, Any]]
"""What a caller is told of an `assistant` member."""


def everything(member: dict[str, Any]) -> dict[str, Any]:
    """All of it, as those who hold a key are told."""
    return member


def completion(answer: Answer, *, told: Told = everything) -> dict[str, Any]:
    """`answer` as a chat completion."""
    message = {"role": "assistant", "content": answer.text, "refusal": None}
    return {
        "id": f"chatcmpl-{answer.answer_id}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": answer.vertical,
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": _finish_reason(answer)}],
        "usage": _usage(answer.usage),
        "system_fingerprint": answer.release,
        "assistant": told(assistant_member(answer)),
    }


@dataclass(frozen=True, slots=True)
class Chunks:
    """The chunks of one streamed completion, all under one id."""

    vertical: str
    include_usage: bool
    id: str = field(default_factory=lambda: f"chatcmpl-{uuid.uuid4().hex}")
    created: int = field(default_factory=lambda: int(time.time()))
    told: Told = everything

    def opening(self) -> dict[str, Any]:
        """The first chunk, which names the role."""
        return self._chunk({"role": "assistant", "content": ""})

    def sentence(self, event: SentenceEvent) -> dict[str, Any]:
        """One checked sentence with the citations it is the first to use."""
        member = {
            "sentence": _sentence(event.sentence),
            "citations": [_citation(each) for each in event.citations],
        }
        return {**self._chunk({"content": event.sentence.joiner + event.sentence.text}), "assistant": self.told(member)}

    def closing(self, answer: Answer) -> dict[str, Any]:
        """The chunk that ends the choice and carries everything known about the answer."""
        return {**self._chunk({}, _finish_reason(answer)), "assistant": self.told(assistant_member(answer))}

    def usage(self, answer: Answer) -> dict[str, Any]:
        """The chunk of token usage, sent last where it was asked for."""
        return {**self._chunk({}), "choices": [], "usage": _usage(answer.usage)}

    def _chunk(self, delta: dict[str, str], finish_reason: str | None = None) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        chunk = {
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": self.created,
            "model": self.vertical,
            "choices": [choice],
        }
        return {**chunk, "usage": None} if self.include_usage else chunk


def assistant_member(answer: Answer) -> dict[str, Any]:
    """The extra field `assistant` of a completion: everything about the answer but its text.

    What was withheld is told by rail and reason only: its text stays in, however it was asked for.
    """
    return {
        "answer_id": answer.answer_id,
        "conversation_id": answer.conversation_id,
        "vertical": answer.vertical,
        "release": answer.release,
        "published": answer.published,
        "model": answer.model,
        "task": answer.task,
        "outcome": answer.outcome,
        "rail": answer.rail,
        "reason": answer.reason,
        "sentences": [_sentence(each) for each in answer.sentences],
        "citations": [_citation(each) for each in answer.citations],
        "omitted": [{"kind": each.kind, "text": each.text} for each in answer.omitted],
        "withheld": {"evidence": _withheld(answer.dropped_evidence), "sentences": _withheld(answer.dropped_sentences)},
        "masked": list(answer.masked),
        "parts": answer.parts,
        "usage": {
            "prompt_tokens": answer.usage.prompt_tokens,
            "completion_tokens": answer.usage.completion_tokens,
        },
        "timings_ms": _timings(answer.timings),
    }


def _finish_reason(answer: Answer) -> str:
    return "content_filter" if answer.outcome == "declined" else "stop"


def _usage(usage: TokenUsage) -> dict[str, int]:
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.prompt_tokens + usage.completion_tokens,
    }


def _sentence(sentence: Sentence) -> dict[str, Any]:
    support = None if sentence.support is None else round(sentence.support, 4)
    return {
        "text": sentence.text,
        "claim": sentence.claim,
        "support": support,
        "citations": list(sentence.citations),
    }


def _citation(citation: Citation) -> dict[str, Any]:
    return {**asdict(citation), "score": round(citation.score, 4)}


def _withheld(dropped: tuple[Dropped, ...]) -> list[dict[str, str]]:
    return [{"rail": each.rail, "reason": each.reason} for each in dropped]


def _timings(timings: Timings) -> dict[str, float | None]:
    return {name: None if ms is None else round(ms, 1) for name, ms in asdict(timings).items()}
