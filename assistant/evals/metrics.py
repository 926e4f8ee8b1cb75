"""Metrics of an answer, one function each: add one here and it is measured, tabled, plotted and can be chosen by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from assistant.cases import Case
from assistant.evals.results import Result

Better = Literal["higher", "lower"]
Group = Literal["quality", "words", "rails", "speed", "cost", "opinion"]
Measure = Callable[[Case, Result], float | None]
"""The value for one case; None where the metric says nothing about it."""
Whole = Callable[[Sequence[tuple[Case, Result]]], Callable[[Sequence[int]], float]]
"""For a metric that is no mean of its cases: the value over the cases at given places, which may come again."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A number about an answer, and what a good one is."""

    name: str
    title: str
    group: Group
    better: Better
    unit: str
    """Empty for a share from 0 to 1."""
    measure: Measure
    whole: Whole | None = None
    meaning: str = ""
    """One sentence for readers of a report."""

    def of(self, case: Case, result: Result) -> float | None:
        """The value for one case; what a failed answer is worth is for each metric to say."""
        return self.measure(case, result)

    def improved(self, before: float, after: float) -> bool:
        """Whether `after` is better than `before`."""
        return after > before if self.better == "higher" else after < before


METRICS: dict[str, Metric] = {}
"""Every metric by its name, in the order they are shown."""


def metric(
    name: str, title: str, *, group: Group, better: Better, unit: str = "", whole: Whole | None = None
) -> Callable[[Measure], Measure]:
    """Registers a function as the metric `name`; its docstring's first line is what readers are told."""

    def register(measure: Measure) -> Measure:
        meaning = (measure.__doc__ or "").strip().split("\n", 1)[0]
        METRICS[name] = Metric(name, title, group, better, unit, measure, whole, meaning)
        return measure

    return register


@metric("right", "Right", group="quality", better="higher")
def right(case: Case, result: Result) -> float | None:
    """Share of the reference's facts that the answer holds; where nothing answers, 1 for saying so."""
    if not case.reference:
        return float(result.outcome in ("declined", "unanswered"))
    return result.facts or 0.0


@metric("facts", "Facts kept", group="quality", better="higher")
def facts(case: Case, result: Result) -> float | None:
    """Share of the reference's sentences that the answer bears out, as the grounding guard reads them."""
    return (result.facts or 0.0) if case.reference else None


@metric("judged", "A machine’s opinion", group="opinion", better="higher")
def judged(_: Case, result: Result) -> float | None:
    """What a model thinks of the answer beside the approved text; worth as much as its agreement with people."""
    return result.judged


@metric("wrongly_declined", "Wrongly declined", group="rails", better="lower")
def wrongly_declined(case: Case, result: Result) -> float | None:
    """Of the questions that can be answered, those that were declined or left unanswered."""
    return float(result.outcome not in ("answered", "quoted")) if case.reference else None


@metric("wrongly_answered", "Wrongly answered", group="rails", better="lower")
def wrongly_answered(case: Case, result: Result) -> float | None:
    """Of the questions that nothing answers, those that were answered all the same."""
    return None if case.reference else float(result.outcome in ("answered", "quoted"))


@metric("supported", "Supported", group="rails", better="higher")
def supported(_: Case, result: Result) -> float | None:
    """Share of the claims that left which the evidence bears out."""
    return result.claims_supported / result.claims if result.claims else None


@metric("drafts_supported", "Drafts supported", group="rails", better="higher")
def drafts_supported(_: Case, result: Result) -> float | None:
    """Share of the claims the model wrote which the evidence bears out; the rest was withheld."""
    return result.drafted_supported / result.drafted if result.drafted else None


@metric("citation_recall", "Citation recall", group="rails", better="higher")
def citation_recall(case: Case, result: Result) -> float | None:
    """Whether the document that answers is cited, where one does."""
    return float(case.cite in result.cited) if case.cite else None


@metric("citation_precision", "Citation precision", group="rails", better="higher")
def citation_precision(case: Case, result: Result) -> float | None:
    """Share of the cited documents that are the one which answers."""
    if not result.cited or (case.reference and not case.cite):  # Many reviews answer together; none is the one.
        return None
    return sum(document == case.cite for document in result.cited) / len(result.cited)


@metric("quoted", "Quoted", group="rails", better="lower")
def quoted(_: Case, result: Result) -> float | None:
    """Answers in the source's own words because nothing the model wrote was borne out."""
    return float(result.outcome == "quoted")


@metric("escalated", "Escalated", group="rails", better="lower")
def escalated(_: Case, result: Result) -> float | None:
    """Of a cascade, the cases in which the first model was not enough and the next was asked."""
    return None if result.escalated is None else float(result.escalated)


@metric("failed", "Failed", group="rails", better="lower")
def failed(_: Case, result: Result) -> float | None:
    """Cases in which the model gave no answer at all; they count as wrong everywhere."""
    return float(result.failed is not None)


@metric("first_sentence_s", "First sentence", group="speed", better="lower", unit="s")
def first_sentence_s(_: Case, result: Result) -> float | None:
    """Seconds until the first checked sentence."""
    return result.first_sentence_s


@metric("total_s", "Whole answer", group="speed", better="lower", unit="s")
def total_s(_: Case, result: Result) -> float | None:
    """Seconds until the answer is complete."""
    return None if result.failed else result.total_s


@metric("tokens_per_s", "Tokens a second", group="speed", better="higher", unit="1/s")
def tokens_per_s(_: Case, result: Result) -> float | None:
    """Tokens written for each second of writing and checking."""
    return result.completion_tokens / result.generation_s if result.completion_tokens and result.generation_s else None


@metric("prompt_tokens", "Prompt", group="speed", better="lower", unit="tokens")
def prompt_tokens(_: Case, result: Result) -> float | None:
    """Tokens that the model read."""
    return float(result.prompt_tokens) if result.prompt_tokens else None


@metric("peak_mb", "Peak memory", group="cost", better="lower", unit="MiB")
def peak_mb(_: Case, result: Result) -> float | None:
    """The most memory that the whole process took, guards included."""
    return result.peak_mb


@metric("cost_usd", "Cost", group="cost", better="lower", unit="USD")
def cost_usd(_: Case, result: Result) -> float | None:
    """Money for one answer: tokens at the card's price, and electricity where its price is set."""
    return None if result.failed else result.cost_usd


@metric("energy_wh", "Energy", group="cost", better="lower", unit="Wh")
def energy_wh(_: Case, result: Result) -> float | None:
    """Energy of this process for one answer; what a hosted model takes elsewhere is not known."""
    return None if result.failed else result.energy_wh
