"""What people do to a change: fields they write in, and acts that ask for words before they are done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Literal

from nicegui import ui
from nicegui.events import GenericEventArguments

from assistant.console.shell import button, tag
from assistant.console.visits import Visit

Do = Callable[[], Awaitable[None]]
"""Something done on the page that takes nothing and gives nothing."""


class Field:
    """A field with its label; `text` is what stands in it."""

    def __init__(
        self, name: str, label: str = "", *, kind: Literal["input", "textarea"] = "textarea", text: str = ""
    ) -> None:
        self.text = text
        if label:
            tag("label", label).props(f'for="{name}"')
        size = 'rows="3"' if kind == "textarea" else 'type="text" autocomplete="off"'
        made = ui.element(kind).props(f'id="{name}" {size}')
        if text:
            made.props["value"] = text
        made.on("input", self._heard, js_handler="(event) => emit(event.target.value)")

    def _heard(self, event: GenericEventArguments) -> None:
        self.text = str(event.args)


class Choice:
    """One of several; `text` is the one that is chosen."""

    def __init__(self, name: str, label: str, among: Sequence[str]) -> None:
        self.text = among[0]
        tag("label", label).props(f'for="{name}"')
        with ui.element("select").props(f'id="{name}"') as made:
            for each in among:
                tag("option", each)
        made.on("change", self._heard, js_handler="(event) => emit(event.target.value)")

    def _heard(self, event: GenericEventArguments) -> None:
        self.text = str(event.args)


def act_with_words(
    visit: Visit,
    name: str,
    title: str,
    why: str,
    label: str,
    do: Callable[[str], Awaitable[None]],
    *,
    danger: bool = False,
    first: bool = False,
) -> None:
    """An act behind a line that opens: what it means, a field for why, and the button that does it.

    The `first` of several is open already: it is what most people come for.
    """
    with ui.element("details").classes("act").props(f'id="act-{name}"' + (" open" if first else "")):
        tag("summary", title).classes("bad-text" if danger else "")
        tag("p", why).classes("hint")
        field, client = Field(f"{name}-words", label), ui.context.client

        async def done() -> None:
            with client:  # Whatever the act changes on the page, this button's own place included.
                await do(field.text)

        button(title, danger=danger, primary=first).on("click", visit.doing(done))


def act(
    visit: Visit,
    text: str,
    do: Do,
    *,
    busy: str | None = None,
    primary: bool = False,
    danger: bool = False,
) -> None:
    """A button; while it takes its time it says `busy` and cannot be pressed again."""
    made, client = button(text, primary=primary, danger=danger), ui.context.client

    async def done() -> None:
        made.props("disabled")
        made.text = busy or text
        try:
            with client:  # Whatever the act changes on the page, this button's own place included.
                await do()
        finally:
            made.props(remove="disabled")
            made.text = text

    made.on("click", visit.doing(done))


def again() -> None:
    """Shows the page anew, as things now stand."""
    ui.navigate.reload()
