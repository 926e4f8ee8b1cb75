"""One generation of llama.cpp: what goes in, the events that come out, and the end of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from threading import Event
from typing import Any

from langchain_core.messages import AIMessageChunk
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGenerationChunk

from assistant.errors import AssistantError, ModelUnavailable, TooLarge

Body = dict[str, Any]
"""A request in the form of OpenAI's chat completions."""
Arrival = Mapping[str, Any] | Future[None]
"""An event of llama.cpp, or last the finished run itself: its result is None or raises what went wrong."""


class Request:
    """A generation on its way; `deliver` takes its arrivals to whoever waits, from a thread of llama.cpp."""

    def __init__(self, body: Body, deliver: Callable[[Arrival], object]) -> None:
        self.body = body
        self._deliver = deliver
        self._given_up = Event()
        self.error: AssistantError | None = None
        """What llama.cpp reported in place of an answer."""

    @property
    def given_up(self) -> bool:
        """Whether nobody waits for it any more."""
        return self._given_up.is_set()

    def give_up(self) -> None:
        """Stop it at the next event, which is a token, or while the prompt is read, a batch."""
        self._given_up.set()

    def on_event(self, event: Mapping[str, Any]) -> bool:
        """Pass on an event; true tells llama.cpp to stop."""
        if "error" in event:
            self.error = refusal(event["error"])
        elif not self.given_up:
            self.deliver(event)
        return self.given_up

    def deliver(self, arrival: Arrival) -> None:
        """Hand it over; a reader whose event loop is gone has given up."""
        try:
            self._deliver(arrival)
        except RuntimeError:
            self.give_up()


def chunk_of(event: Mapping[str, Any]) -> ChatGenerationChunk | None:
    """The event as LangChain has it, None for one that says nothing."""
    if usage := event.get("usage"):
        return _final(usage)
    choice: Mapping[str, Any] = next(iter(event.get("choices") or ()), {})
    text = choice.get("delta", {}).get("content") or ""
    reason = choice.get("finish_reason")
    if not text and not reason:
        return None
    return ChatGenerationChunk(
        message=AIMessageChunk(content=text), generation_info={"finish_reason": reason} if reason else None
    )


def refusal(error: Mapping[str, Any]) -> AssistantError:
    """The error that llama.cpp reported, in our tree."""
    if error.get("type") == "exceed_context_size_error":
        found, limit = error.get("n_prompt_tokens"), error.get("n_ctx")
        return TooLarge(f"the text has {found} tokens; the model reads at most {limit} at once, its answer included")
    return ModelUnavailable(f"the model could not answer: {error.get('message', 'no reason given')}")


def _final(usage: Mapping[str, int]) -> ChatGenerationChunk:
    counted = UsageMetadata(
        input_tokens=usage["prompt_tokens"],
        output_tokens=usage["completion_tokens"],
        total_tokens=usage["prompt_tokens"] + usage["completion_tokens"],
    )
    return ChatGenerationChunk(message=AIMessageChunk(content="", usage_metadata=counted, chunk_position="last"))
