"""Models on public sets: `python -m benchmarks.models DATA OUT [--count N] [--models A,B] [--sets S,…]`.

Visits, reviews, attributes and questions become cases by our own importers; every model answers them through the shared
rails in a vertical that answers about any text. Goes on where it was killed; prints one table and writes the report.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from assistant.commands.evals import open_bench
from assistant.commands.evals_report import figure
from assistant.commands.records_report import table
from assistant.evals.imports import import_cases
from assistant.evals.metrics import METRICS
from assistant.evals.report import write_report
from assistant.evals.runs import Run, open_run, work
from benchmarks.delivered import open_reading

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
    with tempfile.TemporaryDirectory() as folder:
        parts = await open_reading(Path(folder))
        try:
            bench = open_bench(parts.settings, parts, "reading", 1)
            for name in args.sets.split(","):
                kind, most = SETS[name]
                cases = import_cases(kind, args.data / f"{name}.jsonl.gz", count=min(args.count or most, most))
                place = args.out / name
                open_run(place, bench, args.models.split(","), cases, split="test", ways=["railed"])
                print(_table(name, await work(place, bench, progress=_told)), flush=True)
        finally:
            await parts.close()
    print(write_report(args.out))


def _table(name: str, run: Run) -> str:
    rows = [(name.upper(), "Cases", *(METRICS[metric].title for metric in SHOWN))]
    for contender in run.spec.contenders:
        found = (run.estimate(contender, metric) for metric in SHOWN)
        rows.append((contender, str(len(run.of(contender))), *(figure(each) for each in found)))
    return table(rows)


def _told(label: str, done: int, wanted: int) -> None:
    print(f"{done} of {wanted} {label}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--count", type=int)
    parser.add_argument("--models", default="smollm2-135m,gemma-3-270m,best-passage,first-words")
    parser.add_argument("--sets", default=",".join(SETS))
    asyncio.run(main(parser.parse_args()))
