"""The command `assistant select`."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.commands.records_report import readable_errors
from assistant.commands.revisions import caller_of, with_parts
from assistant.settings import Settings, read_settings

if TYPE_CHECKING:
    from assistant.evals.record import Decision
    from assistant.evals.select import Terms
    from assistant.parts import Parts
    from assistant.releases.choosing import KeptRun


def select(
    vertical: Annotated[str, typer.Argument(help="name of the vertical, as its folder is called")],
    run: Annotated[Path, typer.Option(help="folder of a run, or a decision.json to decide again")],
    quality: Annotated[str, typer.Option(help="the metric that stands for quality")] = "right",
    weights: Annotated[str, typer.Option(help="of quality, speed, cost and energy")] = "",
    gate: Annotated[list[str] | None, typer.Option(help="METRIC<=X or METRIC>=X in place of the usual ones")] = None,
    who: Annotated[str, typer.Option(help="who decides; empty: you")] = "",
    propose: Annotated[
        bool, typer.Option("--propose", help="hand in the change, for another person to approve")
    ] = False,
    key: Annotated[str, typer.Option(envvar="ASSISTANT_KEY", help="for --propose: a key of your own")] = "",
) -> None:
    """Recommend a model by gates and weights, write the decision record, and propose the change if asked to."""
    from assistant.evals.caveats import Register
    from assistant.evals.record import read_decision
    from assistant.evals.runs import read_run
    from assistant.evals.select import WEIGHTS, Terms, default_gates, parse_gate, parse_weights
    from assistant.releases.choosing import VERTICAL_YAML, KeptRun, settle

    with readable_errors():
        if run.suffix == ".json":
            _again(read_decision(run), vertical)
            return
        settings = read_settings()
        folder = run if (run / "run.json").exists() else run / vertical
        found = read_run(folder)
        terms = Terms(
            quality=quality,
            weights=parse_weights(weights) if weights else dict(WEIGHTS),
            gates=tuple(map(parse_gate, gate)) if gate else default_gates(found),
            seed=found.spec.seed,
        )
        register = Register(settings.data_dir / "evals" / "register.jsonl")
        if worn := register.worn(found.spec.cases_digest):
            typer.echo(worn, err=True)
        kept = KeptRun(folder.parent.name, folder, found)
        if propose:
            decision = _proposed(settings, kept, terms, key)
        else:
            text = (settings.rails_dir / vertical / VERTICAL_YAML).read_text(encoding="utf-8")
            decision = settle(kept, terms, register, who=who or getpass.getuser(), vertical_yaml=text)
        typer.echo("\n".join((*decision.reasons, *decision.changes)))
        typer.echo(f"\nrecord: {folder / 'decision.json'}, {folder / 'decision.html'}")
    if decision.recommended is None:
        raise typer.Exit(1)


def _proposed(settings: Settings, kept: KeptRun, terms: Terms, key: str) -> Decision:
    """The decision on what is served, its change handed in by whose key it is; says where that stands."""
    from assistant.access import People
    from assistant.releases.choosing import Choosing
    from assistant.releases.drafts import Drafts

    async def run(parts: Parts) -> Decision:
        by = await caller_of(parts, key)
        drafts = Drafts(parts.database, parts.proposals, parts.builder, serve=settings.serve)
        choosing = Choosing(settings.data_dir / "evals", drafts)
        names = {each.id: each.name for each in await People(parts.database).list()}
        decision = await choosing.decide(kept, terms, by, who=names.get(by.person_id or "", ""))
        title = f"Model {decision.recommended}, by the run {kept.name}"
        made = await choosing.propose(decision, by, title=title)
        if made is None:
            typer.echo("nothing to propose: the recommended model is in force, or there is none")
            return decision
        made = await parts.revisions.submit(made.id, by)
        typer.echo(f"{made.id}: {made.title} ({made.folder}) is {made.state}; another person approves it")
        return decision

    return with_parts(run)


def _again(decision: Decision, vertical: str) -> None:
    """Says whether the record's own figures still give its ranking; exit 1 where they do not."""
    if decision.spec.vertical != vertical:
        raise typer.BadParameter(f"the record is about {decision.spec.vertical!r}, not {vertical!r}")
    ranking = tuple(each.name for each in decision.again().ranking)
    typer.echo("\n".join(f"{n}. {name}" for n, name in enumerate(ranking, start=1)))
    same = ranking == decision.ranking
    typer.echo("the same ranking as in the record" if same else f"the record says: {', '.join(decision.ranking)}")
    if not same:
        raise typer.Exit(1)
