"""Anchors: the end of the audit chain, signed now and then and written outside the database.

Whoever can write to the database can cut the chain or make it anew, and no digest in it would tell. An anchor does: a
signature (Ed25519) over a number and a digest, in a file that only grows and may be copied elsewhere at any time.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from assistant.installation import kept_secret
from assistant.ledger.canonical import canonical
from assistant.ledger.chain import Head

Why = Literal["", "pruned", "exported"]
"""Signed because the chain had come as far as this; because retention was to take off all up to here; because an export
ended here."""
_TAIL = 4096  # More than the last line takes.


@dataclass(frozen=True, slots=True)
class Anchor:
    """What the chain ended with at one moment, signed."""

    sequence: int
    digest: str
    at: str
    key: str
    """The public key in hex."""
    signature: str
    why: Why = ""

    @property
    def signed(self) -> bytes:
        """What the signature is over."""
        return canonical({name: each for name, each in self._told.items() if name != "signature"}).encode()

    @property
    def line(self) -> str:
        """The anchor as it is written."""
        return canonical(self._told)

    @property
    def _told(self) -> dict[str, object]:
        return {name: each for name, each in asdict(self).items() if name != "why" or each}

    @classmethod
    def read(cls, line: str) -> Anchor:
        """The anchor on `line`; raises ValueError where it is none, or not as we write them."""
        try:
            anchor = cls(**json.loads(line))
            good = anchor.line == line
        except (TypeError, RecursionError) as error:
            raise ValueError("not an anchor") from error
        if not good:
            raise ValueError("not an anchor as we write them")
        return anchor

    def holds(self, public_key: str) -> bool:
        """Whether it was signed by the holder of `public_key`, in hex."""
        try:
            Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key)).verify(
                bytes.fromhex(self.signature), self.signed
            )
        except (InvalidSignature, ValueError):
            return False
        return self.key == public_key


class Anchors:
    """The anchors of this data folder; all processes that share it write one file."""

    def __init__(self, data_dir: Path, folder: Path | None = None) -> None:
        """The key is in `data_dir`; the anchors are there too, or in `folder`."""
        self._key, self._public = data_dir / "anchor.key", data_dir / "anchor.pub"
        self.file = (folder or data_dir) / "anchors.jsonl"

    @property
    def public_key(self) -> str:
        """The public key in hex, which is all that those need who verify elsewhere; made where there is none yet."""
        if self._public.exists():
            return self._public.read_text(encoding="ascii", errors="replace").strip()
        return self._private().public_key().public_bytes_raw().hex()

    @property
    def has_key(self) -> bool:
        """Whether there is a key already, or the public half of one."""
        return self._public.exists() or self._key.exists()

    def add(self, end: Head, why: Why = "") -> Anchor | None:
        """Signs and writes the end of the chain, on disk when this returns; None where that is anchored already.

        With `why`, `end` may be any place in the chain.
        """
        private = self._private()
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.touch(mode=0o600)
        with self.file.open("r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # Until the file is closed.
            file.truncate(_whole(file.fileno()))
            if not why and (last := _last(file.fileno())) is not None and last.sequence >= end.sequence:
                return None
            key = private.public_key().public_bytes_raw().hex()
            at = datetime.now(UTC).isoformat(timespec="seconds")
            unsigned = Anchor(end.sequence, end.digest, at, key, "", why)
            anchor = replace(unsigned, signature=private.sign(unsigned.signed).hex())
            file.seek(0, os.SEEK_END)
            file.write(f"{anchor.line}\n".encode())
            file.flush()
            os.fsync(file.fileno())
        return anchor

    def _private(self) -> Ed25519PrivateKey:
        private = Ed25519PrivateKey.from_private_bytes(kept_secret(self._key))
        if not self._public.exists():
            self._public.write_text(private.public_key().public_bytes_raw().hex() + "\n", encoding="ascii")
        return private


def anchor_lines(file: Path) -> Iterator[str]:
    """Every line that is there at this moment, without its end; nothing where no anchor was ever written.

    What is anchored while the chain is read vouches for records that the reader does not see any more.
    """
    return _lines(file, file.stat().st_size) if file.exists() else iter(())


def _lines(file: Path, size: int) -> Iterator[str]:
    with file.open("rb") as lines:
        while size > 0 and (line := lines.readline()):
            size -= len(line)
            yield line.decode(errors="replace").removesuffix("\n")


def _whole(descriptor: int) -> int:
    """Size of the file without the half of a line that a loss of power may have left."""
    tail, size = _tail(descriptor)
    return size - len(tail.rpartition(b"\n")[2])


def _last(descriptor: int) -> Anchor | None:
    tail, _ = _tail(descriptor)
    try:
        return Anchor.read(tail.removesuffix(b"\n").rpartition(b"\n")[2].decode())
    except ValueError:  # Tampered with, which verifying tells; the next one counts.
        return None


def _tail(descriptor: int) -> tuple[bytes, int]:
    size = os.fstat(descriptor).st_size
    return os.pread(descriptor, _TAIL, max(0, size - _TAIL)), size
