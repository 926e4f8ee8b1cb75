"""Records as text for people at a terminal."""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from assistant.errors import AssistantError, Invalid, InvalidRail, InvalidVertical, Misconfigured, NotFound

if TYPE_CHECKING:  # Every command waits for what is imported here, and most need little of it.
    from assistant.access import Key, Person, Spent
    from assistant.evals.listed import Taken
    from assistant.messages import Answer
    from assistant.models import ModelCard
    from assistant.rails import Mutation, TrialResult
    from assistant.settings import Settings


def answer_text(answer: Answer) -> str:
    """The answer, its sources, and what a reader should know about it."""
    numbered = "".join(
        f"{sentence.joiner}{sentence.text}{''.join(f' [{n}]' for n in sentence.citations)}"
        for sentence in answer.sentences
    )
    lines = [numbered.strip(), ""]
    lines += [f"[{c.n}] {c.title} ({c.document}): {' '.join(c.text.split())}" for c in answer.citations]
    lines += [f"not in the summary, {omission.kind}: {omission.text}" for omission in answer.omitted]
    withheld = (*answer.dropped_evidence, *answer.dropped_sentences)
    lines += [f"withheld by {each.rail} ({each.reason}): {' '.join(each.text.split())}" for each in withheld]
    rail = f" by {answer.rail}" if answer.rail else ""
    energy = f"{answer.usage.energy_wh:.4f} Wh ({answer.usage.basis})"
    lines.append(f"{answer.outcome}{rail} · {answer.model} · {answer.timings.total / 1000:.1f} s · {energy}")
    return "\n".join(lines)


def trials_text(vertical: str, trials: Sequence[TrialResult]) -> str:
    """Each failed trial with its text, and how many passed."""
    failed = [trial for trial in trials if not trial.passed]
    lines = [f"{trial.rail}: should {trial.expected} but did not: {trial.text}" for trial in failed]
    return "\n".join([*lines, f"{vertical}: {len(trials) - len(failed)} of {len(trials)} trials passed"])


def mutations_text(vertical: str, mutations: Sequence[Mutation]) -> str:
    """What no trial notices, and the share that is noticed."""
    lines = [f"nobody notices: {each.text}" for each in mutations if not each.noticed]
    noticed = sum(each.noticed for each in mutations)
    share = noticed / max(len(mutations), 1)
    return "\n".join([*lines, f"{vertical}: {noticed} of {len(mutations)} mutations noticed ({share:.0%})"])


def models_table(
    cards: Iterable[ModelCard],
    *,
    weights_dir: Path,
    retrain: Container[str] = (),
    taken: Mapping[str, Taken] | None = None,
) -> str:
    """One line a model: name, size, window, licence, how it is made one's own, where it is, and what it takes.

    Adapters in `retrain` are marked so. `taken`: what an answer of a model took in its latest run here.
    """
    from assistant.evals.statistics import shown

    head = ("NAME", "KIND", "PARAMETERS", "CONTEXT", "LICENCE", "COMMERCIAL", "CUSTOMISED BY", "WEIGHTS")
    rows = [(*head, "USD PER MILLION TOKENS", "SECONDS HERE", "WH HERE")]
    by_name = {card.name: card for card in cards}
    for card in by_name.values():
        size = f"{card.parameters / 1e6:,.0f} M" if card.parameters else "unknown"
        below = f", to {card.max_users / 1e6:g} M users" if card.max_users else ""
        commercial = f"yes{below}" if card.commercial else "no"
        found = (taken or {}).get(card.name)
        rows.append(
            (
                card.name,
                "adapter, retrain" if card.name in retrain else "adapter" if card.adapter else card.kind,
                size,
                f"{card.context_tokens:,}",
                card.licence,
                commercial,
                ", ".join(card.customisation),
                _where(by_name[card.adapter.base] if card.adapter else card, weights_dir),
                _price(card),
                shown(found.total_s) if found else "–",
                shown(found.energy_wh) if found else "–",
            )
        )
    return table(rows)


def _price(card: ModelCard) -> str:
    if card.price.prompt_usd_per_million or card.price.completion_usd_per_million:
        return f"{card.price.prompt_usd_per_million:g} in, {card.price.completion_usd_per_million:g} out"
    return "own machine" if card.on_premises else "see its card"


