"""What visitors of an embedded widget are told: the answer, and nothing that would help them get round the rails."""

from __future__ import annotations

from typing import Any

from assistant.access import Caller
from assistant.api.wire import Told, everything

_TOLD = {"answer_id", "conversation_id", "vertical", "task", "outcome", "sentences", "citations", "omitted", "parts"}
_TOLD |= {"sentence"}  # A chunk of a stream brings one.
_SCORES = {"support", "score"}


def told_to(who: Caller) -> Told:
    """What `who` is told of an answer's `assistant` member."""
    return _without_scores_and_reasons if who.visitor else everything


def _without_scores_and_reasons(member: dict[str, Any]) -> dict[str, Any]:
    return {name: _without_scores(value) for name, value in member.items() if name in _TOLD}


def _without_scores(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_scores(each) for each in value]
    if isinstance(value, dict):
        return {name: _without_scores(each) for name, each in value.items() if name not in _SCORES}
    return value
