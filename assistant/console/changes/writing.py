"""The files of a draft, written in on the page of the change."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from nicegui import ui

from assistant.console.editing import Writing, editor
from assistant.console.shell import button, card, heading, tag
from assistant.console.visits import Visit
from assistant.rails.reviewing import Review
from assistant.rails.trees import RAILS

Heard = Callable[[Review], Awaitable[None]]
"""Hears of the change as it stands after something was written."""


async def write_files(visit: Visit, review: Review, heard: Heard) -> Writing | None:
    """A choice among the text files of the folder, and the one that was chosen, open for writing.

    None where there is nothing to be written in: documents are replaced as files.
    """
    say, made = visit.words("change"), review.proposal
    paths = [path for path in sorted(review.tree.files) if not path.startswith("documents/")]
    if not paths or not made.folder.startswith(f"{RAILS}/"):
        return None
    writing = Writing(visit, await visit.desk.drafts.of(made, await visit.caller()), made.title)

    async def looked() -> None:
        await heard(await visit.desk.reviews.review(made.id, await visit.caller()))

    async def open_file(path: str) -> None:
        place.clear()
        writing.kept.clear()
        with place:
            heading(path, 3).classes("mono")
            editor(writing, path, label=path)
        writing.kept.append(looked)
        await writing.check()

    with card(say("edit")):
        tag("p", say("edit_why")).classes("soft")
        with ui.element("div").classes("files").props(f'role="group" aria-label="{say("files")}"'):
            for path in paths:
                button(path, small=True).classes("mono").on("click", visit.doing(partial(open_file, path)))
        place = ui.element("div")
        writing.status()
    return writing
