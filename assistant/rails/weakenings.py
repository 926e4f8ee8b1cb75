"""Where a change makes the rails of a vertical laxer: shown to whoever decides on it, never hidden."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from assistant.rails.bundle import RailBundle
from assistant.rails.flows import refusals_of
from assistant.rails.lint import OFF_TOPIC
from assistant.rails.measurements import AUTO_LIMITS
from assistant.verticals import Vertical

Kind = Literal["rail", "trial", "limit", "floor", "masking", "topic", "phrase", "setting"]
_LEAST_MOVE = 0.005
_CALIBRATED = 0.05  # By so much a calibrated limit moves with any change of its examples, and the scores with it.


@dataclass(frozen=True, slots=True)
class Weakening:
    """One way in which less is stopped, tried, masked or told than before."""

    kind: Kind
    vertical: str
    text: str
    """What was there and what is there now, in words."""


def weakenings(
    before: RailBundle, after: RailBundle, *, limits_before: Mapping[str, float], limits_after: Mapping[str, float]
) -> tuple[Weakening, ...]:
    """What `after` does not hold to that `before` did, given the limits in force with each."""
    name = after.vertical.name
    found: list[tuple[Kind, str]] = [
        *_rails(before, after),
        *_trials(before, after),
        *_limits(limits_before, limits_after, _calibrated(before.vertical) & _calibrated(after.vertical)),
        *(("floor", text) for text in _lower(before.floors, after.floors, "the floor")),
        *_topics(before, after),
        *_phrases(before, after),
        *_masking(before.vertical, after.vertical),
        *_settings(before.vertical, after.vertical),
    ]
    return tuple(Weakening(kind, name, text) for kind, text in found)


def _rails(before: RailBundle, after: RailBundle) -> Iterator[tuple[Kind, str]]:
    now = {rail.name: rail for rail in after.rails}
    for rail in before.rails:
        if rail.name not in now:
            yield "rail", f"the rail {rail.name} is gone"
            continue
        had, has = (len(list(refusals_of(each.flow.body))) for each in (rail, now[rail.name]))
        if has < had:
            yield "rail", f"the rail {rail.name} stops in {has} cases, not in {had}"
        if lost := sorted(rail.members - now[rail.name].members):
            yield "rail", f"the rail {rail.name} no longer looks at {', '.join(lost)}"


def _trials(before: RailBundle, after: RailBundle) -> Iterator[tuple[Kind, str]]:
    for rail, lists in before.examples.items():
        for expected, examples in lists.items():
            kept = after.examples.get(rail, {}).get(expected, ())
            for example in examples:
                if example not in kept:
                    yield "trial", f"{rail} is no longer tried on what it must {expected}: {example.text}"


def _limits(
    before: Mapping[str, float], after: Mapping[str, float], calibrated: frozenset[str]
) -> Iterator[tuple[Kind, str]]:
    for text in _lower(before, after, "the limit", calibrated=calibrated):
        yield "limit", text


def _calibrated(vertical: Vertical) -> frozenset[str]:
    return frozenset(name for name in AUTO_LIMITS if vertical.limits.get(name, "auto") == "auto")


def _lower(
    before: Mapping[str, float], after: Mapping[str, float], what: str, *, calibrated: frozenset[str] = frozenset()
) -> Iterator[str]:
    for name, value in before.items():
        now = after.get(name)
        if now is None:
            yield f"{what} {name} of {value:.2f} is gone"
        elif now < value - (_CALIBRATED if name in calibrated else _LEAST_MOVE):
            yield f"{what} {name} is {now:.2f}, not {value:.2f}"


def _topics(before: RailBundle, after: RailBundle) -> Iterator[tuple[Kind, str]]:
    for form, examples in before.forms.items():
        if not form.startswith(OFF_TOPIC):
            continue
        for text in _missing(examples, after.forms.get(form, ())):
            yield "topic", f"no longer a counter-example under {form}: {text}"


def _phrases(before: RailBundle, after: RailBundle) -> Iterator[tuple[Kind, str]]:
    for name, entries in before.phrases.items():
        gone = list(_missing(map(_shown, entries), [_shown(each) for each in after.phrases.get(name, ())]))
        if gone:
            yield "phrase", f"the list {name} is without: {', '.join(gone)}"


def _masking(before: Vertical, after: Vertical) -> Iterator[tuple[Kind, str]]:
    for place in ("input", "output", "records"):
        if getattr(before.personal_data, place) == "mask" and getattr(after.personal_data, place) == "off":
            yield "masking", f"personal data is no longer masked in {place}"
    for kind in _missing(before.personal_data.kinds, after.personal_data.kinds):
        yield "masking", f"{kind} is no longer masked"
    for word in _missing(after.personal_data.no_persons, before.personal_data.no_persons):
        yield "masking", f"names with {word!r} are no longer masked as persons"


def _settings(before: Vertical, after: Vertical) -> Iterator[tuple[Kind, str]]:
    for name in ("commercial", "on_premises"):
        if getattr(before.require, name) and not getattr(after.require, name):
            yield "setting", f"models need no longer satisfy require.{name}"
    if before.require.users and (after.require.users or 0) < before.require.users:
        yield "setting", f"licences need no longer allow {before.require.users:,} users a month"
    for name in ("notice", "disclaimer"):
        if getattr(before, name) and getattr(after, name) != getattr(before, name):
            yield "setting", f"the {name} is no longer: {getattr(before, name)}"
    for name, had, has in _aims(before, after):
        if has < had:
            yield "setting", f"{name}: {abs(has):g}, not {abs(had):g}"


def _aims(before: Vertical, after: Vertical) -> Iterator[tuple[str, float, float]]:
    """Numbers of which more is stricter."""
    yield "targets.false_blocks", before.targets.false_blocks, after.targets.false_blocks
    yield "targets.supported", before.targets.supported, after.targets.supported
    yield "retrieval.min_score", before.retrieval.min_score, after.retrieval.min_score
    yield "retention.audit_days", before.retention.audit_days, after.retention.audit_days
    # The longer a text is kept, the more there is to lose.
    yield "retention.text_days", -before.retention.text_days, -after.retention.text_days


def _missing(before: Iterable[str], after: Iterable[str]) -> Iterator[str]:
    kept = set(after)
    yield from (each for each in before if each not in kept)


def _shown(entry: str | Mapping[str, str]) -> str:
    return entry if isinstance(entry, str) else f"the pattern {entry['pattern']}"
