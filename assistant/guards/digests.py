"""What the guards are made of, named by content: a changed weight, word list or rule gives another name."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

_HERE = Path(__file__).parent
_LEFT_OUT = frozenset({"training", "corpus", "__pycache__"})  # What weights were fitted on does not measure anything.


@lru_cache(maxsize=4)
def guard_digests(folder: Path = _HERE) -> Mapping[str, str]:
    """SHA-256 of each guard's weights, lists and source, by `guard injection` …, `guards` for what they share."""
    files: dict[str, list[Path]] = {}
    for file in sorted(folder.rglob("*")):
        inside = file.relative_to(folder)
        if file.is_file() and file.suffix not in (".md", ".pyc") and not _LEFT_OUT & set(inside.parts):
            files.setdefault(f"guard {inside.parts[0]}" if len(inside.parts) > 1 else "guards", []).append(file)
    return {name: _digest(folder, members) for name, members in files.items()}


def _digest(folder: Path, files: list[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        text = file.read_bytes()
        digest.update(f"{file.relative_to(folder).as_posix()} {len(text)}\n".encode() + text)
    return f"sha256:{digest.hexdigest()}"
