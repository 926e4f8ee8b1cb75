"""One question as the line works on it: masked, with its history, its documents and its task."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from assistant.errors import Invalid
from assistant.guards import Placeholders, questions_of
from assistant.happenings import LOCAL
from assistant.knowledge import split, stand_alone, stand_beside
from assistant.messages import Document, Measurements, Message, Stage, Task, Verdict
from assistant.rails.live import Release
from assistant.rails.replay import Decision
from assistant.shapes import Shape
from assistant.tasks import form_of
from assistant.usage import Spending

MAX_QUESTION_CHARACTERS = 20_000  # About 3,000 words; what is longer belongs into `documents`.

_SUMMARIZE = re.compile(
    r"\bsummar|\bsum (?:\w+ )?up\b|\boverview\b|\bmain points\b|\bvisit note|\bthe note (?:for|of)\b|\bwrite up\b"
    r"|\bwhat (?:do|did|are|have) (?:the |these |our |my )?(?:customers?|reviewers?|reviews?|people|buyers?|they)\b",
    re.IGNORECASE,
)
_WRITE = re.compile(r"\b(?:write|draft|compose|blurb|tagline|caption|rewrite)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Wording:
    """How the caller wants the model to write; what is None is left to the vertical."""

    max_tokens: int | None = None
    """For all the model writes for one answer; never more than the vertical allows."""
    temperature: float | None = None
    stop: tuple[str, ...] = ()
    """The model stops before the first of these that it writes."""
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What a door hands to the line. `messages` is untrusted, the question last."""

    vertical: str
    messages: tuple[Message, ...]
    documents: tuple[Document, ...] = ()
    task: Task | None = None
    conversation_id: str | None = None
    model: str | None = None
    """A model for this request alone, as `assistant ask --model` and evaluation need it."""
    key_id: str = LOCAL
    release: str | None = None
    """The digest the caller pinned; another live release is refused."""
    wording: Wording = Wording()
    shape: Shape | None = None
    """The form of the JSON object that is wanted in place of sentences."""
    answer_id: str | None = None
    """The id its answer is to have, where that was settled before: for a request that may be sent again."""
    notice_shown: bool = False
    """Whether the page says that the visitor was shown the vertical's notice before asking."""
    spending: Spending | None = None
    """What its answer is charged to, for whoever wants to know also where nobody waits for the end."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A request made ready: nothing in it is unmasked where the vertical masks input."""

    release: Release
    request: Request
    answer_id: str
    conversation_id: str
    number: int
    """1 for the first question of a conversation."""
    question: str
    standing: str
    """The question made to stand alone: "And the blue one?" with what it is about."""
    documents: tuple[Document, ...]
    orders: tuple[str, ...]
    """The client's own system and developer messages: untrusted, checked for attempts to take over, then left aside."""
    task: Task
    placeholders: Placeholders
    masked: tuple[str, ...]
    """Kinds of personal data that were masked."""
    decisions: list[Decision] = field(default_factory=list)
    """Every decision of the rails so far, with what it was taken on."""

    @property
    def sought(self) -> str | None:
        """What a sentence is read as the answer to. In a summary or in copy it stands by itself: what these were asked
        for in is no part of what they claim."""
        return self.standing if self.task == "answer" else None

    @property
    def worked_on(self) -> tuple[str, ...]:
        """The passages that a summary or copy is to be made of: what "Give me the key points" is about."""
        if self.task == "answer":
            return ()
        return tuple(passage.text for document in self.documents for passage in split(document))

    @property
    def masked_texts(self) -> str:
        """All that was masked before a word was written: the question and the documents; empty where nothing was."""
        off = self.release.vertical.personal_data.input == "off"
        return "" if off else "\n".join([self.question, *(document.text for document in self.documents)])

    async def decide(self, stage: Stage, measurements: Measurements) -> Verdict:
        """What the rails decide, noted; raises as `RailEngine.decide`."""
        verdict = await self.release.engine.decide(stage, measurements)
        self.decisions.append(Decision.of(stage, measurements, verdict))
        return verdict


def history(request: Request) -> tuple[Message, ...]:
    """What the client says was said before the question; nothing in it is trusted."""
    before = request.messages[: len(request.messages) - _trailing_users(request.messages)]
    return tuple(message for message in before if message.role in ("user", "assistant"))


