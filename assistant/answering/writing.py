"""The model at work: what it is asked, its tokens joined into sentences, and each sentence handed to the speaker."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from assistant.answering.evidence import Found
from assistant.answering.said import Bookmark, Said
from assistant.answering.speaking import Speaker
from assistant.answering.tally import Tally, in_order
from assistant.answering.turn import Turn
from assistant.embedding import Embedder
from assistant.errors import IndexMissing, ModelUnavailable
from assistant.guards import Piece, SentenceJoiner
from assistant.messages import TokenUsage
from assistant.models import ModelCard, Models, Token, stream
from assistant.tasks import Assignment, Placing, Plan, Section, plan, read_placing, template_sections

log = logging.getLogger(__name__)

MAX_SENTENCE_CHARACTERS = 800  # No sentence is longer; the model is in a loop.
PROMPT_RESERVE = 100  # Tokens for the chat template and the wording around the passages.


class _Loop:
    """Tells when a model goes round in circles: a sentence for the second time, or one that never ends."""

    def __init__(self) -> None:
        self.found = False
        self._written: set[str] = set()
        self._unended = 0

    def fresh(self, pieces: Iterable[Piece], *, grown_by: int = 0) -> Iterator[Piece]:
        """Those of `pieces` that were not written before; `grown_by` characters came in all."""
        self._unended += grown_by
        for piece in pieces:
            self._unended = 0
            if piece.text.casefold() in self._written:
                self.found = True
                return
            self._written.add(piece.text.casefold())
            yield piece
        self.found = self.found or self._unended > MAX_SENTENCE_CHARACTERS


class _Stops:
    """Ends the writing before the first of the caller's stop sequences, and never in the middle of a sentence."""

    def __init__(self, sequences: Sequence[str]) -> None:
        self.found = False
        self._sequences = sequences
        self._text = ""

    def before(self, pieces: Iterable[Piece]) -> Iterator[Piece]:
        """Those of `pieces` that are written before a stop sequence; the last without its end mark if that is one."""
        for piece in pieces:
            begins = len(self._text) + len(piece.joiner)
            self._text += piece.joiner + piece.text
            places = [at for each in self._sequences if (at := self._text.find(each)) >= 0]
            if not places:
                yield piece
                continue
            self.found = True
            kept, lost = self._text[begins : min(places)], self._text[max(begins, min(places)) :]
            if kept.strip() and not any(character.isalnum() for character in lost):
                yield Piece(kept.rstrip(), piece.joiner)
            return


@dataclass(frozen=True, slots=True)
class _Draft:
    """What one model of a cascade would say, none of which has left."""

    said: tuple[Said, ...]
    borne_out: float
    """Share of what it claims that may be said; below 0 where nothing answers."""
    after: Bookmark
    """Where the speaker stood at its end."""
    model: str | None
    """Who wrote it."""


