"""What is left of a question that asks for several things: each is answered by a quote, or told to be unanswered."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.answering.evidence import Found, find_evidence
from assistant.answering.quoting import quotation
from assistant.answering.said import Said
from assistant.answering.speaking import Speaker
from assistant.answering.turn import Turn, apart
from assistant.embedding import Embedder
from assistant.messages import Evidence


@dataclass(frozen=True, slots=True)
class Rest:
    """What was said of the rest, and what it stands on."""

    said: tuple[Said, ...] = ()
    found: tuple[Found, ...] = ()

    def joined_to(self, found: Found) -> Found:
        """All that the answer stands on."""
        evidence = (passage for each in (found, *self.found) for passage in each.evidence)
        dropped = (passage for each in (found, *self.found) for passage in each.dropped)
        return replace(found, evidence=tuple(dict.fromkeys(evidence)), dropped=tuple(dict.fromkeys(dropped)))


async def answer_rest(turn: Turn, speaker: Speaker, embedder: Embedder) -> Rest:
    """Says what of the question nothing has answered yet; nothing where it asks for one thing."""
    asked = apart(turn)
    if len(asked) < 2 or turn.task != "answer" or turn.request.shape is not None:
        return Rest()
    said: list[Said] = []
    found: list[Found] = []
    left: list[Turn] = []
    for each in asked:
        if await asyncio.to_thread(_is_answered, each, [sentence.text for sentence in speaker.said]):
            continue
        own = await find_evidence(each, embedder)
        quote = await _quotable(each, own)
        if quote is not None and quote in speaker.quotes:
            continue
        quotes = [] if quote is None else await speaker.quote(quote, joiner="\n\n")
        if quotes:
            found.append(own)
            said += quotes
        else:
            left.append(each)
    if not speaker.claims and not speaker.quotes:
        return Rest()  # Nothing is answered: that is told of the whole.
    for each in left:  # What was said for one may have answered another.
        if not await asyncio.to_thread(_is_answered, each, [sentence.text for sentence in speaker.said]):
            unanswered = turn.release.engine.message("say unanswered")
            said.append(speaker.tell(f"“{each.question}”: {unanswered}", joiner="\n\n"))
    return Rest(tuple(said), tuple(found))


async def _quotable(turn: Turn, found: Found) -> Evidence | None:
    """What answers the question word for word; None where nothing does."""
    if turn.release.vertical.on_unsupported == "decline" or not found.evidence:
        return None
    return await asyncio.to_thread(quotation, turn, found.evidence[0])


def _is_answered(turn: Turn, said: Sequence[str]) -> bool:
    grounding = turn.release.guards.grounding
    return any(grounding.answers(turn.standing, text) >= grounding.answer_limit for text in said)
