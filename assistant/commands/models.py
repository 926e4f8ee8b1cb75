"""`assistant models`: what can be chosen, fetched, added and served."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.commands.access import with_database
from assistant.commands.evals_report import figure
from assistant.commands.records_report import readable_errors
from assistant.settings import Settings, read_settings

if TYPE_CHECKING:
    from assistant.models import ModelCard
    from assistant.records import Loss

models_app = typer.Typer(no_args_is_help=True, help="The models that can be chosen, and their weights.")


@models_app.command("list")
def models_list() -> None:
    """The catalog with the factors of choice."""
    from assistant.commands.records_report import models_table
    from assistant.evals.listed import RunList, taken_here
    from assistant.opening import open_catalog

    with readable_errors():
        settings = read_settings()
        cards = open_catalog(settings).cards
        losses, taken = _losses(cards), taken_here(RunList(settings.data_dir / "evals").read())
        typer.echo(models_table(cards, weights_dir=settings.data_dir / "weights", retrain=losses, taken=taken))
        for name, loss in losses.items():
            typer.echo(f"{name}: {_told(loss)}")


@models_app.command("show")
def models_show(name: str) -> None:
    """One model card in full."""
    import yaml

    from assistant.opening import open_catalog

    with readable_errors():
        settings = read_settings()
        card = open_catalog(settings).get(name)
        facts = card.model_dump(mode="json", exclude_none=True, exclude={"adapter": {"learnt_from"}, "wheels": True})
        if card.wheels:  # One may come in dozens of parts, which nobody reads.
            more = f" and {len(card.wheels) - 1} more" if card.wheels[1:] else ""
            facts["wheels"] = f"{card.wheels[0].requirement}{more}"
        typer.echo(yaml.safe_dump(facts, sort_keys=False, allow_unicode=True, width=110))
        if card.adapter and card.adapter.learnt_from:
            loss = _losses([card]).get(name)
            learnt = f"It learnt from {len(card.adapter.learnt_from)} texts that people approved here"
            typer.echo(f"{learnt}; {_told(loss)}" if loss else f"{learnt}, and none of them was erased.")
        typer.echo(_measured_here(settings, name))
    typer.echo(_corrected_here(name))


@models_app.command("pull")
def models_pull(names: Annotated[list[str], typer.Argument(help="names of model cards")]) -> None:
    """Fetch weights and check every file by SHA-256."""
    from assistant.models import pull
    from assistant.opening import open_catalog

    with readable_errors():
        settings = read_settings()
        catalog = open_catalog(settings)
        for name in names:
            card = catalog.get(name)
            if card.adapter:
                typer.echo(f"{name}: an adapter, here beside its card; pulling {card.adapter.base}, which it works on")
                card = catalog.get(card.adapter.base)
            folder = pull(card, settings.data_dir / "weights", offline=settings.offline, report=typer.echo)
            typer.echo(f"{name}: {folder}")


@models_app.command("add")
def models_add(
    file: Annotated[Path, typer.Argument(help="a GGUF file; it stays where it is")],
    name: Annotated[str, typer.Option(help="what to call the model here")],
    like: Annotated[str | None, typer.Option(help="a card that knows its licence and languages")] = None,
    licence: Annotated[str | None, typer.Option(help="its licence, where neither file nor card says")] = None,
) -> None:
    """Make any GGUF file a model of the catalog."""
    from assistant.models import add_gguf
    from assistant.opening import open_catalog

    with readable_errors():
        settings = read_settings()
        catalog = open_catalog(settings)
        known = catalog.get(like) if like else None
        folder, weights = settings.data_dir / "models", settings.data_dir / "weights"
        catalog.require_free(name, folder)
        card = add_gguf(file, name, folder=folder, weights_dir=weights, like=known, licence=licence)
        typer.echo(f"{card.name}: {card.title}, {card.licence}, window of {card.context_tokens:,} tokens")


@models_app.command("serve")
def models_serve(
    name: Annotated[str, typer.Argument(help="name of a model card of provider llama.cpp")],
    host: Annotated[str, typer.Option(help="address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="port to listen on; 0 takes a free one")] = 8081,
) -> None:
    """Serve one model to services that set ASSISTANT_MODEL_SERVER to its address."""
    from assistant.serving.start import serve_model

    with readable_errors():
        serve_model(read_settings(), name, host=host, port=port, say=typer.echo)


def _measured_here(settings: Settings, name: str) -> str:
    """What the runs on this machine found about the model, a line a run; general scores say nothing about them."""
    from assistant.evals.metrics import METRICS
    from assistant.evals.runs import read_run, runs_in

    lines = []
    for folder in runs_in(settings.data_dir / "evals"):
        run = read_run(folder)
        if found := run.of(name):
            shown = ("right", "first_sentence_s", "total_s", "energy_wh")
            figures = (f"{METRICS[m].title.lower()} {figure(run.estimate(name, m))}" for m in shown)
            lines.append(f"  {run.spec.began[:10]} {run.spec.vertical}, {len(found)} cases: {'; '.join(figures)}")
    return "\n".join(["measured here:", *(lines or ["  nothing yet; assistant eval VERTICAL --models " + name])])


def _corrected_here(name: str) -> str:
    """What people of this installation corrected in the model's summaries and copy before they let these go out."""
    from assistant.evals.corrected import corrected
    from assistant.records import corrections

    kept = with_database(corrections, reads_only=True)
    lines = [
        f"  {vertical}, {each.words.n} texts: {figure(each.words)} words and {figure(each.seconds)} seconds a text"
        for vertical in sorted({each.vertical for each in kept})
        for each in corrected(own for own in kept if (own.vertical, own.model) == (vertical, name))
    ]
    return "\n".join(["corrected here:", *(lines or ["  nothing yet; nobody has approved a text of its"])])


def _losses(cards: Sequence[ModelCard]) -> Mapping[str, Loss]:
    """The adapters that are to be trained anew; no database is opened where none learnt from its texts."""
    from assistant.records import ErasedLessons
    from assistant.reviewing.lessons import to_retrain

    if not any(card.adapter and card.adapter.learnt_from for card in cards):
        return {}
    return with_database(lambda database: to_retrain(cards, ErasedLessons(database)), reads_only=True)


def _told(loss: Loss) -> str:
    erased = f"{loss.erased} of the {loss.of} approved texts it learnt from"
    return f"{erased} were erased, the first on {loss.since:%Y-%m-%d}: train it anew, by the command its card names."
