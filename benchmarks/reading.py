"""Models on sets of cases, through the shared rails in a vertical that answers about any text."""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

from assistant.cases import Case
from assistant.commands.evals import open_bench
from assistant.evals.results import Way
from assistant.evals.runs import Run, open_run, work
from assistant.parts import Parts, open_parts
from assistant.settings import read_settings

_VERTICAL = """vertical:
  title: Reading
  tasks: [answer, summarize, write]
  instructions: |
    You answer from the text you are given and from nothing else. Write short, plain sentences.
    If the text does not answer, say so.
  limits: {topics: 0.0}
  personal_data: {input: "off", output: "off", records: mask}
  answer: {max_tokens: 120, temperature: 0.0}
"""
_TOPICS = "define user ask about the text\n" + "".join(
    f'  "{each}"\n' for each in ("what does the text say", "summarise this text", "when did it happen")
)


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


async def open_reading(home: Path) -> Parts:
    """The shipped shared rails with a vertical that answers about any text, so that only grounding is measured."""
    settings = read_settings()
    shutil.copytree(settings.rails_dir / "shared", home / "rails" / "shared")
    floors = home / "rails" / "shared" / "floors.yaml"
    floors.write_text(re.sub(r"topics: [\d.]+", "topics: 0.0", floors.read_text()))
    (home / "rails" / "reading").mkdir()
    (home / "rails" / "reading" / "vertical.yaml").write_text(_VERTICAL)
    (home / "rails" / "reading" / "topics.co").write_text(_TOPICS)
    (home / "data").mkdir()
    for own_folder in ("weights", "models"):  # Of the base, and of adapters that were tuned here.
        (home / "data" / own_folder).symlink_to((settings.data_dir / own_folder).resolve())
    own = {"rails_dir": home / "rails", "knowledge_dir": home / "knowledge", "data_dir": home / "data"}
    parts = open_parts(settings.model_copy(update=own))
    await parts.database.create()
    parts.rails.refresh()
    if parts.rails.problems:
        raise SystemExit(f"the vertical cannot be built: {dict(parts.rails.problems)}")
    return parts


def _told(label: str, done: int, wanted: int) -> None:
    print(f"{done} of {wanted} {label}", file=sys.stderr, flush=True)
