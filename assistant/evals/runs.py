"""A run: every contender on every case, written down as it happens, so that a killed run goes on where it was."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from pydantic import ValidationError

from assistant.cases import Case, Split, read_cases
from assistant.errors import Conflict, Invalid, NotFound
from assistant.evals.baselines import BASELINES
from assistant.evals.contenders import Bench, answer, check, models_of
from assistant.evals.memory import forget_peak
from assistant.evals.metrics import METRICS, Metric
from assistant.evals.opinions import Opinion, OpinionFile, judged
from assistant.evals.results import Ledger, Result, Way
from assistant.evals.robustness import asks_otherwise
from assistant.evals.spec import Spec, as_lines, spec_of
from assistant.evals.statistics import Difference, Estimate, difference, estimate

CASE_TIMEOUT_S = 600.0
"""A model that has not answered a case by then has failed on it."""
Progress = Callable[[str, int, int], None]
"""Told what is at work, how many results there are and how many there will be."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run as it stands in its folder."""

    spec: Spec
    cases: tuple[Case, ...]
    results: tuple[Result, ...]
    opinions: tuple[Opinion, ...] = ()
    """What a judge thought of the answers, where one was asked; it stands in `judged` of each result."""

    def of(self, contender: str, way: Way = "railed") -> list[tuple[Case, Result]]:
        """The contender's results beside their cases, in the order of the cases."""
        by_case = {each.case: each for each in self.results if (each.model, each.way) == (contender, way)}
        return [(case, by_case[case.id]) for case in self.cases if case.id in by_case]

    def values(self, contender: str, metric: Metric, way: Way = "railed") -> list[float | None]:
        """The metric for each case, None where it says nothing."""
        return [metric.of(case, result) for case, result in self.of(contender, way)]

    def estimate(self, contender: str, name: str, way: Way = "railed") -> Estimate | None:
        """The metric over all cases with its interval; None where it says nothing about any."""
        metric = METRICS[name]
        told = [(pair, value) for pair in self.of(contender, way) if (value := metric.of(*pair)) is not None]
        over = metric.whole([pair for pair, _ in told]) if metric.whole and told else None
        return estimate([value for _, value in told], seed=self.spec.seed, share=not metric.unit, over=over)

    def drop(self, contender: str, variant: Way) -> Difference | None:
        """What `right` loses when the cases are asked otherwise: below nought where it loses."""
        asked, as_it_is = (self.by_case(contender, METRICS["right"], way) for way in (variant, "railed"))
        both = [case for case in as_it_is if case in asked]
        if not both:
            return None
        return difference([asked[each] for each in both], [as_it_is[each] for each in both], seed=self.spec.seed)

    def difference(self, first: str, second: str, name: str, way: Way = "railed") -> Difference | None:
        """What `first` has more of the metric than `second`, over the cases where it is told of both."""
        mine, theirs = (self.by_case(each, METRICS[name], way) for each in (first, second))
        both = [case.id for case in self.cases if case.id in mine and case.id in theirs]
        if not both:
            return None
        return difference([mine[each] for each in both], [theirs[each] for each in both], seed=self.spec.seed)

    def by_case(self, contender: str, metric: Metric, way: Way = "railed") -> dict[str, float]:
        """The metric by the id of each case of which it says something."""
        found = ((case.id, metric.of(case, result)) for case, result in self.of(contender, way))
        return {case: value for case, value in found if value is not None}

    @property
    def judge(self) -> str | None:
        """The model that judged its answers; None where none was asked."""
        return self.opinions[-1].judge if self.opinions else None

    @property
    def complete(self) -> bool:
        """Whether every contender has answered every case."""
        return len(self.results) >= len(plan_of(self.spec, self.cases))


