"""Side by side: two models' answers to one case, in random order and without names, until a ranking is sure enough."""

from __future__ import annotations

import random
import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import combinations, groupby
from pathlib import Path
from time import monotonic
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from assistant.cases import Case
from assistant.evals.edited import EDITED, add_edited, edited, read_edited, words_edited
from assistant.evals.lines import Lines
from assistant.evals.results import Result
from assistant.evals.runs import Run
from assistant.evals.statistics import Estimate

Preferred = Literal["first", "second", "both", "neither"]
PREFERENCES = "preferences.jsonl"
"""The file of a run's folder that keeps them."""
KEYS: dict[str, Preferred] = {"1": "first", "2": "second", "b": "both", "n": "neither"}
Floats = NDArray[np.float64]
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


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence of an answer as it is shown beside another answer."""

    words: tuple[tuple[str, bool], ...]
    """Each word, and whether the other answer has not got it there."""
    borne_out: bool | None
    """None where it claims nothing, or the run does not tell."""


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
    """The preferences kept in `file`, oldest first; raises Invalid naming a line that is none."""
    return _preferences(file).read()


def preference(pair: Pair, preferred: Preferred, *, seconds: float) -> Preference:
    """What somebody preferred of the pair, as it is kept."""
    return Preference(pair.case.id, pair.first.model, pair.second.model, preferred, round(seconds, 1))


def add_preference(file: Path, preference: Preference) -> None:
    """Keeps one more."""
    _preferences(file).add(preference)


def _preferences(file: Path) -> Lines[Preference]:
    return Lines(file, Preference, named="preference")


def strengths(preferences: Sequence[Preference], *, seed: int = 1) -> dict[str, Estimate]:
    """How often each would be preferred to an average one, 0 to 1 (Bradley and Terry 1952), intervals over cases."""
    names = sorted({name for each in preferences for name in (each.first, each.second)})
    if not names:
        return {}
    cases = sorted({each.case for each in preferences})
    by_case = np.array([_wins([each for each in preferences if each.case == case], names) for case in cases])
    values = _fitted(by_case.sum(axis=0))
    drawn = np.random.default_rng(seed).choice(len(cases), size=(_RESAMPLES, len(cases)))
    resampled = _fitted(by_case[drawn].sum(axis=1))
    low, high = np.percentile(resampled, [2.5, 97.5], axis=0)
    n = len(preferences)
    return {
        name: Estimate(float(v), float(a), float(b), n) for name, v, a, b in zip(names, values, low, high, strict=True)
    }


def standings(folder: Path, *, seed: int) -> tuple[Standing, ...]:
    """What people made of each model of the run in `folder`, the one they prefer most first."""
    found = strengths(read_preferences(folder / PREFERENCES), seed=seed)
    words = words_edited(read_edited(folder / EDITED), seed=seed)
    order = sorted(found, key=lambda name: (-found[name].value, name))
    return tuple(Standing(name, found[name], words.get(name)) for name in order)


def compare_in_terminal(
    run: Run,
    folder: Path,
    *,
    say: Callable[[str], None],
    edit: Callable[[str], str | None],
    ask: Callable[[str], str] = input,
    clock: Callable[[], float] = monotonic,
) -> None:
    """Shows pair after pair until none is left or `q` is said, keeps each preference at once, tells the ranking.

    `folder` is that of the run; `edit` lets somebody change a text and returns it, None where they gave up.
    """
    left = list(pairs(run, done=read_preferences(folder / PREFERENCES)))
    for number, pair in enumerate(left, start=1):
        say(f"\n{number} of {len(left)} · {pair.case.question}")
        say(f"reference: {pair.case.reference or 'nothing answers this'}")
        for title, own, other in (("1", pair.first, pair.second), ("2", pair.second, pair.first)):
            say(f"\n[{title}]\n{textwrap.fill(marked(own.text, other.text), _WIDTH)}")
            for claim in own.unsupported:
                say(f"not borne out: {claim}")
        if not _decided(pair, folder, say, ask, edit, clock):
            break
    for each in standings(folder, seed=run.spec.seed):
        found, words = each.preferred, each.corrected
        changed = (
            f"; {words.value:.1f} words corrected an answer ({words.low:.1f} to {words.high:.1f})" if words else ""
        )
        share = f"{found.value:.0%} of times ({found.low:.0%} to {found.high:.0%})"
        say(f"{each.model}: preferred to an average one {share}{changed}")


def words_apart(text: str, other: str) -> list[tuple[str, bool]]:
    """Each word of `text`, and whether `other` does not have it in the same place."""
    words = text.split()
    opcodes = SequenceMatcher(a=words, b=other.split(), autojunk=False).get_opcodes()
    return [(word, kind != "equal") for kind, begin, end, _, _ in opcodes for word in words[begin:end]]


def marked(text: str, other: str) -> str:
    """`text` with the words that `other` does not have in the same place between asterisks."""
    runs = [(apart, " ".join(word for word, _ in each)) for apart, each in groupby(words_apart(text, other), _apart)]
    return " ".join(f"*{part}*" if apart else part for apart, part in runs)


def lines(result: Result, other: Result) -> tuple[Line, ...]:
    """The answer sentence by sentence, beside the other; in one piece where the run does not tell its sentences."""
    words, counts = words_apart(result.text, other.text), [len(each.text.split()) for each in result.sentences]
    if sum(counts) != len(words) or not words:
        return (Line(tuple(words), None),) if words else ()
    ends = [sum(counts[: n + 1]) for n in range(len(counts))]
    return tuple(
        Line(tuple(words[end - count : end]), each.borne_out)
        for each, count, end in zip(result.sentences, counts, ends, strict=True)
    )


def _apart(word: tuple[str, bool]) -> bool:
    return word[1]


def _decided(
    pair: Pair,
    folder: Path,
    say: Callable[[str], None],
    ask: Callable[[str], str],
    edit: Callable[[str], str | None],
    clock: Callable[[], float],
) -> bool:
    """Asks until one is preferred, and keeps that; False where somebody quits."""
    began, editable = clock(), {"e1": pair.first, "e2": pair.second}
    while (key := ask("\nbetter: 1, 2, b both, n neither; e1, e2 edit; q quit: ").strip().lower()) != "q":
        if key in KEYS:
            add_preference(folder / PREFERENCES, preference(pair, KEYS[key], seconds=clock() - began))
            return True
        if key in editable:
            _edited(editable[key], folder / EDITED, say, edit, clock)
        else:
            say("one of 1, 2, b, n, e1, e2, q")
    return False


def _edited(
    result: Result,
    file: Path,
    say: Callable[[str], None],
    edit: Callable[[str], str | None],
    clock: Callable[[], float],
) -> None:
    """Lets somebody edit the answer, and keeps what they corrected."""
    began, text = clock(), edit(result.text)
    if text is None or not text.strip():
        say("nothing is kept")
        return
    made = edited(result, text, seconds=clock() - began)
    add_edited(file, made)
    say(f"{made.word_edits} words and {made.character_edits} characters corrected in {made.seconds:.0f} s")


def _wins(preferences: Sequence[Preference], names: Sequence[str]) -> Floats:
    """How often each, a row, was preferred to each other; both or neither is half a win each."""
    place = {name: n for n, name in enumerate(names)}
    wins = np.zeros((len(names), len(names)))
    for each in preferences:
        a, b = place[each.first], place[each.second]
        share = {"first": 1.0, "second": 0.0}.get(each.preferred, 0.5)
        wins[a, b] += share
        wins[b, a] += 1 - share
    return wins


def _fitted(wins: Floats) -> Floats:
    """The strengths by minorisation and maximisation (Hunter 2004), for one table of wins or for many at once."""
    wins = wins + _PRIOR * (1 - np.eye(wins.shape[-1]))
    games, strength = wins + wins.swapaxes(-1, -2), np.ones(wins.shape[:-1])
    for _ in range(100):
        met = games / (strength[..., :, None] + strength[..., None, :])
        strength = wins.sum(axis=-1) / met.sum(axis=-1)
        strength /= np.exp(np.log(strength).mean(axis=-1, keepdims=True))
    return strength / (1 + strength)
