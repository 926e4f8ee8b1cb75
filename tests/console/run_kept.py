"""A small finished run of the vertical `shop`, written as `assistant eval` writes one."""

from __future__ import annotations

from pathlib import Path

from assistant.cases import Case, CaseDocument
from assistant.evals.results import Judged, Ledger, Result
from assistant.evals.spec import ContenderFacts, Spec, as_lines, cases_digest

RUN = "november"
SHEET = CaseDocument(id="sheet", title="Fell fact list", text="Name: Fell\nWeight: 2.1 kg\nColours: moss, sand")
ASKED = (
    ("returns", "How long do I have to return an unopened item?", "You have 30 days from delivery.", "returns.md", ()),
    ("weight", "How much does the tent Fell weigh?", "The Fell weighs 2.1 kg.", "sheet", (SHEET,)),
    ("delivery", "How long does delivery take?", "Delivery takes 3 to 5 business days.", "returns.md", ()),
    ("nothing", "Who won the match?", "", None, ()),
)
CASES = tuple(
    Case(id=id_, task="answer", question=question, documents=documents, reference=reference, cite=cite, split="test")
    for id_, question, reference, cite, documents in ASKED
)
BETTER, SMALLER, BASELINE = "gemma-3-270m", "smollm2-135m", "best-passage"


def keep_run(evals_dir: Path) -> Path:
    """Writes the run below `evals_dir` and returns its folder: BETTER is right and slow, SMALLER often wrong."""
    folder = evals_dir / RUN / "shop"
    folder.mkdir(parents=True)
    spec = Spec(
        vertical="shop",
        release="sha256:" + "1" * 64,
        cases_digest=cases_digest(CASES),
        split="test",
        seed=1,
        ways=("railed",),
        max_tokens=300,
        supported_target=0.95,
        contenders={
            SMALLER: ContenderFacts(models=(SMALLER,), weights=("2" * 64,), licence="Apache-2.0", context_tokens=2048),
            BETTER: ContenderFacts(models=(BETTER,), weights=("3" * 64,), licence="Gemma", context_tokens=2048),
            BASELINE: ContenderFacts(models=()),
        },
        versions={"assistant": "0.1.0"},
        metrics={},
        machine={"processor": "a processor", "cores": "2", "system": "Linux"},
        began="2026-11-20T09:30:00+00:00",
    )
    (folder / "run.json").write_text(spec.model_dump_json())
    (folder / "cases.jsonl").write_text(as_lines(CASES))
    ledger = Ledger(folder / "results.jsonl")
    for case in CASES:
        for each in _answers(case):
            ledger.add(each)
    return folder


def _answers(case: Case) -> tuple[Result, ...]:
    if not case.reference:
        return tuple(
            Result(name, "railed", case.id, "declined", "I cannot help with that.", total_s=0.2, first_sentence_s=0.2)
            for name in (SMALLER, BETTER, BASELINE)
        )
    wrong = case.reference.replace("30 days", "90 days").replace("business days", "weeks")
    right = case.id == "weight"
    told = {"claims": 1, "claims_supported": 1, "prompt_tokens": 80}
    polite = "Please keep the receipt."
    return (
        Result(
            SMALLER, "railed", case.id, "answered", f"{wrong} {polite}", facts=float(right), total_s=1.1,
            energy_wh=0.010, cost_usd=0.0001, sentences=(Judged(wrong, right), Judged(polite, None)), **told,
        ),
        Result(
            BETTER, "railed", case.id, "answered", case.reference, facts=1.0, total_s=3.9,
            energy_wh=0.036, cost_usd=0.0003, sentences=(Judged(case.reference, True),), **told,
        ),
        Result(BASELINE, "railed", case.id, "quoted", f"{case.reference} See the list.", facts=1.0, total_s=0.02),
    )  # fmt: skip
