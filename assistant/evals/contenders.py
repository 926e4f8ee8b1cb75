"""What is compared: a model, a cascade of models, or a plain way to answer that any model should beat."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from time import perf_counter

from langchain_core.messages import HumanMessage, SystemMessage

from assistant.answering.evidence import find_evidence, statements
from assistant.answering.turn import Turn, open_turn
from assistant.answering.writing import Writer
from assistant.cases import Case
from assistant.chat import Chat, Request, Wording
from assistant.embedding import Embedder
from assistant.errors import AssistantError, Invalid
from assistant.evals.baselines import BASELINES
from assistant.evals.memory import peak_mb
from assistant.evals.results import Judged, Result, Way
from assistant.evals.robustness import vary
from assistant.guards import Placeholders, SentenceJoiner, is_claim, split_sentences
from assistant.messages import Answer, Evidence, Message, TokenUsage
from assistant.models import Models, stream
from assistant.rails.live import Release
from assistant.usage import Meter, Spending

CASCADE = "+"
"""Joins the models of a cascade, the first asked first: `smollm2-135m+qwen2.5-coder-1.5b`."""


@dataclass(frozen=True, slots=True)
class Bench:
    """What every contender is given to answer with."""

    release: Release
    models: Models
    embedder: Embedder
    meter: Meter
    chat_of: Callable[[Release], Chat]
    """The line, with a release in place of the live one and a record of its own."""
    seed: int

    @property
    def vertical(self) -> str:
        """Name of the vertical."""
        return self.release.vertical.name


def models_of(contender: str) -> tuple[str, ...]:
    """The models a contender consists of, in the order they are asked; none for a plain baseline."""
    return () if contender in BASELINES else tuple(contender.split(CASCADE))


def trial_release(release: Release, contender: str) -> Release:
    """The release with the contender's models and nobody to stand in for them."""
    first, *others = models_of(contender)
    own = {"model": first, "cascade": tuple(others), "fallback_models": ()}
    vertical = release.vertical.model_copy(update=own)
    return replace(release, bundle=replace(release.bundle, vertical=vertical))


async def answer(bench: Bench, contender: str, way: Way, case: Case, cases: Sequence[Case] = ()) -> Result:
    """What the contender makes of the case, one of `cases`; one that fails is a result, not an error."""
    began = perf_counter()
    try:
        asked = case if way == "railed" or way == "raw" else vary(case, way, cases, seed=bench.seed)
        if contender in BASELINES:
            result = _baseline(bench, contender, case)
        elif way == "raw":
            result = await _raw(bench, contender, case)
        else:
            result = await _railed(bench, contender, asked)
    except (AssistantError, TimeoutError) as error:
        why = f"{type(error).__name__}: {error}".removesuffix(": ")
        result = Result(contender, way, case.id, "failed", failed=why, total_s=perf_counter() - began)
    # What a plain baseline takes cannot be told from what the model before it left behind.
    return replace(result, way=way, peak_mb=None if contender in BASELINES else peak_mb())


def request_of(bench: Bench, case: Case) -> Request:
    """The case as a visitor would ask it."""
    wording = Wording(seed=bench.seed)
    return Request(bench.vertical, (Message("user", case.question),), case.as_documents(), case.task, wording=wording)


async def _railed(bench: Bench, contender: str, case: Case) -> Result:
    spending = Spending()
    request = replace(request_of(bench, case), spending=spending)
    answer = await bench.chat_of(trial_release(bench.release, contender)).answer(request)
    result = _from_answer(bench, contender, case, answer)
    return replace(result, escalated=_escalated(bench, contender, spending.models))


def _escalated(bench: Bench, contender: str, wrote: Sequence[str]) -> bool | None:
    first, *later = ({name, bench.models.suited(name, None)} for name in models_of(contender))
    return any(name in own - first for own in later for name in wrote) if later else None


def _from_answer(bench: Bench, contender: str, case: Case, answer: Answer) -> Result:
    claims = [sentence for sentence in answer.sentences if sentence.claim]
    limit = bench.release.guards.grounding.limit
    judged = tuple(
        Judged(each.text, (each.support or 0.0) >= limit if each.claim else None) for each in answer.sentences
    )
    stood = len(claims) if answer.outcome == "answered" else 0  # A quote is the source's sentence, not the model's.
    withheld = sum(is_claim(each.text) for each in answer.dropped_sentences)
    return Result(
        contender,
        "railed",
        case.id,
        answer.outcome,
        answer.text,
        rail=answer.rail,
        wrote=answer.model,
        cited=tuple(dict.fromkeys(citation.document for citation in answer.citations)),
        claims=len(claims),
        claims_supported=sum(each.borne_out is True for each in judged),
        drafted=stood + withheld,
        drafted_supported=stood,
        facts=facts_kept(bench, case, answer.text) if answer.outcome in ("answered", "quoted") else _none(case),
        prompt_tokens=answer.usage.prompt_tokens,
        completion_tokens=answer.usage.completion_tokens,
        cost_usd=answer.usage.cost_usd,
        energy_wh=answer.usage.energy_wh,
        basis=answer.usage.basis,
        first_sentence_s=None if answer.timings.first_sentence is None else answer.timings.first_sentence / 1000,
        generation_s=answer.timings.generation / 1000,
        total_s=answer.timings.total / 1000,
        sentences=judged,
    )


