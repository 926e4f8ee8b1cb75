"""A model that says what it was told to say, at a given pace: for demos and tests."""

from __future__ import annotations

import asyncio
import math
import re
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models.chat_models import BaseChatModel, generate_from_stream
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from pydantic import Field, PrivateAttr


class ScriptedChat(BaseChatModel):
    """Replies from a list, in order, the last one for ever; streams word by word and remembers what it was asked.

    A reply longer than `max_tokens` is cut, as a real model's is.
    """

    replies: list[str] = Field(default_factory=lambda: ["I have nothing to say."])
    tokens_per_s: float | None = Field(None, gt=0, description="None: as fast as they are taken")
    context_tokens: int = 4096
    remembers: int = Field(1000, ge=1, description="of how many calls it keeps what it was asked")
    prompts: list[list[BaseMessage]] = Field(default_factory=list, description="what it was asked, one list a call")
    options: list[dict[str, Any]] = Field(default_factory=list, description="the options of each call")

    _next: int = PrivateAttr(0)
    _error: BaseException | None = PrivateAttr(None)

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def will_say(self, *replies: str) -> None:
        """Say these from now on, one a call, and no longer fail."""
        self.replies, self._next, self._error = list(replies), 0, None

    def fail_with(self, error: BaseException) -> None:
        """Raise `error` at every call until `will_say` is called."""
        self._error = error

    def get_num_tokens(self, text: str) -> int:
        """About what a tokenizer finds in English: 1.3 tokens a word."""
        return math.ceil(1.3 * len(text.split()))

    def get_num_tokens_from_messages(self, messages: list[BaseMessage], tools: Sequence[Any] | None = None) -> int:  # noqa: ARG002 — LangChain's signature
        """Tokens of all `messages`, 1.3 a word."""
        return sum(self.get_num_tokens(each.text) for each in messages)

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,  # noqa: ARG002 — LangChain reports the tokens itself
        **options: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        for chunk in self._chunks(messages, stop, options):
            await asyncio.sleep(self._pause_s)
            yield chunk

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002 — LangChain reports the tokens itself
        **options: Any,
    ) -> Iterator[ChatGenerationChunk]:
        for chunk in self._chunks(messages, stop, options):
            time.sleep(self._pause_s)
            yield chunk

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **options: Any,
    ) -> ChatResult:
        return generate_from_stream(self._stream(messages, stop, run_manager, **options))

    @property
    def _pause_s(self) -> float:
        return 1 / self.tokens_per_s if self.tokens_per_s else 0.0

    def _chunks(
        self, messages: list[BaseMessage], stop: list[str] | None, options: dict[str, Any]
    ) -> Iterator[ChatGenerationChunk]:
        self.prompts.append(messages)
        self.options.append(options | ({"stop": stop} if stop else {}))
        del self.prompts[: -self.remembers], self.options[: -self.remembers]
        if self._error:
            raise self._error
        reply = self.replies[min(self._next, len(self.replies) - 1)]
        self._next += 1
        said = ""
        for word in re.findall(r"\s*\S+\s*$|\s*\S+", reply):
            if self.get_num_tokens(said + word) > options.get("max_tokens", math.inf):
                break
            said += word
            yield ChatGenerationChunk(message=AIMessageChunk(content=word))
        cut = options.get("max_tokens", 0) if said != reply else 0
        yield ChatGenerationChunk(message=self._last(messages, said, at_least=cut))

    def _last(self, messages: list[BaseMessage], reply: str, *, at_least: int) -> AIMessageChunk:
        asked, said = self.get_num_tokens_from_messages(messages), max(self.get_num_tokens(reply), at_least)
        usage = UsageMetadata(input_tokens=asked, output_tokens=said, total_tokens=asked + said)
        return AIMessageChunk(content="", usage_metadata=usage, chunk_position="last")
