"""What the widget says in each language, for the tests: its catalogues, read where they are made to be read."""

from __future__ import annotations

import re
from typing import Any

from playwright.async_api import Page

from assistant.widget.assembling import SOURCE
from tests.widget.arabic import ARABIC, LABEL

Texts = dict[str, Any]
LABELS = {"en": "Ask a question", "it": "Fai una domanda", "ar": LABEL}
"""What the button on the page says."""


async def read_catalogues(page: Page) -> dict[str, Texts]:
    """By language: those of ours, and that of a page which reads from the right, over the English one."""
    found: dict[str, Texts] = {}
    for name in ("en", "it"):
        script = (SOURCE / f"{name}.js").read_text(encoding="utf-8").replace("export const", "const")
        found[name] = await page.evaluate(f"(() => {{ {script}; return {name}; }})()")
    return found | {"ar": _over(found["en"], ARABIC)}


def filled(text: str, **values: object) -> str:
    """`text` with its {places} filled."""
    return text.format(**values)


def around(text: str) -> re.Pattern[str]:
    """Finds `text` whatever stands in its {places}."""
    return re.compile(".+".join(re.escape(part) for part in re.split(r"\{\w+\}", text)))


def _over(found: Texts, own: Texts) -> Texts:
    return {
        name: _over(text, own.get(name, {})) if isinstance(text, dict) else own.get(name, text)
        for name, text in found.items()
    }
