"""Messages as a model may read them: in its roles, in valid Unicode, and without tokens that end a turn."""

from __future__ import annotations

import re
from collections.abc import Sequence

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from assistant.errors import Invalid
from assistant.messages import Message, Role

ROLES = {
    "system": "system",
    "developer": "system",
    "human": "user",
    "user": "user",
    "tool": "user",
    "ai": "assistant",
    "assistant": "assistant",
}
CONTROL = re.compile(
    r"<[|｜][^<>\s]{1,64}[|｜]>"  # ChatML, Qwen, SmolLM, Llama 3, Phi; DeepSeek with its wide bar.
    r"|</?(?:s|bos|eos|pad|unk|mask)>|<(?:start|end)_of_(?:turn|image)>|<unused\d+>"  # Llama 2, Gemma.
    r"|\[/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS)\]|<</?SYS>>",  # Mistral, Llama 2.
    re.IGNORECASE,
)


def clean(text: str) -> str:
    """`text` in valid Unicode, each control token replaced by a space.

    A space and not nothing, so that what stood left and right of a token cannot join to a new one.
    """
    valid = text.encode("utf-8", "replace").decode("utf-8").replace("\0", " ")
    return CONTROL.sub(" ", valid)


def as_openai(messages: Sequence[BaseMessage]) -> list[dict[str, str]]:
    """`messages` in OpenAI's form, cleaned; raises Invalid when there is none, or one of an unknown role."""
    if not messages:
        raise Invalid("there is no message to answer")
    return [{"role": _role(each), "content": clean(each.text)} for each in messages]


def as_langchain(messages: Sequence[Message | BaseMessage]) -> list[BaseMessage]:
    """Our messages as LangChain's; those that are already stay as they are."""
    return [each if isinstance(each, BaseMessage) else _MADE[each.role](content=each.text) for each in messages]


_MADE: dict[Role, type[BaseMessage]] = {
    "system": SystemMessage,
    "developer": SystemMessage,
    "user": HumanMessage,
    "tool": HumanMessage,
    "assistant": AIMessage,
}


def _role(message: BaseMessage) -> str:
    # A ChatMessage may carry any role, and the template would print it as it is.
    named = getattr(message, "role", message.type)
    try:
        return ROLES[named]
    except KeyError:
        raise Invalid(f"a message has the role {named!r}; it must be one of {', '.join(sorted(ROLES))}") from None