def open_run(
    folder: Path,
    bench: Bench,
    contenders: Sequence[str],
    cases: Sequence[Case],
    *,
    split: Split | None,
    ways: Sequence[Way],
    warnings: Sequence[str] = (),
) -> Run:
    """The run in `folder`, begun if there is none; further contenders may join one that is there.

    Raises Conflict when the folder holds a run of other cases, another release, seed or machine; UnknownModel, Invalid.
    """
    if not cases:
        raise Invalid(f"there is no case of the split {split!r}; choose another, or add cases")
    for each in contenders:
        check(bench, each)
    spec = spec_of(bench, contenders, cases, split=split, ways=ways, warnings=warnings)
    if (folder / "run.json").exists():
        before = read_run(folder)
        _same(folder, before.spec, spec)
        joined = {**before.spec.contenders, **spec.contenders}
        both = tuple(dict.fromkeys((*before.spec.ways, *ways)))
        spec = before.spec.model_copy(update={"contenders": joined, "ways": both})
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "cases.jsonl").exists():
        (folder / "cases.jsonl").write_text(as_lines(cases), encoding="utf-8")
    (folder / "run.json").write_text(spec.model_dump_json(indent=2) + "\n", encoding="utf-8")
    Ledger(folder / "results.jsonl").mend()
    return read_run(folder)


def runs_in(home: Path, vertical: str = "*") -> tuple[Path, ...]:
    """The folders of the runs below `home`, or those of one vertical: `RUN/VERTICAL` each, by name."""
    return tuple(file.parent for file in sorted(home.glob(f"*/{vertical}/run.json")))


def read_run(folder: Path) -> Run:
    """The run in `folder`; raises NotFound, or Invalid naming the file that cannot be read."""
    file = folder / "run.json"
    if not file.is_file():
        raise NotFound(f"there is no run in {folder}: no run.json")
    try:
        spec = Spec.model_validate_json(file.read_text(encoding="utf-8"))
    except ValidationError as error:
        raise Invalid(f"{file}: is no run of this version ({error.error_count()} fields are wrong)") from error
    opinions = OpinionFile(folder).read()
    results = judged(Ledger(folder / "results.jsonl").read(), opinions)
    return Run(spec, read_cases(folder / "cases.jsonl"), results, opinions)


async def work(folder: Path, bench: Bench, *, parallel: int = 1, progress: Progress | None = None) -> Run:
    """Answers what is not answered yet, model by model, and returns the whole run.

    `parallel`: cases at the same time; more than one makes times and energy those of a busy machine.
    """
    run, ledger = read_run(folder), Ledger(folder / "results.jsonl")
    done = {each.key for each in run.results}
    wanted = plan_of(run.spec, run.cases)
    places = asyncio.Semaphore(parallel)
    by_id = {case.id: case for case in run.cases}

    async def one(key: tuple[str, Way, str]) -> None:
        async with places:
            contender, way, case = key
            if progress:
                progress(f"{contender} {way}", len(done), len(wanted))
            try:
                async with asyncio.timeout(CASE_TIMEOUT_S):
                    result = await answer(bench, contender, way, by_id[case], run.cases)
            except TimeoutError:
                why = f"no answer within {CASE_TIMEOUT_S:.0f} s"
                result = Result(contender, way, case, "failed", failed=why, total_s=CASE_TIMEOUT_S)
            ledger.add(result)
            done.add(key)

    for contender in run.spec.contenders:
        left = [key for key in wanted if key[0] == contender and key not in done]
        if not left:
            continue
        forget_peak()
        for name in models_of(contender):
            await bench.models.load(name)  # Weights that are missing end the run here, not case by case.
        await asyncio.gather(*(one(key) for key in left))
        await bench.models.keep(())
    if progress:
        progress("done", len(done), len(wanted))
    return read_run(folder)


def plan_of(spec: Spec, cases: Sequence[Case]) -> list[tuple[str, Way, str]]:
    """Every result the run will hold, in the order they are made.

    A plain baseline has one way, and a case is asked otherwise only in the ways that change it: the others would make a
    model look more robust than it is.
    """
    return [
        (contender, way, case.id)
        for contender in spec.contenders
        for way, case in product(("railed",) if contender in BASELINES else spec.ways, cases)
        if way == "railed" or way == "raw" or asks_otherwise(case, way, cases, seed=spec.seed)
    ]


def _same(folder: Path, before: Spec, now: Spec) -> None:
    changed = [name for name, value in now.identity.items() if before.identity[name] != value]
    if changed:
        raise Conflict(
            f"{folder} holds a run that differs in {', '.join(changed)}; its results cannot be put together with new "
            "ones. Choose another folder"
        )
