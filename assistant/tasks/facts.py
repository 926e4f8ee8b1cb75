"""A fact list (`Weight: 1.2 kg`) as statements that name the thing they are about."""

from __future__ import annotations

from assistant.messages import Document, Evidence
from assistant.tasks.forms import FACT, lines

_NAMES = ("name", "product", "product name", "model", "title", "item")


def fact_statements(document: Document) -> tuple[Evidence, ...]:
    """One statement a line, "Lumen S1, weight: 1.2 kg", each with the span of its line; other lines as they are."""
    subject = _subject(document.text)
    statements = []
    for line in lines(document.text):
        match = FACT.match(line.text)
        named = match is not None and subject is not None and match["key"].strip().lower() not in _NAMES
        text = f"{subject}, {match['key'].strip()}: {match['value']}" if match and named else line.text
        quote = document.text[line.start : line.end]
        statements.append(
            Evidence(document.id, document.title, text, line.start, line.end, origin="request", quote=quote)
        )
    return tuple(statements)


def _subject(text: str) -> str | None:
    for line in lines(text):
        match = FACT.match(line.text)
        if match and match["key"].strip().lower() in _NAMES:
            return match["value"].strip()
    return None
