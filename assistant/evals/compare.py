"""Side by side: two models' answers to one case, in random order and without names, until a ranking is sure enough."""

from __future__ import annotations

import json
import random
import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from difflib import SequenceMatcher
from itertools import combinations
from pathlib import Path
from time import monotonic
from typing import Literal

import click
import numpy as np

from assistant.cases import Case
from assistant.evals.results import Result
from assistant.evals.runs import Run
from assistant.evals.statistics import Estimate, estimate
from assistant.evals.words import edits

Preferred = Literal["first", "second", "both", "neither"]
PREFERENCES = "preferences.jsonl"
"""The file beside a run's results that keeps what people preferred."""
KEYS: dict[str, Preferred] = {"1": "first", "2": "second", "b": "both", "n": "neither"}
_RESAMPLES = 500
_WIDTH = 100
_PRIOR = 0.5  # Half a win each way, so that one who has won everything is not worth infinitely much.


@dataclass(frozen=True, slots=True)
class Preference:
    """What somebody preferred in one case, not knowing whose it was."""

    case: str
    first: str
    second: str
    preferred: Preferred
    seconds: float
    """Until they chose, without the time they spent editing."""
    first_edited: str | None = None
    """The first answer as they would let it go out; None where they left it."""
    second_edited: str | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """Two answers to one case, in the order in which they are shown."""

    case: Case
    first: Result
    second: Result


@dataclass(frozen=True, slots=True)
class Standing:
    """What people made of one model's answers, side by side with others'."""

    model: str
    preferred: Estimate
    """How often it would be preferred to an average one."""
    corrected: Estimate | None
    """Words they changed in an answer until it was right, where they did that."""


def pairs(run: Run, *, done: Sequence[Preference] = ()) -> Iterator[Pair]:
    """Every pair of answers that differ, in random order, each first as often as second; without those in `done`.

    The order is settled by the run's seed, so that whoever goes on sees the ones that are left.
    """
    seen = {(each.case, frozenset((each.first, each.second))) for each in done}
    by_model = {name: {r.case: r for _, r in run.of(name)} for name in run.spec.contenders}
    found = [
        (case, by_model[a][case.id], by_model[b][case.id])
        for a, b in combinations(run.spec.contenders, 2)
        for case in run.cases
        if case.id in by_model[a] and case.id in by_model[b]
    ]
    order = random.Random(run.spec.seed)  # noqa: S311 — which is shown first is no secret
    order.shuffle(found)
    for case, one, other in found:
        first, second = (one, other) if order.random() < 0.5 else (other, one)
        if first.text != second.text and (case.id, frozenset((first.model, second.model))) not in seen:
            yield Pair(case, first, second)