def open_turn(request: Request, release: Release, *, earlier: Sequence[Message], placeholders: Placeholders) -> Turn:
    """The turn that `request` asks for; `earlier` only helps to understand a follow-up.

    Raises Invalid naming what is wrong with the messages, the documents or the task.
    """
    asked = _asked(request.messages)
    kinds: set[str] = set()

    def masked(text: str) -> str:
        if release.vertical.personal_data.input == "off":
            return text
        result = release.guards.personal.mask(text, placeholders)
        kinds.update(found.kind for found in result.found)
        return result.text

    before = [Message(m.role, masked(m.text)) for m in earlier]
    question = masked(asked)
    documents = tuple(Document(masked(d.id), masked(d.title), masked(d.text)) for d in _named(request.documents))
    return Turn(
        release=release,
        request=request,
        answer_id=request.answer_id or f"ans-{uuid.uuid4().hex}",
        conversation_id=request.conversation_id or f"con-{uuid.uuid4().hex}",
        number=1 + sum(m.role == "user" for m in before),
        question=question,
        standing=question if documents else stand_alone(question, before),
        documents=documents,
        orders=tuple(masked(m.text) for m in request.messages if m.role in ("system", "developer") and m.text.strip()),
        task=_task(request, question, release.vertical.tasks),
        placeholders=placeholders,
        masked=tuple(sorted(kinds)),
    )


def _asked(messages: Sequence[Message]) -> str:
    count = _trailing_users(messages)
    if not count:
        raise Invalid("messages: the last message must be from the user; it is the question")
    # Several user messages in a row are one question: what is checked must be all of what was asked.
    asked = "\n".join(message.text.strip() for message in messages[-count:]).strip()
    if not any(character.isalnum() for character in asked):
        raise Invalid("messages: the question is empty; write at least one word")
    if len(asked) > MAX_QUESTION_CHARACTERS:
        raise Invalid(
            f"messages: the question has {len(asked)} characters, at most {MAX_QUESTION_CHARACTERS} are read; "
            "send long texts as `documents`"
        )
    return asked


def _trailing_users(messages: Sequence[Message]) -> int:
    count = 0
    for message in reversed(messages):
        if message.role != "user":
            break
        count += 1
    return count


def _named(documents: Sequence[Document]) -> Sequence[Document]:
    seen: set[str] = set()
    for document in documents:
        if not document.text.strip():
            raise Invalid(f"documents: {document.id!r} is empty; leave it out or send its text", param="documents")
        if document.id in seen:
            message = f"documents: the id {document.id!r} occurs twice; each document needs its own"
            raise Invalid(message, param="documents")
        seen.add(document.id)
    return documents


def lists_reviews(documents: Sequence[Document]) -> bool:
    """Whether one of them is a list of reviews: whatever is asked of it, one customer's words are no answer."""
    return any(form_of(document.text) == "reviews" for document in documents)


def _task(request: Request, question: str, allowed: Sequence[Task]) -> Task:
    if request.task is not None:
        if request.task not in allowed:
            message = f"task: {request.vertical!r} does not do {request.task!r}; it does {', '.join(allowed)}"
            raise Invalid(message, param="task")
        return request.task
    documents = request.documents
    if "summarize" in allowed and documents and (_SUMMARIZE.search(question) or lists_reviews(documents)):
        return "summarize"
    if "write" in allowed and _WRITE.search(question):
        return "write"
    return "answer" if "answer" in allowed else allowed[0]


def within_topics(asked: Turn) -> Turn:
    """The turn with only the part of its question that is in scope; a follow-up stands as it is."""
    if asked.standing != asked.question:
        return asked
    within = asked.release.guards.topics.inside(asked.question)
    return asked if within == asked.question else replace(asked, question=within, standing=within)


def apart(asked: Turn) -> list[Turn]:
    """A turn for each thing that is asked for: "What does it cost, and who made it?" is two questions."""
    if asked.standing != asked.question:
        return [asked]
    questions = questions_of(asked.question)
    if len(questions) == 1:
        return [asked]
    standing = [stand_beside(each, questions[:place]) for place, each in enumerate(questions)]
    return [replace(asked, question=q, standing=s) for q, s in zip(questions, standing, strict=True)]
