"""The door of a llama.cpp server: where it is, with which key it opens, and the small questions asked through it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from assistant.errors import ModelUnavailable

COUNT_TIMEOUT_S = 30.0
CONNECT_TIMEOUT_S = 5.0
# llama.cpp closes a connection after a streamed answer without saying so beforehand; a new one costs less than 1 ms.
ONE_REQUEST_EACH = httpx.Limits(max_keepalive_connections=0)


@dataclass(frozen=True, slots=True)
class Door:
    """Where a server of llama.cpp is reached."""

    address: str
    """Like http://127.0.0.1:8081."""
    key: str = field(repr=False)
    socket: Path | None = None
    """The Unix socket that is dialled in place of the host that the address names."""

    def client(self, *, timeout_s: float) -> httpx.Client:
        """A client that blocks."""
        transport = httpx.HTTPTransport(uds=self._uds, verify=self._has_tls, limits=ONE_REQUEST_EACH)
        return httpx.Client(transport=transport, timeout=_timeout(timeout_s), **self._common)

    def async_client(self, *, timeout_s: float) -> httpx.AsyncClient:
        """A client for the running event loop."""
        transport = httpx.AsyncHTTPTransport(uds=self._uds, verify=self._has_tls, limits=ONE_REQUEST_EACH)
        return httpx.AsyncClient(transport=transport, timeout=_timeout(timeout_s), **self._common)

    @property
    def _uds(self) -> str | None:
        return str(self.socket) if self.socket else None

    @property
    def _has_tls(self) -> bool:
        # Where there is none, 15 ms of reading certificates are saved each time.
        return self.address.startswith("https:")

    @property
    def _common(self) -> dict[str, Any]:
        # A proxy that the environment names has no business on loopback.
        return {"base_url": self.address, "headers": {"Authorization": f"Bearer {self.key}"}, "trust_env": False}


def _timeout(timeout_s: float) -> httpx.Timeout:
    return httpx.Timeout(timeout_s, connect=min(timeout_s, CONNECT_TIMEOUT_S))


class Tokenizer:
    """Counts tokens as the model behind a door does; threads may share it."""

    def __init__(self, door: Door, label: str) -> None:
        """`label`: what errors call the model."""
        self._label = label
        self._http = door.client(timeout_s=COUNT_TIMEOUT_S)

    def tokenize(self, text: str, *, special: bool = False) -> list[int]:
        """The tokens of `text`; `special` reads control tokens as such, for text that the template made."""
        return list(self._post("/tokenize", {"content": text, "parse_special": special})["tokens"])

    def count_prompt(self, messages: list[dict[str, str]]) -> int:
        """Tokens of `messages` once the chat template has joined them."""
        return len(self.tokenize(self._post("/apply-template", {"messages": messages})["prompt"], special=True))

    def close(self) -> None:
        """Let the connections go."""
        self._http.close()

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        try:
            reply = self._http.post(path, json=body).raise_for_status()
        except httpx.HTTPStatusError as error:
            raise ModelUnavailable(f"{self._label} is not ready (status {error.response.status_code})") from error
        except httpx.HTTPError as error:
            raise ModelUnavailable(f"the server of {self._label} does not answer ({type(error).__name__})") from error
        return dict(reply.json())
