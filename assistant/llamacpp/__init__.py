"""llama.cpp itself, and nothing that is slow to import: a model's own process is up in a moment."""

from assistant.llamacpp.opening import ServerSpec, open_server, sha256_of

__all__ = ["ServerSpec", "open_server", "sha256_of"]
