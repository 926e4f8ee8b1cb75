"""A recorded turn, decided again by the rails in force and by proposed ones: does its outcome change, and where?"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from assistant.answering.evidence import known
from assistant.answering.receipt import decisions
from assistant.errors import RailsUnavailable
from assistant.guards import names_nothing
from assistant.knowledge import stand_alone
from assistant.ledger.keyring import Keyring
from assistant.messages import Measurements, Stage, Verdict
from assistant.rails.live import Release
from assistant.rails.replay import Decision
from assistant.records import Receipt
from assistant.records.recorded import Recorded, Recordings

Kind = Literal["blocked", "let through", "otherwise"]
"""What was let through is stopped, the reverse, or something else is said."""
_REMEMBERED = 4096  # Decisions on equal measurements are taken once.
_MATERIAL: Mapping[str, tuple[str, ...]] = {
    "topics": ("forms", "index", "embedder", "guards"),
    "injection": ("embedder", "guard injection", "guards"),
    "personal_data": ("personal kinds", "embedder", "guard people", "guards"),
    "phrases": ("phrases", "guards"),
    "grounding": ("index", "grounding", "embedder", "guard grounding"),
    "sentence": ("guard grounding",),
}
"""The parts of a release that each measurement is made with."""
_OF_RAILS = frozenset({"forms", "phrases", "personal kinds"})
_QUOTED = {"score": 1.0, "reason": "none"}  # Word for word, so borne out by construction.


@dataclass(frozen=True, slots=True)
class Change:
    """Where the outcome of a turn is another, the first place of it."""

    kind: Kind
    stage: Stage
    rail_before: str | None
    rail_after: str | None
    says_before: str | None
    """The rail's message; None where the text is let through."""
    says_after: str | None


@dataclass(frozen=True, slots=True)
class DecidedAgain:
    """What became of one turn."""

    change: Change | None
    problem: str | None = None
    """Why it could not be decided again to its end; None where it could, or changes before that."""


class Unknown(Exception):
    """A decision cannot be taken again; says why, in words that are the same for all turns of that sort."""


@dataclass
class _Side:
    """A release that decides, and what it has decided already."""

    release: Release
    known: dict[str, Verdict] = field(default_factory=dict)

    def members(self, stage: Stage) -> frozenset[str]:
        return frozenset(member for rail in self.release.engine.rails(stage) for member in rail.members)

    def needs(self, stage: Stage) -> frozenset[str]:
        return self.release.engine.needs(stage)

    def stale(self, parts: Mapping[str, str]) -> frozenset[str]:
        """The measurements that this release would make otherwise than the release made of `parts` did."""
        now = self.release.parts
        same_rails = parts.get("rails") == now.get("rails")
        changed = {name for name in now if parts.get(name) != now[name] and not (same_rails and name in _OF_RAILS)}
        return frozenset(name for name, made_with in _MATERIAL.items() if changed & set(made_with))

    def decides_alike(self, parts: Mapping[str, str]) -> bool:
        """Whether rails and limits are those of the release made of `parts`."""
        return all(parts.get(name) == self.release.parts.get(name) for name in ("rails", "floors", "limits"))

    async def verdict(self, stage: Stage, measured: Measurements) -> Verdict:
        key = repr((stage, sorted(measured.items(), key=lambda each: each[0])))
        if key not in self.known:
            if len(self.known) == _REMEMBERED:
                self.known.clear()
            self.known[key] = await self.release.engine.decide(stage, measured)
        return self.known[key]


class DecidingAgain:
    """Holds recorded turns of one vertical against two releases of it."""

    def __init__(self, before: Release, after: Release, recordings: Recordings, keyring: Keyring) -> None:
        self._before, self._after = _Side(before), _Side(after)
        self._recordings, self._keyring = recordings, keyring

    async def decide(self, receipt: Receipt) -> DecidedAgain:
        """The first decision of the turn that comes out otherwise after the change than before it."""
        content = receipt.content
        parts: Mapping[str, str] = content["release"]["parts"]
        sealed = any("sealed" in kept for kept in content["decisions"])
        key = await self._keyring.find(receipt.conversation_id) if sealed else None
        turn = _Turn(receipt, content, decisions(content, key), self._recordings, self._keyring)
        trusted, problem = self._before.decides_alike(parts) and not self._before.stale(parts), None
        for place, decision in enumerate(turn.decisions):
            try:
                # What was decided by what is live need not be decided again; of a stop it is told what it says.
                was = await self._decided(self._before, turn, place, trusted=trusted and not decision.blocked)
                now = await self._decided(self._after, turn, place)
            except (Unknown, RailsUnavailable) as error:
                problem = problem or (str(error) if isinstance(error, Unknown) else f"not recorded: {error}")
                continue
            if (was.blocked, was.rail, was.message) != (now.blocked, now.rail, now.message):
                kind: Kind = "otherwise" if was.blocked and now.blocked else "blocked" if now.blocked else "let through"
                return DecidedAgain(Change(kind, decision.stage, was.rail, now.rail, was.message, now.message))
        return DecidedAgain(None, problem)

    async def _decided(self, side: _Side, turn: _Turn, place: int, *, trusted: bool = False) -> Verdict:
        decision = turn.decisions[place]
        if trusted:
            return Verdict(blocked=False)
        stale = side.needs(decision.stage) & (await turn.stale(side))
        missing = {name for name in side.needs(decision.stage) if name not in decision.measurements}
        if "sentence.text" in side.members(decision.stage) and "text" not in decision.measurements.get("sentence", {}):
            missing.add("sentence")
        measured = decision.measurements
        if stale | missing:
            measured = {**measured, **await turn.measured(side.release, place, frozenset(stale | missing))}
        return await side.verdict(decision.stage, measured)


