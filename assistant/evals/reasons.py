"""A choice in words: what is recommended and why, how sure that is, and what would change it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from assistant.evals.saying import ENGLISH, Saying
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


def choose(figures: Figures, terms: Terms, *, max_tokens: int, say: Saying = ENGLISH) -> Choice:
    """The choice by these terms; the same figures and terms give the same one everywhere."""
    ranking = rank(figures, terms, max_tokens=max_tokens, say=say)
    best = next((each for each in ranking if not each.stopped_by), None)
    if best is None:
        opened = tuple(_opened(figures, terms, None, max_tokens, say))
        return Choice(None, ranking, (*_none(ranking, say), *figures.remarks), opened, 0.0)
    return Choice(
        best.name,
        ranking,
        (*_reasons(figures, terms, ranking, say), *figures.remarks),
        (*_weights(figures, terms, best.name, max_tokens, say), *_opened(figures, terms, best.name, max_tokens, say)),
        best.first,
    )


def _none(ranking: tuple[Ranked, ...], say: Saying) -> Iterator[str]:
    yield say("nothing")
    yield from (say("stopped", name=each.name, why="; ".join(each.stopped_by)) for each in ranking)


def _reasons(figures: Figures, terms: Terms, ranking: tuple[Ranked, ...], say: Saying) -> Iterator[str]:
    best, *others = [each for each in ranking if not each.stopped_by]
    weights = ", ".join(f"{say.weight(name)} {weight:.2g}" for name, weight in terms.weights.items())
    yield say("best", name=best.name, worth=f"{best.worth:.3f}", weights=weights)
    for other in others[:1]:
        gap = _gap(figures.candidates[best.name], figures.candidates[other.name], terms)
        told = _told(terms.quality, best.name, other.name, gap, say)
        yield say("next", name=other.name, worth=f"{other.worth:.3f}", told=told)
    if not others:
        yield say("alone")
    for name, baseline in figures.baselines.items():
        gap = _gap(figures.candidates[best.name], baseline, terms)
        yield _told(terms.quality, best.name, say("baseline", name=name), gap, say)
    for each in ranking:
        if each.stopped_by:
            yield say("not_chosen", name=each.name, why="; ".join(each.stopped_by))
    yield say("sure", name=best.name, times=f"{100 * best.first:.0f}", cases=len(figures.cases))


def _gap(one: Candidate, other: Candidate, terms: Terms) -> Difference | None:
    pairs = zip(one.values[terms.quality], other.values[terms.quality], strict=True)
    both = [(a, b) for a, b in pairs if a is not None and b is not None]
    return difference([a for a, _ in both], [b for _, b in both], seed=terms.seed) if both else None


def _told(quality: str, one: str, other: str, gap: Difference | None, say: Saying) -> str:
    compared = {"title": say.quality(quality), "one": one, "other": other}
    if gap is None:
        return say("not_compared", **compared)
    if not gap.certain and not gap.value:
        return say("equal", **compared)
    found = say("gap", value=f"{gap.value:+.3g}", low=f"{gap.low:+.3g}", high=f"{gap.high:+.3g}")
    if not gap.certain:
        needed = say("needed", cases=gap.cases_needed) if gap.cases_needed else ""
        return say("alike", **compared, gap=found, cases=gap.n, needed=needed)
    enough = say("enough", cases=gap.cases_needed) if gap.cases_needed else ""
    chance = say("chance", times=f"{1 / gap.chance:.0f}")
    word = "better" if gap.value > 0 else "worse"
    return say(word, **compared, gap=found, cases=gap.n, enough=enough, chance=chance)


def _weights(figures: Figures, terms: Terms, best: str, max_tokens: int, say: Saying) -> Iterator[str]:
    """For each weight, the nearest value at which another is worth most, the others kept in proportion."""
    for name in WEIGHTS:
        now = terms.weights[name]
        others = sorted((abs(step / 20 - now), step / 20) for step in range(21))
        for _, value in others:
            moved = terms.model_copy(update={"weights": _moved(terms.weights, name, value)})
            first = first_of(figures, moved, max_tokens=max_tokens, prefer=best)
            if first != best:
                told = {"value": f"{value:.2g}", "now": f"{now:.2g}", "name": first}
                yield say("weight_moved", weight=say.weight(name), **told)
                break
        else:
            yield say("weight_free", weight=say.weight(name))


def _moved(weights: dict[str, float], name: str, value: float) -> dict[str, float]:
    rest = sum(weight for other, weight in weights.items() if other != name)
    others = len(weights) - 1
    return {
        other: value if other == name else (1 - value) * (weight / rest if rest else 1 / others)
        for other, weight in weights.items()
    }


def _opened(figures: Figures, terms: Terms, best: str | None, max_tokens: int, say: Saying) -> Iterator[str]:
    """The gates whose opening would put another first."""
    for gate in terms.gates:
        without = terms.model_copy(update={"gates": tuple(each for each in terms.gates if each != gate)})
        first = first_of(figures, without, max_tokens=max_tokens, prefer=best)
        if first not in (None, best):
            yield say("gate_opened", **say.gate(gate.metric, gate.sign, gate.value), name=first)
