"""Every command of the contract. Exit codes: 0 done, 1 what was asked failed, 2 the call was wrong."""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from assistant import __version__
from assistant.commands.access import keys_app, people_app
from assistant.commands.audit import audit_app
from assistant.commands.backup import back_up_here, restore_here
from assistant.commands.evals import evaluate
from assistant.commands.evidence import evidence_pack
from assistant.commands.guards import guards_app
from assistant.commands.models import models_app
from assistant.commands.radius import add_radius_command
from assistant.commands.records_report import readable_errors
from assistant.commands.revisions import add_revision_commands, with_parts
from assistant.commands.select import select
from assistant.commands.tuning import tune
from assistant.commands.usage import usage_app
from assistant.commands.webhooks import webhooks_app
from assistant.ledger.acting import COMMAND_LINE, acting
from assistant.settings import read_settings

if TYPE_CHECKING:
    from assistant.messages import Task
    from assistant.parts import Parts

app = typer.Typer(
    name="assistant", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__
)
rails_app = typer.Typer(no_args_is_help=True, help="Lint, try, propose, approve and publish the rails of a vertical.")
app.add_typer(rails_app, name="rails")
add_revision_commands(rails_app)
add_radius_command(rails_app)
app.add_typer(models_app, name="models")
app.add_typer(keys_app, name="keys")
app.add_typer(people_app, name="people")
app.add_typer(webhooks_app, name="webhooks")
app.add_typer(guards_app, name="guards")
app.add_typer(audit_app, name="audit")
app.add_typer(usage_app, name="usage")
app.command("backup")(back_up_here)
app.command("restore")(restore_here)
app.command("tune")(tune)
app.command("eval")(evaluate)
app.command("select")(select)
app.command("evidence-pack")(evidence_pack)

T = TypeVar("T")
Name = Annotated[str, typer.Argument(help="name of the vertical, as its folder is called")]
Json = Annotated[bool, typer.Option("--json", help="print JSON")]


def main() -> None:
    """Runs the command line."""
    app(prog_name="assistant")


@app.callback()
def _begin() -> None:
    acting.set(COMMAND_LINE)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="address to listen on")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="port to listen on; 0 takes a free one")] = None,
    workers: Annotated[int, typer.Option(min=1, help="processes that answer")] = 1,
) -> None:
    """Serve the API and the demo pages."""
    from assistant.serving.start import serve as run

    with readable_errors():
        acting.set(None)
        # Through the environment, because every worker reads its settings there.
        os.environ |= {} if host is None else {"ASSISTANT_HOST": host}
        os.environ |= {} if port is None else {"ASSISTANT_PORT": str(port)}
        run(read_settings(), workers=workers)


@app.command()
def console(
    host: Annotated[str | None, typer.Option(help="address to listen on")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="port to listen on; 0 takes a free one")] = None,
) -> None:
    """Serve the reviewers' console alone, in a process of its own."""
    from assistant.serving.start import serve_console

    with readable_errors():
        settings = read_settings()
        serve_console(settings, host=host or settings.host, port=settings.console_port if port is None else port)


@app.command()
def ask(
    vertical: Name,
    question: Annotated[str, typer.Argument(help="what to ask")],
    document: Annotated[list[Path] | None, typer.Option(help="a file the answer may stand on; may be repeated")] = None,
    task: Annotated[str | None, typer.Option(help="answer, summarize or write")] = None,
    model: Annotated[str | None, typer.Option(help="another model of the catalog, for this question")] = None,
    json_: Json = False,
) -> None:
    """Ask one question and print the answer with its citations."""
    from assistant.chat import Request
    from assistant.commands.records_report import answer_text
    from assistant.knowledge import read_document
    from assistant.messages import Message

    async def run(parts: Parts) -> None:
        await parts.look(only=vertical)
        documents = tuple(read_document(path) for path in document or ())
        request = Request(vertical, (Message("user", question),), documents, _task(task), model=model)
        answer = await parts.chat.answer(request)
        typer.echo(json.dumps(asdict(answer), ensure_ascii=False, indent=2) if json_ else answer_text(answer))

    with_parts(run)


