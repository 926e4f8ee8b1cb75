"""llama.cpp itself: weights opened as a server in this process, ready to be called or to be asked through a door."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.errors import ModelUnavailable

BATCH_TOKENS = (
    32  # A request is stopped between batches: 0.5 s on one thread; 512 read 15 % faster (CPU time, 2026-11).
)


@dataclass(frozen=True, slots=True)
class ServerSpec:
    """What is opened, and how much it may do at once."""

    name: str
    """The model's name in the catalog, by which its server is known."""
    path: Path
    sha256: str | None
    """What the weights must hash to."""
    threads: int
    slots: int
    """Answers written at the same time."""
    context_tokens: int
    """Window of one slot, prompt and answer together."""
    adapters: tuple[Path, ...] = ()
    """LoRA files; all are off until a request asks for one."""


def open_server(spec: ServerSpec, *, key: str, host: str = "127.0.0.1", port: int = 0) -> Any:
    """The server, its weights loaded, listening on `host`: an address, or a path that ends in `.sock`.

    Whoever asks it must bring `key`. Port 0 takes a free one. Raises ModelUnavailable when the weights are missing, are
    not what they must be, or cannot be loaded.
    """
    import xllamacpp

    _check(spec)
    params = xllamacpp.CommonParams()
    params.model.path = str(spec.path)
    params.model_alias = {spec.name}
    params.hostnames = [host]
    params.port = port
    params.n_parallel = spec.slots
    params.n_ctx = spec.context_tokens * spec.slots
    params.n_batch = params.n_ubatch = BATCH_TOKENS
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = spec.threads
    params.cache_ram_mib = 0  # That cache ignores which adapter is active and would return another one's state.
    params.lora_adapters = [xllamacpp.CommonAdapterLoraInfo(str(path), 0.0) for path in spec.adapters]
    params.fit_params = False  # The window is what was asked for, or loading fails; it is never made smaller silently.
    params.ui = params.endpoint_slots = False  # The latter would show prompts.
    params.endpoint_metrics = True  # `_begun` asks for them.
    params.api_keys = [key]
    params.verbosity = 1  # Errors only; more would write texts to the log.
    try:
        return _begun(xllamacpp.Server(params))
    except RuntimeError as error:
        raise ModelUnavailable(f"{spec.path} cannot be loaded as a model: {error}") from error


def sha256_of(path: Path) -> str:
    """The SHA-256 of the file at `path`, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _begun(server: Any) -> Any:
    """The server, once its loop runs.

    It is handed out a moment before that; let go within it, the loop begins after it was told to end, never ends, and
    whoever let go waits for it for ever. The metrics are an answer of the loop itself.
    """
    server.handle_metrics()
    return server


def _check(spec: ServerSpec) -> None:
    if not spec.path.is_file():
        raise ModelUnavailable(f"{spec.path} is missing; `assistant models pull` fetches weights")
    if spec.sha256 and (found := sha256_of(spec.path)) != spec.sha256:
        raise ModelUnavailable(f"{spec.path} is corrupt: expected SHA-256 {spec.sha256}, found {found}")
