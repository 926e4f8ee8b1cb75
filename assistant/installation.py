"""The key of this installation: made on first use, the same for all that share the data folder."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path


def installation_secret(data_dir: Path) -> bytes:
    """32 bytes that digests of masked values, sign-ins and webhooks are keyed with; readable by their owner only."""
    return kept_secret(data_dir / "secret.key")


def kept_secret(file: Path) -> bytes:
    """32 random bytes in `file`, made on first use; readable by their owner only."""
    file.parent.mkdir(parents=True, exist_ok=True)
    if not file.exists():
        new = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
        new.touch(mode=0o600)
        new.write_bytes(secrets.token_bytes(32))
        with suppress(FileExistsError):  # Another process was first; its key counts.
            os.link(new, file)
        new.unlink()
    return file.read_bytes()
