"""The straight line: a question in, checked and cited sentences out. Read `Chat._line` from top to bottom."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace
from functools import partial

from assistant.answering import ending
from assistant.answering.events import DoneEvent, Event, ObjectEvent, OpenedEvent, SentenceEvent, StageEvent, whole
from assistant.answering.evidence import Found, find_evidence, judge_passages
from assistant.answering.filling import fill
from assistant.answering.quoting import quotation
from assistant.answering.receipt import opening, receipt
from assistant.answering.rest import answer_rest
from assistant.answering.said import Said
from assistant.answering.speaking import HEADING, Speaker
from assistant.answering.stopwatch import Stopwatch
from assistant.answering.tally import Tally
from assistant.answering.turn import Request, Turn, Wording, history, open_turn, within_topics
from assistant.answering.writing import Writer
from assistant.embedding import Embedder
from assistant.guards import Placeholders
from assistant.messages import Answer, Message, Omission, Outcome, Verdict
from assistant.rails.live import LiveRails, Release
from assistant.records import Audit, BeforePeople, Trail, Turns
from assistant.tasks import Assignment, Plan, worth_noting
from assistant.usage import Meter, Spending
from assistant.watching.working import current_work

__all__ = [
    "Chat", "DoneEvent", "Event", "ObjectEvent", "OpenedEvent", "Request", "SentenceEvent", "StageEvent", "Wording",
    "whole",
]  # fmt: skip


class Chat:
    """Answers questions for every vertical that is live."""

    def __init__(
        self,
        rails: LiveRails,
        writer: Writer,
        embedder: Embedder,
        turns: Turns,
        audit: Audit,
        before_people: BeforePeople,
        *,
        secret: bytes,
        meter: Meter | None = None,
    ) -> None:
        """`secret` keys the digests by which a conversation recognises a masked value without keeping it."""
        self._rails, self._writer, self._embedder = rails, writer, embedder
        self._turns, self._audit, self._before_people, self._secret = turns, audit, before_people, secret
        self._meter = meter or Meter()

    async def answer(self, request: Request) -> Answer:
        """The whole answer at once: a fold over `stream`."""
        return await whole(self.stream(request))

    async def stream(self, request: Request) -> AsyncGenerator[Event, None]:
        """The answer as it comes. No sentence is yielded before the rails have passed it.

        Raises an AssistantError when a part that must check or answer is not there: a broken check withholds.
        """
        spending, clock = request.spending or Spending(), Stopwatch()
        current_work.set(spending.work)
        with self._meter.running(spending):
            turn = await self._open(request)
            new = request.conversation_id is None
            trail = await self._audit.trail(turn.answer_id, turn.conversation_id, request.key_id, new=new)
            async with trail, aclosing(self._line(turn, trail, clock, spending)) as events:
                trail.note("turn.opened", **opening(turn, trail.key))
                async for event in events:
                    await trail.hear(event)
                    yield event

    async def _line(
        self, asked: Turn, trail: Trail, clock: Stopwatch, spending: Spending
    ) -> AsyncGenerator[Event, None]:
        """The line, step by step."""
        turn, request = asked, asked.request
        usage = Tally(request.wording.max_tokens, spending)
        speaker = Speaker(turn)
        yield OpenedEvent(turn.answer_id, turn.conversation_id, request.vertical, request.shape is not None)

        yield StageEvent("input")
        stopped, reply = await self._judge_input(turn)
        if not stopped.blocked:
            turn = await asyncio.to_thread(within_topics, asked)
            speaker = Speaker(turn)
        clock.lap("input")
        if stopped.blocked or reply is not None:
            yield _event(turn, speaker.tell(stopped.message or reply or ""))
            outcome: Outcome = "declined" if stopped.blocked else "answered"
            yield DoneEvent(await self._close(asked, trail, speaker, clock, usage, outcome=outcome, stopped=stopped))
            return

        yield StageEvent("evidence")
        found = await find_evidence(turn, self._embedder)
        plan = await asyncio.to_thread(self._writer.plan, turn, found)
        clock.lap("evidence")

        yield StageEvent("generation")
        async with aclosing(self._generate(turn, plan, speaker, usage, clock)) as events:
            async for event in events:
                yield event
        # Of a question that asks for several things, those that nothing has answered yet.
        rest = await answer_rest(turn, speaker, self._embedder)
        for said in rest.said:
            clock.first_sentence()
            yield _event(turn, said)
        clock.lap("generation")

        yield StageEvent("output")
        stopped = Verdict(blocked=False)
        outcome = "answered" if speaker.claims else "quoted" if speaker.quotes else "unanswered"
        if outcome == "unanswered":
            outcome, stopped = ending.nothing_left(turn, speaker)
            yield _event(
                turn, speaker.tell(stopped.message or turn.release.engine.message("say unanswered"), joiner="\n\n")
            )
        for notice in () if asked.request.shape else ending.notices(asked, turn, plan.parts):
            yield _event(turn, speaker.tell(notice, joiner="\n\n"))
        omitted = await asyncio.to_thread(ending.omitted, turn, found, speaker)
        clock.lap("output")
        answer = await self._close(
            asked,
            trail,
            speaker,
            clock,
            usage,
            outcome=outcome,
            stopped=stopped,
            found=rest.joined_to(found),
            parts=plan.parts,
            omitted=omitted,
        )
        yield DoneEvent(answer)

    async def _open(self, request: Request) -> Turn:
        release = self._rails.release(request.vertical, digest=request.release)
        if request.model:
            self._writer.know(request.model)
        kept = None
        if request.conversation_id:
            conversation = await self._turns.history(
                request.conversation_id, vertical=request.vertical, key_id=request.key_id
            )
            earlier, kept = conversation.messages, conversation.placeholders
        else:
            earlier = await self._clean(release, history(request))
        placeholders = Placeholders.from_json(kept, self._secret) if kept else Placeholders(self._secret)
        return await asyncio.to_thread(open_turn, request, release, earlier=earlier, placeholders=placeholders)

    async def _clean(self, release: Release, earlier: Sequence[Message]) -> tuple[Message, ...]:
        """The client's own history less the turns that carry orders to us, as if they had never been sent.

        Declining instead would close a conversation for good after one declined question, which clients send again.
        """
        verdicts = await judge_passages(release, [message.text for message in earlier], task="answer", number=1)
        return tuple(message for message, verdict in zip(earlier, verdicts, strict=True) if not verdict.blocked)

    async def _judge_input(self, turn: Turn) -> tuple[Verdict, str | None]:
        """The rails' verdict on all that was asked, and the canned reply where small talk has one."""
        release = turn.release
        for verdict in await judge_passages(
            release, turn.orders, task=turn.task, number=turn.number, decide=turn.decide, measure=release.guards.orders
        ):
            if verdict.blocked:
                return verdict, None
        texts = list(dict.fromkeys((turn.question, turn.standing)))
        measure = partial(release.guards.input, about=turn.worked_on, task=turn.task, turn=turn.number)
        measured = [await asyncio.to_thread(measure, text) for text in texts]
        # "And how many may it have?" alone is about nothing; its topic is that of what it follows.
        topics = max((each["topics"] for each in measured), key=lambda topics: topics["score"])
        for each in measured:
            verdict = await turn.decide("input", {**each, "topics": topics})
            if verdict.blocked:
                return verdict, None
        form = topics["form"]
        # A long text that begins with a greeting is a question; only short small talk gets a canned reply.
        small_talk = form in release.bundle.small_talk and not turn.documents and len(turn.question.split()) <= 10
        reply = release.bundle.messages.get(f"answer {form}") if small_talk else None
        return verdict, reply

    async def _generate(
        self, turn: Turn, plan: Plan, speaker: Speaker, usage: Tally, clock: Stopwatch
    ) -> AsyncGenerator[Event, None]:
        """What the model writes, piece by piece as planned; quotes where nothing of a piece is borne out."""
        if turn.request.shape is not None:
            if await fill(self._writer, turn, plan, speaker, usage):
                clock.first_sentence()
                yield _object_event(turn, speaker.object or "")
            return
        for assignment in plan.assignments:
            speaker.start(assignment.evidence)
            if assignment.heading and not assignment.goes_on:
                yield _event(turn, speaker.tell(f"{HEADING}{assignment.heading}", joiner="\n\n"))
            async with aclosing(self._writer.write(turn, assignment, speaker, usage)) as written:
                async for said in written:
                    clock.first_sentence()
                    yield _event(turn, said)
            if not speaker.answered:
                for said in await self._quoted(turn, assignment, speaker):
                    clock.first_sentence()
                    yield _event(turn, said)

    async def _quoted(self, turn: Turn, assignment: Assignment, speaker: Speaker) -> list[Said]:
        """The evidence word for word, where nothing the model wrote was borne out."""
        engine = turn.release.engine
        if turn.release.vertical.on_unsupported == "decline":
            return []
        if assignment.heading and not assignment.evidence:
            return [speaker.tell(engine.message("say not recorded"), joiner="\n")]
        if turn.task == "answer":
            found = [await asyncio.to_thread(quotation, turn, passage) for passage in assignment.evidence[:1]]
            quotes = [quote for quote in found if quote]
        elif assignment.heading:
            quotes = worth_noting(assignment.evidence, self._embedder)
        else:
            quotes = list(assignment.evidence if turn.documents else assignment.evidence[:1])
        said: list[Said] = []
        for quote in quotes:
            said += await speaker.quote(quote, joiner="\n" if said or assignment.heading else " ")
        return said

    async def _close(
        self,
        turn: Turn,
        trail: Trail,
        speaker: Speaker,
        clock: Stopwatch,
        usage: Tally,
        *,
        outcome: Outcome,
        stopped: Verdict,
        found: Found | None = None,
        parts: int = 1,
        omitted: tuple[Omission, ...] = (),
    ) -> Answer:
        """The answer as it left, recorded in its conversation."""
        answer = Answer(
            answer_id=turn.answer_id,
            conversation_id=turn.conversation_id,
            vertical=turn.request.vertical,
            release=turn.release.digest,
            published=turn.release.published,
            model=usage.model or turn.request.model or turn.release.vertical.model,
            task=turn.task,
            outcome=outcome,
            text=speaker.object or "".join(sentence.joiner + sentence.text for sentence in speaker.said),
            sentences=tuple(speaker.said),
            citations=tuple(speaker.citations),
            rail=stopped.rail,
            reason=f"stopped by the rail {stopped.rail}" if stopped.rail else None,
            dropped_evidence=found.dropped if found else (),
            dropped_sentences=tuple(speaker.dropped),
            omitted=omitted,
            parts=parts,
            masked=turn.masked,
            is_object=speaker.object is not None,
            object_asked=turn.request.shape is not None,
            cut=usage.cut,
            notice_shown=turn.request.notice_shown,
            usage=self._meter.read(usage.spending),
            timings=clock.timings(),
        )
        recorded, limit = ending.recorded(turn, answer), turn.release.engine.limits["grounding"]
        put_before_people = await self._before_people.keeping(recorded, turn.documents, limit=limit)
        close_record = await trail.closing(receipt(turn, answer, found, trail.key))
        await self._turns.add(
            turn.conversation_id,
            turn.request.vertical,
            turn.request.key_id,
            turn.question,
            recorded,
            turn.placeholders.to_json(),
            closing=(put_before_people, close_record),  # With the turn, or not at all.
        )
        return answer


def _event(turn: Turn, said: Said) -> SentenceEvent:
    if not ending.shows_more_than_it_keeps(turn):
        return SentenceEvent(said.sentence, said.citations)
    kept = replace(said.sentence, text=ending.kept(turn, said.sentence.text))
    return SentenceEvent(said.sentence, said.citations, kept)


def _object_event(turn: Turn, text: str) -> ObjectEvent:
    return ObjectEvent(text, ending.kept(turn, text) if ending.shows_more_than_it_keeps(turn) else None)
