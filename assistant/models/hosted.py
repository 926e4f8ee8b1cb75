"""Models that others serve: at an address that speaks OpenAI's protocol, or through a package of LangChain's."""

from __future__ import annotations

import sys
from typing import Any

import httpx
from langchain_core.language_models.chat_models import BaseChatModel

from assistant.errors import Misconfigured, ModelUnavailable, TooLarge
from assistant.models.catalog import ModelCard, from_environment

TIMEOUT_S = 60.0
_ERRORS = (
    ("openai", "OpenAIError"),
    ("anthropic", "AnthropicError"),
    ("groq", "GroqError"),
    ("cohere.core.api_error", "ApiError"),
    ("mistralai.models", "SDKError"),
    ("google.api_core.exceptions", "GoogleAPIError"),
    ("google.genai.errors", "APIError"),
    ("botocore.exceptions", "BotoCoreError"),
    ("botocore.exceptions", "ClientError"),
    ("ollama", "ResponseError"),
)


def open_hosted(card: ModelCard) -> BaseChatModel:
    """The model of a card of provider `openai` or `langchain`; nothing is asked of it yet.

    Raises ModelUnavailable naming the environment variable that is not set, or the package that is not installed.
    """
    named = from_environment(card.model_id or "", card=card)
    common: dict[str, Any] = {
        "timeout": TIMEOUT_S,
        "max_retries": 0,  # A busy provider gets no storm from us; the vertical names its fallback models.
        # Its own count would fetch a tokenizer from the network, for the wrong model.
        "custom_get_token_ids": lambda text: list(range(estimated_tokens(text))),
    }
    if card.base_url:
        common["base_url"] = from_environment(card.base_url, card=card)
    if card.api_key_env:
        common["api_key"] = from_environment(f"${{{card.api_key_env}}}", card=card)
    if card.provider == "langchain":
        return _of_langchain(card, named, common)
    from langchain_openai import ChatOpenAI

    return ChatOpenAI(model=named, stream_usage=True, **{"api_key": "none", **common})


def _of_langchain(card: ModelCard, named: str, options: dict[str, Any]) -> BaseChatModel:
    from langchain.chat_models import init_chat_model

    try:
        model: BaseChatModel = init_chat_model(named, **options)
    except ImportError as error:
        raise ModelUnavailable(f"{card.name} needs a package that is not installed: {error}") from error
    except ValueError as error:
        raise Misconfigured(f"{card.name}: model_id {named!r} must be PROVIDER:MODEL, as LangChain has it") from error
    return model


def estimated_tokens(text: str) -> int:
    """About how many tokens `text` has, rather too many than too few; for models that do not say."""
    # English has about 4 characters a token (OpenAI's rule of thumb); 3 errs on the side that still fits.
    return -(-len(text) // 3)


def provider_errors() -> tuple[type[Exception], ...]:
    """What the packages of providers raise; nobody raises an error of a package that nobody imported."""
    known = (getattr(sys.modules.get(package), name, None) for package, name in _ERRORS)
    return (httpx.HTTPError, *(each for each in known if each is not None))


def translated(error: BaseException) -> ModelUnavailable | TooLarge:
    """A provider's error as one of ours; its own words may repeat the text."""
    if getattr(error, "code", None) == "context_length_exceeded":
        return TooLarge("the text is longer than the model's context window")
    response = getattr(error, "response", None)
    waits = response.headers.get("retry-after", "") if response is not None else ""
    status = f" (status {response.status_code})" if response is not None else ""
    return ModelUnavailable(
        f"the model's provider failed: {type(error).__name__}{status}",
        retry_after_s=int(waits) if waits.isdecimal() else 5,
    )
