"""The blast radius on the page: asked for, watched, stopped, and read."""

from __future__ import annotations

from nicegui import ui

from assistant.console.changes.acting import Do, Field
from assistant.console.door import PATH
from assistant.console.shell import button, empty, tag
from assistant.console.visits import Visit
from assistant.rails.radii import Counts
from assistant.releases.radius import Affected, BlastRadius

_LOOK_S = 0.7
_FIRST, _PAGE = 8, 50  # Enough to see what it is about; who wants all asks for more.
_TONES = {"blocked": "bad", "let through": "warn", "otherwise": "calm"}


async def radius_panel(visit: Visit, proposal_id: str, *, settle: Do, turns: int = 200) -> Do:
    """What the last recorded turns would have come to, counted on request. What it returns looks again.

    `settle` is called before, so that what somebody has just written counts.
    """
    say = visit.words("change")

    async def ask() -> None:
        await settle()
        await visit.desk.radius.ask(proposal_id, await visit.caller(), turns=_number(number.text))
        await shown.refresh()

    async def stop() -> None:
        await visit.desk.radius.cancel(proposal_id, await visit.caller())
        await shown.refresh()

    @ui.refreshable
    async def shown() -> None:
        found = await visit.desk.radius.found(proposal_id, await visit.caller(), most=_FIRST)
        under_way = found.job is not None and not found.job.over
        asking.set_visibility(not under_way)
        timer.activate() if under_way else timer.deactivate()
        if found.job is not None and under_way:
            _progress(visit, found.job.done, found.job.total)
            button(say("stop"), small=True).on("click", visit.doing(stop))
        elif found.job is not None and found.job.state == "failed":
            tag("p", found.job.error or say("failed")).classes("bad-text").props('role="alert"')
        elif found.stale:
            tag("p", say("radius_stale")).classes("warn-text")
        elif found.run is None:
            tag("p", say("radius_none")).classes("soft")
        if found.run is not None:
            _counts(visit, found.run.counts)
            _turns(visit, proposal_id, found)

    tag("p", say("radius_why")).classes("soft")
    with ui.element("div").classes("line asking") as asking:
        tag("label", say("radius_turns")).props('for="radius-turns"')
        number = Field("radius-turns", kind="input", text=str(turns))
        button(say("radius_ask")).on("click", visit.doing(ask))
    timer = ui.timer(_LOOK_S, shown.refresh, active=False)
    with ui.element("div").props('aria-live="polite"').classes("radius"):
        await shown()

    async def look() -> None:
        await shown.refresh()

    return look


def _number(text: str) -> int:
    digits = "".join(each for each in text if each.isdigit())
    return int(digits or 0)


def _progress(visit: Visit, done: int, total: int) -> None:
    say = visit.words("change")
    tag("label", say("radius_progress", done=done, total=total)).props('for="radius-progress"')
    ui.element("progress").props(f'id="radius-progress" max="{max(total, 1)}" value="{done}"')


def _counts(visit: Visit, counts: Counts) -> None:
    say = visit.words("change")
    with ui.element("dl").classes("numbers"):
        for name, value, tone in (
            ("unchanged", counts.unchanged, ""),
            ("blocked", counts.blocked, "bad-text"),
            ("let_through", counts.let_through, "warn-text"),
            ("otherwise", counts.otherwise, ""),
            ("unknown", sum(counts.unknown.values()), "soft"),
        ):
            with ui.element("div"):
                tag("dt", say(f"count_{name}"))
                tag("dd", f"{value:,}").classes(tone if value else "zero")
    for reason, number in counts.unknown.items():
        tag("p", say("unknown_why", n=number, reason=reason)).classes("hint")


def _turns(visit: Visit, proposal_id: str, found: BlastRadius) -> None:
    say = visit.words("change")
    if not found.affected:
        empty(say("radius_nothing"))
        return
    last = found.affected[-1].turn.number
    with ui.element("ul").classes("turns") as listed:
        for each in found.affected:
            _turn(visit, each)
    left = (found.run.counts.changed if found.run else 0) - len(found.affected)
    if left <= 0:
        return

    async def further() -> None:
        nonlocal last
        more = await visit.desk.radius.found(proposal_id, await visit.caller(), after=last, most=_PAGE)
        with listed:
            for each in more.affected:
                _turn(visit, each)
        last = more.affected[-1].turn.number if more.affected else last
        go_on.set_visibility(len(more.affected) == _PAGE)

    go_on = button(say("more"), small=True).on("click", visit.doing(further))


def _turn(visit: Visit, each: Affected) -> None:
    say, turn = visit.words("change"), each.turn
    with ui.element("li"):
        with ui.element("div").classes("line"):
            tag("span", say(f"turn_{turn.kind.replace(' ', '_')}")).classes(f"badge {_TONES[turn.kind]}")
            tag("span", say(f"stage_{turn.stage}")).classes("soft")
            rails = dict.fromkeys((turn.rail_before or say("passes"), turn.rail_after or say("passes")))
            tag("span", " → ".join(rails)).classes("mono")
            tag("a", say("open")).props(
                f'href="{PATH}/answers/{turn.answer_id}" aria-label="{say("open")} {turn.answer_id}"'
            )
        tag("p", each.question or say("erased")).classes("asked" if each.question else "asked soft")
        if turn.says_after and turn.says_after != turn.says_before:
            tag("p", say("says", text=turn.says_after)).classes("hint")