def _where(card: ModelCard, weights_dir: Path) -> str:
    """Whether a model can be used as it stands; an adapter ships beside its card, so ask of its base."""
    if card.provider == "described":
        return "to add"
    if not card.files:
        return "elsewhere"
    here = all(file.problem(weights_dir / card.name, deep=False) is None for file in card.files)
    return "here" if here else "to pull"


def keys_table(keys: Iterable[Key], *, as_json: bool) -> str:
    """One line a key; as JSON a list of objects."""
    facts = [
        {
            "id": key.id,
            "name": key.name,
            "scopes": sorted(key.scopes),
            "verticals": sorted(key.verticals) if key.verticals is not None else "all",
            "origins": list(key.origins) if key.origins else None,
            "person": key.person_id,
            "expires_at": key.expires_at.isoformat(timespec="seconds") if key.expires_at else None,
            "created_at": key.created_at.isoformat(timespec="seconds"),
            "last_used_at": key.last_used_at.isoformat(timespec="seconds") if key.last_used_at else None,
            "revoked_at": key.revoked_at.isoformat(timespec="seconds") if key.revoked_at else None,
        }
        for key in keys
    ]
    return facts_table(facts, "no keys yet; make one with: assistant keys create NAME", as_json=as_json)


def people_table(people: Iterable[Person], *, as_json: bool) -> str:
    """One line a person; as JSON a list of objects."""
    facts = [
        {
            "email": person.email,
            "name": person.name,
            "roles": sorted(person.roles),
            "verticals": sorted(person.verticals) if person.verticals is not None else "all",
            "id": person.id,
            "disabled_at": person.disabled_at.isoformat(timespec="seconds") if person.disabled_at else None,
        }
        for person in people
    ]
    return facts_table(facts, "nobody yet; add someone with: assistant people add EMAIL", as_json=as_json)


def usage_table(days: Iterable[Spent], *, as_json: bool) -> str:
    """One line for each key and day; as JSON a list of objects."""
    return facts_table([each.wire() for each in days], "nothing was used in this time", as_json=as_json)


def facts_table(facts: Sequence[Mapping[str, object]], none: str, *, as_json: bool) -> str:
    """One line for each record of `facts`, `none` where there is none; as JSON a list of objects."""
    if as_json:
        return json.dumps(facts, indent=2)
    if not facts:
        return none
    return table(
        [tuple(name.upper() for name in facts[0]), *(tuple(_shown(value) for value in fact.values()) for fact in facts)]
    )


_SECRET = {"database_url", "keys_url", "redis_url", "oidc_client_secret", "model_server_key"}


def settings_table(settings: Settings) -> str:
    """Every variable with its value and meaning; secrets are not shown."""
    rows = [("VARIABLE", "VALUE", "MEANING")]
    for name, field in type(settings).model_fields.items():
        value = getattr(settings, name)
        shown = "(set)" if name in _SECRET and value else str(value) if value != "" else "(empty)"
        rows.append((f"ASSISTANT_{name.upper()}", shown, field.description or ""))
    return table(rows)


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ",".join(value)
    return "–" if value is None else str(value)


def table(rows: Sequence[tuple[str, ...]]) -> str:
    """Rows as columns that line up; the first row holds the headings."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


@contextmanager
def readable_errors() -> Iterator[None]:
    """Our own errors, and a file's, as one line; a wrong name, value, file or setting is a wrong call: 2, else 1."""
    try:
        yield
    except AssistantError as error:
        typer.echo(f"assistant: {error}", err=True)
        raise typer.Exit(2 if _is_wrong_call(error) else 1) from error
    except OSError as error:
        if error.filename is None:  # Of no file that somebody could put right.
            raise
        typer.echo(f"assistant: {error.filename}: {error.strerror}", err=True)
        raise typer.Exit(2) from error


def _is_wrong_call(error: AssistantError) -> bool:
    # Whoever asks a vertical has not called wrongly where its rails are broken.
    return isinstance(error, NotFound | Misconfigured | Invalid) and not isinstance(
        error, InvalidRail | InvalidVertical
    )
