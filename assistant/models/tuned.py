"""A base with one of its adapters: the same weights in memory, the same slots and line, another way of writing."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from contextlib import aclosing
from typing import Any, cast

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatGenerationChunk

from assistant.models.door import Tokenizer
from assistant.models.llama import Llama


class TunedChat(Llama):
    """A model of llama.cpp as one of its adapters makes it write; the same options and errors as its base."""

    base: Llama
    adapter: str
    """The stem of the adapter's file."""
    name: str
    """Its name in the catalog."""

    def model_post_init(self, context: Any, /) -> None:
        """Take the measures of the base, whose line it shares."""
        super().model_post_init(context)
        self.slots, self.queue, self.context_tokens = self.base.slots, self.base.queue, self.base.context_tokens

    @property
    def label(self) -> str:
        """The adapter's name in the catalog."""
        return self.name

    @property
    def _llm_type(self) -> str:
        return "llama.cpp-tuned"

    @property
    def _identifying_params(self) -> Mapping[str, Any]:
        return {"model": self.name, "context_tokens": self.context_tokens}

    @property
    def is_loaded(self) -> bool:
        """Whether the base is, and the adapter with it."""
        return self.base.is_loaded

    async def load(self) -> None:
        """Have the base loaded, which brings the adapter along."""
        await self.base.load()

    def close(self) -> None:
        """Nothing of its own is held; the base is closed for itself."""

    def metrics(self) -> dict[str, int]:
        """Those of the base."""
        return self.base.metrics()

    def _tokenizer(self) -> Tokenizer:
        return self.base._tokenizer()

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **options: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        async with aclosing(
            cast(
                "AsyncGenerator[ChatGenerationChunk]",
                self.base._astream(messages, stop, run_manager, adapter=self.adapter, **options),
            )
        ) as chunks:
            async for chunk in chunks:
                yield chunk

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **options: Any,
    ) -> Iterator[ChatGenerationChunk]:
        yield from self.base._stream(messages, stop, run_manager, adapter=self.adapter, **options)
