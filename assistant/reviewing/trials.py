"""A recorded turn as an example on which a rail is tried from now on."""

from __future__ import annotations

from dataclasses import dataclass

from ruamel.yaml.comments import CommentedMap

from assistant.rails.rewriting import with_trial
from assistant.rails.sheets import Expected
from assistant.records.recorded import Recorded

MOST_EVIDENCE = 4


@dataclass(frozen=True, slots=True)
class Trial:
    """A text that a rail decided on, and what it was shown beside it."""

    rail: str
    text: str
    evidence: tuple[str, ...] = ()
    question: str | None = None


def trials_of(recorded: Recorded) -> tuple[Trial, ...]:
    """What of a turn can become an example: the question that a rail stopped, and each sentence that one withheld."""
    answer = recorded.answer
    evidence = tuple(each.text for each in answer.citations)[:MOST_EVIDENCE]
    withheld = tuple(
        Trial(each.rail, each.text, evidence, recorded.question)
        for each in answer.dropped_sentences
        if evidence or each.rail != "grounding"
    )
    at_the_door = answer.outcome == "declined" and answer.rail is not None and not answer.dropped_sentences
    return ((Trial(answer.rail or "", recorded.question),) if at_the_door else ()) + withheld


def examples_with(content: bytes, trial: Trial, expected: Expected) -> bytes:
    """The text of an examples.yaml with one more example; what stands there stays as it is, comments included.

    Raises Invalid where the file cannot be read, or holds the example already.
    """
    return with_trial(content.decode("utf-8", "replace"), trial.rail, expected, _example(trial)).encode()


def _example(trial: Trial) -> str | CommentedMap:
    if not trial.evidence:
        return trial.text
    made = CommentedMap(text=trial.text, evidence=list(trial.evidence))
    if trial.question:
        made["question"] = trial.question
    made.fa.set_flow_style()
    return made
