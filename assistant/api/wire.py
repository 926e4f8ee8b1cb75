"""An answer in OpenAI's shapes, whole and in chunks."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from assistant.answering.events import ObjectEvent, OpenedEvent, SentenceEvent
from assistant.messages import Answer, Citation, Dropped, Sentence, Timings, TokenUsage, Usage

Told = Callable[[dict[str, Any]], dict[str, Any]]
"""What a caller is told of an `assistant` member."""


def everything(member: dict[str, Any]) -> dict[str, Any]:
    """All of it, as those who hold a key are told."""
    return member


def completion(answer: Answer, *, as_object: bool = False, told: Told = everything) -> dict[str, Any]:
    """`answer` as a chat completion; `as_object` says that JSON was asked for, so that other words are a refusal."""
    refused = as_object and not answer.is_object
    content, refusal = (None, answer.text) if refused else (answer.text, None)
    message = {"role": "assistant", "content": content, "refusal": refusal}
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

    opened: OpenedEvent
    include_usage: bool
    told: Told = everything
    created: int = field(default_factory=lambda: int(time.time()))

    def opening(self) -> dict[str, Any]:
        """The first chunk, which names the role, and the answer so that its stream can be resumed."""
        member = {"answer_id": self.opened.answer_id, "conversation_id": self.opened.conversation_id}
        return {**self._chunk({"role": "assistant", "content": ""}), "assistant": self.told(member)}

    def sentence(self, event: SentenceEvent) -> dict[str, Any]:
        """One checked sentence with the citations it is the first to use."""
        member = {
            "sentence": _sentence(event.sentence),
            "citations": [_citation(each) for each in event.citations],
        }
        text = event.sentence.joiner + event.sentence.text
        return {
            **self._chunk({"refusal" if self.opened.object_asked else "content": text}),
            "assistant": self.told(member),
        }

    def whole(self, event: ObjectEvent) -> dict[str, Any]:
        """The object that was asked for."""
        return self._chunk({"content": event.text})

    def closing(self, answer: Answer) -> dict[str, Any]:
        """The chunk that ends the choice and carries everything known about the answer."""
        return {**self._chunk({}, _finish_reason(answer)), "assistant": self.told(assistant_member(answer))}

    def usage(self, answer: Answer) -> dict[str, Any]:
        """The chunk of token usage, sent last where it was asked for."""
        return {**self._chunk({}), "choices": [], "usage": _usage(answer.usage)}

    def _chunk(self, delta: dict[str, str], finish_reason: str | None = None) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        chunk = {
            "id": f"chatcmpl-{self.opened.answer_id}",
            "object": "chat.completion.chunk",
            "created": self.created,
            "model": self.opened.vertical,
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
        "usage": _used(answer.usage),
        "timings_ms": _timings(answer.timings),
    }


def _finish_reason(answer: Answer) -> str:
    if answer.outcome == "declined":
        return "content_filter"
    # A quote that stands in for what was cut off is whole.
    return "length" if answer.cut and answer.outcome == "answered" else "stop"


def _used(usage: Usage) -> dict[str, Any]:
    return {name: round(value, 6) if isinstance(value, float) else value for name, value in asdict(usage).items()}


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
