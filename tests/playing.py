"""A scripted model in the place of whatever model the verticals name."""

from __future__ import annotations

from langchain_core.language_models.chat_models import BaseChatModel

from assistant.models import Models

BASE = "smollm2-135m"


def play(models: Models, model: BaseChatModel) -> Models:
    """`models`, in which `model` answers for the base that the verticals use and for each of its adapters."""
    for card in models.cards:
        if card.name == BASE or (card.adapter and card.adapter.base == BASE):
            models.add(card.name, model)
    return models
