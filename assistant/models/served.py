"""A model of llama.cpp in another process or on another machine, asked through its OpenAI-compatible door."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

import httpx
from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatGenerationChunk
from pydantic import PrivateAttr, SkipValidation

from assistant.errors import AssistantError, ModelUnavailable
from assistant.models.door import COUNT_TIMEOUT_S, Door, Tokenizer
from assistant.models.generation import chunk_of, refusal
from assistant.models.llama import Llama

# A process that dies is noticed at once; this is for one that hangs. llama.cpp says nothing to a request before its
# turn to be read has come: eight windows of 4096 tokens take two cores 220 s.
SILENCE_S = 300.0
CHAT = "/v1/chat/completions"
_DATA, _ERROR = "data: ", "error: "


class Reach(Protocol):
    """How a model in another process is got hold of."""

    def open(self) -> Door:
        """The model's door, once the model is loaded; blocks until then and raises ModelUnavailable if it cannot be."""

    def close(self) -> None:
        """Say that it is no longer needed here."""


class ServedChat(Llama):
    """A chat model of llama.cpp that runs elsewhere; the same options and errors as one in this process.

    The line is this process's own: with several, each may have `slots` answers under way, and llama.cpp lets those that
    are too many wait.
    """

    model_name: str
    reach: SkipValidation[Reach]

    _opening: Lock = PrivateAttr(default_factory=Lock)
    _opened: tuple[Door, Tokenizer] | None = PrivateAttr(None)
    _closed: bool = PrivateAttr(False)
    _names: tuple[str, ...] = PrivateAttr(())

    @property
    def label(self) -> str:
        """The model's name in the catalog."""
        return self.model_name

    @property
    def _llm_type(self) -> str:
        return "llama.cpp-served"

    @property
    def _identifying_params(self) -> Mapping[str, Any]:
        return {"model": self.model_name, "context_tokens": self.context_tokens}

    @property
    def is_loaded(self) -> bool:
        """Whether it was found loaded where it runs."""
        return self._opened is not None

    async def load(self) -> None:
        """Have it loaded where it runs, off the event loop."""
        await asyncio.to_thread(self._open)

    def close(self) -> None:
        """Say that it is no longer needed here, and refuse what comes after."""
        with self._opening:
            self._closed = True
            if self._opened:
                self._opened[1].close()
            self._opened = None
            self.reach.close()

    def _tokenizer(self) -> Tokenizer:
        return self._open()[1]

    def _open(self) -> tuple[Door, Tokenizer]:
        with self._opening:
            if self._closed:
                raise ModelUnavailable(f"{self.model_name} has been closed")
            if self._opened is None:
                door = self.reach.open()
                self._names = self._adapters_at(door) if self.adapters else ()
                self._opened = (door, Tokenizer(door, self.label))
            return self._opened

    def _adapters_at(self, door: Door) -> tuple[str, ...]:
        """The stems of the adapters there by number: one that is damaged was left out, another server has its own."""
        try:
            with door.client(timeout_s=COUNT_TIMEOUT_S) as http:
                found = http.get("/lora-adapters").raise_for_status().json()
            return tuple(Path(each["path"]).stem for each in sorted(found, key=lambda each: int(each["id"])))
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            raise ModelUnavailable(f"the server of {self.model_name} does not say which adapters it has") from error

    def _adapter_names(self) -> tuple[str, ...]:
        return self._names

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,  # noqa: ARG002 — LangChain reports the tokens itself
        **options: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        body = self._body(messages, stop, options)
        async with self._place():
            door, _ = await asyncio.to_thread(self._open)
            body["lora"] = self._scales(options.get("adapter"))
            try:
                async with (
                    door.async_client(timeout_s=SILENCE_S) as http,
                    http.stream("POST", CHAT, json=body) as reply,
                ):
                    if reply.is_error:
                        raise self._refusal(reply.status_code, await reply.aread())
                    async for line in reply.aiter_lines():
                        if chunk := _chunk(line):
                            yield chunk
            except httpx.HTTPError as error:
                raise self._away(error) from error

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002 — LangChain reports the tokens itself
        **options: Any,
    ) -> Iterator[ChatGenerationChunk]:
        body = self._body(messages, stop, options)
        self._line.enter_blocking()
        try:
            door, _ = self._open()
            body["lora"] = self._scales(options.get("adapter"))
            with door.client(timeout_s=SILENCE_S) as http, http.stream("POST", CHAT, json=body) as reply:
                if reply.is_error:
                    raise self._refusal(reply.status_code, reply.read())
                for line in reply.iter_lines():
                    if chunk := _chunk(line):
                        yield chunk
        except httpx.HTTPError as error:
            raise self._away(error) from error
        finally:
            self._line.leave()

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        """A place in the line for as long as the block runs."""
        await self._line.enter()
        began = time.monotonic()
        try:
            yield
        finally:
            self._line.leave(held_s=time.monotonic() - began)

    def _away(self, error: httpx.HTTPError) -> ModelUnavailable:
        return ModelUnavailable(f"the server of {self.model_name} does not answer ({type(error).__name__})")

    def _refusal(self, status: int, content: bytes) -> AssistantError:
        try:
            return refusal(json.loads(content)["error"])
        except (ValueError, KeyError, TypeError, AttributeError):
            return ModelUnavailable(f"the server of {self.model_name} refused with status {status}")


def _chunk(line: str) -> ChatGenerationChunk | None:
    """What a line of the stream says; raises the error that it tells of."""
    if line.startswith(_ERROR):
        raise refusal(json.loads(line.removeprefix(_ERROR)))
    if not line.startswith(_DATA) or line == f"{_DATA}[DONE]":
        return None
    event = json.loads(line.removeprefix(_DATA))
    if "error" in event:
        raise refusal(event["error"])
    return chunk_of(event)
