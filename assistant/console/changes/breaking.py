"""How well the trials notice when the rails are broken: on request, because it takes a while."""

from __future__ import annotations

from nicegui import ui

from assistant.console.changes.acting import Do
from assistant.console.shell import button, tag
from assistant.console.visits import Visit

_LOOK_S = 1.0
_MOST = 40


async def breaking_panel(visit: Visit, proposal_id: str, *, settle: Do) -> Do:
    """The mutation score of the change. What it returns looks again."""
    say = visit.words("change")

    async def ask() -> None:
        await settle()
        await visit.desk.mutating.ask(proposal_id, await visit.caller())
        await shown.refresh()

    @ui.refreshable
    async def shown() -> None:
        found = await visit.desk.mutating.found(proposal_id, await visit.caller())
        under_way = found.job is not None and not found.job.over
        timer.activate() if under_way else timer.deactivate()
        asking.set_visibility(not under_way and found.total is None)
        if found.job is not None and under_way:
            tag("p", say("breaking", done=found.job.done, total=found.job.total)).classes("soft")
            ui.element("progress").props(f'aria-label="{say("mutations")}"')
        elif found.job is not None and found.job.state == "failed":
            tag("p", found.job.error or say("failed")).classes("bad-text").props('role="alert"')
        if found.total is not None and found.noticed is not None:
            share = found.noticed / max(found.total, 1)
            tag("p", say("noticed", noticed=found.noticed, total=found.total, share=f"{share:.0%}")).classes("strong")
            with ui.element("ul").classes("unnoticed"):
                for text in found.unnoticed[:_MOST]:
                    tag("li", text)

    tag("p", say("mutations_why")).classes("soft")
    with ui.element("div") as asking:
        button(say("mutations_ask")).on("click", visit.doing(ask))
    timer = ui.timer(_LOOK_S, shown.refresh, active=False)
    with ui.element("div").props('aria-live="polite"'):
        await shown()

    async def look() -> None:
        await shown.refresh()

    return look
