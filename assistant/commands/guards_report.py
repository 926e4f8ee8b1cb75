"""What the guards achieve, as tables for people at a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from assistant.cases import read_sentences
from assistant.commands.records_report import table
from assistant.guards import GroundingGuard
from assistant.guards.grounding.fusion import read_fusion
from assistant.guards.grounding.guarantee import Guarantee, Judged, find_limit, guarantee_at, judge_sentences
from assistant.guards.grounding.training.measure import (
    APART,
    FlipRow,
    Row,
    measure_answers,
    measure_flips,
    measure_sets,
)
from assistant.guards.grounding.training.pairs import PASSAGES_OF, read_flippable
from assistant.rails import read_bundle
from assistant.verticals import list_verticals

_BINS = (0.0, 0.1, 0.25, 0.4, 0.5, 0.6, 0.75, 0.9, 1.01)
_CURVE = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


def vertical_tables(guard: GroundingGuard, rails_dir: Path, knowledge_dir: Path) -> Iterator[str]:
    """For every vertical: what its automatic limit promises, and how that limit does on the sentences kept apart."""
    everything: list[Judged] = []
    for name in list_verticals(rails_dir):
        sentences = read_sentences(knowledge_dir / name / "sentences.yaml")
        if not sentences:
            continue
        bundle = read_bundle(rails_dir, name)
        judged = judge_sentences(guard, [each for each in sentences if each.split == "limit"])
        kept = judge_sentences(guard, [each for each in sentences if each.split == "report"])
        target, floor = bundle.vertical.targets.supported, bundle.floors.get("grounding", 0.0)
        promise = find_limit(judged, target=target, least=floor, default=guard.limit)
        yield f"{name}: {promise}\n{_kept_table(kept, promise)}"
        everything += kept
    yield f"calibration, on the sentences kept apart\n{_calibration(everything)}"
    yield f"curve, on the sentences kept apart\n{_curve(everything)}"


def public_tables(guard: GroundingGuard, data: Path, count: int | None) -> Iterator[str]:
    """The public sets beside the simple ways, the flipped claims, and questions with and without an answer."""
    rows, means = measure_sets(guard, read_fusion(), data, limit=guard.limit, count=count, report=lambda _: None)
    yield f"one limit for all sets; ours {guard.limit:g}, each simple way the best for it\n{_sets_table(rows, means)}"
    for title, names in (("passages", PASSAGES_OF), ("claims", ["fever_dev"]), ("visits", ["mtsdialog_validationset"])):
        pairs = [pair for name in names for pair in read_flippable(data, name)]
        found = measure_flips(guard, pairs, limit=guard.limit, count=count or 500)
        yield f"true claims with one change, {title} ({', '.join(names)})\n{_flips_table(found)}"
    lines = [("QUESTIONS WITH PASSAGES", "N", "ANSWERED: KEPT", "NOT ANSWERED: REFUSED", "AUROC")]
    lines += [
        (each.name, f"{each.count}", f"{each.kept:.3f}", f"{each.refused:.3f}", f"{each.auroc:.3f}")
        for each in measure_answers(guard, data, limit=guard.answer_limit)
    ]
    yield table(lines)


def _kept_table(kept: Sequence[Judged], promise: Guarantee) -> str:
    rows = [("SENTENCES KEPT APART", "N", "PASS", "STOPPED")]
    kinds = {"true": "true", "false": "subtly false", "unrelated": "unrelated"}
    for kind, title in kinds.items():
        scores = [each.score for each in kept if each.sentence.kind == kind]
        passed = sum(score >= promise.limit for score in scores)
        rows.append((title, f"{len(scores)}", f"{passed}", f"{len(scores) - passed}"))
    for wrong in sorted({each.sentence.wrong for each in kept if each.sentence.wrong}):
        scores = [each.score for each in kept if each.sentence.wrong == wrong]
        passed = sum(score >= promise.limit for score in scores)
        rows.append((f"  wrong {wrong}", f"{len(scores)}", f"{passed}", f"{len(scores) - passed}"))
    again = guarantee_at(kept, promise.limit, target=promise.target)
    share = (again.passed - again.wrong) / max(1, again.passed)
    return f"{table(rows)}\nborne out among those that pass: {share:.3f}; true ones that pass: {again.let_through:.3f}"


def _calibration(judged: Sequence[Judged]) -> str:
    rows = [("SCORE", "N", "MEAN SCORE", "BORNE OUT")]
    for low, high in pairwise(_BINS):
        inside = [each for each in judged if low <= each.score < high]
        if inside:
            mean = sum(each.score for each in inside) / len(inside)
            share = sum(each.borne_out for each in inside) / len(inside)
            rows.append((f"{low:.2f} to {min(high, 1):.2f}", f"{len(inside)}", f"{mean:.2f}", f"{share:.2f}"))
    return table(rows)


def _curve(judged: Sequence[Judged]) -> str:
    rows = [("LIMIT", "TRUE PASS", "OTHERS PASS", "BORNE OUT AMONG THOSE")]
    others = [each for each in judged if not each.borne_out]
    for limit in _CURVE:
        at = guarantee_at(judged, limit, target=0.0)
        wrong = sum(each.score >= limit for each in others) / max(1, len(others))
        share = (at.passed - at.wrong) / max(1, at.passed)
        rows.append((f"{limit:.1f}", f"{at.let_through:.2f}", f"{wrong:.2f}", f"{share:.2f}"))
    return table(rows)


def _sets_table(rows: Sequence[Row], means: Sequence[Row]) -> str:
    ways = list(dict.fromkeys(row.way for row in rows))
    lines = [("SET", "N", "BALANCED ACCURACY", "95 %", *(way.upper() for way in ways[1:]), "AUROC", *ways[1:])]
    for name in dict.fromkeys(row.name for row in [*rows, *means]):
        by_way = {row.way: row for row in [*rows, *means] if row.name == name}
        ours = by_way[ways[0]]
        interval = f"{ours.low:.3f} to {ours.high:.3f}"
        accuracies = [f"{by_way[way].accuracy:.3f}" for way in ways[1:]]
        areas = [f"{by_way[way].auroc:.3f}" for way in ways]
        title = f"{name} (apart)" if name in APART else name
        lines.append((title, f"{ours.count}", f"{ours.accuracy:.3f}", interval, *accuracies, *areas))
    return table(lines)


def _flips_table(rows: Sequence[FlipRow]) -> str:
    lines = [("CHANGED", "N", "CAUGHT", "UNCHANGED ONES STOPPED")]
    lines += [(row.flip, f"{row.count}", f"{row.caught:.3f}", f"{row.unflipped_blocked:.3f}") for row in rows]
    return table(lines)
