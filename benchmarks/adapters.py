"""What an adapter gains on cases nobody trained on: `python -m benchmarks.adapters DATA OUT ADAPTER [--sets S,…]`.

It writes beside its base, raw and through the shared rails: copy from the held-out half of E2E's meaning
representations, summaries of `opsum_yelp_val`, answers about `xquad_en`. Goes on where it was killed; gains are paired.
"""

from __future__ import annotations

import argparse
import asyncio
import random
from collections.abc import Iterator
from pathlib import Path

from assistant.cases import Case
from assistant.commands.evals_report import figure
from assistant.commands.records_report import table
from assistant.evals.imports import import_cases
from assistant.evals.metrics import METRICS
from assistant.evals.results import Way
from assistant.evals.runs import Run
from assistant.evals.statistics import shown
from benchmarks.reading import runs_on
from benchmarks.tuning_sets import held_out_copy

BASE = "smollm2-135m"
SETS = ("copy", "summaries", "answers")
COUNT = 40
WAYS: tuple[Way, ...] = ("raw", "railed")
SHOWN = ("right", "rouge_l", "token_f1", "word_edits", "drafts_supported", "wrongly_declined", "total_s")


async def main(args: argparse.Namespace) -> None:
    """Runs base and adapter on each set and prints what came of it."""
    sets = {name: _drawn(args.data, name, args.count) for name in args.sets.split(",")}
    async for name, run in runs_on(sets, args.out, [BASE, args.adapter], ways=WAYS):
        print(table(list(_rows(name, run, args.adapter))), flush=True)


def _drawn(data: Path, name: str, count: int) -> tuple[Case, ...]:
    cases = {
        "copy": lambda: held_out_copy(data),
        "summaries": lambda: import_cases("reviews-summary", data / "opsum_yelp_val.jsonl.gz"),
        "answers": lambda: import_cases("question-answer", data / "xquad_en.jsonl.gz"),
    }[name]()
    drawn = list(cases)
    random.Random(10).shuffle(drawn)
    return tuple(drawn[:count])


def _rows(name: str, run: Run, adapter: str) -> Iterator[tuple[str, ...]]:
    yield (name.upper(), "Cases", *(METRICS[metric].title for metric in SHOWN))
    for way in WAYS:
        for contender in run.spec.contenders:
            figures = (figure(run.estimate(contender, metric, way)) for metric in SHOWN)
            yield (f"{contender}, {way}", str(len(run.of(contender, way))), *figures)
        yield (f"the adapter's gain, {way}", "", *(_gain(run, adapter, metric, way) for metric in SHOWN))


def _gain(run: Run, adapter: str, metric: str, way: Way) -> str:
    found = run.difference(adapter, BASE, metric, way)
    return "–" if found is None else f"{shown(found.value)} [{shown(found.low)}, {shown(found.high)}]"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("adapter")
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--sets", default=",".join(SETS))
    asyncio.run(main(parser.parse_args()))
