"""PDF: lines joined into paragraphs, larger type taken as headings, type too small to read told apart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.parsing.text import Refused, Text

MAX_PAGES = 2000  # A file of a few kilobytes may claim millions.


def text_of_pdf(file: Path) -> Text:
    """Text of a PDF: lines joined into paragraphs, larger type taken as headings."""
    from pypdf import PdfReader

    reader = PdfReader(file)
    if reader.is_encrypted and not reader.decrypt(""):
        raise Refused("is protected with a password; save it without one")
    if len(reader.pages) > MAX_PAGES:
        raise Refused(f"has {len(reader.pages):,} pages; the most is {MAX_PAGES:,}")
    lines: list[_Line] = []
    hidden: list[str] = []
    for page in reader.pages:
        found = _Lines()
        lines += found.of(page)
        hidden.append(" ".join(" ".join(found.tiny).split()))
    return Text(_paragraphs(lines), tuple(filter(None, hidden)))


@dataclass(slots=True)
class _Line:
    text: str
    size: float
    """Height of its type, in points."""
    y: float
    """Height of its base line above the foot of the page."""


class _Lines:
    """Collects the lines of one PDF page as pypdf visits its pieces of text."""

    def __init__(self) -> None:
        self._lines = [_Line("", 0.0, 0.0)]
        self.tiny: list[str] = []

    def of(self, page: object) -> list[_Line]:
        page.extract_text(visitor_text=self._visit)  # type: ignore[attr-defined]
        return [line for line in self._lines if line.text.strip()]

    def _visit(self, text: str, outer: list[float], inner: list[float], _font: object, size: float) -> None:
        size *= abs(inner[3] * outer[3]) or 1.0
        y = inner[5] * outer[3] + outer[5]
        for position, part in enumerate(text.split("\n")):
            if position:
                self._lines.append(_Line("", 0.0, y))
            if part.strip() and size < 1:  # Type under one point is there for machines, not for readers.
                self.tiny.append(part)
            elif part.strip():
                line = self._lines[-1]
                line.text, line.size, line.y = line.text + part, max(line.size, size), y
            elif part and self._lines[-1].text:
                self._lines[-1].text += " "


def _paragraphs(lines: Sequence[_Line]) -> str:
    sizes = sorted(line.size for line in lines for _ in line.text.split())
    body = sizes[len(sizes) // 2] if sizes else 0.0
    larger = sorted({round(line.size, 1) for line in lines if line.size > body * 1.12}, reverse=True)
    text, before = "", None
    for line in lines:
        words = " ".join(line.text.split())
        level = larger.index(round(line.size, 1)) + 1 if line.size > body * 1.12 else 0
        item = re.match(r"(?:[-–•▪●◦*]|\d{1,3}[.)])\s+(?=\S)", words)
        gap = before is not None and not 0 <= before.y - line.y <= 1.7 * max(line.size, 1)
        if level:
            joins_on = before is not None and round(before.size, 1) == round(line.size, 1) and not gap
            text += f" {words}" if joins_on else f"\n\n{'#' * min(level, 6)} {words}"
        elif item:
            text += "\n- " + words[item.end() :] if item[0].strip() in "-–•▪●◦*" else f"\n{words}"
        else:
            starts = before is None or gap or round(before.size, 1) in larger
            text += f"\n\n{words}" if starts else f"{'' if text.endswith('-') else ' '}{words}"
        before = line
    return text.strip()
