"""`assistant audit`: whether the records are whole, a copy of them, and an answer's decisions taken again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from assistant.commands.access import Json, with_database
from assistant.commands.records_report import readable_errors
from assistant.errors import Misconfigured
from assistant.settings import read_settings

if TYPE_CHECKING:
    from assistant.database import Database
    from assistant.ledger.chain import Record
    from assistant.records import Finding

hold_app = typer.Typer(no_args_is_help=True, help="Legal holds: conversations that nobody erases meanwhile.")
audit_app = typer.Typer(no_args_is_help=True, help="The records that prove: verified, exported, decided again.")
audit_app.add_typer(hold_app, name="hold")
Conversation = Annotated[str, typer.Argument(help="id of the conversation")]
Export = Annotated[Path | None, typer.Option("--export", help="an export to verify instead of the database")]
AnchorFile = Annotated[Path | None, typer.Option("--anchors", help="a copy of anchors.jsonl kept elsewhere")]
Key = Annotated[str | None, typer.Option("--key", help="the public key in hex; by default anchor.pub's")]


@audit_app.command("verify")
def audit_verify(export: Export = None, anchors: AnchorFile = None, key: Key = None, json_: Json = False) -> None:
    """Read the chain from the first record to the last, and name the first that is wrong."""
    from assistant.commands.audit_report import finding_text
    from assistant.ledger.anchors import Anchors, anchor_lines
    from assistant.ledger.chain import records
    from assistant.records import read_export, verify

    with readable_errors():
        if anchors is not None and not anchors.is_file():  # Ours may not be there yet, one that is named must be.
            raise Misconfigured(f"--anchors {anchors}: there is no such file")
        settings = read_settings()
        own = Anchors(settings.data_dir, settings.anchors_dir)
        if export is not None and key is None and not own.has_key:
            raise Misconfigured(f"there is no anchor.pub in {settings.data_dir}: put it there, or give it with --key")
        lines, public_key = anchor_lines(anchors or own.file), key or own.public_key

    async def run(found: AsyncIterable[Record]) -> Finding:
        return await verify(found, lines, public_key=public_key, export=export is not None)

    with readable_errors():
        if export is not None:
            finding = asyncio.run(run(read_export(export)))
        else:
            finding = with_database(lambda database: run(records(database)), reads_only=True)
    typer.echo(finding_text(finding, as_json=json_))
    if finding.problem:
        raise typer.Exit(1)


@audit_app.command("export")
def audit_export(
    out: Annotated[Path, typer.Argument(help="the new file to write; it verifies without the database")],
    form: Annotated[str, typer.Option("--format", help="jsonl or csv")] = "jsonl",
) -> None:
    """Write every record into a file."""
    from assistant.ledger.anchors import Anchors
    from assistant.ledger.chain import records
    from assistant.records import until_the_end, write_export

    if form not in ("jsonl", "csv"):
        raise typer.BadParameter(f"--format must be jsonl or csv, not {form!r}")

    async def run(database: Database) -> int:
        settings = read_settings()
        anchors = Anchors(settings.data_dir, settings.anchors_dir)
        with _new_file(out) as file:
            chain = until_the_end(records(database), anchors)
            return await write_export(chain, file, form)  # type: ignore[arg-type]  # one of the two

    typer.echo(f"{with_database(run)} records in {out}")


@contextmanager
def _new_file(path: Path) -> Iterator[TextIO]:
    """A file of that name once the block has ended: what breaks off halfway is no export and takes no name.

    Raises Misconfigured where the name is taken, or the file cannot be written.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        file = part.open("x", encoding="utf-8", newline="")  # Nobody else's, and nothing behind a link.
    except FileExistsError:
        raise Misconfigured(f"{part} is there: another export is under way, or broke off; then delete it") from None
    except OSError as error:
        raise Misconfigured(f"{path} cannot be written: {error.strerror}") from error
    try:
        with file:
            if path.exists() or path.is_symlink():
                message = f"{path} is there already, and an export may be a proof: give the name of a new file"
                raise Misconfigured(message)
            yield file
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@audit_app.command("replay")
def audit_replay(
    answer: Annotated[str, typer.Argument(help="id of the answer")],
    json_: Json = False,
) -> None:
    """Take an answer's decisions again, from what was measured, with the rails in force; no guard or model runs."""
    from assistant.commands.audit_report import replay_text
    from assistant.parts import open_parts
    from assistant.releases.replaying import replay_answer

    async def run() -> bool:
        parts = open_parts(read_settings())
        try:
            await parts.database.create()
            replayed = await replay_answer(parts.audit.receipts, parts.rails, parts.audit.keyring, answer)
        finally:
            await parts.close()
        typer.echo(json.dumps(replayed.wire(), indent=2) if json_ else replay_text(replayed))
        return replayed.same

    with readable_errors():
        same = asyncio.run(run())
    if not same:
        raise typer.Exit(1)


@hold_app.command("add")
def hold_add(
    conversation: Conversation, reason: Annotated[str, typer.Option(help="why; it is shown by `hold list`")]
) -> None:
    """Keep a conversation from being erased, by its owner or by retention."""
    from assistant.records import Holds

    async def run(database: Database) -> bool:
        holds = Holds(database)
        await holds.add(conversation, reason)
        return await holds.knows(conversation)

    known = with_database(run)
    typer.echo(f"{conversation} is held{'' if known else '; there is no conversation of that id here yet'}")


@hold_app.command("list")
def hold_list(json_: Json = False) -> None:
    """The holds in force."""
    from assistant.commands.audit_report import holds_text
    from assistant.records import Holds

    typer.echo(holds_text(with_database(lambda database: Holds(database).list()), as_json=json_))


@hold_app.command("release")
def hold_release(conversation: Conversation) -> None:
    """Let a conversation be erased again."""
    from assistant.records import Holds

    with_database(lambda database: Holds(database).release(conversation))
    typer.echo(f"{conversation} is not held any more")
