"""Language models: what is known about each, where its weights come from, and one way to stream from any."""

from assistant.models.catalog import Catalog, ModelCard, Price
from assistant.models.download import pull, verify
from assistant.models.local import LlamaChat
from assistant.models.scripted import ScriptedChat
from assistant.models.shelf import Models, Token, estimated_tokens, stream

__all__ = [
    "Catalog",
    "LlamaChat",
    "ModelCard",
    "Models",
    "Price",
    "ScriptedChat",
    "Token",
    "estimated_tokens",
    "pull",
    "stream",
    "verify",
]
