"""How an answer ends: what is said where nothing is left, which notices follow, what was left out, what is kept."""

from __future__ import annotations

from dataclasses import replace

from assistant.answering.evidence import Found
from assistant.answering.speaking import Speaker
from assistant.answering.turn import Turn
from assistant.messages import Answer, Evidence, Omission, Outcome, Verdict
from assistant.tasks import omissions


def notices(asked: Turn, turn: Turn, parts: int) -> list[str]:
    """What is said after an answer about how the question was read."""
    engine = turn.release.engine
    long = [engine.message("say parts").replace("{parts}", str(parts))] if parts > 1 else []
    return long + ([engine.message("say part off topic")] if turn.question != asked.question else [])


def nothing_left(turn: Turn, speaker: Speaker) -> tuple[Outcome, Verdict]:
    """Declined where a rail other than grounding took the whole answer, or the vertical wants no quotes."""
    rails = [dropped.rail for dropped in speaker.dropped]
    own = next((rail for rail in rails if rail != "grounding"), None)
    if own or (rails and turn.release.vertical.on_unsupported == "decline"):
        rail = own or "grounding"
        return "declined", Verdict(True, rail, turn.release.engine.message_of(rail))
    return "unanswered", Verdict(blocked=False)


def omitted(turn: Turn, found: Found, speaker: Speaker) -> tuple[Omission, ...]:
    """What of the fixed list the documents state and the summary does not say."""
    if turn.task != "summarize" or turn.release.vertical.summary is None:
        return ()
    said = [sentence.text for sentence in speaker.said if sentence.claim]
    limit = turn.release.engine.limits["grounding"]

    def covered(statement: Evidence) -> bool:
        if statement in speaker.quotes:
            return True
        return bool(said) and turn.release.guards.grounding.measure(statement.text, said).score >= limit

    return omissions(found.statements, covered=covered)


def recorded(turn: Turn, answer: Answer) -> Answer:
    """The answer as it goes on record: masked also where the visitor was shown names."""
    if not shows_more_than_it_keeps(turn):
        return answer
    sentences = tuple(replace(each, text=kept(turn, each.text)) for each in answer.sentences)
    dropped = tuple(replace(each, text=kept(turn, each.text)) for each in answer.dropped_sentences)
    return replace(answer, text=kept(turn, answer.text), sentences=sentences, dropped_sentences=dropped)


def shows_more_than_it_keeps(turn: Turn) -> bool:
    """Whether the visitor is shown names that the record masks."""
    masking = turn.release.vertical.personal_data
    return masking.output == "off" and masking.records == "mask"


def kept(turn: Turn, text: str) -> str:
    """`text` as it may be kept."""
    concealed = turn.placeholders.conceal(text)
    return turn.release.guards.personal.mask(concealed, turn.placeholders).text
