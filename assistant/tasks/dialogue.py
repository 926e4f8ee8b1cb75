"""A visit dialogue as statements: question and answer are one fact ("Any fever?" "No." says there is no fever)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from assistant.messages import Document, Evidence
from assistant.tasks.forms import TURN, lines

_FILLER = r"(?:oh|um+|uh|well|hm+),? "
_NO = re.compile(
    rf"(?:{_FILLER})*(?:no|nope|nah|none|never|negative|nothing"
    r"|not (?:really|that|at all|yet|now|lately|recently)"
    r"|i (?:don't|do not|haven't|have not|didn't|am not))\b[,.!]?\s*",
    re.IGNORECASE,
)
_YES = re.compile(
    rf"(?:{_FILLER})*(?:yes|yeah|yep|yup|uh-huh|mm-?hm+|correct|right|exactly|that's right|sure"
    r"|i (?:do|have|am|did)|it (?:does|is))\b[,.!]?\s*",
    re.IGNORECASE,
)
_ASKED = re.compile(
    r"(?:(?:and|so|ok(?:ay)?|alright|right|now|then|also|what about|how about|but),?\s+)*"
    r"(?:(?P<any>any(?:\s+(?:other|history of|problems? with|trouble with))?"
    r"|(?:do|did) you (?:have|get|notice|feel)(?: any)?"
    r"|have you (?:had|got|noticed|felt|experienced)(?: any)?"
    r"|is there(?: any)?|are there(?: any)?"
    r"|(?:are you )?(?:having|getting)(?: any)?)\s+(?!an? |the |your )(?P<thing>.+)"
    r"|(?P<aux>are|is|was|were|do|does|did|have|has|can|could|will|would) "
    r"(?P<who>you|it|that|this|they|he|she|the \w+|your \w+) (?P<rest>.+))$",
    re.IGNORECASE,
)
_NEGATED = {"do": "does not", "are": "is not", "were": "was not", "have": "has not"}
_AFFIRMED = {"do": "does", "are": "is", "were": "was", "have": "has"}
# A transcript of a machine has no capitals, and a blank before every full stop.
_SENTENCE = re.compile(r".+?(?:[.!?]+(?=\s+[A-Z\"'(]|\s*$)|(?<=\s)[.!?](?=\s)|$)", re.DOTALL)
_PLEASANTRY = re.compile(
    r"(?:(?:oh|well|ok(?:ay)?|yes|yeah|all right|alright|right|fine|good|great|sure|will do|i can do that|i will"
    r"|hello|hi|hey|again|good (?:morning|afternoon|evening)|morning|bye|goodbye|see you|take care|thanks?|thank you"
    r"|so much|very much|doctor|dr|please|come in|have a seat|ouch|i see|that's a relief|you're welcome"
    r"|mm-?hm+|uh-?huh|uh|um|yep|yup|nope|wow|perfect|awesome|excellent|wonderful|got it|gotcha|makes sense"
    r"|sounds good|that's (?:fine|good|great)|i understand|oh no|sorry|i'm sorry(?: to hear that)?|no problem"
    r"|let(?: me|'s) (?:take a look|see|check)|of course|absolutely|exactly|have a (?:good|great|nice) (?:one|day)"
    r"|good to see you|nice to (?:see|meet) you|how are you(?: doing)?(?: today)?|too|sir|ma'am|miss)[\s,.!?]*)+",
    re.IGNORECASE,
)
MAX_REPLY_WORDS = 25
"""Beyond this many words a reply says more than what was asked."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one speaker says at a time; `text` is the document from `start` to `end`."""

    speaker: str
    text: str
    start: int
    end: int


def turns(text: str) -> tuple[Turn, ...]:
    """The turns of a dialogue with one speaker label a turn; a line without a label goes on with the turn before."""
    found: list[Turn] = []
    for line in lines(text):
        match = TURN.match(line.text)
        if match:
            start, speaker = line.start + match.start("text"), (match["name"] or match["bracket"]).strip()
            found.append(Turn(speaker[:1].upper() + speaker[1:], text[start : line.end], start, line.end))
        elif found:
            last = found[-1]
            found[-1] = Turn(last.speaker, text[last.start : line.end], last.start, line.end)
    return tuple(found)


