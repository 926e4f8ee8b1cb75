"""The command `assistant tune`."""

from __future__ import annotations

import shlex
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from assistant.commands.records_report import readable_errors

if TYPE_CHECKING:
    from assistant.cases import Case
    from assistant.database import Database
    from assistant.settings import Settings
    from assistant.tuning.requests import Line


def tune(
    vertical: Annotated[str, typer.Argument(help="name of the vertical, as its folder is called")],
    model: Annotated[str, typer.Option(help="the model of llama.cpp that the adapter is made for")],
    out: Annotated[Path, typer.Option(help="folder for the adapter and its card; data/models makes it known here")],
    writes: Annotated[
        Literal["sections", "requests"] | None,
        typer.Option(help="sections of a summary, or answers and texts on request; else what the vertical's tasks are"),
    ] = None,
    name: Annotated[str | None, typer.Option(help="name of the adapter; else VERTICAL-sections or -requests")] = None,
    cases: Annotated[list[Path] | None, typer.Option(help="JSON lines to train on beside the vertical's own")] = None,
    licence: Annotated[list[str] | None, typer.Option(help="licence of each --cases file, in their order")] = None,
    from_review: Annotated[
        bool, typer.Option("--from-review", help="train on the texts as well that people approved here")
    ] = False,
    validation: Annotated[Path | None, typer.Option(help="JSON lines that tell when to stop; else a tenth")] = None,
    held_out: Annotated[list[Path] | None, typer.Option(help="JSON lines not to be trained on")] = None,
    published: Annotated[bool, typer.Option(help="the cases are published: names are masked by rules alone")] = False,
    epochs: Annotated[int, typer.Option(min=1, help="most times that every case is seen")] = 4,
    minutes: Annotated[float | None, typer.Option(min=0.1, help="training ends after so long at the latest")] = None,
    rank: Annotated[int, typer.Option(min=1, max=64, help="rank of the adapter")] = 8,
    rate: Annotated[float, typer.Option(min=1e-6, max=1e-2, help="highest learning rate")] = 1e-3,
    dropout: Annotated[float, typer.Option(min=0, max=0.5, help="share left out by chance, for many epochs")] = 0.0,
    batch_tokens: Annotated[int, typer.Option(min=200, help="of a step; more where there is a graphics card")] = 1600,
    max_tokens: Annotated[int, typer.Option(min=100, help="longer examples are left out")] = 400,
    keep: Annotated[Literal["best", "last"], typer.Option(help="of what was seen on the validation part")] = "best",
    begin_with: Annotated[
        str | None, typer.Option(help="an adapter to learn on from, in place of the bare model")
    ] = None,
    threads: Annotated[int, typer.Option(min=1, help="processor threads")] = 2,
) -> None:
    """Train a small adapter that writes as a vertical's cases do; goes on where it was broken off."""
    from assistant.errors import Invalid
    from assistant.opening import open_catalog
    from assistant.settings import read_settings
    from assistant.tuning import order, run
    from assistant.tuning.recipe import Recipe
    from assistant.verticals import read_vertical

    with readable_errors():
        settings = read_settings()
        if len(licence or ()) > len(cases or ()):
            raise Invalid("there are more --licence than --cases; each file of cases has one, in their order")
        kind = writes or ("sections" if read_vertical(settings.rails_dir / vertical).summary else "requests")
        wanted = order.Order(
            vertical=vertical,
            model=model,
            name=name or open_catalog(settings).free_name(f"{vertical}-{kind}", out),
            out=out,
            cases=tuple(zip(cases or (), licence or (), strict=False)),
            unlicensed=tuple((cases or [])[len(licence or ()) :]),
            validation=validation,
            held_out=tuple(held_out or ()),
            published=published,
            recipe=Recipe(
                rank=rank,
                alpha=2 * rank,
                rate=rate,
                dropout=dropout,
                epochs=epochs,
                minutes=minutes,
                batch_tokens=batch_tokens,
                max_tokens=max_tokens,
                keep=keep,
            ),
            threads=threads,
            command=shlex.join(["assistant", *sys.argv[1:]]),
            begin=begin_with,
            reviewed=_reviewed(settings, vertical) if from_review else (),
        )
        line = partial(_line, settings, vertical, model) if kind == "requests" else None
        run.tune(settings, wanted, line=line, report=typer.echo)


def _reviewed(settings: Settings, vertical: str) -> tuple[Case, ...]:
    """The texts that people approved, as they left the work queue; raises Conflict where there are none."""
    from assistant.commands.access import with_database
    from assistant.errors import Conflict
    from assistant.ledger.keyring import Keyring
    from assistant.records import WorkItems
    from assistant.records.recorded import Recordings
    from assistant.reviewing import Lessons

    keyring = Keyring(settings.subject_keys)

    async def read(database: Database) -> tuple[Case, ...]:
        try:
            return await Lessons(WorkItems(database, keyring), Recordings(database, keyring)).of(vertical)
        finally:
            await keyring.close()

    found = with_database(read, reads_only=True)
    if not found:
        raise Conflict(f"nobody has approved a text of {vertical} yet; that is done in the console's work queue")
    typer.echo(f"{len(found)} approved texts are learnt from")
    return found


def _line(settings: Settings, vertical: str, model: str) -> Line:
    """What a question to the vertical passes here."""
    from assistant.parts import open_parts
    from assistant.tuning.requests import Line

    parts = open_parts(settings)
    parts.models.card(model)
    parts.rails.refresh(only=vertical)
    return Line(parts.rails.release(vertical), parts.writer, parts.embedder, model)
