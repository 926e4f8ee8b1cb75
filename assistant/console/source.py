"""Documents as they were brought, with the places lit that a sentence stands on."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from assistant.console.shell import heading, tag
from assistant.messages import Citation, Document

_LIGHT = (
    "() => {{ const all = document.querySelectorAll('.source [data-n]'); let first = null; all.forEach(each => {{ "
    "const on = each.dataset.n.split(' ').some(n => [{numbers}].includes(n)); each.classList.toggle('lit', on); "
    "if (on && !first) first = each; }}); if (first) first.scrollIntoView({{block: 'nearest'}}); }}"
)


def sources(documents: Sequence[Document], citations: Sequence[Citation]) -> None:
    """Each document's text; `light` makes a place of it stand out."""
    for document in documents:
        if len(documents) > 1:
            heading(document.title or document.id, 3)
        # A text that scrolls must be within reach of the keyboard.
        with tag("div").classes("source").props(f'tabindex="0" role="group" aria-label="{_plain(document)}"'):
            for text, numbers in marked(document.text, [each for each in citations if each.document == document.id]):
                span = tag("span", text)
                if numbers:
                    span.props(f'data-n="{" ".join(map(str, numbers))}"')


def _plain(document: Document) -> str:
    return (document.title or document.id).replace('"', "”").replace("\\", "")


def light(element: TextElement, numbers: Sequence[int]) -> None:
    """Lights the places with these numbers while `element` has the focus or the pointer."""
    handler = _LIGHT.format(numbers=", ".join(f"'{n}'" for n in numbers))
    for event in ("focus", "mouseenter"):
        element.on(event, js_handler=handler)


def marked(text: str, citations: Sequence[Citation]) -> list[tuple[str, tuple[int, ...]]]:
    """`text` in pieces, each with the numbers of the citations that it belongs to."""
    bounds = sorted({0, len(text), *(min(max(at, 0), len(text)) for c in citations for at in (c.start, c.end))})
    return [
        (text[start:end], tuple(c.n for c in citations if c.start <= start and end <= c.end))
        for start, end in pairwise(bounds)
    ]


def passage(citation: Citation) -> None:
    """A passage of knowledge with its number."""
    with ui.element("div").classes("source cited"), tag("p"):
        tag("span", f"{citation.n} ").classes("hint")
        tag("strong", citation.title or citation.document)
        tag("span", citation.text).props(f'data-n="{citation.n}"').classes("block")
