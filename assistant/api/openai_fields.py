"""OpenAI's fields that this service does not act on: ignored where that harms nobody, else refused with a reason."""

from __future__ import annotations

from typing import Any

from assistant.api.bodies import unknown_field

IGNORED = {
    "frequency_penalty": "a model that repeats itself is stopped anyway",
    "metadata": "nothing of it is kept",
    "moderation": "the vertical's rails check every question and every sentence",
    "parallel_tool_calls": "nothing is called",
    "prediction": "it would only save time",
    "presence_penalty": "a model that repeats itself is stopped anyway",
    "prompt_cache_key": "there is no shared prompt cache",
    "prompt_cache_options": "there is no shared prompt cache",
    "prompt_cache_retention": "there is no shared prompt cache",
    "reasoning_effort": "the vertical names the model and how it is asked",
    "safety_identifier": "nothing of it is kept",
    "service_tier": "there is one",
    "store": "what is kept, and for how long, is the vertical's retention",
    "top_p": "`temperature` is honoured; every sentence is checked however it was drawn",
    "verbosity": "`max_tokens` is honoured",
}
"""Fields that are accepted with any value and have no effect, each with why that is harmless."""

_CALLS_NOTHING = "is not supported: the assistant writes checked text and calls nothing; leave it out"
REFUSED: dict[str, tuple[str, tuple[Any, ...]]] = {
    "audio": ("is not supported: answers are text; leave it out", ()),
    "function_call": (_CALLS_NOTHING, ("none", "auto")),
    "functions": (_CALLS_NOTHING, ([],)),
    "logit_bias": ("is not supported: it would steer words past the vertical's instructions; leave it out", ({},)),
    "logprobs": (
        "is not supported: sentences are checked, not tokens; `assistant.sentences[].support` tells how far each is "
        "borne out",
        (False,),
    ),
    "modalities": ("is not supported: answers are text; leave it out or send ['text']", (["text"],)),
    "tool_choice": (_CALLS_NOTHING, ("none", "auto")),
    "tools": (_CALLS_NOTHING, ([],)),
    "top_logprobs": ("is not supported: sentences are checked, not tokens; leave it out", (0,)),
    "web_search_options": (
        "is not supported: answers come from the vertical's knowledge and the `documents` of the request",
        (),
    ),
}
"""Fields that would change what the caller gets: why each is refused, and the values that ask for nothing."""


def without_idle(body: object) -> object:
    """`body` without the fields that have no effect: those ignored, and those refused that ask for nothing."""
    if not isinstance(body, dict):
        return body
    return {name: value for name, value in body.items() if not _idle(name, value)}


def refusal(name: str, known: set[str]) -> str:
    """Why the field `name` is refused, and what would be right; `known` are the fields of the call."""
    if name in REFUSED:
        return REFUSED[name][0]
    return unknown_field(name, known | set(REFUSED))


def _idle(name: str, value: object) -> bool:
    if name in IGNORED:
        return True
    # Compared by type too: 0 is not False here.
    return name in REFUSED and (
        value is None or any(type(value) is type(idle) and value == idle for idle in REFUSED[name][1])
    )
