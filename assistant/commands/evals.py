"""The command `assistant eval`."""

from __future__ import annotations

import asyncio
import getpass
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.commands.evals_report import below, leaderboard, parse_limit
from assistant.commands.records_report import readable_errors
from assistant.errors import Misconfigured, Unavailable
from assistant.settings import Settings, read_settings

if TYPE_CHECKING:
    from assistant.cases import Case, Split
    from assistant.evals.contenders import Bench
    from assistant.evals.results import Way
    from assistant.parts import Parts

What = Annotated[list[str], typer.Argument(help="VERTICAL …, or: import KIND FILE", metavar="VERTICAL...")]
Models = Annotated[str, typer.Option(help="names joined by commas; a cascade as small+large")]


@dataclass(frozen=True, slots=True)
class _Asked:
    verticals: tuple[str, ...]
    contenders: tuple[str, ...]
    out: Path
    cases: Path | None
    split: Split
    count: int | None
    ways: tuple[Way, ...]
    seed: int
    parallel: int
    judge: str | None

    @property
    def models(self) -> tuple[str, ...]:
        """Every model it names, the judge among them."""
        from assistant.evals.contenders import models_of

        judges = (self.judge,) if self.judge else ()
        return (*(name for contender in self.contenders for name in models_of(contender)), *judges)

    @property
    def own_split(self) -> Split | None:
        """The split of the vertical's own cases; a file of cases is taken whole."""
        return None if self.cases else self.split


def evaluate(
    what: What,
    models: Models = "smollm2-135m,best-passage,first-words",
    cases: Annotated[Path | None, typer.Option(help="questions.yaml or .jsonl in place of the vertical's own")] = None,
    split: Annotated[str, typer.Option(help="train, test or final, of the vertical's own cases")] = "test",
    out: Annotated[Path | None, typer.Option(help="folder of the run; one that is there goes on")] = None,
    count: Annotated[int | None, typer.Option(min=1, help="only so many cases, the first ones")] = None,
    raw: Annotated[bool, typer.Option("--raw", help="also every model without the rails")] = False,
    robust: Annotated[bool, typer.Option("--robust", help="also asked otherwise: misspelt, reordered …")] = False,
    seed: Annotated[int, typer.Option(help="of models that take one, and of the intervals")] = 1,
    parallel: Annotated[int, typer.Option(min=1, help="cases at a time; more makes times those of a busy machine")] = 1,
    judge: Annotated[
        str | None, typer.Option(help="a model that also grades the answers: an opinion, off by default")
    ] = None,
    compare: Annotated[bool, typer.Option("--compare", help="then prefer answers side by side, without names")] = False,
    fail_below: Annotated[
        list[str] | None, typer.Option(help="METRIC=X: exit 1 if a model is worse; repeatable")
    ] = None,
) -> None:
    """Have models answer cases through the live rails, and report how well each did.

    `assistant eval import KIND FILE` turns a public set into cases instead.
    """
    from assistant.evals.agreement import told_opinions
    from assistant.evals.earlier import changes, earlier_runs
    from assistant.evals.report import write_report
    from assistant.evals.robustness import VARIANTS
    from assistant.evals.runs import read_run

    with readable_errors():
        if what[0] == "import":
            _import(what[1:], split, out, count)
            return
        limits = [parse_limit(each) for each in fail_below or ()]
        settings = read_settings()
        home = out or settings.data_dir / "evals" / datetime.now(UTC).strftime("%Y-%m-%d-%H%M%S")
        ways: tuple[Way, ...] = ("railed", *(("raw",) if raw else ()), *(VARIANTS if robust else ()))
        contenders = tuple(each.strip() for each in models.split(","))
        asked = _Asked(tuple(what), contenders, home, cases, _split(split), count, ways, seed, parallel, judge)
        asyncio.run(_evaluated(settings, asked))
        runs = [read_run(home / vertical) for vertical in what]
        typer.echo("\n\n".join(leaderboard(run) for run in runs))
        for run in runs:
            for change in changes(run, earlier_runs(home, run)):
                typer.echo(f"{run.spec.vertical}: {change}", err=True)
        if compare:
            import click

            from assistant.evals.compare import compare_in_terminal

            for run in runs:
                compare_in_terminal(run, home / run.spec.vertical, say=typer.echo, edit=click.edit)
        for vertical in what:
            typer.echo("".join(f"\n{vertical}: {line}" for line in told_opinions(home / vertical)), nl=False)
        typer.echo(f"\nreport: {write_report(home)}")
        worse = [line for run in runs for line in below(run, limits)]
        for line in worse:
            typer.echo(line, err=True)
    if worse:
        raise typer.Exit(1)


def _import(args: list[str], split: str, out: Path | None, count: int | None) -> None:
    from assistant.evals.imports import KINDS, import_cases

    if len(args) != 2:
        raise typer.BadParameter(f"assistant eval import KIND FILE; KIND is one of {', '.join(KINDS)}")
    cases = import_cases(args[0], Path(args[1]), split=_split(split), count=count)
    text = "".join(case.model_dump_json() + "\n" for case in cases)
    if out is None:
        typer.echo(text, nl=False)
        return
    out.write_text(text, encoding="utf-8")
    typer.echo(f"{len(cases)} cases in {out}")


