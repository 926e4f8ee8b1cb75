"""Forms and their examples as a table that is edited in place. A form is built when it is opened: there may be many."""

from __future__ import annotations

from collections.abc import Callable

from nicegui import ui

from assistant.console.editing import Writing
from assistant.console.shell import button, card, empty, field, tag
from assistant.rails.lint import OFF_TOPIC
from assistant.rails.rewriting import (
    Form,
    forms_of,
    with_changed_example,
    with_example,
    with_form,
    with_moved_example,
    with_renamed_form,
    without_example,
)

FILE = "topics.co"


class FormsTable:
    """What may be asked, form by form: add, change, move and take away examples, rename and add forms."""

    def __init__(self, writing: Writing) -> None:
        self._writing, self._visit = writing, writing.visit
        self._say = self._visit.words("topics")
        self._open: set[str] = set()
        self._shown = ""
        with card(self._say("forms")):
            self._filter = field(self._say("find"))
            self._filter.on_value_change(lambda _: self._show())
            self._list = ui.element("div").classes("forms")
            self._adding()
        writing.kept.append(self._again)
        self._show()

    async def _again(self) -> None:
        if self._writing.text(FILE) != self._shown:
            self._show()

    def _show(self) -> None:
        self._shown = self._writing.text(FILE)
        sought = (self._filter.value or "").casefold().strip()
        forms = [each for each in forms_of(self._shown) if _found(each, sought)]
        self._list.clear()
        with self._list:
            if not forms:
                empty(self._say("nothing_found" if sought else "no_forms"))
            for each in forms:
                self._form(each, opened=each.name in self._open or bool(sought))

    def _form(self, form: Form, *, opened: bool) -> None:
        with tag("details").classes("form") as made:
            made.props["open"] = opened
            with tag("summary"):
                tag("span", form.name).classes("form-name")
                if form.name.startswith(OFF_TOPIC):
                    tag("span", self._say("off_topic")).classes("badge bad")
                tag("span", str(len(form.examples))).classes("hint number")
            inside = ui.element("div").classes("form-inside")

        def toggled(event: object) -> None:
            now = bool(getattr(event, "args", False))
            (self._open.add if now else self._open.discard)(form.name)
            if now and not inside.default_slot.children:
                with inside:
                    self._inside(form)

        made.on("toggle", toggled, js_handler="(event) => emit(event.target.open)")
        if opened:
            with inside:
                self._inside(form)

    def _inside(self, form: Form) -> None:
        for example in form.examples:
            self._example(form, example)
        with ui.element("div").classes("line example"):
            new = _cell("", self._say("new_example"))

            async def add() -> None:
                if (new.value or "").strip():
                    await self._write(lambda text: with_example(text, form.name, new.value))

            new.on("keydown.enter", self._visit.doing(add))
            button(self._say("add"), small=True).on("click", self._visit.doing(add))
        with ui.element("div").classes("line example"):
            name = _cell(form.name, self._say("form_name"))

            async def rename() -> None:
                if name.value != form.name:
                    await self._write(lambda text: with_renamed_form(text, form.name, name.value))
                    self._open.add(name.value)

            button(self._say("rename"), small=True).on("click", self._visit.doing(rename))

    def _example(self, form: Form, example: str) -> None:
        with ui.element("div").classes("line example"):
            made = _cell(example, self._say("example"))

            async def change() -> None:
                if (made.value or "").strip() and made.value != example:
                    await self._write(lambda text: with_changed_example(text, form.name, example, made.value))

            async def remove() -> None:
                await self._write(lambda text: without_example(text, form.name, example))

            made.on("blur", self._visit.doing(change)).on("keydown.enter", self._visit.doing(change))
            button(self._say("move"), small=True).on("click", lambda: self._move(form, example))
            gone = button("×", small=True).props(f'aria-label="{self._say("remove")}"')
            gone.on("click", self._visit.doing(remove))

    def _move(self, form: Form, example: str) -> None:
        others = [each.name for each in forms_of(self._writing.text(FILE)) if each.name != form.name]
        with ui.dialog() as dialog, ui.element("div").classes("card dialog"):
            tag("h2", self._say("move_title"))
            tag("p", example)
            chosen = ui.select(others, label=self._say("move_to"), value=None).classes("plain-select")

            async def move() -> None:
                if chosen.value:
                    dialog.close()
                    await self._write(lambda text: with_moved_example(text, example, form.name, chosen.value))

            with ui.element("div").classes("line"):
                button(self._say("move"), primary=True).on("click", self._visit.doing(move))
                button(self._say("cancel")).on("click", dialog.close)
        dialog.open()

    def _adding(self) -> None:
        with tag("details").classes("adding"):
            tag("summary", self._say("new_form"))
            name = field(self._say("form_name"), hint=self._say("form_name_hint"))
            example = field(self._say("first_example"))

            async def add() -> None:
                await self._write(lambda text: with_form(text, name.value or "", example.value or ""))
                self._open.add(name.value)
                name.value = example.value = ""

            button(self._say("add"), small=True).on("click", self._visit.doing(add))

    async def _write(self, change: Callable[[str], str]) -> None:
        await self._writing.write({FILE: change(self._writing.text(FILE))})


def _cell(value: str, label: str) -> ui.input:
    made = ui.input(value=value, placeholder=label if not value else None)
    return made.props(f'borderless dense aria-label="{label}"').classes("plain-field grow")


def _found(form: Form, sought: str) -> bool:
    return not sought or sought in form.name or any(sought in each.casefold() for each in form.examples)
