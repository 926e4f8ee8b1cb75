"""A GGUF in process through llama.cpp: a LangChain chat model that streams, waits in line and can be stopped."""

from __future__ import annotations

import asyncio
import queue as queues
import secrets
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import Any

import httpx
from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models.chat_models import (
    BaseChatModel,
    agenerate_from_stream,
    generate_from_stream,
)
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from pydantic import Field, PrivateAttr

from assistant.errors import Invalid, ModelUnavailable, TooLarge, UnknownModel
from assistant.models.catalog import sha256_of
from assistant.models.generation import Arrival, Body, Request, chunk_of
from assistant.models.prompts import as_openai, clean
from assistant.models.slots import Slots

BATCH_TOKENS = (
    32  # A request is stopped between batches: 0.5 s on one thread; 512 read 15 % faster (CPU time, 2026-11).
)
MAX_BYTES_PER_TOKEN = 64  # Longer than tokens of real text; what exceeds it cannot fit and need not be tokenized.
OPTIONS = frozenset({"max_tokens", "temperature", "seed", "grammar", "response_format", "adapter"})


class LlamaChat(BaseChatModel):
    """A chat model of llama.cpp in this process. Threads and event loops may share it.

    Options of a call: `max_tokens`, `temperature`, `stop`, `seed`, `grammar` (GBNF), `response_format` (as
    OpenAI has it; what is written is held to it token by token) and `adapter` (a file's stem).
    Raises ModelUnavailable when the weights are missing or broken or the line is full, TooLarge when the messages
    exceed the context window, Invalid for an option that is not one of these.
    """

    model_path: Path
    sha256: str | None = Field(None, description="what the weights must hash to when they are loaded")
    threads: int = Field(2, ge=1)
    slots: int = Field(2, ge=1, description="answers written at the same time")
    context_tokens: int = Field(4096, ge=64, description="window of one slot, prompt and answer together")
    queue: int = Field(16, ge=0, description="requests that may wait for a slot; one more is refused")
    adapters: tuple[Path, ...] = Field((), description="LoRA files (GGUF), each chosen per request by its stem")
    max_tokens: int = Field(512, ge=1)
    temperature: float = Field(0.0, ge=0)

    _line: Slots = PrivateAttr()
    _workers: ThreadPoolExecutor = PrivateAttr()
    _loading: Lock = PrivateAttr(default_factory=Lock)
    _engine: _Engine | None = PrivateAttr(None)
    _running: set[Request] = PrivateAttr(default_factory=set)
    _closed: bool = PrivateAttr(False)

    def model_post_init(self, context: Any, /) -> None:  # noqa: ARG002 — pydantic's signature
        """Set up the line and one thread a slot; nothing is loaded yet."""
        self._line = Slots(self.slots, queue=self.queue)
        self._workers = ThreadPoolExecutor(self.slots, thread_name_prefix=f"llama-{self.model_path.stem}")

    @property
    def _llm_type(self) -> str:
        return "llama.cpp"

    @property
    def _identifying_params(self) -> Mapping[str, Any]:
        return {"model": self.model_path.name, "context_tokens": self.context_tokens}

    async def load(self) -> None:
        """Load the weights now, off the event loop, rather than at the first request."""
        await asyncio.to_thread(self._load)

    def metrics(self) -> dict[str, int]:
        """How many requests are being answered and how many wait, beside how many may."""
        return {"busy": self._line.busy, "slots": self.slots, "waiting": self._line.waiting, "queue": self.queue}

    def get_num_tokens(self, text: str) -> int:
        """Tokens of `text` as this model counts them; loads the model if need be."""
        return len(self._load().tokenize(clean(text)))

    def get_num_tokens_from_messages(self, messages: list[BaseMessage], tools: Sequence[Any] | None = None) -> int:
        """Tokens of the whole prompt, the chat template's own included; `tools` are not supported and must be None."""
        if tools:
            raise Invalid(f"{self.model_path.name} does not call tools")
        return self._load().count_prompt(as_openai(messages))

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

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,  # noqa: ARG002 — LangChain reports the tokens itself
        **options: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        body = self._body(messages, stop, options)
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
        body = self._body(messages, stop, options)
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

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **options: Any,
    ) -> ChatResult:
        return await agenerate_from_stream(self._astream(messages, stop, run_manager, **options))

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **options: Any,
    ) -> ChatResult:
        return generate_from_stream(self._stream(messages, stop, run_manager, **options))

    def _body(self, messages: Sequence[BaseMessage], stop: list[str] | None, options: Mapping[str, Any]) -> Body:
        if unknown := options.keys() - OPTIONS:
            raise Invalid(
                f"{self.model_path.name} takes {', '.join(sorted(OPTIONS))}, not {', '.join(sorted(unknown))}"
            )
        said = as_openai(messages)
        size = sum(len(each["content"].encode()) for each in said)
        if size > self.context_tokens * MAX_BYTES_PER_TOKEN:
            raise TooLarge(f"the text has {size} bytes; the model reads at most {self.context_tokens} tokens at once")
        body: Body = {
            "messages": said,
            # Where prompt and answer together reach the window, llama.cpp ends the answer with reason "length".
            "max_tokens": min(options.get("max_tokens") or self.max_tokens, self.context_tokens),
            "temperature": options.get("temperature", self.temperature),
            "lora": self._scales(options.get("adapter")),
            "stream": True,
            "stream_options": {"include_usage": True},
            "return_progress": True,  # Else nothing is called, and nothing can be stopped, while the prompt is read.
        }
        return (
            body
            | {"stop": [clean(each) for each in stop or ()]}
            | {k: options[k] for k in ("seed", "grammar", "response_format") if options.get(k)}
        )

    def _scales(self, adapter: str | None) -> list[dict[str, float]]:
        # Every adapter is named in every request: one left out would keep the scale it had.
        names = [path.stem for path in self.adapters]
        if adapter is not None and adapter not in names:
            raise UnknownModel(
                f"no adapter named {adapter!r} on {self.model_path.name}; there is {', '.join(names) or 'none'}"
            )
        return [{"id": n, "scale": float(name == adapter)} for n, name in enumerate(names)]

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
        _check(chat)
        key = secrets.token_urlsafe()  # The port is open to this machine only, but not every process on it is ours.
        self.server = _open_server(chat, key=key)
        self._http = httpx.Client(
            base_url=self.server.listening_address,
            headers={"Authorization": f"Bearer {key}"},
            trust_env=False,  # A proxy that the environment names has no business on loopback.
            timeout=10,
        )

    def tokenize(self, text: str, *, special: bool = False) -> list[int]:
        """The tokens of `text`; `special` reads control tokens as such, for text that the template made."""
        return list(self._post("/tokenize", {"content": text, "parse_special": special})["tokens"])

    def count_prompt(self, messages: list[dict[str, str]]) -> int:
        """Tokens of `messages` once the chat template has joined them."""
        return len(self.tokenize(self._post("/apply-template", {"messages": messages})["prompt"], special=True))

    def close(self) -> None:
        """Let the weights go; the server ends with its last reference."""
        self._http.close()
        del self.server

    def _post(self, path: str, body: Body) -> Body:
        try:
            reply = self._http.post(path, json=body).raise_for_status()
        except httpx.HTTPError as error:
            raise ModelUnavailable(f"the model could not count tokens: {error}") from error
        return dict(reply.json())


