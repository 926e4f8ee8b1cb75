"""What the rooms hand each other: messages, documents, evidence, sentences, verdicts and answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Role = Literal["system", "developer", "user", "assistant", "tool"]
Task = Literal["answer", "summarize", "write"]
Writing = Literal["section", "answer", "summary", "copy"]
"""A sort of writing that adapters are made for."""
Stage = Literal["input", "evidence", "output"]
Outcome = Literal["answered", "quoted", "declined", "unanswered"]
Basis = Literal["measured", "estimated"]
Reason = Literal["none", "figure", "name", "negation", "quantity", "absent"]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation as the caller sent it; nothing in it is trusted."""

    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class Document:
    """A text the request brought along, or a file of the knowledge folder."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """A passage an answer may stand on; `text` is what is read, `start`–`end` where it stands in the document."""

    document: str
    """File name in the knowledge folder, or the id of a document the request brought."""
    title: str
    text: str
    """What the model and the checks read; for dialogues and counts this is a statement made from the document."""
    start: int
    """First character of the passage in the document's text."""
    end: int
    """One past the last character."""
    score: float = 1.0
    """How well the passage fits the question: cosine similarity, 0 to 1."""
    origin: Literal["knowledge", "request", "count"] = "knowledge"
    """Where it comes from: ingested knowledge, a document of this request, or counted by us in such documents."""
    trust: Literal["approved", "reference"] = "approved"
    quote: str | None = None
    """The document's own words, where `text` is a statement made from them; None where `text` is those words."""
    heading: str = ""
    """Where a passage stands: "Returns › Opened items"; without it "- Weight: 2 kg" is about nothing."""
    turns: str | None = None
    """The turns of a dialogue that a statement was made from, one a line, each with its speaker."""

    @property
    def reading(self) -> str:
        """The text under its heading, as the model and the checks read it."""
        return f"{self.heading}: {self.text}" if self.heading else self.text

    @property
    def quotation(self) -> str:
        """The text as an answer repeats it: of a dialogue what each speaker said, in quotation marks."""
        if not self.turns:
            return self.text.strip()
        said = (line.partition(": ") for line in self.turns.split("\n"))
        return " ".join(f"{who}: “{words}”" for who, _, words in said)


@dataclass(frozen=True, slots=True)
class Citation:
    """Evidence as shown with an answer, numbered from 1 in order of first use."""

    n: int
    document: str
    title: str
    text: str
    start: int
    end: int
    score: float
    effective: str | None = None
    """The day from which the source holds, as `2026-09-01`; None where nobody said."""
    link: str | None = None
    """Where readers find the source; only for one that somebody approved."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence that left, with how far the evidence bears it out."""

    text: str
    claim: bool
    """False for a sentence that claims nothing: a greeting, an invitation, a heading."""
    support: float | None
    """0 unsupported … 1 borne out; None where nothing is claimed."""
    citations: tuple[int, ...] = ()
    """Numbers of the citations it stands on."""
    joiner: str = " "
    """White space that separates it from the sentence before."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rails decided about one text at one stage, and why."""

    blocked: bool
    rail: str | None = None
    """Name of the rail that stopped, in hyphens; None when nothing did."""
    message: str | None = None
    """What the assistant says because of it."""


@dataclass(frozen=True, slots=True)
class Omission:
    """Something of the fixed list that a document says and the summary leaves out."""

    kind: Literal["allergies", "medication", "negation", "follow-up"]
    text: str


@dataclass(frozen=True, slots=True)
class Dropped:
    """A passage or sentence that was withheld, and what withheld it; shown to integrators, not to visitors."""

    text: str
    rail: str
    reason: str


@dataclass(frozen=True, slots=True)
class TokenUsage:
    """Tokens of one call of a model, or of several."""

    prompt_tokens: int = 0
    completion_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Usage(TokenUsage):
    """What one answer used: the tokens of all its model calls, money, energy and carbon."""

    cost_usd: float = 0.0
    """What hosted models charge, and the electricity where its price is known."""
    energy_wh: float = 0.0
    """Watt-hours of this machine; what a hosted model takes elsewhere is not known."""
    co2_g: float = 0.0
    """Grams of CO2 equivalent, by the carbon of the grid."""
    basis: Basis = "estimated"
    """Whether the energy was measured, or reckoned from the time of the processor."""
    checks_wh: float = 0.0
    """The part of the energy that guards and rails took; the rest is the model's and everything else's."""


@dataclass(frozen=True, slots=True)
class Timings:
    """Milliseconds of wall clock per stage; `first_sentence` counts from the start of the request."""

    input: float = 0.0
    evidence: float = 0.0
    first_sentence: float | None = None
    generation: float = 0.0
    output: float = 0.0
    total: float = 0.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What left: the fold of one `Chat.stream`."""

    answer_id: str
    conversation_id: str
    vertical: str
    release: str
    published: bool
    model: str
    task: Task
    outcome: Outcome
    text: str
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    rail: str | None = None
    """The rail that stopped the request; None unless declined."""
    reason: str | None = None
    """Why, in a few words, for people who may see it."""
    dropped_evidence: tuple[Dropped, ...] = ()
    dropped_sentences: tuple[Dropped, ...] = ()
    omitted: tuple[Omission, ...] = ()
    parts: int = 1
    """In how many parts a long document was worked."""
    masked: tuple[str, ...] = ()
    """Kinds of personal data that were masked in what the request brought."""
    is_object: bool = False
    """Whether `text` is the JSON object that was asked for; otherwise it is sentences."""
    object_asked: bool = False
    """Whether a JSON object was asked for; where `is_object` is not, its sentences are a refusal."""
    cut: bool = False
    """Whether the limit on tokens ended the model in the middle of a sentence, which was left out."""
    notice_shown: bool = False
    """Whether the page said that the visitor was shown the vertical's notice; its words are part of the release."""
    usage: Usage = field(default_factory=Usage)
    timings: Timings = field(default_factory=Timings)


Measurements = dict[str, Any]
"""What the guards found, by measurement name (`topics`, `injection`, …), as Colang will read it."""
