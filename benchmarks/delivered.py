"""What reaches a reader, guarded and not: `python -m benchmarks.delivered DATA OUT [guarded|unguarded|report]`.

Public questions with passages, some without an answer, and visits to summarise; the same model, passages and prompt
both ways. Every delivered sentence goes to OUT to be labelled; `benchmarks/labels` holds labels by digest; `report`
runs nothing.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from langchain_core.messages import HumanMessage, SystemMessage

from assistant.answering.evidence import Found, statements
from assistant.answering.turn import open_turn
from assistant.chat import Request
from assistant.commands.records_report import table
from assistant.guards import Placeholders, is_claim, split_sentences
from assistant.guards.grounding.training.answerability import unseen
from assistant.guards.grounding.training.pairs import half_of, read_rows
from assistant.messages import Document, Message, TokenUsage
from assistant.models import stream
from assistant.parts import Parts
from benchmarks.reading import open_reading

LABELS = Path(__file__).with_name("labels") / "delivered.jsonl"
QUESTIONS = {"xquad_en": (80, 50), "policyqa_dev": (30, 0), "clapnq_dev_a": (20, 20)}
"""Of each set: questions with an answer in their passages, and without."""
VISITS = 50
WAYS = ("unguarded", "guarded")
_REFUSES = re.compile(
    r"\b(?:does not|doesn.t|do not|cannot|no) (?:say|answer|mention|provide|information|specif)", re.I
)


@dataclass(frozen=True, slots=True)
class Case:
    """One request and what would be right."""

    id: str
    task: str
    question: str
    documents: tuple[Document, ...]
    answers: tuple[str, ...]
    """Any of these is right; none where the documents do not answer."""
    kind: str


@dataclass(frozen=True, slots=True)
class Delivered:
    """What left for one case, one way."""

    case: Case
    text: str
    outcome: str
    sentences: tuple[str, ...]
    """Those that claim something."""


async def main(data: Path, out: Path, ways: Sequence[str]) -> None:
    """Runs every case in each of `ways`, keeps what left in `out`, and prints the table once both ways are there."""
    out.mkdir(parents=True, exist_ok=True)
    if "report" not in ways:
        await _run(data, out, ways)
    kept = {way: _kept(out / f"{way}.jsonl", data) for way in WAYS if (out / f"{way}.jsonl").exists()}
    for way, found in kept.items():
        lines = [json.dumps(each, ensure_ascii=False) for each in _to_label(way, found)]
        (out / f"{way}-to-label.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    if len(kept) == len(WAYS):
        print(report(kept, _labels()))
        print(agreement())


async def _run(data: Path, out: Path, ways: Sequence[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        parts = await open_reading(Path(folder))
        for way in ways:
            found = []
            for number, case in enumerate(cases(data), start=1):
                found.append(await (_guarded if way == "guarded" else _unguarded)(parts, case))
                if number % 25 == 0:
                    print(f"{way}: {number} cases", file=sys.stderr, flush=True)
            _keep(out / f"{way}.jsonl", found)
        await parts.close()


def cases(data: Path) -> Iterator[Case]:
    """The cases, the same ones each time: questions that nothing was trained or fitted on."""
    for name, (with_answer, without) in QUESTIONS.items():
        rows = [row for row in unseen(data, name) if half_of(row["id"]) == "report"]
        random.Random(17).shuffle(rows)
        yield from (
            _clapnq(rows, with_answer, without) if name == "clapnq_dev_a" else _squad(rows, name, with_answer, without)
        )
    for row in read_rows(data, "mtsdialog_testset1")[:VISITS]:
        visit = Document("visit", "Visit", row["dialogue"].replace("\r\n", "\n"))
        yield Case(str(row["id"]), "summarize", "Summarise this visit.", (visit,), (), "visit")


def report(found: dict[str, list[Delivered]], labels: dict[str, str]) -> str:
    """One row a measure, one column a way."""
    rows = [("MEASURE", *(way.upper() for way in found))]
    for title, measure in (
        ("answerable: answered or quoted", lambda d: _share([_answered(x) for x in _of(d, "answerable")])),
        ("answerable: a gold answer is in it", lambda d: _share([_holds(x) for x in _of(d, "answerable")])),
        ("unanswerable: not answered", lambda d: _share([not _answered(x) for x in _of(d, "unanswerable")])),
        ("visits: summarised or quoted", lambda d: _share([_answered(x) for x in _of(d, "visit")])),
        ("claims delivered", lambda d: f"{sum(len(x.sentences) for x in d)}"),
        ("labelled claims", lambda d: f"{len(_labelled(d, labels))}"),
        ("of these not borne out", lambda d: _share([label == "unsupported" for label in _labelled(d, labels)])),
    ):
        rows.append((title, *(measure(each) for each in found.values())))
    return table(rows)


async def _guarded(parts: Parts, case: Case) -> Delivered:
    answer = await parts.chat.answer(_request(case))
    claims = tuple(sentence.text for sentence in answer.sentences if sentence.claim)
    return Delivered(case, answer.text, answer.outcome, claims)


async def _unguarded(parts: Parts, case: Case) -> Delivered:
    """The same model and prompt with every passage, and no check of any kind."""
    release = parts.rails.release("reading")
    turn = open_turn(_request(case), release, earlier=(), placeholders=Placeholders(b""))
    everything = tuple(each for document in case.documents for each in statements(document))
    model = parts.models.open(release.vertical.model)
    written = []
    for assignment in parts.writer.plan(turn, Found(everything, everything)).assignments:
        messages = [SystemMessage(release.vertical.instructions.strip()), HumanMessage(assignment.prompt)]
        tokens = [t async for t in stream(model, messages, max_tokens=120, temperature=0.0)]
        written.append("".join(token.text for token in tokens if not isinstance(token, TokenUsage)).strip())
    text = "\n".join(written)
    refused = bool(_REFUSES.search(text)) and case.task == "answer"
    claims = tuple(sentence for sentence in split_sentences(text) if is_claim(sentence))
    return Delivered(case, text, "unanswered" if refused else "answered", claims)


def _request(case: Case) -> Request:
    return Request("reading", (Message("user", case.question),), case.documents, case.task)  # type: ignore[arg-type]


def _squad(rows: Sequence[dict], name: str, with_answer: int, without: int) -> Iterator[Case]:
    for number, row in enumerate(rows[: with_answer + without]):
        others = list(dict.fromkeys(other["context"] for other in rows if other["context"] != row["context"]))
        near = sorted(others, key=lambda context: -_shared(row["question"], context))
        if number < with_answer:
            texts, answers, kind = [row["context"], *near[:3]], tuple(row["answers"]), "answerable"
        else:
            texts = [each for each in near if not any(answer in each for answer in row["answers"])][:4]
            answers, kind = (), "unanswerable"
        random.Random(number).shuffle(texts)
        documents = tuple(Document(f"d{i}", f"Passage {i}", text) for i, text in enumerate(texts, start=1))
        yield Case(f"{name}:{row['id']}", "answer", row["question"], documents, answers, kind)


def _clapnq(rows: Sequence[dict], with_answer: int, without: int) -> Iterator[Case]:
    for kind, count in (("answerable", with_answer), ("unanswerable", without)):
        for row in [row for row in rows if row["label"] == kind][:count]:
            passage = row["passages"][0]
            answers = tuple(output["answer"] for output in row["output"] if output.get("answer"))
            documents = (Document("d1", passage["title"] or "Passage", passage["text"]),)
            yield Case(f"clapnq:{row['id']}", "answer", row["input"].capitalize() + "?", documents, answers, kind)


def _keep(file: Path, found: Sequence[Delivered]) -> None:
    rows = [
        {"case": each.case.id, "text": each.text, "outcome": each.outcome, "sentences": each.sentences}
        for each in found
    ]
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def _kept(file: Path, data: Path) -> list[Delivered]:
    by_id = {case.id: case for case in cases(data)}
    return [Delivered(by_id[row["case"]], row["text"], row["outcome"], tuple(row["sentences"])) for row in _rows(file)]


def _to_label(way: str, found: Sequence[Delivered]) -> Iterator[dict[str, object]]:
    rows = [(each, sentence) for each in found for sentence in each.sentences]
    random.Random(23).shuffle(rows)
    for each, sentence in rows[:200]:
        yield {
            "digest": digest(each.case.id, sentence),
            "way": way,
            "question": each.case.question,
            "sentence": sentence,
            "evidence": [document.text for document in each.case.documents],
        }


def digest(case_id: str, sentence: str) -> str:
    """Names a delivered sentence without repeating a public set's text in this project."""
    return hashlib.sha256(f"{case_id}\n{sentence}".encode()).hexdigest()[:24]