def read_preferences(file: Path) -> tuple[Preference, ...]:
    """The preferences kept in `file`, oldest first."""
    if not file.exists():
        return ()
    return tuple(Preference(**json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines())


def add_preference(file: Path, preference: Preference) -> None:
    """Keeps one more."""
    with file.open("a", encoding="utf-8") as kept:
        kept.write(json.dumps(asdict(preference)) + "\n")


def strengths(preferences: Sequence[Preference], *, seed: int = 1) -> dict[str, Estimate]:
    """How often each would be preferred to an average one, 0 to 1 (Bradley and Terry 1952), intervals over cases."""
    names = sorted({name for each in preferences for name in (each.first, each.second)})
    if not names:
        return {}
    values = _fitted(preferences, names)
    cases = sorted({each.case for each in preferences})
    random_ = np.random.default_rng(seed)
    by_case = {case: [each for each in preferences if each.case == case] for case in cases}
    drawn = random_.choice(len(cases), size=(_RESAMPLES, len(cases)))
    resampled = np.array([_fitted([p for n in row for p in by_case[cases[n]]], names) for row in drawn])
    low, high = np.percentile(resampled, [2.5, 97.5], axis=0)
    n = len(preferences)
    return {
        name: Estimate(float(v), float(a), float(b), n) for name, v, a, b in zip(names, values, low, high, strict=True)
    }


def standings(run: Run, preferences: Sequence[Preference]) -> tuple[Standing, ...]:
    """What people made of each model, the one they prefer most first."""
    texts = {(r.model, r.case): r.text for r in run.results if r.way == "railed"}
    words: dict[str, list[float]] = {}
    for each in preferences:
        for model, edited in ((each.first, each.first_edited), (each.second, each.second_edited)):
            if edited is not None:
                said = texts.get((model, each.case), "")
                words.setdefault(model, []).append(float(edits(said.split(), edited.split())))
    found = strengths(preferences, seed=run.spec.seed)
    return tuple(
        Standing(name, found[name], estimate(words.get(name, ()), seed=run.spec.seed))
        for name in sorted(found, key=lambda name: (-found[name].value, name))
    )


def compare_in_terminal(
    run: Run,
    file: Path,
    *,
    say: Callable[[str], None],
    ask: Callable[[str], str] = input,
    edit: Callable[[str], str | None] = click.edit,
    clock: Callable[[], float] = monotonic,
) -> None:
    """Shows pair after pair until none is left or `q` is said, keeps each preference at once, tells the ranking.

    `edit`: opens a text in an editor and returns what was saved, None where nothing was.
    """
    left = list(pairs(run, done=read_preferences(file)))
    for number, pair in enumerate(left, start=1):
        say(f"\n{number} of {len(left)} · {pair.case.question}")
        say(f"reference: {pair.case.reference or 'nothing answers this'}")
        for title, own, other in (("1", pair.first, pair.second), ("2", pair.second, pair.first)):
            say(f"\n[{title}]\n{textwrap.fill(marked(own.text, other.text), _WIDTH)}")
            say(f"({own.claims_supported} of {own.claims} claims borne out)" if own.claims else "(claims nothing)")
            for claim in own.unsupported:
                say(f"(not borne out: {claim})")
        taken = _choice(pair, say=say, ask=ask, edit=edit, clock=clock)
        if taken is None:
            break
        add_preference(file, taken)
    for each in standings(run, read_preferences(file)):
        found, words = each.preferred, each.corrected
        changed = f"; {words.value:.1f} words changed in each of {words.n} answers" if words else ""
        say(
            f"{each.model}: preferred to an average one {found.value:.0%} of times "
            f"({found.low:.0%} to {found.high:.0%}){changed}"
        )


def _choice(
    pair: Pair,
    *,
    say: Callable[[str], None],
    ask: Callable[[str], str],
    edit: Callable[[str], str | None],
    clock: Callable[[], float],
) -> Preference | None:
    """What somebody prefers, after editing either answer as often as they like; None where they want to stop."""
    edited: dict[str, str | None] = {"e1": None, "e2": None}
    shown = {"e1": pair.first.text, "e2": pair.second.text}
    began = clock()
    while (key := ask("\nbetter: 1, 2, b both, n neither; e1, e2 edit until right; q quit: ").strip().lower()) != "q":
        if key in KEYS:
            names = (pair.case.id, pair.first.model, pair.second.model)
            return Preference(*names, KEYS[key], round(clock() - began, 1), edited["e1"], edited["e2"])
        if key in edited:
            left = clock()
            saved = edit(edited[key] or shown[key])
            edited[key] = edited[key] if saved is None else saved.strip()
            began += clock() - left
        else:
            say("one of 1, 2, b, n, e1, e2, q")
    return None


def marked(text: str, other: str) -> str:
    """`text` with the words that `other` does not have in the same place between asterisks."""
    words, others = text.split(), other.split()
    shown: list[str] = []
    for kind, begin, end, _, _ in SequenceMatcher(a=words, b=others, autojunk=False).get_opcodes():
        part = " ".join(words[begin:end])
        shown += [part if kind == "equal" else f"*{part}*"] if part else []
    return " ".join(shown)


def _fitted(preferences: Sequence[Preference], names: Sequence[str]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """The strengths by minorisation and maximisation (Hunter 2004); both or neither is half a win each."""
    place = {name: n for n, name in enumerate(names)}
    wins = np.full((len(names), len(names)), _PRIOR)
    np.fill_diagonal(wins, 0)
    for each in preferences:
        a, b = place[each.first], place[each.second]
        share = {"first": 1.0, "second": 0.0}.get(each.preferred, 0.5)
        wins[a, b] += share
        wins[b, a] += 1 - share
    games, strength = wins + wins.T, np.ones(len(names))
    for _ in range(100):
        strength = wins.sum(axis=1) / (games / (strength[:, None] + strength[None, :])).sum(axis=1)
        strength /= np.exp(np.log(strength).mean())
    return strength / (1 + strength)
