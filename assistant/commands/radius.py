"""`assistant rails radius`: the last recorded turns decided again under a proposal."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.commands.revisions import Id, Json, Key, Name, caller_of, proposal_for, with_parts

if TYPE_CHECKING:
    from assistant.access import Caller
    from assistant.parts import Parts
    from assistant.releases.radius import BlastRadius

Turns = Annotated[int, typer.Option("--turns", help="how many recorded turns of each vertical, the latest")]
_LOOK_S = 0.2
_SHOWN = 100
_UNREAD = "(its text is erased, or this key may not read records)"


def add_radius_command(app: typer.Typer) -> None:
    """Adds the command to `assistant rails`."""
    app.command("radius")(radius)


def radius(name: Name, key: Key, turns: Turns = 200, id_: Id = None, json_: Json = False) -> None:
    """Decide recorded conversations again under a proposal: what would be stopped or let through that was not."""

    async def run(parts: Parts) -> BlastRadius:
        by = await caller_of(parts, key)
        made = await proposal_for(parts, name, by, id_, "draft", "submitted", "approved")
        return await _counted(parts, made.id, by, turns)

    found = with_parts(run)
    if json_:
        import json

        from assistant.api.revisions_shown import radius_shown

        typer.echo(json.dumps(radius_shown(found)))
    else:
        typer.echo(_told(found))
    if found.run is None:
        raise typer.Exit(1)


async def _counted(parts: Parts, proposal_id: str, by: Caller, turns: int) -> BlastRadius:
    """What was counted here, or by a service on the same database that was faster."""
    from assistant.jobs import Jobs
    from assistant.releases.radius import KIND
    from assistant.worker import Worker

    await parts.radius.ask(proposal_id, by, turns=turns)
    working = asyncio.create_task(Worker(Jobs(parts.database), {KIND: parts.radius.work}, poll_s=_LOOK_S).run())
    told = -1
    try:
        while True:
            found = await parts.radius.found(proposal_id, by, most=_SHOWN)
            if found.job is None or found.job.over:
                return found
            if found.job.done != told:
                told = found.job.done
                typer.echo(f"{told} of {found.job.total} turns", err=True)
            await asyncio.sleep(_LOOK_S)
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)


def _told(found: BlastRadius) -> str:
    """The counts and the turns, for people at a terminal."""
    if found.run is None:
        return f"nothing was counted: {found.job.error if found.job and found.job.error else 'it was stopped'}"
    counts, lines = found.run.counts, []
    for each in found.affected:
        turn = each.turn
        before, after = turn.rail_before or "let through", turn.rail_after or "let through"
        lines.append(f"{turn.vertical} {turn.answer_id} {turn.stage}: {before} -> {after}: {each.question or _UNREAD}")
    if counts.changed > len(lines):
        lines.append(f"and {counts.changed - len(lines)} more")
    lines += [f"{number} could not be decided again: {reason}" for reason, number in counts.unknown.items()]
    lines.append(
        f"{counts.total} turns: {counts.unchanged} unchanged, {counts.blocked} newly stopped, "
        f"{counts.let_through} newly let through, {counts.otherwise} stopped otherwise"
    )
    return "\n".join(lines)
