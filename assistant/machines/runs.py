"""A run: the test questions of a vertical answered one after the other on one machine, and what that took."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from assistant import __version__
from assistant.answering.course import Course
from assistant.cases import Case
from assistant.chat import Chat, Request
from assistant.commands.records_report import table
from assistant.errors import Misconfigured
from assistant.messages import Basis, Message, Usage
from assistant.usage import machine_busy_s
from assistant.watching.answers import WatchedChat

SHIPPED = Path(__file__).parent / "recorded"
ARCHITECTURES = ("x86_64", "arm64")
_SAME = {"amd64": "x86_64", "aarch64": "arm64"}
QUIET = 0.1
"""Of the machine's cores; with more than that at other work, times are not those of the machine."""
_S_PER_H = 3600.0


class Run(BaseModel):
    """What one machine did, as recorded there."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    machine: str
    """What people call it."""
    architecture: str
    processor: str
    cores: int
    version: str
    """Of this service."""
    recorded_at: str
    vertical: str
    model: str
    answers: int
    seconds: float
    """Wall clock of all answers, one after the other."""
    processor_s: float
    """Of all threads of the process."""
    first_sentence_s: float
    """Median time to the first checked sentence."""
    tokens: int
    energy_wh: float
    """As each answer tells it."""
    checks_wh: float
    basis: Basis
    watts: float | None = None
    """What the whole machine takes while it answers, where somebody has measured it at the plug."""
    usd_per_hour: float | None = None
    """What the machine costs."""
    others: float | None = None
    """The part of the machine's cores that other work took meanwhile, 0 to 1; None where it does not tell."""

    @property
    def disturbed(self) -> bool:
        """Whether the clock tells more of other work than of this."""
        return self.others is not None and self.others > QUIET

    @property
    def answers_per_hour(self) -> float:
        """One answer after the other."""
        return self.answers / self.seconds * _S_PER_H

    @property
    def wh_per_1000(self) -> float:
        """Watt-hours for a thousand answers: the whole machine's where its watts are known, else as answers tell it."""
        whole = self.watts * self.seconds / _S_PER_H if self.watts is not None else self.energy_wh
        return 1000 * whole / self.answers

    @property
    def usd_per_1000(self) -> float | None:
        """US dollars for a thousand answers on a machine that does nothing else; None where its price is not known."""
        return None if self.usd_per_hour is None else 1000 * self.usd_per_hour / self.answers_per_hour


async def record(
    chat: Chat,
    vertical: str,
    cases: Sequence[Case],
    *,
    machine: str,
    watts: float | None = None,
    usd_per_hour: float | None = None,
) -> Run:
    """Answers every case in turn and tells what it took; the first is asked once more beforehand, to warm up."""
    courses: list[Course] = []
    watched = WatchedChat(chat, (courses.append,))
    await chat.answer(_request(vertical, cases[0]))
    began, worked, busy_s = time.perf_counter(), time.process_time(), _busy_s()
    answers = [await watched.answer(_request(vertical, case)) for case in cases]
    seconds, processor_s = time.perf_counter() - began, time.process_time() - worked
    others_s = None if busy_s is None else (_busy_s() or 0.0) - busy_s - processor_s
    used = [answer.usage for answer in answers]
    first_ns = [course.first_ns - course.began_ns for course in courses if course.first_ns is not None]
    return Run(
        machine=machine,
        architecture=architecture(),
        processor=_processor(),
        cores=os.cpu_count() or 1,
        version=__version__,
        recorded_at=datetime.now(UTC).isoformat(timespec="seconds"),
        vertical=vertical,
        model=answers[-1].model,
        answers=len(answers),
        seconds=round(seconds, 3),
        processor_s=round(processor_s, 3),
        first_sentence_s=round(statistics.median(first_ns) / 1e9, 3) if first_ns else 0.0,
        tokens=sum(each.prompt_tokens + each.completion_tokens for each in used),
        energy_wh=round(sum(each.energy_wh for each in used), 6),
        checks_wh=round(sum(each.checks_wh for each in used), 6),
        basis=_basis(used),
        watts=watts,
        usd_per_hour=usd_per_hour,
        others=None if others_s is None else round(max(0.0, others_s) / seconds / (os.cpu_count() or 1), 3),
    )


def architecture() -> str:
    """Of this machine: `x86_64`, `arm64`, or what it calls itself."""
    told = platform.machine().lower()
    return _SAME.get(told, told)


def write_run(run: Run, folder: Path) -> Path:
    """Keeps the run in `folder`, over an earlier one of the same machine, vertical and model."""
    folder.mkdir(parents=True, exist_ok=True)
    name = "-".join((run.architecture, run.machine, run.vertical, run.model))
    file = folder / f"{''.join(c if c.isalnum() or c in '-._' else '_' for c in name)}.json"
    file.write_text(run.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return file


def read_runs(*folders: Path) -> list[Run]:
    """The runs kept there, in order; raises Misconfigured naming a file that is none."""
    runs = []
    for file in (file for folder in folders for file in sorted(folder.glob("*.json"))):
        try:
            runs.append(Run.model_validate_json(file.read_text(encoding="utf-8")))
        except ValidationError as error:
            raise Misconfigured(f"{file}: is no recorded run; `assistant usage record` makes them") from error
    return runs


def machines_table(runs: Sequence[Run]) -> str:
    """One line a machine; an architecture on which nobody has recorded a run says so."""
    heads = (
        "MACHINE", "ARCHITECTURE", "CORES", "MODEL", "ANSWERS/H", "FIRST SENTENCE S", "WH/1000", "CHECKS", "BASIS",
        "USD/1000", "VERSION",
    )  # fmt: skip
    rows: list[tuple[str, ...]] = [heads]
    for run in runs:
        price = "–" if run.usd_per_1000 is None else f"{run.usd_per_1000:.3f}"
        rows.append(
            (
                run.machine,
                run.architecture,
                str(run.cores),
                run.model,
                f"{run.answers_per_hour:,.0f}{' (disturbed)' if run.disturbed else ''}",
                f"{run.first_sentence_s:.2f}",
                f"{run.wh_per_1000:.2f}",
                f"{100 * run.checks_wh / run.energy_wh if run.energy_wh else 0:.0f} %",
                "plug" if run.watts is not None else run.basis,
                price,
                run.version,
            )
        )
    missing = [each for each in ARCHITECTURES if each not in {run.architecture for run in runs}]
    rows += [("not recorded yet", each, *("–",) * (len(heads) - 2)) for each in missing]
    return table(rows)


def _request(vertical: str, case: Case) -> Request:
    return Request(vertical, (Message("user", case.question),), case.as_documents(), case.task)


def _basis(used: Sequence[Usage]) -> Basis:
    return "measured" if all(each.basis == "measured" for each in used) else "estimated"


def _busy_s() -> float | None:
    try:
        return machine_busy_s()
    except (OSError, ValueError):
        return None


def _processor() -> str:
    """What the processor calls itself."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())
