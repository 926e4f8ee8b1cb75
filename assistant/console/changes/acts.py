"""Who did what to a change, and who people are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nicegui import ui

from assistant.console.shell import badge, digest_chip, tag, when
from assistant.console.visits import Visit
from assistant.rails.acts import Act
from assistant.rails.proposals import Proposal

_RED = frozenset({"emergency", "withdrawn"})


async def names_of(visit: Visit) -> Mapping[str, str]:
    """The name of each person by id."""
    return {each.id: each.name for each in await visit.desk.people.list()}


def about(visit: Visit, made: Proposal, names: Mapping[str, str]) -> None:
    """State, folder, author, last change and digest in one line."""
    say = visit.words("change")
    with ui.element("p").classes("line about"):
        badge(visit, "emergency" if made.flagged else made.state)
        tag("span", made.folder).classes("mono")
        tag("span", say("by", name=names.get(made.author_id, say("somebody"))))
        when(visit, made.changed_at).classes("soft")
        digest_chip(visit, made.digest)


def show_history(visit: Visit, history: Sequence[Act], names: Mapping[str, str]) -> None:
    """Every act in order, with what was said."""
    say = visit.words("change")
    with ui.element("ol").classes("acts"):
        for act in history:
            with ui.element("li"):
                with ui.element("div").classes("line"):
                    what = say(f"act_{act.act.replace(' ', '_')}", name=names.get(act.person_id, say("somebody")))
                    tag("span", what).classes("bad-text" if act.act in _RED else "")
                    when(visit, act.at).classes("soft")
                if act.note:
                    tag("p", act.note).classes("note")
