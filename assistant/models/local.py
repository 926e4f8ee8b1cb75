"""A GGUF in process through llama.cpp: a LangChain chat model that streams, waits in line and can be stopped."""

from __future__ import annotations

import asyncio
import queue as queues
import secrets
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatGenerationChunk
from pydantic import Field, PrivateAttr

from assistant.errors import ModelUnavailable
from assistant.llamacpp import ServerSpec, open_server
from assistant.models.door import Door, Tokenizer
from assistant.models.generation import Arrival, Request, chunk_of
from assistant.models.llama import Llama


class LlamaChat(Llama):
    """A chat model of llama.cpp in this process, loaded at its first use. Threads and event loops may share it."""

    model_path: Path
    sha256: str | None = Field(None, description="what the weights must hash to when they are loaded")
    threads: int = Field(2, ge=1)

    _workers: ThreadPoolExecutor = PrivateAttr()
    _loading: Lock = PrivateAttr(default_factory=Lock)
    _engine: _Engine | None = PrivateAttr(None)
    _running: set[Request] = PrivateAttr(default_factory=set)
    _closed: bool = PrivateAttr(False)

    def model_post_init(self, context: Any, /) -> None:
        """Set up the line and one thread a slot; nothing is loaded yet."""
        super().model_post_init(context)
        self._workers = ThreadPoolExecutor(self.slots, thread_name_prefix=f"llama-{self.model_path.stem}")

    @property
    def label(self) -> str:
        """The name of the weights' file."""
        return self.model_path.name

    @property
    def _llm_type(self) -> str:
        return "llama.cpp"

    @property
    def _identifying_params(self) -> Mapping[str, Any]:
        return {"model": self.model_path.name, "context_tokens": self.context_tokens}

    @property
    def is_loaded(self) -> bool:
        """Whether the weights are in this process."""
        return self._engine is not None

    async def load(self) -> None:
        """Load the weights now, off the event loop, rather than at the first request."""
        await asyncio.to_thread(self._load)

    def close(self) -> None:
        """Stop what runs, let the weights go and refuse what comes after; blocks until that is done."""
        self._closed = True
        for request in tuple(self._running):
            request.give_up()
        self._workers.shutdown(wait=True)
        with self._loading:
            if self._engine:
                self._engine.close()
            self._engine = None

    def _tokenizer(self) -> Tokenizer:
        return self._load().tokenizer

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,  # noqa: ARG002 — LangChain reports the tokens itself
        **options: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        body = self._body(messages, stop, options) | {"lora": self._scales(options.get("adapter"))}
        events: asyncio.Queue[Arrival] = asyncio.Queue()
        loop = asyncio.get_running_loop()
        request = Request(body, lambda arrival: loop.call_soon_threadsafe(events.put_nowait, arrival))
        await self._line.enter()
        self._start(request)
        try:
            while not isinstance(event := await events.get(), Future):
                if chunk := chunk_of(event):
                    yield chunk
            event.result()
        finally:
            request.give_up()

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002 — LangChain reports the tokens itself
        **options: Any,
    ) -> Iterator[ChatGenerationChunk]:
        body = self._body(messages, stop, options) | {"lora": self._scales(options.get("adapter"))}
        events: queues.SimpleQueue[Arrival] = queues.SimpleQueue()
        request = Request(body, events.put)
        self._line.enter_blocking()
        self._start(request)
        try:
            while not isinstance(event := events.get(), Future):
                if chunk := chunk_of(event):
                    yield chunk
            event.result()
        finally:
            request.give_up()

    def _start(self, request: Request) -> None:
        """Run the request in a thread; its slot is given back when llama.cpp has let go of it, whatever happened."""
        began = time.monotonic()

        def done(outcome: Future[None]) -> None:
            self._running.discard(request)
            self._line.leave(held_s=time.monotonic() - began)
            request.deliver(outcome)

        self._running.add(request)
        try:
            self._workers.submit(self._run, request).add_done_callback(done)
        except RuntimeError as error:  # The pool was shut down by close().
            self._running.discard(request)
            self._line.leave()
            raise ModelUnavailable(f"{self.model_path.name} has been closed") from error

    def _run(self, request: Request) -> None:
        engine = self._load()
        if request.given_up:
            return
        try:
            reply = engine.server.handle_chat_completions(request.body, request.on_event)
        except (RuntimeError, TypeError, ValueError) as error:
            raise ModelUnavailable(f"{self.model_path.name} could not answer: {error}") from error
        if isinstance(reply, dict):  # Some errors are returned, others arrive as an event.
            request.on_event(reply)
        if request.error:
            raise request.error

    def _load(self) -> _Engine:
        with self._loading:
            if self._closed:
                raise ModelUnavailable(f"{self.model_path.name} has been closed")
            if self._engine is None:
                self._engine = _Engine(self)
            return self._engine


class _Engine:
    """The loaded weights: generation by call; tokenizing, which has no call, over llama.cpp's own HTTP port."""

    def __init__(self, chat: LlamaChat) -> None:
        key = secrets.token_urlsafe()  # The port is open to this machine only, but not every process on it is ours.
        spec = ServerSpec(
            chat.model_path.stem,
            chat.model_path,
            chat.sha256,
            chat.threads,
            chat.slots,
            chat.context_tokens,
            chat.adapters,
        )
        self.server = open_server(spec, key=key)
        self.tokenizer = Tokenizer(Door(self.server.listening_address, key), chat.label)

    def close(self) -> None:
        """Let the weights go; the server ends with its last reference."""
        self.tokenizer.close()
        del self.server
