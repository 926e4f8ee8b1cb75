"""Models on public sets: `python -m benchmarks.models DATA OUT [--count N] [--models A,B] [--sets S,…]`.

Visits, reviews, attributes and questions become cases by our own importers; every model answers them through the shared
rails in a vertical that answers about any text. Goes on where it was killed; prints one table and writes the report.
"""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from assistant.cases import Case
from assistant.commands.evals_report import figure
from assistant.commands.records_report import table
from assistant.evals.imports import import_cases
from assistant.evals.metrics import METRICS
from assistant.evals.report import write_report
from assistant.evals.runs import Run
from benchmarks.reading import runs_on

SETS = {
    "mtsdialog_testset1": ("dialogue-summary", 60),
    "opsum_amazon": ("reviews-summary", 30),
    "e2e_dev": ("attributes-copy", 60),
    "xquad_en": ("question-answer", 60),
}
"""The shape of each set, and how many of its cases are taken: the first ones."""
SHOWN = (
    "right",
    "rouge_1",
    "rouge_2",
    "rouge_l",
    "bleu",
    "chrf",
    "token_f1",
    "word_edits",
    "drafts_supported",
    "total_s",
)


async def main(args: argparse.Namespace) -> None:
    """Runs every model on every set and prints what came of it."""
    sets = {name: _cases(args.data, name, args.count) for name in args.sets.split(",")}
    async for name, run in runs_on(sets, args.out, args.models.split(","), ways=["railed"]):
        print(_table(name, run), flush=True)
    print(write_report(args.out))


def _cases(data: Path, name: str, count: int | None) -> tuple[Case, ...]:
    kind, most = SETS[name]
    return import_cases(kind, data / f"{name}.jsonl.gz", count=min(count or most, most))


def _table(name: str, run: Run) -> str:
    rows = [(name.upper(), "Cases", *(METRICS[metric].title for metric in SHOWN))]
    for contender in run.spec.contenders:
        found = (run.estimate(contender, metric) for metric in SHOWN)
        rows.append((contender, str(len(run.of(contender))), *(figure(each) for each in found)))
    return table(rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--count", type=int)
    parser.add_argument("--models", default="smollm2-135m,gemma-3-270m,best-passage,first-words")
    parser.add_argument("--sets", default=",".join(SETS))
    asyncio.run(main(parser.parse_args()))
