"""The choice: gates first, then worth; the record alone is enough to make it again."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.errors import Invalid
from assistant.evals.plots import Point, against, front
from assistant.evals.reasons import choose
from assistant.evals.record import decide, proposed_text, read_decision, write_decision
from assistant.evals.results import Ledger
from assistant.evals.runs import Run, read_run
from assistant.evals.select import (
    WEIGHTS,
    Candidate,
    Figures,
    Gate,
    Terms,
    default_gates,
    parse_gate,
    parse_weights,
    rank,
)
from assistant.evals.spec import ContenderFacts, Spec, as_lines, cases_digest
from assistant.evals.statistics import Estimate
from tests.evals.conftest import case, result

CASES = tuple(case(f"c{n}", reference="The tent weighs 2.1 kg.") for n in range(40))
YAML = """vertical:
  title: The corner shop
  # What is tried out.
  model: smollm2-135m   # the default
  instructions: |
    Name the model: small.
"""


def facts(*models: str, **more: object) -> ContenderFacts:
    return ContenderFacts(models=models, context_tokens=4096, **more)  # type: ignore[arg-type]


def figures(**candidates: tuple[float, float]) -> Figures:
    """Candidates by the share of cases they get right, and the seconds they take."""
    return Figures(
        cases=tuple(each.id for each in CASES),
        candidates={
            name: Candidate(
                facts=facts(name),
                values={
                    "right": tuple(float(n < right * len(CASES)) for n in range(len(CASES))),
                    "total_s": (seconds,) * len(CASES),
                    "cost_usd": (0.0,) * len(CASES),
                    "energy_wh": (seconds / 100,) * len(CASES),
                    "prompt_tokens": (100.0,) * len(CASES),
                },
            )
            for name, (right, seconds) in candidates.items()
        },
    )


def choice(found: Figures, *gates: str, weights: str = ""):
    terms = Terms(gates=tuple(map(parse_gate, gates)), weights=parse_weights(weights) if weights else dict(WEIGHTS))
    return choose(found, terms, max_tokens=300)


def test_the_better_one_is_chosen_where_it_is_not_too_slow():
    found = figures(small=(0.3, 2), large=(0.9, 20))
    assert choice(found).recommended == "large"
    assert choice(found, "total_s<=10").recommended == "small"
    assert "total_s is 20, and must be <= 10" in " ".join(choice(found, "total_s<=10").reasons)


def test_what_would_change_the_choice_is_said():
    found = figures(small=(0.3, 2), large=(0.9, 20))
    assert any("for quality, it would be small" in each for each in choice(found).changes)
    assert "Without the gate total_s <= 10, it would be large." in choice(found, "total_s<=10").changes


def test_weights_decide_between_what_may_be_chosen():
    found = figures(small=(0.6, 2), large=(0.7, 20))
    assert choice(found, weights="quality=1").recommended == "large"
    assert choice(found, weights="quality=1,speed=1").recommended == "small"


def test_where_nothing_passes_nothing_is_recommended_and_why_is_said():
    nothing = choice(figures(small=(0.3, 2)), "right>=0.5")
    assert nothing.recommended is None and "small: right is 0.3" in " ".join(nothing.reasons)
    assert nothing.changes == ("Without the gate right >= 0.5, it would be small.",)


def test_what_a_vertical_requires_stops_a_model_whatever_it_is_worth():
    found = figures(small=(0.3, 2), large=(0.9, 20))
    closed = Candidate(facts=facts("large", unmet=("commercial",)), values=found.candidates["large"].values)
    narrow = Candidate(facts=ContenderFacts(models=("n",), context_tokens=350), values=found.candidates["large"].values)
    found = found.model_copy(update={"candidates": {**found.candidates, "large": closed, "narrow": narrow}})
    ranking = {each.name: each for each in choice(found).ranking}
    assert choice(found).recommended == "small"
    assert "commercial" in ranking["large"].stopped_by[0] and "window of 350" in ranking["narrow"].stopped_by[0]


def test_the_front_holds_what_no_other_beats_everywhere():
    ranking = rank(figures(small=(0.3, 2), large=(0.9, 20), dull=(0.2, 30)), Terms(gates=()), max_tokens=300)
    assert {each.name for each in ranking if each.on_front} == {"small", "large"}


def test_the_front_of_a_plot_joins_what_nobody_beats_both_ways_and_is_drawn():
    def point(name: str, across: float, up: float) -> Point:
        return Point(name, 0, Estimate(across, across, across, 9), Estimate(up, up, up, 9))

    points = [point("slow", 20, 0.9), point("small", 2, 0.3), point("dull", 30, 0.2), point("same", 2, 0.25)]
    assert [each.name for each in front(points)] == ["small", "slow"]
    assert '<polyline class="front"' in against(points, unit="s")
    assert '<polyline class="front"' not in against(points, unit="s", candidates=["small", "dull"])


def test_equals_are_not_told_apart_and_share_the_reshuffles():
    found = choice(figures(one=(0.5, 2), two=(0.5, 2)))
    assert found.sure == pytest.approx(0.5)
    assert any("are equal" in each for each in found.reasons)


@pytest.mark.parametrize("text", ["speed<=3", "total_s<3", "total_s<=fast", ""])
def test_a_gate_that_cannot_be_read_is_named(text: str):
    with pytest.raises(Invalid, match="is no gate"):
        parse_gate(text)


@pytest.mark.parametrize("text", ["beauty=1", "quality=-1", "quality", "quality=0,speed=0"])
def test_weights_that_cannot_be_read_are_named(text: str):
    with pytest.raises(Invalid):
        parse_weights(text)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A run in a folder: `good` is right and slow, `quick` half right and quick."""
    folder = tmp_path / "shop"
    folder.mkdir()
    spec = Spec(
        vertical="shop",
        release="sha256:r",
        cases_digest=cases_digest(CASES),
        split="test",
        seed=1,
        ways=("railed",),
        max_tokens=300,
        supported_target=0.95,
        contenders={"good": facts("good"), "quick": facts("quick"), "first-words": ContenderFacts(models=())},
        versions={},
        metrics={},
        machine={"processor": "p", "cores": "2", "system": "s"},
        began="2026-11-26T12:00:00+00:00",
    )
    (folder / "run.json").write_text(spec.model_dump_json())
    (folder / "cases.jsonl").write_text(as_lines(CASES))
    ledger = Ledger(folder / "results.jsonl")
    for n, each in enumerate(CASES):
        told = {"claims": 1, "claims_supported": 1, "prompt_tokens": 50}
        ledger.add(result(each.id, each.reference, "good", facts=1.0, total_s=4.0, energy_wh=0.04, **told))
        ledger.add(result(each.id, "It weighs.", "quick", facts=n % 2, total_s=1.0, energy_wh=0.01, **told))
        ledger.add(result(each.id, "Tent", "first-words", facts=0.0, total_s=0.01, outcome="quoted"))
    return read_run(folder)


