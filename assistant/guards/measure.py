"""All guards of a vertical as one: a text in, the measurements that its rails decide on out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

from assistant.guards.grounding.checker import GroundingGuard, Support
from assistant.guards.grounding.claims import is_claim
from assistant.guards.injection import InjectionGuard, InjectionScore
from assistant.guards.personal import PersonalDataGuard
from assistant.guards.phrases import PhraseGuard
from assistant.guards.topics import TopicGuard
from assistant.messages import Measurements, Task
from assistant.watching.working import checking


@dataclass(frozen=True, slots=True)
class Guards:
    """The guards of one vertical. Each method measures only the names in `only`, everything when it is None."""

    topics: TopicGuard
    injection: InjectionGuard
    personal: PersonalDataGuard
    phrases: PhraseGuard
    grounding: GroundingGuard

    @checking()
    def input(
        self,
        text: str,
        *,
        about: Sequence[str] = (),
        task: Task = "answer",
        turn: int = 1,
        only: frozenset[str] | None = None,
    ) -> Measurements:
        """What rails on a question read: topics, injection, personal data and phrases.

        `about` are the passages that the task is to be done with, where the question may leave its subject to them.
        """
        measured = _start(task, turn)
        if _wants(only, "topics"):
            topic = self.topics.measure(text, about=about)
            measured["topics"] = {"score": topic.score, "form": topic.form}
        if _wants(only, "injection"):
            measured["injection"] = _injection(self.injection.measure(text))
        return measured | self._words(text, only)

    @checking()
    def evidence(
        self, text: str, *, task: Task = "answer", turn: int = 1, only: frozenset[str] | None = None
    ) -> Measurements:
        """What rails on a passage read, before a model is shown it: hidden instructions."""
        measured = _start(task, turn)
        if _wants(only, "injection"):
            measured["injection"] = _injection(self.injection.measure_passage(text))
        return measured

    @checking()
    def orders(self, text: str, *, task: Task = "answer", turn: int = 1) -> Measurements:
        """What rails on a client's system message read: attempts to take the assistant over.

        In a passage every order is out of place, whatever it asks for. In a system message orders are not, for they are
        what it is there for; it is measured as a question is, in which only those that take over count.
        """
        return {**_start(task, turn), "injection": _injection(self.injection.measure(text))}

    @overload
    def output(
        self,
        sentence: str,
        evidence: Sequence[str],
        *,
        before: Sequence[str] = (),
        question: str | None = None,
        task: Task = "answer",
        turn: int = 1,
        public: Sequence[str] = (),
        only: None = None,
    ) -> tuple[Measurements, Support]: ...
    @overload
    def output(
        self,
        sentence: str,
        evidence: Sequence[str],
        *,
        before: Sequence[str] = (),
        question: str | None = None,
        task: Task = "answer",
        turn: int = 1,
        public: Sequence[str] = (),
        only: frozenset[str],
    ) -> tuple[Measurements, Support | None]: ...
    @checking()
    def output(
        self,
        sentence: str,
        evidence: Sequence[str],
        *,
        before: Sequence[str] = (),
        question: str | None = None,
        task: Task = "answer",
        turn: int = 1,
        public: Sequence[str] = (),
        only: frozenset[str] | None = None,
    ) -> tuple[Measurements, Support | None]:
        """What rails on a sentence of a draft read, and the support it has, None when `only` leaves grounding out.

        `before` are the sentences that precede it, `question` is what it answers. What approved knowledge itself says,
        `public`, is no personal data: a colour may be called Fern.
        """
        measured = _start(task, turn)
        support: Support | None = None
        if _wants(only, "grounding"):
            support = self.grounding.measure(sentence, evidence, before=before, question=question)
            measured["grounding"] = {"score": support.score, "reason": support.reason}
        if _wants(only, "sentence"):
            measured["sentence"] = {"claim": is_claim(sentence) if support is None else support.claim, "text": sentence}
        return measured | self._words(sentence, only, spare="\n".join(public)), support

    def _words(self, text: str, only: frozenset[str] | None, *, spare: str = "") -> Measurements:
        measured: Measurements = {}
        if _wants(only, "personal_data"):
            found = self.personal.find(text, spare=spare)
            measured["personal_data"] = {"kinds": sorted({each.kind for each in found}), "count": len(found)}
        if _wants(only, "phrases"):
            measured["phrases"] = self.phrases.measure(text)
        return measured


def _start(task: Task, turn: int) -> Measurements:
    return {"task": task, "turn": turn}


def _wants(only: frozenset[str] | None, name: str) -> bool:
    return only is None or name in only


def _injection(found: InjectionScore) -> Measurements:
    return {"score": found.score, "kind": found.kind}