async def _raw(bench: Bench, contender: str, case: Case) -> Result:
    """The first model's words to the very prompt the line would give it, unchecked, the evidence unsifted."""
    release, spending, began = trial_release(bench.release, contender), Spending(), perf_counter()
    with bench.meter.running(spending):
        turn = open_turn(request_of(bench, case), release, earlier=(), placeholders=Placeholders(b""))
        found = await find_evidence(turn, bench.embedder)
        evidence = found.evidence or _near(release, turn)
        plan = Writer(bench.models, bench.embedder).plan(turn, replace(found, evidence=evidence))
        texts, first_s, used = [], None, TokenUsage()
        writing = perf_counter()
        for prompt in [each.prompt for each in plan.assignments] or [case.question]:
            joiner, text = SentenceJoiner(), ""
            async with aclosing(_tokens(bench, release, prompt)) as tokens:
                async for token in tokens:
                    if isinstance(token, TokenUsage):
                        used = TokenUsage(
                            used.prompt_tokens + token.prompt_tokens, used.completion_tokens + token.completion_tokens
                        )
                        continue
                    text += token
                    if first_s is None and any(True for _ in joiner.feed(token)):
                        first_s = perf_counter() - began
            texts.append(text.strip())
        wrote_s = perf_counter() - writing
    text = "\n".join(texts)
    total_s, usage = perf_counter() - began, bench.meter.read(spending)
    judged = _judged(bench, turn, text, evidence)
    # One that is repeated counts once.
    claims = {each.text: each.borne_out for each in judged if each.borne_out is not None}
    price = bench.models.card(release.vertical.model).price
    return Result(
        contender,
        "raw",
        case.id,
        "answered" if text else "unanswered",
        text,
        wrote=release.vertical.model,
        claims=len(claims),
        claims_supported=sum(claims.values()),
        drafted=len(claims),
        drafted_supported=sum(claims.values()),
        facts=facts_kept(bench, case, text),
        prompt_tokens=used.prompt_tokens,
        completion_tokens=used.completion_tokens,
        cost_usd=usage.cost_usd + price.usd(used),
        energy_wh=usage.energy_wh,
        basis=usage.basis,
        first_sentence_s=total_s if first_s is None and text else first_s,
        generation_s=wrote_s,
        total_s=total_s,
        sentences=judged,
    )


async def _tokens(bench: Bench, release: Release, prompt: str) -> AsyncGenerator[str | TokenUsage, None]:
    vertical = release.vertical
    messages = [SystemMessage(vertical.instructions.strip()), HumanMessage(prompt)]
    options = {"max_tokens": vertical.answer.max_tokens, "temperature": vertical.answer.temperature, "seed": bench.seed}
    async with aclosing(stream(bench.models.open(vertical.model), messages, **options)) as tokens:
        async for token in tokens:
            yield token if isinstance(token, TokenUsage) else token.text


def _near(release: Release, turn: Turn) -> tuple[Evidence, ...]:
    """The nearest passages, whether or not they answer: what a model without rails would be shown."""
    brought = tuple(each for document in turn.documents for each in statements(document))
    return brought or release.search(turn.standing)


def _judged(bench: Bench, turn: Turn, text: str, evidence: tuple[Evidence, ...]) -> tuple[Judged, ...]:
    guard, readings = bench.release.guards.grounding, [each.reading for each in evidence]
    sentences = split_sentences(text)

    def borne_out(n: int) -> bool:
        found = guard.measure(sentences[n], readings, before=sentences[:n], question=turn.sought)
        return found.score >= guard.limit

    return tuple(Judged(each, borne_out(n) if is_claim(each) else None) for n, each in enumerate(sentences))


def facts_kept(bench: Bench, case: Case, text: str) -> float | None:
    """Share of the claims of the best-kept reference that `text` bears out; None where nothing answers."""
    return max((_kept(bench, reference, text) for reference in case.references), default=None)


def _kept(bench: Bench, reference: str, text: str) -> float:
    guard, sentences = bench.release.guards.grounding, split_sentences(reference)
    # "42" claims nothing by itself; where the whole reference is like that, what it says is asked of all of it.
    claims = [(n, each) for n, each in enumerate(sentences) if is_claim(each)]
    if not claims:
        return float(reference.casefold().strip(" .") in text.casefold())
    borne = [guard.measure(each, [text], before=sentences[:n]).score >= guard.limit for n, each in claims]
    return sum(borne) / len(borne)


def _none(case: Case) -> float | None:
    return 0.0 if case.reference else None


def _baseline(bench: Bench, name: str, case: Case) -> Result:
    spending, began = Spending(), perf_counter()
    with bench.meter.running(spending):
        text, cited = BASELINES[name](bench.release, bench.embedder, case)
    total_s, usage = perf_counter() - began, bench.meter.read(spending)
    # Word for word from the source, so whatever it claims is borne out.
    judged = tuple(Judged(each, True if is_claim(each) else None) for each in split_sentences(text)) if cited else ()
    claims = sum(each.borne_out is True for each in judged)
    return Result(
        name,
        "railed",
        case.id,
        "quoted" if cited else "unanswered",
        text,
        cited=cited,
        claims=claims,
        claims_supported=claims,
        facts=facts_kept(bench, case, text) if cited else _none(case),
        energy_wh=usage.energy_wh,
        basis=usage.basis,
        first_sentence_s=total_s,
        total_s=total_s,
        sentences=judged,
    )


def check(bench: Bench, contender: str) -> None:
    """Raises UnknownModel for a model that is in no card, Invalid where its texts may not be sent away.

    ModelUnavailable where its weights or its address are missing: that is told now, not after hours with the others.
    """
    for name in models_of(contender):
        card = bench.models.card(name)
        if card.kind != "chat":
            raise Invalid(f"{name} is no chat model but an {card.kind}")
        if bench.release.vertical.require.on_premises and not card.on_premises:
            raise Invalid(
                f"{name} would send the cases of {bench.vertical!r} to its provider, and the vertical requires "
                "on_premises; set require.on_premises to false in its vertical.yaml if that may be"
            )
        bench.models.open(name)
