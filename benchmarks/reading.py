"""Models on sets of cases, through the shared rails in a vertical that answers about any text."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

from assistant.cases import Case
from assistant.commands.evals import open_bench
from assistant.evals.results import Way
from assistant.evals.runs import Run, open_run, work
from benchmarks.delivered import open_reading


async def runs_on(
    sets: Mapping[str, Sequence[Case]], out: Path, contenders: Sequence[str], *, ways: Sequence[Way]
) -> AsyncIterator[tuple[str, Run]]:
    """Each set's name and its finished run, kept in a folder of `out`; goes on where it was killed."""
    with tempfile.TemporaryDirectory() as folder:
        parts = await open_reading(Path(folder))
        try:
            bench = open_bench(parts.settings, parts, "reading", 1)
            for name, cases in sets.items():
                open_run(out / name, bench, contenders, cases, split="test", ways=ways)
                yield name, await work(out / name, bench, progress=_told)
        finally:
            await parts.close()


def _told(label: str, done: int, wanted: int) -> None:
    print(f"{done} of {wanted} {label}", file=sys.stderr, flush=True)
