"""`assistant rails diff|export|status|sync|propose|approve|…`: changes from a text editor and git, step by step."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from assistant.commands.records_report import facts_table, readable_errors
from assistant.errors import Conflict, Invalid
from assistant.settings import read_settings

if TYPE_CHECKING:
    from assistant.access import Caller
    from assistant.parts import Parts
    from assistant.rails.proposals import Proposal

T = TypeVar("T")
Name = Annotated[str, typer.Argument(help="medical, shared or knowledge/medical: the folder that is meant")]
Key = Annotated[str, typer.Option("--key", envvar="ASSISTANT_KEY", help="a key of your own, made with --person")]
Id = Annotated[str | None, typer.Option("--id", help="of the proposal, where there are several for the folder")]
Digest = Annotated[str, typer.Argument(help="digest of an older revision, as `history` shows it")]
Reason = Annotated[str, typer.Option("--reason", help="kept with what you do")]
Json = Annotated[bool, typer.Option("--json", help="print JSON")]


def add_revision_commands(app: typer.Typer) -> None:
    """Adds the commands to `assistant rails`."""
    for command in (status, diff, sync, export, propose, show, approve, publish, rollback, withdraw, review, history):
        app.command(command.__name__)(command)
    app.command("return")(send_back)


def status(json_: Json = False) -> None:
    """How the folders here and what is published differ, and what is waiting for somebody."""

    async def run(parts: Parts) -> list[dict[str, object]]:
        here = parts.working_copies
        return [(await here.compare(name)).facts() for name in await here.names()]

    typer.echo(facts_table(with_parts(run), "no folders and nothing published", as_json=json_))


def diff(name: Name) -> None:
    """What the folder here has and what is published has not, line by line; exit code 1 where they differ."""

    async def run(parts: Parts) -> str:
        return "\n".join(each.text for each in await parts.working_copies.diff(name))

    text = with_parts(run)
    typer.echo(text or f"{name}: as published")
    if text:
        raise typer.Exit(1)


def sync(
    name: Name,
    mine: Annotated[
        bool, typer.Option("--mine", help="keep your files: you have taken in what you want of it")
    ] = False,
) -> None:
    """Bring what was published since into the folder here, file by file; your own changes stay, and nothing is lost."""

    async def run(parts: Parts) -> tuple[str, ...]:
        return await parts.working_copies.sync(name, mine=mine)

    changed = with_parts(run)
    typer.echo("\n".join(f"{name}: {path} is as published" for path in changed) or f"{name}: nothing new was published")


def export(
    name: Name,
    to: Annotated[Path, typer.Option("--to", help="an empty or new folder")],
    revision: Annotated[str | None, typer.Option(help="digest of an older one; what is live when left out")] = None,
) -> None:
    """Write what is published, or was, into a folder of its own."""

    async def run(parts: Parts) -> int:
        return await parts.working_copies.export(name, to, digest=revision)

    typer.echo(f"{with_parts(run)} files in {to}")


def propose(
    name: Name,
    title: Annotated[str, typer.Option(help="what the change is, in a few words")],
    key: Key,
    emergency: Annotated[
        str | None, typer.Option(help="publish at once, for this reason; flagged until reviewed")
    ] = None,
) -> None:
    """Hand in what the folder here has and what is published has not."""

    async def run(parts: Parts) -> str:
        by = await caller_of(parts, key)
        files = await parts.working_copies.changed(name)
        if not files:
            raise Conflict(f"{name}: nothing is changed, the folder is as published")
        made = await parts.proposals.propose(name, by, title=title, files=files)
        if made.parent is not None:
            parts.working_copies.settle(await parts.working_copies.trees.get(made.parent))
        if emergency is not None:
            made = await parts.revisions.publish_at_once(made.id, by, reason=emergency)
        else:
            made = await parts.revisions.submit(made.id, by)
        return await _told(parts, made.id, by)

    typer.echo(with_parts(run))


def show(name: Name, key: Key, id_: Id = None) -> None:
    """A proposal: its diff, its trials, and where it is laxer than what is live."""

    async def run(parts: Parts) -> str:
        by = await caller_of(parts, key)
        made = await proposal_for(parts, name, by, id_, "submitted", "approved", "draft", "published")
        seen = await parts.reviews.review(made.id, by)
        return "\n".join([*(each.text for each in seen.diffs), await _told(parts, made.id, by)])

    typer.echo(with_parts(run))


def approve(
    name: Name, key: Key, id_: Id = None, note: Annotated[str | None, typer.Option(help="kept with it")] = None
) -> None:
    """Approve what another person handed in; look at it first, with `show`."""

    async def run(parts: Parts) -> str:
        by = await caller_of(parts, key)
        made = await proposal_for(parts, name, by, id_, "submitted")
        await parts.revisions.approve(made.id, by, digest=made.digest or "", note=note)
        return await _told(parts, made.id, by)

    typer.echo(with_parts(run))


def send_back(
    name: Name, key: Key, comment: Annotated[str, typer.Option(help="what is missing")], id_: Id = None
) -> None:
    """Give a proposal back to its author, with a comment."""

    async def run(parts: Parts) -> str:
        by = await caller_of(parts, key)
        made = await proposal_for(parts, name, by, id_, "submitted", "approved")
        await parts.revisions.send_back(made.id, by, comment=comment)
        return await _told(parts, made.id, by)

    typer.echo(with_parts(run))


def publish(name: Name, key: Key, id_: Id = None) -> None:
    """Let what was approved go live; services on this database take it over within seconds."""

    async def run(parts: Parts) -> str:
        by = await caller_of(parts, key)
        made = await proposal_for(parts, name, by, id_, "approved")
        await parts.revisions.publish(made.id, by)
        return await _told(parts, made.id, by)

    typer.echo(with_parts(run))


def review(name: Name, key: Key, comment: Annotated[str, typer.Option(help="what you found")], id_: Id = None) -> None:
    """Say that you have looked at what another person published in an emergency."""

    async def run(parts: Parts) -> str:
        by = await caller_of(parts, key)
        made = await proposal_for(parts, name, by, id_, "published", flagged=True)
        await parts.revisions.accept(made.id, by, comment=comment)
        return await _told(parts, made.id, by)

    typer.echo(with_parts(run))


def rollback(name: Name, digest: Digest, key: Key, reason: Reason) -> None:
    """Make an older revision live again: one that was approved and not withdrawn."""

    async def run(parts: Parts) -> str:
        live = await parts.revisions.roll_back(name, digest, await caller_of(parts, key), reason=reason)
        return f"{live.folder}: {live.digest} is live"

    typer.echo(with_parts(run))


def withdraw(name: Name, digest: Digest, key: Key, reason: Reason) -> None:
    """Take a revision out of use for good."""

    async def run(parts: Parts) -> None:
        await parts.revisions.withdraw(name, digest, await caller_of(parts, key), reason=reason)

    with_parts(run)
    typer.echo(f"{name}: {digest} is not used again")


def history(name: Name, key: Key, json_: Json = False) -> None:
    """The revisions of a folder that were live, the latest first."""

    async def run(parts: Parts) -> list[Mapping[str, object]]:
        served = await parts.reviews.history(name, await caller_of(parts, key))
        return [
            {
                "digest": e.digest,
                "live_since": e.at.isoformat(timespec="seconds"),
                "approved": e.sound,
                "withdrawn": e.withdrawn,
            }
            for e in served
        ]

    typer.echo(facts_table(with_parts(run), f"nothing was published for {name}", as_json=json_))


async def caller_of(parts: Parts, key: str) -> Caller:
    """Whose key it is; raises Unauthenticated."""
    return (await parts.keys.authenticate(key)).caller()


async def proposal_for(
    parts: Parts, name: str, by: Caller, wanted: str | None, *states: str, flagged: bool = False
) -> Proposal:
    """The one proposal for the folder in the first of `states` that has any; raises Conflict, Invalid for several."""
    from assistant.rails.trees import folder_of

    if wanted is not None:
        return await parts.proposals.get(wanted, by)
    there = await parts.proposals.list(by, folder=folder_of(name))
    wanted_ones = [[e for e in there if e.state == state and (e.flagged or not flagged)] for state in states]
    found = next((each for each in wanted_ones if each), [])
    if not found:
        raise Conflict(f"{name}: no proposal is {' or '.join(states)}")
    if len(found) > 1:
        shown = "; ".join(f"--id {each.id} ({each.title}, {each.state})" for each in found)
        raise Invalid(f"{name}: which one? {shown}")
    return found[0]


async def _told(parts: Parts, proposal_id: str, by: Caller) -> str:
    """Where a proposal stands, for people at a terminal."""
    seen = await parts.reviews.review(proposal_id, by)
    made, found = seen.proposal, seen.examination
    lines = [f"{problem.file}:{problem.line or 1}: {problem.message}" for problem in seen.problems]
    if found is not None:
        lines += [f"{e.vertical}: {e.rail} should {e.expected} but did not: {e.text}" for e in found.failed]
        lines += [f"LAXER {each.vertical}: {each.text}" for each in found.weakenings]
        lines += [f"LAXER {e.vertical}: {e.rail} would fail what it was tried on: {e.text}" for e in found.lost]
        passed = sum(each.passed for each in found.trials if not each.inherited)
        lines.append(f"trials: {passed} of {sum(not each.inherited for each in found.trials)} passed")
    if seen.stale:
        lines.append("something else was published since; run `assistant rails sync` and propose again")
    if made.flagged:
        lines.append(f"PUBLISHED IN AN EMERGENCY, not yet reviewed: {made.emergency}")
    lines.append(f"{made.id}: {made.title} ({made.folder}) is {made.state}, {seen.tree.digest}")
    return "\n".join(lines)


def with_parts(run: Callable[[Parts], Awaitable[T]], *, with_knowledge: bool = True) -> T:
    """What `run` returns over parts that are opened for it and closed after it."""
    from assistant.parts import open_parts

    async def opened() -> T:
        parts = open_parts(read_settings(), with_knowledge=with_knowledge)
        try:
            await parts.database.create()
            return await run(parts)
        finally:
            await parts.close()

    with readable_errors():
        return asyncio.run(opened())
