"""`assistant webhooks`: who is told what happens here."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from assistant.commands.access import Json, Verticals, with_database
from assistant.commands.records_report import readable_errors
from assistant.settings import read_settings

if TYPE_CHECKING:
    from assistant.database import Database
    from assistant.webhooks import Deliveries, Registered

webhooks_app = typer.Typer(no_args_is_help=True, help="Webhooks: registered, listed, deleted.")

T = TypeVar("T")
Id = Annotated[str, typer.Argument(help="the id that `webhooks list` shows")]


@webhooks_app.command("create")
def webhooks_create(
    url: Annotated[str, typer.Argument(help="where messages are posted: https://shop.example/assistant")],
    event: Annotated[list[str], typer.Option(help="block, feedback, batch.done, budget or handover; may be repeated")],
    vertical: Verticals = None,
    key: Annotated[list[str] | None, typer.Option(help="id of a key; may be repeated; all when left out")] = None,
    json_: Json = False,
) -> None:
    """Register a receiver and show the secret that signs its messages, once."""

    async def run(deliveries: Deliveries) -> Registered:
        return await deliveries.register(url, event, verticals=vertical, keys=key)

    made = _with_deliveries(run)
    if json_:
        typer.echo(json.dumps({"id": made.endpoint.id, "url": made.endpoint.url, "secret": made.secret}))
    else:
        typer.echo(f"{made.secret}\nKeep it now: {made.endpoint.id} is not asked for it again.")


@webhooks_app.command("list")
def webhooks_list(json_: Json = False) -> None:
    """All receivers, without their secrets, those that a vertical.yaml names last."""
    from assistant.commands.records_report import facts_table

    found = _with_deliveries(lambda deliveries: deliveries.endpoints.list())
    facts = [
        asdict(each) | {"created_at": each.created_at.isoformat(timespec="seconds") if each.created_at else None}
        for each in found
    ]
    typer.echo(facts_table(facts, "no webhooks yet; make one with: assistant webhooks create URL", as_json=json_))


@webhooks_app.command("delete")
def webhooks_delete(webhook_id: Id) -> None:
    """Tell a receiver nothing more."""
    _with_deliveries(lambda deliveries: deliveries.endpoints.delete(webhook_id))
    typer.echo(f"{webhook_id} is deleted")


@webhooks_app.command("secret")
def webhooks_secret(vertical: Annotated[str, typer.Argument(help="a vertical with `handoff: webhook:`")]) -> None:
    """Show the secret that signs the handovers of a vertical, which its vertical.yaml has posted."""
    from assistant.webhooks import HANDOFF

    async def run(deliveries: Deliveries) -> str:
        return deliveries.secret_of((await deliveries.endpoints.get(HANDOFF + vertical)).id)

    typer.echo(_with_deliveries(run))


def _with_deliveries(run: Callable[[Deliveries], Awaitable[T]]) -> T:
    """What `run` returns over the endpoints of this installation."""

    async def opened(database: Database) -> T:
        from assistant.installation import installation_secret
        from assistant.jobs import Jobs
        from assistant.webhooks import Deliveries, Endpoints, Poster

        poster = Poster(private=settings.webhook_private, http=settings.webhook_http)
        endpoints = Endpoints(database, handoffs=lambda: handoffs)
        secret = installation_secret(settings.data_dir)
        return await run(Deliveries(endpoints, Jobs(database), poster, secret=secret))

    with readable_errors():
        settings = read_settings()
        handoffs = _handoffs()
    return with_database(opened)


def _handoffs() -> dict[str, str]:
    """Where the verticals as they stand in the folders want their handovers posted."""
    from assistant.verticals import list_verticals, read_vertical

    folder = read_settings().rails_dir
    named = ((name, read_vertical(folder / name).handoff.webhook) for name in list_verticals(folder))
    return {name: url for name, url in named if url}