class _Turn:
    """A receipt on the way through its decisions; its texts are read where something must be measured again."""

    def __init__(
        self,
        receipt: Receipt,
        content: Mapping[str, Any],
        taken: list[Decision],
        recordings: Recordings,
        keyring: Keyring,
    ) -> None:
        self.decisions = taken
        self._receipt, self._content, self._recordings, self._keyring = receipt, content, recordings, keyring
        self._inputs = [place for place, each in enumerate(taken) if each.stage == "input"]
        self._stale: dict[str, frozenset[str]] = {}
        self._read: Recorded | None = None
        self._texts: dict[str, str] | None = None

    async def stale(self, side: _Side) -> frozenset[str]:
        """The measurements that `side` would make otherwise; not those of sentences whose passages are still there."""
        release, parts = side.release, self._content["release"]["parts"]
        if release.digest not in self._stale:
            found, but_for_index = side.stale(parts), side.stale({**parts, "index": release.parts["index"]})
            if "grounding" in found - but_for_index and await self._stands_on_what_is_there(release):
                found -= {"grounding"}
            self._stale[release.digest] = found
        return self._stale[release.digest]

    async def measured(self, release: Release, place: int, names: frozenset[str]) -> Measurements:
        """`names` measured again by the guards of `release`, from the texts that are kept; raises Unknown."""
        decision = self.decisions[place]
        if decision.stage == "evidence":
            raise Unknown("a passage or instruction that came with it is not kept")
        turn = await self._recorded()
        if decision.stage == "input":
            return await asyncio.to_thread(self._input, release, turn, place, names)
        text = await self._sentence(place)
        return await asyncio.to_thread(self._output, release, turn, text, decision, names)

    def _input(self, release: Release, turn: Recorded, place: int, names: frozenset[str]) -> Measurements:
        number, task = self.decisions[place].measurements["turn"], self.decisions[place].measurements["task"]
        standing = turn.question
        if len(self._inputs) > 1 or self.decisions[place].blocked:
            standing = stand_alone(turn.question, turn.earlier)
        if len(self._inputs) > 1 and (number > turn.position or standing == turn.question):
            raise Unknown("what the client said before it is not kept")
        if "topics" in names and task != "answer" and names_nothing(turn.question):
            raise Unknown("a document that came with it is not kept")
        texts = list(dict.fromkeys((turn.question, standing)))
        text = texts[min(self._inputs.index(place), len(texts) - 1)]
        measured = release.guards.input(text, task=task, turn=number, only=names)
        if "topics" in names:  # As the line does: a follow-up is about what it follows.
            only = frozenset({"topics"})
            each = [release.guards.input(one, task=task, turn=number, only=only)["topics"] for one in texts]
            measured["topics"] = max(each, key=lambda topics: topics["score"])
        return {name: measured[name] for name in names}

    def _output(
        self, release: Release, turn: Recorded, text: str, decision: Decision, names: frozenset[str]
    ) -> Measurements:
        said = [each.text for each in turn.answer.sentences]
        before = said[: said.index(text)] if text in said else []
        task, standing = decision.measurements["task"], stand_alone(turn.question, turn.earlier)
        evidence, public = [each.text for each in turn.answer.citations], list[str]()
        if all(each.document in _documents(release) for each in turn.answer.citations) or not evidence:
            # As the line does; a part of a question may have been answered from elsewhere, so what is cited counts too.
            found = [each.reading for each in known(release, standing, task)]
            evidence = public = found + [text for text in evidence if _stands_in(release, text)]
        measured, _ = release.guards.output(
            text,
            evidence,
            before=before[-2:],
            question=standing if task == "answer" else None,
            task=task,
            turn=decision.measurements["turn"],
            public=public,
            only=names,
        )
        if decision.measurements.get("grounding") == _QUOTED and any(text in each for each in evidence):
            measured["grounding"] = dict(_QUOTED)
        return {name: measured[name] for name in names}

    async def _recorded(self) -> Recorded:
        if self._read is None:
            self._read = await self._recordings.find(self._receipt.answer_id)
        if self._read is None:
            raise Unknown("its text is erased, or past its retention")
        return self._read

    async def _sentence(self, place: int) -> str:
        """The sentence that was decided on, found again by its keyed digest."""
        kept: dict[str, Any] = self._content["decisions"][place]
        if self._texts is None:
            turn, key = await self._recorded(), await self._keyring.find(self._receipt.conversation_id)
            texts = [each.text for each in turn.answer.sentences]
            texts += [each.text for each in turn.answer.dropped_sentences]
            self._texts = {key.digest(each): each for each in texts} if key else {}
        if kept.get("text") not in self._texts:
            raise Unknown("one of its sentences is kept only masked or in parts")
        return self._texts[kept["text"]]

    async def _stands_on_what_is_there(self, release: Release) -> bool:
        """Whether every passage of knowledge that the answer cites is in the knowledge of `release` as it was."""
        try:
            turn = await self._recorded()
        except Unknown:
            return False
        return all(_stands_in(release, each.text) for each in turn.answer.citations)


def _stands_in(release: Release, text: str) -> bool:
    return release.retriever is not None and any(text in each.text for each in release.retriever.passages)


def _documents(release: Release) -> frozenset[str]:
    return frozenset(release.retriever.documents) if release.retriever else frozenset()
