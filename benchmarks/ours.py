"""Our line on questions of the shipped verticals; writes the prompts it used for the other parts."""

from __future__ import annotations

import asyncio
import json
import resource
import sys
from pathlib import Path
from time import perf_counter, process_time

from assistant.answering.evidence import find_evidence
from assistant.answering.turn import open_turn
from assistant.app import warm_up
from assistant.cases import Case, read_cases
from assistant.chat import DoneEvent, Request, SentenceEvent
from assistant.guards import Placeholders
from assistant.messages import Message
from assistant.parts import Parts, open_parts
from assistant.settings import read_settings

PER_VERTICAL = 6
WHOLE = "rails and guards, question and one sentence"


async def main(prompts: Path) -> None:
    """Answers every question once, then measures what guards and rails cost on other questions."""
    settings = read_settings()
    parts = open_parts(settings)
    await parts.database.create()
    parts.rails.refresh()
    await warm_up(parts)  # As after the start of the service.
    cases = {
        name: [
            c
            for c in read_cases(settings.knowledge_dir / name / "questions.yaml")
            if c.task == "answer" and c.cite and not c.documents
        ]
        for name in parts.rails.names
    }
    written = [await prompt_of(parts, name, case) for name, all_ in cases.items() for case in all_[:PER_VERTICAL]]
    used = [prompt for prompt in written if prompt]
    prompts.write_text(json.dumps(used))
    await answer(parts, used[0])  # The first call loads the weights.
    times = [await answer(parts, prompt) for prompt in used]
    cpu = [await cost(parts, name, case) for name, all_ in cases.items() for case in all_[PER_VERTICAL:]]
    await parts.close()
    print(
        json.dumps(
            {
                "questions": [prompt["question"] for prompt in used],
                "first_s": [first for first, _ in times],
                "total_s": [total for _, total in times],
                "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                "cpu_ms": {key: [each[key] for each in cpu] for key in cpu[0]},
            }
        )
    )


async def prompt_of(parts: Parts, vertical: str, case: Case) -> dict[str, str | int] | None:
    """The prompt the line sends for a case; None where it would not ask the model."""
    release = parts.rails.release(vertical)
    request = Request(vertical, (Message("user", case.question),))
    turn = open_turn(request, release, earlier=(), placeholders=Placeholders(b""))
    found = await find_evidence(turn, parts.embedder)
    plan = parts.writer.plan(turn, found)
    measured = release.guards.input(case.question, task=turn.task, turn=1)
    if not plan.assignments or (await release.engine.decide("input", measured)).blocked:
        return None
    return {
        "vertical": vertical,
        "question": case.question,
        "system": release.vertical.instructions.strip(),
        "prompt": plan.assignments[0].prompt,
        "max_tokens": release.vertical.answer.max_tokens,
    }


async def answer(parts: Parts, prompt: dict[str, str | int]) -> tuple[float, float]:
    """Seconds to the first checked sentence and to the end."""
    begin, first = perf_counter(), None
    request = Request(str(prompt["vertical"]), (Message("user", str(prompt["question"])),))
    async for event in parts.chat.stream(request):
        if isinstance(event, SentenceEvent) and first is None:
            first = perf_counter() - begin
        if isinstance(event, DoneEvent):
            break
    total = perf_counter() - begin
    return first or total, total


async def cost(parts: Parts, vertical: str, case: Case) -> dict[str, float]:
    """CPU milliseconds of guards and rails on a question never seen before, and on one sentence of its answer."""
    release = parts.rails.release(vertical)
    clock = _Clock()
    measured = release.guards.input(case.question, task="answer", turn=1)
    clock.lap("guards: question")
    await release.engine.decide("input", measured)
    clock.lap("rails: question")
    evidence = release.search(case.question)
    clock.lap("retrieval")
    passages = [each.reading for each in evidence]
    for passage in passages:
        release.guards.grounding.answers(case.question, passage)
    clock.lap("guards: which of four passages answer")
    sentence = case.reference.split(". ")[0]
    measured, _ = release.guards.output(sentence, passages, before=[], question=case.question, task="answer", turn=1)
    clock.lap("guards: one sentence")
    await release.engine.decide("output", measured)
    clock.lap("rails: one sentence")
    laps = clock.laps
    laps["all guards, question and one sentence"] = laps["guards: question"] + laps["guards: one sentence"]
    rails = laps["rails: question"] + laps["rails: one sentence"]
    return laps | {WHOLE: laps["all guards, question and one sentence"] + rails}


class _Clock:
    """CPU milliseconds of each step since the one before."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._at = process_time()

    def lap(self, name: str) -> None:
        now = process_time()
        self.laps[name], self._at = 1000 * (now - self._at), now


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