def _labels() -> dict[str, str]:
    """By digest: supported, unsupported, or unclear where a sentence says nothing that could be held against a text."""
    return {row["digest"]: row["label"] for row in _rows(LABELS)}


def agreement() -> str:
    """How far the two passes of labelling agreed, before what they disagreed on was looked at a third time."""
    passes = [(row["first"], row["second"]) for row in _rows(LABELS)]
    if not passes:
        return "no labels yet"
    same = sum(first == second for first, second in passes) / len(passes)
    by_chance = sum(
        (sum(first == label for first, _ in passes) / len(passes))
        * (sum(second == label for _, second in passes) / len(passes))
        for label in {label for each in passes for label in each}
    )
    kappa = (same - by_chance) / (1 - by_chance) if by_chance < 1 else 1.0
    return f"two passes over {len(passes)} sentences agree on {same:.3f} of them (Cohen's kappa {kappa:.2f})"


def _rows(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.exists() else []


def _labelled(found: Sequence[Delivered], labels: dict[str, str]) -> list[str]:
    digests = [digest(each.case.id, sentence) for each in found for sentence in each.sentences]
    return [labels[each] for each in digests if each in labels]


def _of(found: Sequence[Delivered], kind: str) -> list[Delivered]:
    return [each for each in found if each.case.kind == kind]


def _answered(each: Delivered) -> bool:
    return each.outcome in ("answered", "quoted") and bool(each.sentences)


def _holds(each: Delivered) -> bool:
    words = _words(each.text)
    # A long answer counts as held when most of its words are there; a short one must stand as it is.
    return any(
        f" {' '.join(_words(answer))} " in f" {' '.join(words)} "
        or (len(_words(answer)) > 5 and len(set(_words(answer)) & set(words)) >= 0.6 * len(set(_words(answer))))
        for answer in each.case.answers
    )


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def _shared(question: str, passage: str) -> int:
    return len(set(_words(question)) & set(_words(passage)))


def _share(flags: Sequence[bool]) -> str:
    return f"{sum(flags)} of {len(flags)} ({sum(flags) / len(flags):.3f})" if flags else "–"


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:] or WAYS))
