"""`assistant evidence-pack`: what an auditor is handed for a period, as a folder."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.commands.records_report import readable_errors
from assistant.settings import read_settings

if TYPE_CHECKING:
    from assistant.auditing import Period


def evidence_pack(
    first: Annotated[str, typer.Option("--from", help="the first day, in UTC, like 2026-11-01")],
    last: Annotated[str, typer.Option("--to", help="the last day")],
    out: Annotated[Path, typer.Option("--out", help="a new or empty folder")],
) -> None:
    """Write what an auditor needs of a period into a folder: pages, tables, and the proof that nothing was changed."""
    from assistant.auditing import check_new, period_of

    with readable_errors():
        check_new(out)  # Before all that takes long.
        manifest = asyncio.run(_made(period_of(first, last, today=datetime.now(UTC).date()), out))
    typer.echo(f"{out / 'index.html'}\nmanifest sha256:{manifest}")


async def _made(period: Period, out: Path) -> str:
    from assistant.auditing import make_pack
    from assistant.parts import open_parts

    parts = open_parts(read_settings())
    try:
        await parts.database.create()
        await parts.look()
        manifest = await make_pack(parts.pack_sources(), period, out, person_id=None)
        await parts.audit.anchor()
        return manifest
    finally:
        await parts.close()
