"""How well the guards tell, and how fast, beside simple ways in the same run: `python -m benchmarks.guards DATA`.

DATA holds the public sets as NAME.jsonl.gz; without it only the time of the guards on one question is measured. The
sets are sampled, the same texts each time; the whole of them is what `assistant guards measure` is for.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median
from time import process_time

import numpy as np
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import HumanMessage

from assistant.cases import read_cases
from assistant.commands.records_report import table
from assistant.embedding import SentenceEmbedder
from assistant.guards import InjectionGuard, PeopleFinder, PersonalDataGuard, Tagger, TopicGuard
from assistant.guards.injection.report import auroc
from assistant.opening import open_catalog, open_embedder, open_models
from assistant.rails import read_bundle
from assistant.settings import Settings, read_settings
from assistant.verticals import list_verticals
from benchmarks.guard_sets import Sample, Text, Way, samples

FALSE_ALARMS = 0.02
"""The limit of a simple way is the best for it: so many of the very texts that should pass are stopped, not more."""
JUDGE, JUDGED_CHARACTERS = "smollm2-135m", 800


@dataclass(frozen=True, slots=True)
class Row:
    """One way on one sample."""

    guard: str
    set: str
    way: str
    fine: int
    """Texts that should pass, and those that should not."""
    bad: int
    auroc: float
    caught: float
    false_alarms: float
    milliseconds: float
    """Processor time for a text, median."""


def main(folder: Path | None) -> None:
    """Prints the table of the guards and the time they take for one question."""
    settings = read_settings()
    if folder is not None and folder.is_dir():
        print(accuracy(folder, settings), flush=True)
    else:
        print(f"no public sets in {folder}: the accuracy of the guards was not measured; make bench DATA=FOLDER")
    print("\n" + speed(settings))


def accuracy(folder: Path, settings: Settings) -> str:
    """The table of all guards, sets and ways."""
    catalog = open_catalog(settings)
    embedder = open_embedder(settings, catalog, remember=0)  # So that each way pays for its own embedding.
    models = open_models(settings, catalog)
    judge = models.open(JUDGE)
    judge.invoke("Say yes.", max_tokens=3)  # The first call loads the weights.
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as kept:
        for sample in samples(folder, embedder, Path(kept)):
            print(f"measuring {sample.guard}: {sample.set} …", file=sys.stderr, flush=True)
            rows += measured(sample, judge)
    asyncio.run(models.aclose())
    lines = [("GUARD", "SET", "WAY", "PASS", "STOP", "AUROC", "CAUGHT", "FALSE ALARMS", "CPU MS")]
    return table([*lines, *(_line(each) for each in merged(rows))])


def measured(sample: Sample, judge: BaseChatModel) -> Iterator[Row]:
    """A row for each way of `sample`, and one for the language model as judge on the first of its texts."""
    for name, way in sample.ways.items():
        yield _row(sample, name, sample.texts, way, limit=sample.limit if name == "ours" else None)
    few = [text for fine in (True, False) for text in [t for t in sample.texts if t.fine is fine][: sample.judged // 2]]
    yield _row(sample, f"{JUDGE} as judge", few, _judging(judge, sample.asked), limit=0.5)


def merged(rows: Sequence[Row]) -> list[Row]:
    """One row for the rows of the same guard, set and way: their sums and means."""
    found: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows:
        found.setdefault((row.guard, row.set, row.way), []).append(row)
    return [
        Row(
            *key,
            sum(each.fine for each in same),
            sum(each.bad for each in same),
            mean(each.auroc for each in same),
            mean(each.caught for each in same),
            mean(each.false_alarms for each in same),
            median(each.milliseconds for each in same),
        )
        for key, same in found.items()
    ]


def speed(settings: Settings) -> str:
    """Processor time of the guards on one question that was never seen before, of every shipped vertical."""
    embedder = open_embedder(settings, open_catalog(settings))
    spent: dict[str, list[float]] = {}
    for name in list_verticals(settings.rails_dir):
        steps = _steps(name, settings, embedder)
        for step in steps.values():
            step("Ann wrote about something else.")  # Loads lists and weights.
        for case in read_cases(settings.knowledge_dir / name / "questions.yaml"):
            times = {step: _milliseconds(measure, case.question) for step, measure in steps.items()}
            for step, time in {**times, "all three guards": sum(times.values())}.items():
                spent.setdefault(step, []).append(time)
    heading = (f"ONE QUESTION, {len(spent['all three guards'])} OF THE SHIPPED VERTICALS", "CPU MS (P50)", "P95")
    return table(
        [heading, *((step, f"{median(times):.1f}", f"{np.quantile(times, 0.95):.1f}") for step, times in spent.items())]
    )


def _steps(vertical: str, settings: Settings, embedder: SentenceEmbedder) -> Mapping[str, Callable[[str], object]]:
    bundle = read_bundle(settings.rails_dir, vertical)
    kept = settings.data_dir / "vectors"
    personal = PersonalDataGuard(bundle.vertical.personal_data.kinds, PeopleFinder(Tagger(embedder)))
    topics = TopicGuard(bundle.forms, embedder, small_talk=bundle.small_talk, kept=kept)
    return {
        "personal data": personal.find,
        "embedding, shared": lambda text: embedder.embed([text]),
        "topics": topics.measure,
        "injection": InjectionGuard(embedder).measure,
    }


def _row(sample: Sample, name: str, texts: Sequence[Text], way: Way, *, limit: float | None) -> Row:
    scores, times = [], []
    for text in texts:
        start = process_time()
        scores.append(way(text))
        times.append(1000 * (process_time() - start))
    fine = np.array([text.fine for text in texts])
    passing, stopping = np.array(scores)[fine], np.array(scores)[~fine]
    least = limit if limit is not None else float(np.sort(passing)[int(FALSE_ALARMS * len(passing))])
    return Row(
        *(sample.guard, sample.set, name, len(passing), len(stopping)),
        auroc(stopping, passing),
        float((stopping < least).mean()),
        float((passing < least).mean()),
        median(times),
    )


def _judging(judge: BaseChatModel, asked: str) -> Way:
    def score(text: Text) -> float:
        prompt = asked.replace("{evidence}", text.evidence[:JUDGED_CHARACTERS])
        prompt = prompt.replace("{text}", text.text[:JUDGED_CHARACTERS])
        said = judge.invoke([HumanMessage(prompt)], max_tokens=3, temperature=0.0)
        return float(not str(said.content).strip().lower().startswith("yes"))

    return score


def _milliseconds(measure: Callable[[str], object], text: str) -> float:
    start = process_time()
    measure(text)
    return 1000 * (process_time() - start)


def _line(row: Row) -> tuple[str, ...]:
    figures = (f"{row.auroc:.3f}", f"{row.caught:.1%}", f"{row.false_alarms:.1%}", f"{row.milliseconds:.1f}")
    return (row.guard, row.set, row.way, f"{row.fine}", f"{row.bad}", *figures)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
