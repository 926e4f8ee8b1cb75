"""The commands `assistant guards train` and `assistant guards measure`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.commands.records_report import readable_errors, table

if TYPE_CHECKING:
    from assistant.embedding import SentenceEmbedder
    from assistant.settings import Settings

guards_app = typer.Typer(no_args_is_help=True, help="Train the guards again, and measure how good they are.")
Data = Annotated[Path, typer.Option("--data", help="folder with the public sets as NAME.jsonl.gz")]
OptionalData = Annotated[Path | None, typer.Option("--data", help="folder with the public sets as NAME.jsonl.gz")]


@guards_app.command("train")
def train(
    name: Annotated[str, typer.Argument(help="grounding, injection or personal")],
    data: Data,
    threads: Annotated[int, typer.Option(min=1, help="processor threads")] = 2,
    only_fusion: Annotated[
        bool, typer.Option("--only-fusion", help="grounding: keep the network, fit the rest again")
    ] = False,
    onward: Annotated[
        bool,
        typer.Option("--onward", help="grounding: the shipped layers for claims learn on, an hour; not from scratch"),
    ] = False,
    teacher: Annotated[
        Path | None, typer.Option(help="grounding: folder of a larger encoder to learn from; wants a graphics card")
    ] = None,
    writer: Annotated[
        Path | None, typer.Option(help="grounding, with --teacher: GGUF file of a model that drafts about passages")
    ] = None,
) -> None:
    """Make the weights of a guard again from the public sets; goes on where it was broken off."""
    from assistant.opening import EMBEDDER

    if (teacher is None) != (writer is None):
        raise typer.BadParameter("give --teacher and --writer, or neither")
    if onward and (only_fusion or teacher is not None):
        raise typer.BadParameter("--onward goes on from what ships; leave out --only-fusion, --teacher and --writer")
    if name not in ("grounding", "injection", "personal"):
        raise typer.BadParameter(f"there are no weights of {name!r}; there are those of grounding, injection, personal")
    with readable_errors():
        settings, embedder = _opened()
        if name == "injection":
            from assistant.guards.injection.train import WEIGHTS
            from assistant.guards.injection.train import train as train_head

            train_head(data, embedder).write(WEIGHTS)
            return
        if name == "personal":
            from assistant.guards.people import tagger
            from assistant.guards.people.train import train as train_people
            from assistant.guards.people.train import write_weights

            write_weights(train_people(embedder, data), Path(tagger.__file__).with_name(tagger.WEIGHTS))
            return
        from assistant.guards.grounding.training.train import fit_fusion, further
        from assistant.guards.grounding.training.train import train as train_grounding

        if only_fusion:
            fit_fusion(data, embedder, report=typer.echo)
            return
        encoder, checkpoints = settings.data_dir / "weights" / EMBEDDER, settings.data_dir / "training" / name
        if onward:
            further(data, encoder, checkpoints, embedder, threads=threads, report=typer.echo)
            return
        train_grounding(
            data, encoder, checkpoints, embedder, teacher=teacher, writer=writer, threads=threads, report=typer.echo
        )


@guards_app.command("measure")
def measure(
    name: Annotated[str, typer.Argument(help="grounding, topics, injection or personal")],
    data: OptionalData = None,
    count: Annotated[int | None, typer.Option(help="grounding: pairs of each public set; all when left out")] = None,
    ablation: Annotated[
        bool, typer.Option("--ablation", help="injection, personal: what each signal adds; trains anew without it")
    ] = False,
) -> None:
    """Print how good a guard is: grounding on the verticals' labelled sentences, and with --data on public sets."""
    tables: dict[str, Callable[[Path | None, int | None], Iterator[str]]] = {
        "grounding": _grounding,
        "topics": _topics,
        "injection": _injection,
        "personal": _personal,
    }
    if name not in tables:
        raise typer.BadParameter(f"there is no guard {name!r} to measure; there are: {', '.join(tables)}")
    if ablation and name not in _ABLATIONS:
        raise typer.BadParameter(f"--ablation is for {' and '.join(_ABLATIONS)}; that of topics is always printed")
    if data is None and name != "grounding":
        raise typer.BadParameter(f"{name} is measured on public sets; say where they are with --data")
    with readable_errors():
        for text in _ABLATIONS[name](data or Path()) if ablation else tables[name](data, count):
            typer.echo(text + "\n")


def _grounding(data: Path | None, count: int | None) -> Iterator[str]:
    from assistant.commands.guards_report import public_tables, vertical_tables
    from assistant.guards import GroundingGuard

    settings, embedder = _opened()
    guard = GroundingGuard(embedder)
    yield from vertical_tables(guard, settings.rails_dir, settings.knowledge_dir)
    if data is not None:
        yield from public_tables(guard, data, count)


def _topics(data: Path | None, _count: int | None) -> Iterator[str]:
    from assistant.guards.topics_measure import topics_tables

    for rows in topics_tables(data or Path(), _opened()[1]):
        yield table(rows)


def _injection(data: Path | None, _count: int | None) -> Iterator[str]:
    from assistant.guards.injection.report import HEADER, report

    # The guard's own rows are there minutes before those of the simple ways.
    for _, rows in groupby(report(data or Path(), _opened()[1]), key=attrgetter("way")):
        yield "\n".join([HEADER, *map(str, rows)])


def _personal(data: Path | None, _count: int | None) -> Iterator[str]:
    from assistant.guards.personal_report import measure_personal

    yield measure_personal(_opened()[1], data or Path())


def _injection_ablation(data: Path) -> Iterator[str]:
    from assistant.guards.injection.ablation import HEADER
    from assistant.guards.injection.ablation import ablation as ablate_injection

    yield "\n".join([HEADER, *map(str, ablate_injection(data, _opened()[1]))])


def _personal_ablation(data: Path) -> Iterator[str]:
    from assistant.guards.personal_report import ablate_personal

    yield ablate_personal(_opened()[1], data)


_ABLATIONS: Mapping[str, Callable[[Path], Iterator[str]]] = {
    "injection": _injection_ablation,
    "personal": _personal_ablation,
}


def _opened() -> tuple[Settings, SentenceEmbedder]:
    from assistant.opening import open_catalog, open_embedder
    from assistant.settings import read_settings

    settings = read_settings()
    return settings, open_embedder(settings, open_catalog(settings), remember=60_000)