def _check(chat: LlamaChat) -> None:
    if not chat.model_path.is_file():
        raise ModelUnavailable(f"{chat.model_path} is missing; `assistant models pull` fetches weights")
    if chat.sha256 and (found := sha256_of(chat.model_path)) != chat.sha256:
        raise ModelUnavailable(f"{chat.model_path} is corrupt: expected SHA-256 {chat.sha256}, found {found}")


def _open_server(chat: LlamaChat, *, key: str) -> Any:
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(chat.model_path)
    params.n_parallel = chat.slots
    params.n_ctx = chat.context_tokens * chat.slots
    params.n_batch = params.n_ubatch = BATCH_TOKENS
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = chat.threads
    params.cache_ram_mib = 0  # That cache ignores which adapter is active and would return another one's state.
    params.lora_adapters = [xllamacpp.CommonAdapterLoraInfo(str(path), 0.0) for path in chat.adapters]
    params.fit_params = False  # The window is what was asked for, or loading fails; it is never made smaller silently.
    params.ui = params.endpoint_slots = False  # The latter would show prompts.
    params.api_keys = [key]
    params.verbosity = 1  # Errors only; more would write texts to the log.
    try:
        return xllamacpp.Server(params)
    except RuntimeError as error:
        raise ModelUnavailable(f"{chat.model_path} cannot be loaded as a model: {error}") from error