class Writer:
    """Plans what the model writes and has it written, sentence by checked sentence."""

    def __init__(self, models: Models, embedder: Embedder) -> None:
        self._models, self._embedder = models, embedder
        self._placings: dict[str, Placing | None] = {}

    def know(self, name: str) -> None:
        """Raises UnknownModel when there is no model of that name."""
        self._models.card(name)

    def plan(self, turn: Turn, found: Found) -> Plan:
        """The model calls this turn takes; none when nothing found answers, so that nothing is guessed."""
        if not found.evidence:
            return Plan(())
        vertical = turn.release.vertical
        name = turn.request.model or vertical.model
        names = in_order(name, vertical.fallback_models)
        # Whichever of them writes in the end, what was planned has to fit.
        window = min(self._models.window(each) for each in names)
        for each in names:
            try:
                with self._models.attempt(each, alone=len(names) == 1):
                    return self._planned(turn, found, self._models.open(each), window=window, name=name)
            except ModelUnavailable:
                if each == names[-1]:
                    raise
        raise AssertionError("there is always a model to ask")

    def _planned(self, turn: Turn, found: Found, model: BaseChatModel, *, window: int, name: str) -> Plan:
        vertical, shape, retriever = turn.release.vertical, turn.request.shape, turn.release.retriever
        sections: tuple[Section, ...] = ()
        if vertical.summary and retriever and turn.task == "summarize" and found.statements and not shape:
            if not retriever.documents:
                raise IndexMissing(f"{vertical.name}: the knowledge that holds its summary template is not there yet")
            sections = template_sections(retriever.document_text(vertical.summary.template))
        reserved = model.get_num_tokens(vertical.instructions) + vertical.answer.max_tokens + PROMPT_RESERVE
        return plan(
            turn.task,
            turn.standing,
            found.evidence,
            tokens=model.get_num_tokens,
            window=window - reserved,
            sections=sections,
            embedder=self._embedder,
            fields=shape.outline if shape else None,
            placing=self._placing(name) if sections else None,
            phrases=turn.release.guards.phrases.measure,
            opening=vertical.summary.opening if vertical.summary else None,
            beside=found.beside,
        )

    def _placing(self, name: str) -> Placing | None:
        """Where statements belong, as the model of that name has learnt it."""
        if name not in self._placings:
            file = self._models.placing_file(name)
            self._placings[name] = read_placing(file) if file else None
        return self._placings[name]

    async def write(
        self, turn: Turn, assignment: Assignment, speaker: Speaker, tally: Tally
    ) -> AsyncGenerator[Said, None]:
        """What the model writes and the rails let out.

        A cascade goes on to its next model where less than the vertical's target of what one claims may be said, or
        nothing answers. So of each but the last nothing leaves before that is known; where the last has nothing to
        say, or is not there, the best of the drafts before it is said.
        """
        vertical = turn.release.vertical
        if not assignment.evidence:
            return
        *earlier, last = (turn.request.model or vertical.model, *vertical.cascade)
        best: _Draft | None = None
        for asked in earlier:
            draft = await self._tried(turn, assignment, speaker, tally, asked)
            if draft.borne_out >= vertical.targets.supported:
                best = draft
                break
            best = best if best and best.borne_out >= draft.borne_out else draft
        else:
            before = speaker.bookmark()
            try:
                async with aclosing(self._said(turn, assignment, speaker, tally, last)) as sentences:
                    async for said in sentences:
                        tally.left = True
                        yield said
            except ModelUnavailable as error:
                if best is None or not best.said or speaker.said != list(before.said):
                    raise
                log.warning("%s cannot write in place of what was drafted: %s", last, error)
            if best is None or not best.said or speaker.answered:
                return
        speaker.go_to(best.after)
        tally.model = best.model
        for said in best.said:
            tally.left = True
            yield said

    async def _tried(self, turn: Turn, assignment: Assignment, speaker: Speaker, tally: Tally, asked: str) -> _Draft:
        """What the named model would say, with the speaker as if it had not."""
        before = speaker.bookmark()
        async with aclosing(self._said(turn, assignment, speaker, tally, asked)) as sentences:
            said = [each async for each in sentences]
        draft = _Draft(tuple(said), speaker.borne_out if speaker.answered else -1.0, speaker.bookmark(), tally.model)
        speaker.go_to(before)
        return draft

    async def _said(
        self, turn: Turn, assignment: Assignment, speaker: Speaker, tally: Tally, asked: str
    ) -> AsyncGenerator[Said, None]:
        """What the named model writes and the rails let out."""
        name = self._models.suited(asked, assignment.kind)
        tuned = self._models.card(name).adapter is not None
        evidence = (*assignment.evidence, *assignment.beside) if tuned else assignment.evidence
        speaker.start(evidence, heading=assignment.heading, elsewhere=assignment.elsewhere)
        async with aclosing(self._sentences(turn, assignment, name, tally)) as sentences:
            async for piece in sentences:
                for said in await speaker.hear(piece):
                    yield said
        for said in speaker.finish():
            yield said

    async def draft(self, turn: Turn, assignment: Assignment, name: str, tally: Tally, *, form: dict[str, Any]) -> str:
        """All that the named model writes in the form of `form`, unchecked; cut off where its length ends it."""
        limit = tally.allowed(turn.release.vertical.answer.max_tokens)
        name = self._models.suited(name, assignment.kind)
        if not limit:
            return ""
        text, written, usage = "", 0, None
        try:
            async with aclosing(self._tokens(turn, assignment, name, limit, tally, response_format=form)) as tokens:
                async for token in tokens:
                    if isinstance(token, TokenUsage):
                        usage = token
                    else:
                        text, written = text + token.text, written + 1
        finally:
            tally.count(usage, prompt=assignment.prompt, written=written)
        return text

    async def _sentences(
        self, turn: Turn, assignment: Assignment, name: str, tally: Tally
    ) -> AsyncGenerator[Piece, None]:
        """Whole sentences, each once; the model is stopped when it is in a loop, as small ones soon are."""
        limit = tally.allowed(turn.release.vertical.answer.max_tokens)
        if not limit:
            tally.cut = True
            return
        joiner, loop, stops = SentenceJoiner(), _Loop(), _Stops(turn.request.wording.stop)
        written, told, used = 0, None, None
        try:
            async with aclosing(self._tokens(turn, assignment, name, limit, tally)) as tokens:
                async for token in tokens:
                    if isinstance(token, TokenUsage):
                        told = token
                        continue
                    written += 1
                    for piece in stops.before(loop.fresh(joiner.feed(token.text), grown_by=len(token.text))):
                        yield piece
                    if loop.found or stops.found:
                        break
            used = told or TokenUsage(await self._tokens_of(tally.model or name, assignment.prompt), written)
        finally:
            tally.count(used, prompt=assignment.prompt, written=written)
        rest = joiner.flush() if told else ()
        tally.cut = bool(rest) and told is not None and told.completion_tokens >= limit
        if not tally.cut:  # What the length limit cut off would not be a sentence.
            for piece in stops.before(loop.fresh(rest)):
                yield piece

    async def _tokens_of(self, name: str, text: str) -> int:
        model = await asyncio.to_thread(self._models.open, name)
        return await asyncio.to_thread(model.get_num_tokens, text)

    async def _tokens(
        self, turn: Turn, assignment: Assignment, name: str, limit: int, tally: Tally, **more: Any
    ) -> AsyncGenerator[Token | TokenUsage, None]:
        """Tokens of the named model, or of the first fallback that is available; never of two models mixed."""
        vertical, wording = turn.release.vertical, turn.request.wording
        temperature = vertical.answer.temperature if wording.temperature is None else wording.temperature
        options = {"max_tokens": limit, "temperature": temperature, **more}
        if wording.seed is not None:
            options["seed"] = wording.seed
        names = tally.candidates(name, [self._models.suited(n, assignment.kind) for n in vertical.fallback_models])
        for each in names:
            begun = False
            try:
                with self._models.attempt(each, alone=len(names) == 1) as attempt:
                    model, card = await asyncio.to_thread(self._models.open, each), self._models.card(each)
                    tally.asks(card.price)
                    async with aclosing(stream(model, _messages(turn, assignment, card), **options)) as tokens:
                        async for token in tokens:
                            if not begun:
                                begun = True
                                attempt.works()
                                tally.wrote(each, instead_of=name)
                            yield token
                return
            except ModelUnavailable as error:
                if begun or each == names[-1]:
                    raise
                log.warning("%s stands aside: %s", each, error)


def _messages(turn: Turn, assignment: Assignment, card: ModelCard) -> list[BaseMessage]:
    """What the model is asked; one that was tuned to it in the words it was tuned with."""
    if card.adapter:
        return [SystemMessage(card.adapter.instructions), HumanMessage(assignment.tuned_prompt)]
    return [SystemMessage(turn.release.vertical.instructions.strip()), HumanMessage(assignment.prompt)]
