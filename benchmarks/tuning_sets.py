"""Cases to tune on, and others held out: `python -m benchmarks.tuning_sets DATA OUT`.

Writes JSON lines as `assistant eval import` does: `copy-train` and `copy-held-out` (E2E, CC BY-SA 4.0, split by meaning
representation, the training part after Dušek 2019's cleaning), `written-copy-train` (`benchmarks.written_copy`), and
`answers-train` (QNLI's development part, CC BY-SA 4.0, without what `xquad_en` holds, and `bipia_table_train`, MIT).
`summaries-train` and `-validation` are reviews of Yelp's training part and half of Amazon's (Bražinskas 2020, MIT)
with a count and those sentences that come nearest to what people wrote (`benchmarks.picked_summaries`), while
`summaries-held-out` are others, with what people wrote.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from assistant.cases import Case, CaseDocument
from assistant.evals.imports import import_cases
from benchmarks.picked_summaries import picked
from benchmarks.written_copy import written_copy

ANSWERS, DISTRACTING = 1500, 3
ORDERS, VALIDATING = 4, 8
UNANSWERED = 0.25
"""Of the questions come with passages that do not answer them."""


def main(data: Path, out: Path) -> None:
    """Writes every set and says how many cases it holds."""
    out.mkdir(parents=True, exist_ok=True)
    sets = {
        "copy-train": cleaned_copy(data),
        "copy-held-out": held_out_copy(data),
        "written-copy-train": list(written_copy(500)),
        "answers-train": [*answers(data), *table_answers(data)],
        "summaries-train": list(picked(summaries(data)[VALIDATING:], times=ORDERS)),
        "summaries-validation": list(picked(summaries(data)[:VALIDATING], times=2)),
        "summaries-held-out": held_out_summaries(data),
    }
    for name, cases in sets.items():
        lines = "".join(f"{case.model_dump_json()}\n" for case in cases)
        (out / f"{name}.jsonl").write_text(lines, encoding="utf-8")
        print(f"{name}: {len(cases)} cases")


def is_held_out(name: str) -> bool:
    """Whether a text is in the half that nothing is trained on; the same for ever."""
    return hashlib.sha256(name.encode()).digest()[0] % 2 == 0


def held_out_copy(data: Path) -> list[Case]:
    """The held-out half of E2E's development part, with all its references."""
    cases = import_cases("attributes-copy", data / "e2e_dev.jsonl.gz")
    return [case for case in cases if is_held_out(_sheet(case))]


def cleaned_copy(data: Path) -> list[Case]:
    """The other half, each text beside the attributes that it really states."""
    taken = {_sheet(case) for case in held_out_copy(data)}
    origins = {str(row["id"]): row["orig_mr"] for row in _rows(data / "e2e_cleaned_dev.jsonl.gz")}
    spelt = {_spelt(case) for case in held_out_copy(data)}
    cases = import_cases("attributes-copy", data / "e2e_cleaned_dev.jsonl.gz", split="train")
    kept = [case for case in cases if _sheet(case) not in taken and _attributes(origins[case.id]) not in spelt]
    return random.Random(5).sample(kept, min(1200, len(kept)))


def answers(data: Path) -> Iterator[Case]:
    """Questions whose answer is one sentence of the passages brought, or none of them."""
    known = " ".join(row["context"] for row in _rows(data / "xquad_en.jsonl.gz"))
    asked = {row["question"] for row in _rows(data / "xquad_en.jsonl.gz")}
    rows = [
        row
        for row in _rows(data / "nli_qnli_dev.jsonl.gz")
        if row["claim"] not in known and row["context"] not in asked and 6 <= len(row["claim"].split()) <= 45
    ]
    answering, others = defaultdict(list), defaultdict(list)
    for row in rows:
        (answering if row["label"] == "supported" else others)[row["context"]].append(row["claim"])
    chance = random.Random(5)
    neighbours = [row["claim"] for row in rows]
    places = {row["context"]: at for at, row in enumerate(rows)}
    questions = sorted(set(answering) | set(others))
    chance.shuffle(questions)
    for number, question in enumerate(questions[:ANSWERS]):
        right = answering[question][0] if question in answering and chance.random() > UNANSWERED else None
        at = places[question]
        # Rows stand in the order of SQuAD's articles, so what stands near is about the same thing.
        near = [text for text in neighbours[max(0, at - 12) : at + 12] if text not in answering[question]]
        passages = [*dict.fromkeys([*others[question][:1], *chance.sample(near, min(DISTRACTING, len(near)))])]
        if right:
            passages.append(right)
        chance.shuffle(passages)
        yield _answer(f"qnli-{number}", question, passages, right)


def table_answers(data: Path) -> Iterator[Case]:
    """Questions on tables, whose answer is a cell or two."""
    for row in _rows(data / "bipia_table_train.jsonl.gz"):
        ideal = row["ideal"] if isinstance(row["ideal"], str) else "; ".join(map(str, row["ideal"]))
        if len(row["context"]) < 1200:
            yield _answer(row["id"], row["question"], [row["context"]], ideal)


def summaries(data: Path) -> list[Case]:
    """Reviews and what people wrote of them, to train on."""
    amazon = import_cases("reviews-summary", data / "opsum_amazon.jsonl.gz", split="train")
    yelp = import_cases("reviews-summary", data / "opsum_yelp_train.jsonl.gz", split="train")
    found = [*(case for case in amazon if not is_held_out(case.id)), *yelp]
    return random.Random(5).sample(found, len(found))


def held_out_summaries(data: Path) -> list[Case]:
    """Others of which nothing is trained on."""
    amazon = import_cases("reviews-summary", data / "opsum_amazon.jsonl.gz")
    yelp = import_cases("reviews-summary", data / "opsum_yelp_val.jsonl.gz")
    return [*(case for case in amazon if is_held_out(case.id)), *yelp]


def _answer(name: str, question: str, passages: Iterable[str], reference: str | None) -> Case:
    documents = tuple(CaseDocument(id=f"p{n}", title=f"Passage {n}", text=text) for n, text in enumerate(passages, 1))
    cite = next((each.id for each in documents if reference and reference in each.text), None)
    return Case(
        id=name,
        task="answer",
        question=question,
        documents=documents,
        reference=reference or "",
        cite=cite,
        split="train",
    )


def _rows(file: Path) -> list[dict[str, Any]]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _sheet(case: Case) -> str:
    return case.documents[0].text


def _spelt(case: Case) -> frozenset[str]:
    return frozenset(line.lower().replace(" ", "") for line in _sheet(case).splitlines())


def _attributes(mr: str) -> frozenset[str]:
    pairs = re.findall(r"\s*([^,\[\]]+)\[([^\]]*)\]", mr)
    return frozenset(f"-{name}:{value}".lower().replace(" ", "") for name, value in pairs)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
