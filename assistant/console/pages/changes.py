"""Changes: what is written, what waits for somebody, what is live, and what an emergency published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nicegui import ui

from assistant.console.changes.acting import Choice, Field
from assistant.console.changes.acts import names_of
from assistant.console.door import PATH
from assistant.console.routes import console_page
from assistant.console.shell import badge, button, card, empty, frame, tag, when
from assistant.console.visits import Visit
from assistant.rails.proposals import Proposal

_MOST = 100


def add_changes_page() -> None:
    """Registers `/changes`."""

    @console_page("/changes")
    async def changes(visit: Visit) -> None:
        say, by = visit.words("changes"), await visit.caller()
        found, names = await visit.desk.proposals.list(by), await names_of(visit)
        flagged = [each for each in found if each.flagged]
        waiting = [each for each in found if each.state in ("submitted", "approved")]
        mine = [each for each in found if each.state == "draft" and each.author_id == by.person_id]
        theirs = [each for each in found if each.state == "draft" and each.author_id != by.person_id]
        over = [each for each in found if each.state in ("published", "discarded") and not each.flagged]
        with frame(visit, say("title"), section="changes"):
            tag("p", say("lead")).classes("lead")
            if not found:
                empty(say("none"), say("none_hint"))
            if flagged:
                with ui.element("section").classes("weaker").props('aria-labelledby="flagged"'):
                    tag("h2", say("flagged")).props('id="flagged"')
                    tag("p", say("flagged_why"))
                    _listed(visit, flagged, names, to="/approve")
            _begin(visit, [each.folder for each in await visit.desk.reviews.live(by)])
            for title, those in (("waiting", waiting), ("mine", mine), ("theirs", theirs), ("over", over)):
                if those:
                    with card(say(title)):
                        _listed(visit, those, names)


def _begin(visit: Visit, folders: Sequence[str]) -> None:
    """A new change to one of the folders that are live, begun by its title."""
    say = visit.words("changes")
    if not folders:
        return
    with ui.element("details").classes("card begin"):
        tag("summary", say("begin"))
        with ui.element("div").classes("fields"):
            with ui.element("div"):
                folder = Choice("begin-folder", say("folder"), folders)
            with ui.element("div"):
                title = Field("begin-title", say("what"), kind="input")

            async def begun() -> None:
                made = await visit.desk.proposals.propose(folder.text, await visit.caller(), title=title.text)
                ui.navigate.to(f"/changes/{made.id}")

            button(say("begin"), primary=True).on("click", visit.doing(begun))


def _listed(visit: Visit, found: Sequence[Proposal], names: Mapping[str, str], *, to: str = "") -> None:
    say = visit.words("changes")
    with ui.element("table").classes("plain changes"):
        with ui.element("thead"), ui.element("tr"):
            for key in ("change", "folder", "author", "state", "changed"):
                tag("th", say(key)).props('scope="col"')
        with ui.element("tbody"):
            for each in found[:_MOST]:
                with ui.element("tr"):
                    with ui.element("td"):
                        tag("a", each.title).props(f'href="{PATH}/changes/{each.id}{to}"')
                        if each.emergency and each.flagged:
                            tag("p", each.emergency).classes("bad-text")
                    tag("td", each.folder).classes("mono")
                    tag("td", names.get(each.author_id, ""))
                    with ui.element("td"):
                        badge(visit, "emergency" if each.flagged else each.state)
                    with ui.element("td"):
                        when(visit, each.changed_at).classes("soft")
    if len(found) > _MOST:
        tag("p", say("more", n=len(found) - _MOST)).classes("hint")
