"""Two ways to a model that runs elsewhere: lent by this machine's keeper, or behind an address somebody set."""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import httpx

from assistant.errors import ModelUnavailable
from assistant.models.door import Door

LOADING_S = 600.0  # A model of many gigabytes from a slow disk; who waits this long is told that it failed.
ADDRESS_TIMEOUT_S = 10.0


class Loan:
    """A model lent by the keeper: ours while our connection to it stands, so that a killed worker keeps nothing."""

    def __init__(self, keeper: Path, name: str) -> None:
        self._keeper, self._name = keeper, name
        self._connection: socket.socket | None = None
        self._lock = Lock()

    def open(self) -> Door:
        """The model's door; raises ModelUnavailable with the keeper's words when it cannot be loaded."""
        with self._lock:
            connection = socket.socket(socket.AF_UNIX)
            connection.settimeout(LOADING_S)
            try:
                connection.connect(str(self._keeper))
                connection.sendall(json.dumps({"model": self._name}).encode() + b"\n")
                with connection.makefile("rb") as replies:
                    reply = json.loads(replies.readline())
            except (OSError, ValueError) as error:
                connection.close()
                raise ModelUnavailable(f"{self._name} cannot be asked for: its keeper does not answer") from error
            if "error" in reply:
                connection.close()
                raise ModelUnavailable(reply["error"], retry_after_s=reply["retry_after_s"])
            self._connection = connection
            return Door("http://model", reply["key"], Path(reply["socket"]))

    def close(self) -> None:
        """Give the model back."""
        with self._lock:
            if self._connection:
                self._connection.close()
            self._connection = None


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """A model server that others run; `{model}` in its address stands for the model's name."""

    address: str
    key: str
    name: str

    def open(self) -> Door:
        """The model's door; raises ModelUnavailable when nobody answers there, or with another model."""
        door = Door(self.address.replace("{model}", self.name).rstrip("/"), self.key)
        try:
            with door.client(timeout_s=ADDRESS_TIMEOUT_S) as http:
                served = http.get("/v1/models").raise_for_status().json()["data"]
        except httpx.HTTPStatusError as error:
            raise ModelUnavailable(f"{door.address} answers {error.response.status_code} for {self.name}") from error
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            raise ModelUnavailable(f"no model server answers at {door.address} for {self.name}") from error
        names = {name for each in served for name in (each["id"], *each.get("aliases", ()))}
        if self.name not in names:
            found = ", ".join(sorted(names)) or "nothing"
            raise ModelUnavailable(f"{door.address} serves {found}; {self.name} is needed")
        return door

    def close(self) -> None:
        """Nothing is held there."""
