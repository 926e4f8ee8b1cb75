"""The models of this process, opened by name, and one way to stream from any of them."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Callable, Collection, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, cast

from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessageChunk, BaseMessage

from assistant.errors import ModelUnavailable, UnknownModel
from assistant.messages import Message, TokenUsage
from assistant.models.breaker import Attempt, Breaker
from assistant.models.catalog import Adapter, Catalog, ModelCard, Price
from assistant.models.download import only_described
from assistant.models.hosted import estimated_tokens, open_hosted, provider_errors, translated
from assistant.models.llama import Llama
from assistant.models.loading import Loading, adapter_problem
from assistant.models.local import LlamaChat
from assistant.models.prompts import as_langchain
from assistant.models.served import Reach, ServedChat
from assistant.models.tuned import TunedChat

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of text as the model streams it."""

    text: str


class Models:
    """The catalog's models, each opened once, at its first use. Threads may share it."""

    def __init__(
        self,
        catalog: Catalog,
        loading: Loading,
        *,
        reach: Callable[[str], Reach] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`reach`: how a model of llama.cpp is got hold of by its name; None where it is loaded in this process."""
        self._catalog, self._loading, self._reach, self._clock = catalog, loading, reach, clock
        self._open: dict[str, BaseChatModel] = {}
        self._added: dict[str, ModelCard] = {}
        self._breakers: dict[str, Breaker] = {}
        self._lock = Lock()

    @property
    def cards(self) -> tuple[ModelCard, ...]:
        """Every model of the catalog, by name."""
        return self._catalog.cards

    def is_here(self, name: str) -> bool:
        """Whether its weights lie on this machine; also true for what runs elsewhere. Raises UnknownModel."""
        card = self.card(name)
        if card.adapter:
            return self.is_here(card.adapter.base)
        folder = self._loading.weights_dir / card.name
        return all(file.problem(folder, deep=False) is None for file in card.files)

    def card(self, name: str) -> ModelCard:
        """What is known about the model of that name; raises UnknownModel."""
        return self._added.get(name) or self._catalog.get(name)

    def add(self, name: str, model: BaseChatModel, *, card: ModelCard | None = None) -> None:
        """Let `name` be this model: a scripted one in tests, or any chat model of LangChain."""
        self._added[name] = card or _card_of(name, model)
        self._open[name] = model

    def open(self, name: str) -> BaseChatModel:
        """The chat model of that name; its weights are loaded at its first answer.

        Raises UnknownModel, or ModelUnavailable when weights, memory or environment variables are missing.
        """
        with self._lock:
            return self._opened_once(name)

    async def load(self, name: str) -> None:
        """Have the model ready for its first answer, beside those that are; raises as `open` does."""
        model = await asyncio.to_thread(self.open, name)
        if isinstance(model, Llama):
            await model.load()

    def absent(self, name: str) -> str | None:
        """Why the model of that name could not answer at this moment; None where it is loaded and does not fail."""
        breaker, model = self._breakers.get(name), self._open.get(name)
        if breaker and breaker.is_resting:
            return f"the model {name} failed again and again and is left alone for a moment"
        if model is None or (isinstance(model, Llama) and not model.is_loaded):
            return f"the model {name} is not loaded yet"
        return None

    def lines(self) -> dict[str, dict[str, int]]:
        """By model: how many requests are being answered here and how many wait, beside how many may."""
        return {name: model.metrics() for name, model in tuple(self._open.items()) if isinstance(model, Llama)}

    async def keep(self, names: Collection[str]) -> None:
        """Let go of every model of llama.cpp that is not among `names` and writes nothing."""
        kept = {*names, *self._added} | {a.base for name in names if (a := self.card(name).adapter)}
        with self._lock:
            idle = {
                name: model
                for name, model in self._open.items()
                if isinstance(model, Llama) and name not in kept and not model.metrics()["busy"]
            }
            for name in idle:
                del self._open[name]
        for name, model in idle.items():
            await asyncio.to_thread(model.close)
            log.info("let go of the model %s, which no vertical uses any more", name)

    def attempt(self, name: str, *, alone: bool) -> Attempt:
        """One use of the model, to be entered with `with`; raises ModelUnavailable while it is left alone.

        A model that fails several times in a row is left alone for a moment, so that others stand in at once; where
        there is none (`alone`), it is asked all the same, and answers as soon as it is back.
        """
        with self._lock:
            breaker = self._breakers.setdefault(name, Breaker(name, clock=self._clock))
        return breaker.attempt(alone=alone)

    def suited(self, name: str, kind: str | None) -> str:
        """`name` itself; for an adapter that was not tuned to write what is wanted its base, which is the same weights.

        Raises UnknownModel.
        """
        adapter = self.card(name).adapter
        return name if adapter is None or kind in adapter.writes else adapter.base

    def placing_file(self, name: str) -> Path | None:
        """What tells the adapter of that name where statements belong; None for any other model."""
        return self._catalog.placing_file(self.card(name))

    def window(self, name: str) -> int:
        """Tokens that one prompt and its answer may take together; raises UnknownModel."""
        card = self.card(name)
        own = getattr(self._open.get(name), "context_tokens", None)
        if own is not None:
            return int(own)
        return self._loading.window(card) if card.provider == "llama.cpp" else card.context_tokens

    async def aclose(self) -> None:
        """Stop what runs and let all weights go."""
        models, self._open = self._open, {}
        for model in models.values():
            if isinstance(model, Llama):
                await asyncio.to_thread(model.close)

    def _opened_once(self, name: str) -> BaseChatModel:
        if name not in self._open:
            self._open[name] = self._opened(self.card(name))
        return self._open[name]

    def _opened(self, card: ModelCard) -> BaseChatModel:
        if card.adapter:
            return self._tuned(card, card.adapter)
        if card.kind == "chat" and card.provider == "llama.cpp":
            return self._served(card, self._reach(card.name)) if self._reach else self._local(card)
        if card.kind == "chat" and card.provider in ("openai", "langchain"):
            return open_hosted(card)
        if card.provider == "described":
            raise only_described(card)
        raise UnknownModel(f"{card.name} is no chat model that can be opened: {card.kind} of provider {card.provider}")

    def _tuned(self, card: ModelCard, adapter: Adapter) -> BaseChatModel:
        base = self._opened_once(adapter.base)
        if not isinstance(base, Llama):  # A scripted one stands in for the base, and so for what works on it.
            return base
        if problem := adapter_problem(self._catalog, card):
            raise ModelUnavailable(f"{problem}; the adapter {card.name} cannot be used")
        return TunedChat(base=base, adapter=self._catalog.adapter_file(card).stem, name=card.name)

    def _local(self, card: ModelCard) -> LlamaChat:
        spec = self._loading.spec(self._catalog, card)
        return LlamaChat(
            model_path=spec.path,
            sha256=spec.sha256,
            threads=spec.threads,
            slots=spec.slots,
            queue=self._loading.queue,
            context_tokens=spec.context_tokens,
            adapters=spec.adapters,
        )

    def _served(self, card: ModelCard, reach: Reach) -> ServedChat:
        return ServedChat(
            model_name=card.name,
            reach=reach,
            slots=self._loading.slots,
            queue=self._loading.queue,
            context_tokens=self._loading.window(card),
            adapters=tuple(self._catalog.adapter_file(each) for each in self._catalog.adapters_of(card.name)),
        )


async def stream(
    model: BaseChatModel, messages: Sequence[Message | BaseMessage], **options: Any
) -> AsyncGenerator[Token | TokenUsage, None]:
    """What `model` answers, token by token, and last what it used.

    Whatever its provider, it fails with ModelUnavailable or TooLarge. Closing the iterator stops the model.
    """
    usage, said = None, 0
    asked = as_langchain(messages)
    try:
        # An AsyncIterator by its type, a generator in truth: closed at once when our caller leaves.
        async with aclosing(cast("AsyncGenerator[AIMessageChunk]", model.astream(asked, **options))) as chunks:
            async for chunk in chunks:
                usage = chunk.usage_metadata or usage
                if chunk.text:
                    said += estimated_tokens(chunk.text)
                    yield Token(chunk.text)
    except provider_errors() as error:
        raise translated(error) from error
    if usage:
        yield TokenUsage(usage["input_tokens"], usage["output_tokens"])
    else:
        yield TokenUsage(sum(estimated_tokens(each.text) for each in asked), said)


def _card_of(name: str, model: BaseChatModel) -> ModelCard:
    return ModelCard(
        name=name,
        title=type(model).__name__,
        kind="chat",
        provider="scripted",
        parameters=None,
        context_tokens=getattr(model, "context_tokens", 4096),
        licence="none",
        licence_url=None,
        commercial=True,
        languages=("en",),
        inference=("cpu",),
        price=Price(basis="none: it runs in this process"),
        on_premises=True,
    )
