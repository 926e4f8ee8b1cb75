"""The command `assistant select`."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.commands.records_report import readable_errors
from assistant.commands.revisions import caller_of, with_parts
from assistant.settings import read_settings

if TYPE_CHECKING:
    from assistant.evals.record import Decision
    from assistant.parts import Parts


def select(
    vertical: Annotated[str, typer.Argument(help="name of the vertical, as its folder is called")],
    run: Annotated[Path, typer.Option(help="folder of a run, or a decision.json to decide again")],
    quality: Annotated[str, typer.Option(help="the metric that stands for quality")] = "right",
    weights: Annotated[str, typer.Option(help="of quality, speed, cost and energy")] = "",
    gate: Annotated[list[str] | None, typer.Option(help="METRIC<=X or METRIC>=X in place of the usual ones")] = None,
    who: Annotated[str, typer.Option(help="who decides; empty: you")] = "",
    propose: Annotated[
        bool, typer.Option("--propose", help="hand the choice in for another person to approve")
    ] = False,
    key: Annotated[str, typer.Option(envvar="ASSISTANT_KEY", help="a key of your own, to propose with")] = "",
) -> None:
    """Recommend a model by gates and weights, and write the decision record; with --propose, hand the change in."""
    with readable_errors():
        if propose and not key:
            raise typer.BadParameter("--propose needs a key of your own: --key, or ASSISTANT_KEY")
        if run.suffix == ".json":
            decision = _again(run, vertical)
        else:
            decision = _decided(run, vertical, quality, weights, gate or [], who or getpass.getuser())
    if decision.recommended is None:
        raise typer.Exit(1)
    if propose:
        _propose(decision, decision.recommended, key)


def _decided(run: Path, vertical: str, quality: str, weights: str, gates: list[str], who: str) -> Decision:
    """The decision on the run, told and written down."""
    from assistant.evals.caveats import Register
    from assistant.evals.runs import read_run
    from assistant.evals.select import WEIGHTS, Terms, default_gates, parse_gate, parse_weights
    from assistant.releases.choosing import VERTICAL_YAML, KeptRun, settle

    settings = read_settings()
    folder = run if (run / "run.json").exists() else run / vertical
    found = read_run(folder)
    terms = Terms(
        quality=quality,
        weights=parse_weights(weights) if weights else dict(WEIGHTS),
        gates=tuple(map(parse_gate, gates)) or default_gates(found),
        seed=found.spec.seed,
    )
    register = Register(settings.data_dir / "evals" / "register.jsonl")
    if worn := register.worn(found.spec.cases_digest):
        typer.echo(worn, err=True)
    text = (settings.rails_dir / vertical / VERTICAL_YAML).read_text(encoding="utf-8")
    decision = settle(KeptRun(folder.parent.name, folder, found), terms, register, who=who, vertical_yaml=text)
    typer.echo("\n".join((*decision.reasons, *decision.changes)))
    typer.echo(f"\nrecord: {folder / 'decision.json'}, {folder / 'decision.html'}")
    return decision


def _again(file: Path, vertical: str) -> Decision:
    """The decision in the file, if its own figures still give its ranking; exit 1 where they do not."""
    from assistant.evals.record import read_decision

    decision = read_decision(file)
    if decision.spec.vertical != vertical:
        raise typer.BadParameter(f"the record is about {decision.spec.vertical!r}, not {vertical!r}")
    ranking = tuple(each.name for each in decision.again().ranking)
    typer.echo("\n".join(f"{n}. {name}" for n, name in enumerate(ranking, start=1)))
    same = ranking == decision.ranking
    typer.echo("the same ranking as in the record" if same else f"the record says: {', '.join(decision.ranking)}")
    if not same:
        raise typer.Exit(1)
    return decision


def _propose(decision: Decision, name: str, key: str) -> None:
    """Hands the change in and says where it stands."""
    from assistant.releases.choosing import Choosing
    from assistant.releases.drafts import Drafts

    async def proposed(parts: Parts) -> str:
        by, settings = await caller_of(parts, key), parts.settings
        drafts = Drafts(parts.database, parts.proposals, parts.builder, serve=settings.serve)
        title = f"{name} writes, as decided on {decision.made[:10]} by {decision.who}"
        draft = await Choosing(settings.data_dir / "evals", drafts).propose(decision, by, title=title[:200])
        if draft is None:
            return f"{name} is what writes for {decision.spec.vertical} already, so there is nothing to propose"
        made = await parts.revisions.submit(draft.id, by) if draft.state == "draft" else draft
        left = "another person must approve it" if made.state == "submitted" else "it waits to be published"
        return f"{made.id}: {made.title} ({made.folder}) is {made.state}; {left}"

    typer.echo(with_parts(proposed))
