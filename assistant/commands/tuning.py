"""The command `assistant tune`."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from assistant.commands.records_report import readable_errors


def tune(
    vertical: Annotated[str, typer.Argument(help="name of the vertical, as its folder is called")],
    model: Annotated[str, typer.Option(help="the model of llama.cpp that the adapter is made for")],
    out: Annotated[Path, typer.Option(help="folder for the adapter and its card; data/models makes it known here")],
    name: Annotated[str | None, typer.Option(help="name of the adapter; else VERTICAL-sections")] = None,
    cases: Annotated[list[Path] | None, typer.Option(help="JSON lines to train on beside the vertical's own")] = None,
    licence: Annotated[list[str] | None, typer.Option(help="licence of each --cases file, in their order")] = None,
    validation: Annotated[Path | None, typer.Option(help="JSON lines that tell when to stop; else a tenth")] = None,
    held_out: Annotated[list[Path] | None, typer.Option(help="JSON lines not to be trained on")] = None,
    published: Annotated[bool, typer.Option(help="the cases are published: names are masked by rules alone")] = False,
    epochs: Annotated[int, typer.Option(min=1, help="most times that every case is seen")] = 1,
    minutes: Annotated[float | None, typer.Option(help="it ends after so long at the latest")] = None,
    rank: Annotated[int, typer.Option(min=1, max=64, help="rank of the adapter")] = 12,
    rate: Annotated[float, typer.Option(min=1e-6, max=1e-2, help="highest learning rate")] = 1.5e-3,
    threads: Annotated[int, typer.Option(min=1, help="processor threads")] = 2,
) -> None:
    """Train a small adapter that writes the sections of a summary; goes on where it was broken off."""
    from assistant.settings import read_settings
    from assistant.tuning.recipe import Recipe
    from assistant.tuning.run import Order, tune_sections

    with readable_errors():
        order = Order(
            vertical=vertical,
            model=model,
            name=name or f"{vertical}-sections",
            out=out,
            cases=tuple(zip(cases or (), licence or (), strict=False)),
            unlicensed=tuple((cases or [])[len(licence or ()) :]),
            validation=validation,
            held_out=tuple(held_out or ()),
            published=published,
            recipe=Recipe(rank=rank, alpha=2 * rank, rate=rate, epochs=epochs, minutes=minutes),
            threads=threads,
            command=shlex.join(["assistant", *sys.argv[1:]]),
        )
        tune_sections(read_settings(), order, report=typer.echo)
