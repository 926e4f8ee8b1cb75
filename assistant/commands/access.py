"""`assistant keys` and `assistant people`: who may use the service."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from assistant.commands.records_report import readable_errors
from assistant.settings import read_settings

if TYPE_CHECKING:
    from assistant.access import Created
    from assistant.database import Database

keys_app = typer.Typer(no_args_is_help=True, help="API keys and embed tokens: made, listed, revoked.")
people_app = typer.Typer(no_args_is_help=True, help="People who sign in: added, listed, given roles, disabled.")

T = TypeVar("T")
Json = Annotated[bool, typer.Option("--json", help="print JSON")]
Days = Annotated[int | None, typer.Option("--days", min=1, help="days until it ends by itself; never when left out")]
Verticals = Annotated[list[str] | None, typer.Option("--vertical", help="may be repeated; all when left out")]
Email = Annotated[str, typer.Argument(help="the person's email address")]
Roles = Annotated[list[str], typer.Option("--role", help="reviewer, approver or operator; may be repeated")]
PerMinute = Annotated[int | None, typer.Option("--requests-per-minute", min=0, help="0: none; default: the setting")]
PerDay = Annotated[int | None, typer.Option("--tokens-per-day", min=0, help="0: no budget; default: the setting")]
UsdPerDay = Annotated[float | None, typer.Option("--usd-per-day", min=0, help="0: no budget; default: the setting")]
WhPerDay = Annotated[float | None, typer.Option("--wh-per-day", min=0, help="0: no budget; default: the setting")]
FromStdin = Annotated[bool, typer.Option("--password-stdin", help="read the password from standard input")]


@keys_app.command("create")
def keys_create(
    name: Annotated[str, typer.Argument(help="whom or what the key is for")],
    scope: Annotated[list[str] | None, typer.Option(help="chat, check, read-records, review, approve, admin")] = None,
    vertical: Verticals = None,
    person: Annotated[str | None, typer.Option(help="email address of the person whose key it is")] = None,
    days: Days = None,
    requests_per_minute: PerMinute = None,
    tokens_per_day: PerDay = None,
    usd_per_day: UsdPerDay = None,
    wh_per_day: WhPerDay = None,
    json_: Json = False,
) -> None:
    """Make a key and show it, once."""
    from assistant.access import Allowance, Keys, People

    async def run(database: Database) -> Created:
        person_id = (await People(database).get(person)).id if person else None
        lifetime = timedelta(days=days) if days else None
        wanted = scope or ["chat", "check"]
        allowance = Allowance(
            requests_per_minute=requests_per_minute,
            tokens_per_day=tokens_per_day,
            usd_per_day=usd_per_day,
            wh_per_day=wh_per_day,
        )
        return await Keys(database).create(
            name, wanted, vertical, person_id=person_id, lifetime=lifetime, allowance=allowance
        )

    _note_unknown(vertical or ())
    _show_once(with_database(run), as_json=json_)


@keys_app.command("embed")
def keys_embed(
    name: Annotated[str, typer.Argument(help="the page or site it is for")],
    vertical: Annotated[str, typer.Argument(help="the one vertical its visitors may ask")],
    origin: Annotated[list[str], typer.Option(help="where its pages are: https://shop.example; may be repeated")],
    days: Days = None,
    requests_per_minute: PerMinute = None,
    tokens_per_day: PerDay = None,
    usd_per_day: UsdPerDay = None,
    wh_per_day: WhPerDay = None,
    json_: Json = False,
) -> None:
    """Make an embed token for the visitors of a page and show it, once. Anybody can read it in the page."""
    from assistant.access import Allowance, Keys

    async def run(database: Database) -> Created:
        allowance = Allowance(
            requests_per_minute=requests_per_minute,
            tokens_per_day=tokens_per_day,
            usd_per_day=usd_per_day,
            wh_per_day=wh_per_day,
        )
        lifetime = timedelta(days=days) if days else None
        return await Keys(database).create_embed(name, vertical, origin, lifetime=lifetime, allowance=allowance)

    _note_unknown([vertical])
    _show_once(with_database(run), as_json=json_)


@keys_app.command("list")
def keys_list(json_: Json = False) -> None:
    """All keys and embed tokens, without their secrets."""
    from assistant.access import Keys
    from assistant.commands.records_report import keys_table

    typer.echo(keys_table(with_database(lambda database: Keys(database).list()), as_json=json_))


@keys_app.command("revoke")
def keys_revoke(key_id: Annotated[str, typer.Argument(help="the id that `keys list` shows")]) -> None:
    """Stop a key or an embed token from working, at once."""
    from assistant.access import Keys

    with_database(lambda database: Keys(database).revoke(key_id))
    typer.echo(f"{key_id} is revoked")


@people_app.command("add")
def people_add(
    email: Email,
    name: Annotated[str, typer.Option(help="the person's name")],
    role: Roles,
    vertical: Verticals = None,
    no_password: Annotated[
        bool, typer.Option("--no-password", help="they sign in through the OpenID provider alone")
    ] = False,
    password_stdin: FromStdin = False,
) -> None:
    """Add a person; their password is asked for."""
    from assistant.access import People

    password = None if no_password else _password(from_stdin=password_stdin)
    _note_unknown(vertical or ())
    person = with_database(lambda database: People(database).add(email, name, role, vertical, password=password))
    typer.echo(f"{person.email} may sign in as {', '.join(sorted(person.roles))}")


@people_app.command("list")
def people_list(json_: Json = False) -> None:
    """Everyone who was ever added."""
    from assistant.access import People
    from assistant.commands.records_report import people_table

    typer.echo(people_table(with_database(lambda database: People(database).list()), as_json=json_))


@people_app.command("roles")
def people_roles(email: Email, role: Roles) -> None:
    """Give a person these roles instead of those they had."""
    from assistant.access import People

    person = with_database(lambda database: People(database).set_roles(email, role))
    typer.echo(f"{person.email} is {', '.join(sorted(person.roles))}")


@people_app.command("password")
def people_password(email: Email, password_stdin: FromStdin = False) -> None:
    """Give a person a new password; they are signed out everywhere."""
    from assistant.access import People, Sessions

    password = _password(from_stdin=password_stdin)

    async def run(database: Database) -> None:
        person = await People(database).set_password(email, password)
        await Sessions(database).close_all(person)

    with_database(run)
    typer.echo(f"{email} has a new password and is signed out everywhere")


@people_app.command("disable")
def people_disable(email: Email) -> None:
    """Keep a person out: sessions and keys stop at once; what they did stays theirs."""
    from assistant.access import People

    with_database(lambda database: People(database).disable(email))
    typer.echo(f"{email} is disabled")


def _show_once(created: Created, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"id": created.key.id, "name": created.key.name, "key": created.secret}))
    else:
        typer.echo(f"{created.secret}\nKeep it now: it is stored as a hash and cannot be shown again.")


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\n")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))


def _note_unknown(verticals: Sequence[str]) -> None:
    """Says which of them is not here: it may be on its way, or a slip of the pen that opens nothing."""
    from assistant.verticals import list_verticals

    settings = read_settings()
    here = list_verticals(settings.rails_dir)
    if settings.serve == "folders" and (unknown := [name for name in verticals if name not in here]):
        names = ", ".join(map(repr, unknown))
        typer.echo(f"note: there is no vertical {names} here yet, only {', '.join(here)}", err=True)


def with_database(run: Callable[[Database], Awaitable[T]], *, reads_only: bool = False) -> T:
    """What `run` returns over a database that is opened for it and closed after it; what it recorded is anchored."""
    from assistant.database import Database
    from assistant.ledger.anchors import Anchors
    from assistant.ledger.chain import head

    async def opened() -> T:
        settings = read_settings()
        database = Database(settings.url)
        try:
            await database.create()
            result = await run(database)
            if not reads_only:
                async with database.reading() as session:
                    end = await head(session)
                if end.sequence:
                    Anchors(settings.data_dir, settings.anchors_dir).add(end)
            return result
        finally:
            await database.close()

    with readable_errors():
        return asyncio.run(opened())