def dialogue_statements(document: Document) -> tuple[Evidence, ...]:
    """Statements made from the dialogue, in order; each keeps the words it was made from as its quote."""
    said = turns(document.text)
    statements: list[Evidence] = []
    answered = False
    for turn, reply in zip(said, (*said[1:], None), strict=True):
        sentences = list(_sentences(turn))
        if answered:  # The first sentence of this turn stands with the question it answers.
            sentences = sentences[_taken(turn) :]
        question = sentences[-1] if sentences and sentences[-1].text.endswith("?") else None
        asked = question is not None and reply is not None and reply.speaker != turn.speaker
        told = [each for each in (sentences[:-1] if asked else sentences) if not _PLEASANTRY.fullmatch(each.text)]
        statements += [
            _evidence(
                document,
                f"{turn.speaker}: {each.text}",
                each.start,
                each.end,
                turns=_line(turn.speaker, each.text),
            )
            for each in told
        ]
        if asked and question and reply:
            answer = list(_sentences(reply))[: _taken(reply)]
            replied = " ".join(each.text for each in answer)
            text = joined(question.text, replied, reply.speaker)
            spoken = f"{_line(turn.speaker, question.text)}\n{_line(reply.speaker, replied)}"
            statements.append(_evidence(document, text, question.start, answer[-1].end, turns=spoken))
        answered = asked
    return tuple(statements)


def _sentences(turn: Turn) -> Iterator[Turn]:
    """The sentences of a turn as turns of their own, with their spans."""
    for match in _SENTENCE.finditer(turn.text):
        text = match.group().strip()
        if text:
            start = turn.start + match.start() + match.group().index(text[0])
            yield Turn(turn.speaker, text, start, start + len(text))


def _taken(reply: Turn) -> int:
    """How many sentences of a reply belong to the question: all of a short one, but never its own question back."""
    sentences = list(_sentences(reply))
    count, words = 0, 0
    for each in sentences:
        words += len(each.text.split())
        if count and (words > MAX_REPLY_WORDS or each.text.endswith("?")):
            break
        count += 1
    return count


def joined(question: str, reply: str, speaker: str) -> str:
    """One statement from a question and its reply; yes and no become part of what is stated."""
    who = "The patient" if "patient" in speaker.lower() or speaker.lower() == "pt" else speaker
    no, yes = _NO.match(reply), _YES.match(reply)
    stated = _stated(question.rstrip("? "), who, negative=no is not None) if no or yes else None
    if stated is None:
        return f"{question} {speaker}: {reply}"
    rest = reply[(no or yes).end() :].strip()  # type: ignore[union-attr]
    if len(rest.split()) < 2:
        return stated
    return f"{stated} {speaker}: {rest[0].upper()}{rest[1:]}"


def _stated(question: str, who: str, *, negative: bool) -> str | None:
    match = _ASKED.match(question.strip())
    if match is None:
        return None
    if match["any"]:
        thing = _third_person(match["thing"])
        if not negative:
            return f"{who} reports {_some(thing)}."
        return f"No {thing}. {who} denies {thing}."
    aux, rest = match["aux"].lower(), _third_person(match["rest"])
    subject = who if match["who"].lower() == "you" else _third_person(match["who"]).capitalize()
    singular = aux in {"do", "are", "were", "have"} and match["who"].lower() == "you"
    if negative:
        return f"{subject} {_NEGATED.get(aux, aux + ' not') if singular else aux + ' not'} {rest}."
    return f"{subject} {_AFFIRMED.get(aux, aux) if singular else aux} {_some(rest)}."


def _some(text: str) -> str:
    return re.sub(r"\bany(thing|body|one|where)?\b", lambda m: f"some{m[1] or ''}", text, flags=re.IGNORECASE)


def _third_person(text: str) -> str:
    for first, third in (("yourself", "themselves"), ("yours", "theirs"), ("your", "their"), ("you", "they")):
        text = re.sub(rf"\b{first}\b", third, text, flags=re.IGNORECASE)
    return text.strip()


def _line(speaker: str, text: str) -> str:
    return f"{speaker}: {' '.join(text.split())}"


def _evidence(document: Document, text: str, start: int, end: int, *, turns: str) -> Evidence:
    words, quote = " ".join(text.split()), document.text[start:end]
    return Evidence(document.id, document.title, words, start, end, origin="request", quote=quote, turns=turns)