@app.command()
def check(
    vertical: Name,
    stage: Annotated[str, typer.Option(help="input, evidence or output")],
    rail: Annotated[str | None, typer.Option(help="measure and decide this rail alone")] = None,
) -> None:
    """Check texts: one JSON object a line in, one a line out, in order."""
    from assistant.checks import check_lines

    if stage not in ("input", "evidence", "output"):
        raise typer.BadParameter(f"stage must be input, evidence or output, not {stage!r}")

    async def run(parts: Parts) -> bool:
        await parts.look(only=vertical)
        parts.rails.release(vertical).engine.needs(stage, only=rail)  # type: ignore[arg-type]  # an unknown rail fails first
        good = True
        async for line in check_lines(parts.checks, vertical, stage, sys.stdin, rail=rail):  # type: ignore[arg-type]
            print(json.dumps(line, ensure_ascii=False), flush=True)
            good = good and "error" not in line
        return good

    if not with_parts(run, with_knowledge=False):
        raise typer.Exit(1)


@app.command()
def ingest(verticals: Annotated[list[str] | None, typer.Argument(help="names; all when left out")] = None) -> None:
    """Read, split, embed and check knowledge where it is missing or stale, and fit the guards for serving."""
    from assistant.errors import AssistantError
    from assistant.guards import CrossEncoder
    from assistant.opening import open_catalog, open_embedder
    from assistant.releases.build import ReleaseBuilder
    from assistant.verticals import list_verticals, read_vertical

    with readable_errors():
        settings = read_settings()
        catalog = open_catalog(settings)
        builder = ReleaseBuilder(settings, open_embedder(settings, catalog), CrossEncoder(), catalog, {})
        for name in verticals or list_verticals(settings.rails_dir):
            read_vertical(settings.rails_dir / name)
            typer.echo(str(builder.ingest(name)))
            with suppress(AssistantError):  # Whoever serves or lints the rails says what is wrong with them.
                builder.build(name)


@rails_app.command("lint")
def rails_lint(vertical: Name) -> None:
    """Print every problem of the rail files with file and line."""
    from assistant.rails import lint

    with readable_errors():
        problems = lint(read_settings().rails_dir, vertical)
    for problem in problems:
        typer.echo(f"{problem.file}:{problem.line or 1}: {problem.message}")
    typer.echo(f"{len(problems)} problems" if problems else f"{vertical}: no problems", err=bool(problems))
    if problems:
        raise typer.Exit(1)


@rails_app.command("test")
def rails_test(
    vertical: Name,
    mutate: Annotated[
        bool, typer.Option("--mutate", help="break the rails in turn and see what no trial notices")
    ] = False,
) -> None:
    """Play every example of examples.yaml against its rail."""
    from assistant.commands.records_report import mutations_text, trials_text
    from assistant.rails import mutate as mutate_rails
    from assistant.rails import run_trials

    async def run(parts: Parts) -> bool:
        release = parts.builder.build(vertical)
        trials = await run_trials(release.bundle, release.engine, release.guards)
        typer.echo(trials_text(vertical, trials))
        if mutate:
            refit = partial(parts.builder.topics, release.bundle, release.retriever)
            typer.echo(
                mutations_text(vertical, await mutate_rails(release.bundle, release.engine, release.guards, refit))
            )
        return all(trial.passed for trial in trials)

    if not with_parts(run):
        raise typer.Exit(1)


@app.command("settings")
def show_settings() -> None:
    """Every setting, its value and what it is."""
    from assistant.commands.records_report import settings_table

    with readable_errors():
        typer.echo(settings_table(read_settings()))


@app.command()
def version() -> None:
    """The version of this service."""
    typer.echo(__version__)


def _task(task: str | None) -> Task | None:
    if task in (None, "answer", "summarize", "write"):
        return task  # type: ignore[return-value]  # narrowed by the test, which mypy does not follow
    raise typer.BadParameter(f"task must be answer, summarize or write, not {task!r}")
