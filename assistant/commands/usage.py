"""`assistant usage`: who used what, in a chart; and what answers cost on one machine and on another."""

from __future__ import annotations

import asyncio
import platform
import sys
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

import typer

from assistant.commands.access import with_database
from assistant.commands.records_report import readable_errors, usage_table
from assistant.settings import read_settings

usage_app = typer.Typer(invoke_without_command=True, help="Tokens, money, energy and carbon, and machines compared.")

RUNS = "machines"
"""Folder of recorded runs in the data folder."""


@usage_app.callback()
def show_usage(
    context: typer.Context,
    days: Annotated[int, typer.Option(min=1, max=366, help="so many days (UTC), today included")] = 30,
    by: Annotated[Literal["day", "key", "vertical"], typer.Option(help="day, key or vertical")] = "day",
    json_: Annotated[bool, typer.Option("--json", help="print JSON: each key, day and vertical")] = False,
) -> None:
    """Tokens, money, energy and carbon, with the share that checking took."""
    if context.invoked_subcommand is not None:
        return
    from rich.console import Console

    from assistant.access import Budgets
    from assistant.commands.charts import totals, usage_chart
    from assistant.database import utc_now

    first = utc_now().date() - timedelta(days=days - 1)
    spent = with_database(lambda database: Budgets(database).since(first))
    if json_ or not spent:
        typer.echo(usage_table(spent, as_json=json_))
        return
    # What does not go to a terminal is not cut to the width of one.
    console = Console(width=None if sys.stdout.isatty() else 200)
    console.print(usage_chart(totals(spent, by), by))


@usage_app.command("record")
def record_run(
    vertical: Annotated[str, typer.Argument(help="whose test questions are answered")] = "feedback",
    machine: Annotated[str, typer.Option(help="what people call this machine")] = platform.node(),
    questions: Annotated[int, typer.Option(min=1, help="so many of them")] = 20,
    watts: Annotated[float | None, typer.Option(min=0, help="what the whole machine takes, at the plug")] = None,
    usd_per_hour: Annotated[float | None, typer.Option(min=0, help="what the machine costs")] = None,
) -> None:
    """Answer test questions on this machine and keep what that took, for `assistant usage machines`."""
    from assistant.cases import read_cases
    from assistant.machines import record, write_run
    from assistant.parts import open_parts

    async def run() -> Path:
        settings = read_settings()
        cases = read_cases(settings.knowledge_dir / vertical / "questions.yaml")
        asked = [case for case in cases if case.split == "test"][:questions]
        parts = open_parts(settings.in_memory())
        try:
            await parts.database.create()
            parts.rails.refresh(only=vertical)
            made = await record(parts.chat, vertical, asked, machine=machine, watts=watts, usd_per_hour=usd_per_hour)
        finally:
            await parts.close()
        if made.disturbed:
            typer.echo(f"others took {made.others:.0%} of this machine meanwhile: its times are not its own", err=True)
        return write_run(made, settings.data_dir / RUNS)

    with readable_errors():
        typer.echo(asyncio.run(run()))


@usage_app.command("machines")
def compare_machines() -> None:
    """Machines beside each other, from the runs recorded on them: those shipped with this version and your own."""
    from assistant.machines import machines_table, read_runs
    from assistant.machines.runs import SHIPPED

    with readable_errors():
        typer.echo(machines_table(read_runs(SHIPPED, read_settings().data_dir / RUNS)))
