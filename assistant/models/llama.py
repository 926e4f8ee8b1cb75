"""What every chat model of llama.cpp has in common, wherever its weights are: its options and how it counts."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models.chat_models import BaseChatModel, agenerate_from_stream, generate_from_stream
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatResult
from pydantic import Field, PrivateAttr

from assistant.errors import Invalid, TooLarge, UnknownModel
from assistant.models.door import Tokenizer
from assistant.models.generation import Body
from assistant.models.prompts import as_openai, clean
from assistant.models.slots import Slots

MAX_BYTES_PER_TOKEN = 64  # Longer than tokens of real text; what exceeds it cannot fit and need not be tokenized.
OPTIONS = frozenset({"max_tokens", "temperature", "seed", "grammar", "response_format", "adapter"})


class Llama(BaseChatModel):
    """A chat model of llama.cpp. Threads and event loops may share it.

    Options of a call: `max_tokens`, `temperature`, `stop`, `seed`, `grammar` (GBNF), `response_format` (as
    OpenAI has it; what is written is held to it token by token) and `adapter` (a file's stem).
    Raises ModelUnavailable when the model is not there, ModelBusy when the line is full, TooLarge when the messages
    exceed the context window, Invalid for an option that is not one of these.
    """

    slots: int = Field(2, ge=1, description="answers written at the same time")
    context_tokens: int = Field(4096, ge=64, description="window of one slot, prompt and answer together")
    queue: int = Field(16, ge=0, description="requests that may wait for a slot; one more is refused")
    adapters: tuple[Path, ...] = Field((), description="LoRA files (GGUF), each chosen per request by its stem")
    max_tokens: int = Field(512, ge=1)
    temperature: float = Field(0.0, ge=0)

    _line: Slots = PrivateAttr()

    def model_post_init(self, context: Any, /) -> None:  # noqa: ARG002 — pydantic's signature
        """Set up the line; nothing is loaded yet."""
        self._line = Slots(self.slots, queue=self.queue)

    @property
    @abstractmethod
    def label(self) -> str:
        """What errors call the model."""

    @property
    @abstractmethod
    def is_loaded(self) -> bool:
        """Whether its weights are loaded, here or where it runs."""

    @abstractmethod
    async def load(self) -> None:
        """Have the weights loaded now, off the event loop, rather than at the first request."""

    @abstractmethod
    def close(self) -> None:
        """Let the model go and refuse what comes after; may block."""

    def metrics(self) -> dict[str, int]:
        """How many requests are being answered and how many wait, beside how many may."""
        return {"busy": self._line.busy, "slots": self.slots, "waiting": self._line.waiting, "queue": self.queue}

    def get_num_tokens(self, text: str) -> int:
        """Tokens of `text` as this model counts them; loads the model if need be."""
        return len(self._tokenizer().tokenize(clean(text)))

    def get_num_tokens_from_messages(self, messages: list[BaseMessage], tools: Sequence[Any] | None = None) -> int:
        """Tokens of the whole prompt, the chat template's own included; `tools` are not supported and must be None."""
        if tools:
            raise Invalid(f"{self.label} does not call tools")
        return self._tokenizer().count_prompt(as_openai(messages))

    @abstractmethod
    def _tokenizer(self) -> Tokenizer: ...

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
            raise Invalid(f"{self.label} takes {', '.join(sorted(OPTIONS))}, not {', '.join(sorted(unknown))}")
        said = as_openai(messages)
        size = sum(len(each["content"].encode()) for each in said)
        if size > self.context_tokens * MAX_BYTES_PER_TOKEN:
            raise TooLarge(f"the text has {size} bytes; the model reads at most {self.context_tokens} tokens at once")
        body: Body = {
            "messages": said,
            # Where prompt and answer together reach the window, llama.cpp ends the answer with reason "length".
            "max_tokens": min(options.get("max_tokens") or self.max_tokens, self.context_tokens),
            "temperature": options.get("temperature", self.temperature),
            "stream": True,
            "stream_options": {"include_usage": True},
            "return_progress": True,  # Else nothing is said, and nothing can be stopped, while the prompt is read.
        }
        return (
            body
            | {"stop": [clean(each) for each in stop or ()]}
            | {k: options[k] for k in ("seed", "grammar", "response_format") if options.get(k)}
        )

    def _adapter_names(self) -> tuple[str, ...]:
        """The stems of the adapters that are loaded, by their numbers."""
        return tuple(path.stem for path in self.adapters)

    def _scales(self, adapter: str | None) -> list[dict[str, float]]:
        # Every adapter is named in every request: one left out would keep the scale it had.
        names = self._adapter_names()
        if adapter is not None and adapter not in names:
            raise UnknownModel(f"no adapter named {adapter!r} on {self.label}; there is {', '.join(names) or 'none'}")
        return [{"id": n, "scale": float(name == adapter)} for n, name in enumerate(names)]
