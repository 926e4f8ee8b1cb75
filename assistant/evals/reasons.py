"""A choice in words: what is recommended and why, how sure that is, and what would change it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from assistant.evals.metrics import METRICS
from assistant.evals.select import WEIGHTS, Candidate, Figures, Ranked, Terms, first_of, rank
from assistant.evals.statistics import Difference, difference


@dataclass(frozen=True, slots=True)
class Choice:
    """What the figures say by the stated terms."""

    recommended: str | None
    """None where nothing passes every gate."""
    ranking: tuple[Ranked, ...]
    reasons: tuple[str, ...]
    changes: tuple[str, ...]
    """What would change it."""
    sure: float
    """How often of the reshuffled sets of cases the recommended one is worth most."""


def choose(figures: Figures, terms: Terms, *, max_tokens: int) -> Choice:
    """The choice by these terms; the same figures and terms give the same one everywhere."""
    ranking = rank(figures, terms, max_tokens=max_tokens)
    allowed = [each for each in ranking if not each.stopped_by]
    if not allowed:
        return Choice(
            None, ranking, (*_none(ranking), *figures.remarks), tuple(_opened(figures, terms, None, max_tokens)), 0.0
        )
    best = allowed[0]
    return Choice(
        best.name,
        ranking,
        (*_reasons(figures, terms, ranking), *figures.remarks),
        (*_weights(figures, terms, best.name, max_tokens), *_opened(figures, terms, best.name, max_tokens)),
        best.first,
    )


def _none(ranking: tuple[Ranked, ...]) -> Iterator[str]:
    yield "Nothing passes every gate, so nothing is recommended; the vertical stays as it is."
    yield from (f"{each.name}: {'; '.join(each.stopped_by)}." for each in ranking)


def _reasons(figures: Figures, terms: Terms, ranking: tuple[Ranked, ...]) -> Iterator[str]:
    best, *others = [each for each in ranking if not each.stopped_by]
    title = METRICS[terms.quality].title
    weights = ", ".join(f"{name} {weight:.2g}" for name, weight in terms.weights.items())
    yield f"{best.name} passes every gate and is worth most, {best.worth:.3f} of 1, by the weights {weights}."
    for other in others[:1]:
        gap = _gap(figures.candidates[best.name], figures.candidates[other.name], terms)
        yield f"Next comes {other.name}, worth {other.worth:.3f}. {_told(title, best.name, other.name, gap)}"
    if not others:
        yield "No other candidate passes every gate."
    for name, baseline in figures.baselines.items():
        gap = _gap(figures.candidates[best.name], baseline, terms)
        yield _told(title, best.name, f"the plain baseline {name}", gap)
    yield from (f"{each.name} cannot be chosen: {'; '.join(each.stopped_by)}." for each in ranking if each.stopped_by)
    yield (
        f"Of 100 sets of cases like this one, {best.name} would be worth most in about {100 * best.first:.0f}; the "
        f"figures stand on {len(figures.cases)} cases."
    )


def _gap(one: Candidate, other: Candidate, terms: Terms) -> Difference | None:
    pairs = zip(one.values[terms.quality], other.values[terms.quality], strict=True)
    both = [(a, b) for a, b in pairs if a is not None and b is not None]
    return difference([a for a, _ in both], [b for _, b in both], seed=terms.seed) if both else None


def _told(title: str, one: str, other: str, gap: Difference | None) -> str:
    if gap is None:
        return f"On {title} {one} and {other} cannot be compared."
    size = f"{gap.value:+.3g} ({gap.low:+.3g} to {gap.high:+.3g})"
    if gap.certain:
        word = "better" if gap.value > 0 else "worse"
        chance = f"equals would differ as much once in {1 / gap.chance:.0f} times or less"
        enough = f", and about {gap.cases_needed} would show it four times of five" if gap.cases_needed else ""
        return f"On {title} {one} is {word} than {other}, by {size} on {gap.n} cases{enough}; {chance}."
    if not gap.value:
        return f"On {title} {one} and {other} are equal."
    needed = f"; about {gap.cases_needed} cases would be needed" if gap.cases_needed else ""
    return f"On {title} {one} and {other} cannot be told apart: {size} on {gap.n} cases{needed}."


def _weights(figures: Figures, terms: Terms, best: str, max_tokens: int) -> Iterator[str]:
    """For each weight, the nearest value at which another is worth most, the others kept in proportion."""
    for name in WEIGHTS:
        now = terms.weights[name]
        others = sorted((abs(step / 20 - now), step / 20) for step in range(21))
        for _, value in others:
            moved = terms.model_copy(update={"weights": _moved(terms.weights, name, value)})
            first = first_of(figures, moved, max_tokens=max_tokens, prefer=best)
            if first != best:
                yield f"With a weight of {value:.2g} in place of {now:.2g} for {name}, it would be {first}."
                break
        else:
            yield f"No weight of {name} alone would change it."


def _moved(weights: dict[str, float], name: str, value: float) -> dict[str, float]:
    rest = sum(weight for other, weight in weights.items() if other != name)
    others = len(weights) - 1
    return {
        other: value if other == name else (1 - value) * (weight / rest if rest else 1 / others)
        for other, weight in weights.items()
    }


def _opened(figures: Figures, terms: Terms, best: str | None, max_tokens: int) -> Iterator[str]:
    """The gates whose opening would put another first."""
    for gate in terms.gates:
        without = terms.model_copy(update={"gates": tuple(each for each in terms.gates if each != gate)})
        first = first_of(figures, without, max_tokens=max_tokens, prefer=best)
        if first not in (None, best):
            yield f"Without the gate {gate}, it would be {first}."
