"""What verifying and deciding again found, as text for people at a terminal."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from assistant.records import Finding, Hold
from assistant.releases.replaying import ReplayedAnswer


def finding_text(finding: Finding, *, as_json: bool) -> str:
    """Whether the chain is whole, or the first thing that is wrong with it."""
    if as_json:
        return json.dumps(asdict(finding))
    if finding.problem:
        place = f"record {finding.sequence} " if finding.sequence else ""
        return f"{place}{finding.problem}"
    if not finding.records:
        return "nothing is recorded yet"
    later = finding.end.sequence - finding.anchored
    tail = f"; the last {later} are newer than the last anchor" if later else ""
    return f"{finding.records} records are whole, vouched for by {finding.anchors} anchors{tail}"


def holds_text(holds: Sequence[Hold], *, as_json: bool) -> str:
    """Each hold with its reason."""
    if as_json:
        return json.dumps([{**asdict(each), "placed_at": each.placed_at.isoformat()} for each in holds])
    if not holds:
        return "nothing is held"
    return "\n".join(f"{each.conversation_id}  since {each.placed_at:%Y-%m-%d}  {each.reason}" for each in holds)


def replay_text(replayed: ReplayedAnswer) -> str:
    """Each decision that comes out otherwise, and each part of the release that changed."""
    lines = []
    for number, each in enumerate(replayed.decisions, start=1):
        if each.same:
            continue
        now = f"cannot be taken again: {each.problem}" if each.now is None else _said(each.now.blocked, each.now.rail)
        lines.append(
            f"decision {number} ({each.before.stage}) was {_said(each.before.blocked, each.before.rail)}; now {now}"
        )
    lines += [f"changed since: {name}: {was or 'none'} -> {now or 'none'}" for name, (was, now) in _sorted(replayed)]
    count = len(replayed.decisions)
    how_many = "all" if replayed.same else "not all"
    return "\n".join([*lines, f"{replayed.answer_id}: {how_many} of {count} decisions come out as they did"])


def _sorted(replayed: ReplayedAnswer) -> list[tuple[str, tuple[str | None, str | None]]]:
    return sorted(replayed.changed.items())


def _said(blocked: bool, rail: str | None) -> str:
    return f"stopped by {rail}" if blocked else "let through"
