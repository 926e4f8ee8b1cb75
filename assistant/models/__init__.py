"""Language models: what is known about each, where its weights come from, and one way to stream from any."""

from assistant.models.adding import add_gguf
from assistant.models.catalog import Catalog, ModelCard, Price
from assistant.models.download import pull, verify
from assistant.models.hosted import estimated_tokens
from assistant.models.keeper import Keeper, said
from assistant.models.loading import Loading
from assistant.models.local import LlamaChat
from assistant.models.memory import available_bytes
from assistant.models.reach import Loan, ServerAddress
from assistant.models.scripted import ScriptedChat
from assistant.models.served import Reach, ServedChat
from assistant.models.shelf import Models, Token, stream

__all__ = [
    "Catalog",
    "Keeper",
    "LlamaChat",
    "Loading",
    "Loan",
    "ModelCard",
    "Models",
    "Price",
    "Reach",
    "ScriptedChat",
    "ServedChat",
    "ServerAddress",
    "Token",
    "add_gguf",
    "available_bytes",
    "estimated_tokens",
    "pull",
    "said",
    "stream",
    "verify",
]