def test_the_record_alone_gives_the_same_ranking(run: Run, tmp_path: Path):
    yaml = tmp_path / "vertical.yaml"
    yaml.write_text(YAML)
    made = decide(run, Terms(gates=default_gates(run)), who="Jane Roe", vertical_yaml=yaml.read_text())
    as_json, as_html = write_decision(made, tmp_path)
    for file in (tmp_path / "shop").iterdir():
        file.unlink()  # Whoever has the record has nothing else.

    again = read_decision(as_json).again()

    assert made.recommended == "good" and made.ranking == ("good", "quick")
    assert tuple(each.name for each in again.ranking) == made.ranking
    assert (again.reasons, again.changes, again.sure) == (made.reasons, made.changes, made.sure)
    assert any("better than quick" in each for each in made.reasons)
    assert any("better than the plain baseline first-words" in each for each in made.reasons)
    html = as_html.read_text()
    assert "Jane Roe" in html and "good" in html and "http" not in html.replace("http-equiv", "")


def test_the_proposal_changes_the_model_and_nothing_else(run: Run, tmp_path: Path):
    yaml = tmp_path / "vertical.yaml"
    yaml.write_text(YAML)
    proposal = decide(run, Terms(gates=()), who="x", vertical_yaml=yaml.read_text()).proposal
    assert proposal is not None
    assert (proposal.file, proposal.parent) == ("rails/shop/vertical.yaml", "sha256:r")
    assert proposal.text == YAML.replace("model: smollm2-135m ", "model: good ")
    yaml.write_text(proposal.text)
    assert decide(run, Terms(gates=()), who="x", vertical_yaml=yaml.read_text()).proposal is None


def test_a_cascade_is_proposed_with_both_its_models():
    text = proposed_text(YAML, ("small", "large"), name="shop")
    assert "  cascade: [large]\n" in text and "model: small   # the default" in text
    assert proposed_text(text, ("small",), name="shop").count("cascade: []") == 1
    assert "model: large\n" in proposed_text("vertical:\n  title: Bare\n", ("large",), name="shop")


def test_a_run_that_is_not_complete_decides_nothing(run: Run, tmp_path: Path):
    part = Run(run.spec, run.cases, run.results[:-1])
    with pytest.raises(Invalid, match="not complete: first-words"):
        decide(part, Terms(gates=()), who="x", vertical_yaml=YAML)


def test_a_run_of_plain_baselines_alone_decides_nothing(run: Run):
    spec = run.spec.model_copy(update={"contenders": {"first-words": run.spec.contenders["first-words"]}})
    with pytest.raises(Invalid, match="plain baselines only"):
        decide(Run(spec, run.cases, run.results), Terms(gates=()), who="x", vertical_yaml=YAML)


def test_only_a_share_can_stand_for_quality(run: Run, tmp_path: Path):
    with pytest.raises(Invalid, match="'word_edits' cannot stand for quality"):
        decide(run, Terms(quality="word_edits", gates=()), who="x", vertical_yaml=YAML)


def test_a_gate_says_what_it_lets_through():
    gate = Gate(metric="total_s", sign="<=", value=2)
    assert gate.holds(2) and not gate.holds(2.1) and f"{gate}" == "total_s <= 2"
