"""The commands that make a backup and restore one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.commands.records_report import readable_errors
from assistant.settings import read_settings

if TYPE_CHECKING:
    from assistant.backup import Place


def back_up_here(
    folder: Annotated[Path, typer.Argument(help="where backups are kept; made if it is not there")],
    without_database: Annotated[
        bool, typer.Option("--without-database", help="the files alone, where the database is kept by other tools")
    ] = False,
) -> None:
    """Back up database, data, rails and knowledge into one new file; the service may go on answering."""
    from assistant.backup import back_up

    with readable_errors():
        made = back_up(_place(), folder, with_database=not without_database)
    size_mb = made.file.stat().st_size / 1e6
    typer.echo(f"{made.file}: {len(made.manifest.files)} files, {size_mb:.1f} MB, database: {made.manifest.database}")
    if made.keys:
        typer.echo(f"{made.keys}: the keys of conversations; keep only this newest copy, apart from the backups")


def restore_here(
    file: Annotated[Path, typer.Argument(help="a file that `assistant backup` made")],
    keys: Annotated[
        Path | None, typer.Option(help="the copy of the keys; by default keys.db beside the file, if it is there")
    ] = None,
) -> None:
    """Restore a backup where nothing is yet; what is there is never overwritten."""
    from assistant.backup import KEYS, restore

    beside = file.parent / KEYS
    with readable_errors():
        manifest = restore(_place(), file, keys=keys or (beside if beside.is_file() else None))
    typer.echo(f"{len(manifest.files)} files of {manifest.made_at} (version {manifest.version}) are restored")
    typer.echo("Weights are not in a backup: fetch them with `assistant models pull`, then `assistant serve`")


def _place() -> Place:
    from assistant.backup import Place

    settings = read_settings()
    return Place(settings.rails_dir, settings.knowledge_dir, settings.data_dir, settings.url)
