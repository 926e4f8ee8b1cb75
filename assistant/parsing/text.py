"""What a file says, and plain text files, which say it as they are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

PART_END = "\f"  # Between the text that is seen and each hidden one, on standard output.


class Refused(Exception):
    """A file will not be read; the message says why, in words for people."""


@dataclass(frozen=True, slots=True)
class Text:
    """What a file says."""

    seen: str
    """What a reader would see."""
    hidden: tuple[str, ...] = ()
    """What is there for machines only: comments, parts hidden by style or attribute, type too small to read."""

    def __len__(self) -> int:
        """Characters in all."""
        return len(self.seen) + sum(map(len, self.hidden))

    def written(self) -> str:
        """All parts as one text, each ended by a form feed but the last."""
        return PART_END.join(part.replace(PART_END, " ") for part in (self.seen, *self.hidden))


def text_of_txt(file: Path) -> Text:
    """Text of a plain text file."""
    return Text(file.read_text(encoding="utf-8-sig"))