async def _evaluated(settings: Settings, asked: _Asked) -> None:
    from assistant.evals.contenders import check
    from assistant.evals.judge import judge_run, require_judge
    from assistant.evals.runs import open_run, work
    from assistant.opening import open_catalog
    from assistant.parts import open_parts
    from assistant.verticals import read_vertical

    for vertical in asked.verticals:
        read_vertical(settings.rails_dir / vertical)  # A name that is wrong is told before anything is loaded.
    for name in asked.models:
        open_catalog(settings).get(name)
    load = os.getloadavg()[0]  # Before we make any ourselves.
    # What is asked here is no conversation of anybody: it is kept in memory and forgotten.
    parts = open_parts(settings.in_memory())
    try:
        await parts.database.create()
        for vertical in asked.verticals:
            parts.rails.refresh(only=vertical)
            bench = open_bench(settings, parts, vertical, asked.seed)
            for each in asked.contenders:
                check(bench, each)  # Before the sealed split counts as opened.
            cases = _cases(settings, vertical, asked)
            warnings = _warnings(settings, bench, cases, asked, load)
            for each in warnings:
                typer.echo(f"{vertical}: {each}", err=True)
            folder = asked.out / vertical
            if asked.judge:
                require_judge(folder, bench, asked.judge)
            open_run(folder, bench, asked.contenders, cases, split=asked.own_split, ways=asked.ways, warnings=warnings)
            await work(folder, bench, parallel=asked.parallel, progress=_progress(vertical))
            if asked.judge:
                await judge_run(folder, bench, asked.judge, parallel=asked.parallel, progress=_progress(vertical))
            await _keep_corrections(settings, folder)
    finally:
        await parts.close()


async def _keep_corrections(settings: Settings, folder: Path) -> None:
    """Puts beside the results what people corrected in earnest; where that cannot be read, the run stands without."""
    from assistant.database import Database
    from assistant.evals.corrected import keep_corrections
    from assistant.records import corrections

    database = Database(settings.url)
    try:
        await database.create()
        keep_corrections(folder, await corrections(database, vertical=folder.name))
    except (Misconfigured, Unavailable) as error:
        typer.echo(f"{folder.name}: what people corrected is not told: {error}", err=True)
    finally:
        await database.close()


def open_bench(settings: Settings, parts: Parts, vertical: str, seed: int) -> Bench:
    """The live release with a line of its own for each contender that takes the place of its model."""
    from assistant.chat import Chat
    from assistant.evals.contenders import Bench
    from assistant.installation import installation_secret
    from assistant.opening import open_meter
    from assistant.rails.live import Folders, LiveRails, Release

    meter, secret = open_meter(settings), installation_secret(settings.data_dir)

    def chat_of(release: Release) -> Chat:
        rails = LiveRails(Folders(settings.rails_dir, settings.knowledge_dir), lambda _: release)
        rails.refresh(only=vertical)
        return Chat(
            rails,
            parts.writer,
            parts.embedder,
            parts.turns,
            parts.audit,
            parts.before_people,
            secret=secret,
            meter=meter,
        )

    return Bench(parts.rails.release(vertical), parts.models, parts.embedder, meter, chat_of, seed)


def _cases(settings: Settings, vertical: str, asked: _Asked) -> tuple[Case, ...]:
    from assistant.cases import read_cases

    cases = read_cases(asked.cases or settings.knowledge_dir / vertical / "questions.yaml")
    return tuple(case for case in cases if asked.own_split in (None, case.split))[: asked.count]


def _warnings(settings: Settings, bench: Bench, cases: tuple[Case, ...], asked: _Asked, load: float) -> list[str]:
    """What a reader must know beforehand; an opening of the sealed split is written down here."""
    from assistant.evals.caveats import Register, busy, few, leaks
    from assistant.evals.known import texts_known
    from assistant.evals.spec import cases_digest

    register, digest = Register(settings.data_dir / "evals" / "register.jsonl"), cases_digest(cases)
    found = [
        few(cases),
        busy(load, os.cpu_count() or 1),
        register.worn(digest),
        *leaks(cases, texts_known(bench.release.bundle, settings.knowledge_dir)),
    ]
    if any(case.split == "final" for case in cases):
        found.append(register.opened(digest) or "the final split is opened for the first time")
        register.note("opened", cases=digest, models=", ".join(asked.contenders), who=getpass.getuser())
    return [each for each in found if each]


def _split(split: str) -> Split:
    if split not in ("train", "test", "final"):
        raise typer.BadParameter(f"split must be train, test or final, not {split!r}")
    return split  # type: ignore[return-value]  # narrowed by the test, which mypy does not follow


def _progress(vertical: str) -> Callable[[str, int, int], None]:
    """One line on a terminal, overwritten; elsewhere a line for every tenth part."""
    terminal, said = sys.stderr.isatty(), [-1]

    def progress(label: str, done: int, wanted: int) -> None:
        tenth = 10 * done // max(1, wanted)
        if terminal:
            typer.echo(f"\r\033[K{vertical}: {done} of {wanted} {label}", err=True, nl=done == wanted)
        elif tenth != said[0]:
            typer.echo(f"{vertical}: {done} of {wanted} {label}", err=True)
        said[0] = tenth

    return progress
