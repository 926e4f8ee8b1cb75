"""What the model is asked to write, piece by piece: sections of a summary, parts of a long document, or one answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assistant.embedding import Embedder
from assistant.messages import Evidence, Task, Writing
from assistant.tasks.forms import lines
from assistant.tasks.noting import worth_noting
from assistant.tasks.placing import PhraseCounts, Placing, Section, assign

Tokens = Callable[[str], int]
"""How many tokens of the model a text takes."""

_ASK = {
    "answer": "Using only the text above, answer in one short sentence: {question}",
    "summarize": "Request: {question}\nSummarise the text in two or three short sentences. Keep every number and name.",
    "write": "Request: {question}\nWrite it in two to four short sentences, using only the facts above.",
}
_ASK_OBJECT = (
    "Using only the text above, fill in these fields as a JSON object, each in the words of the text: {fields}.\n"
    "Question: {question}"
)
_ASK_SECTION = (
    'Write the part "{heading}" of a summary in one to three short sentences in the third person. '
    'Use only the notes above. Keep every number, name and "no" exactly.'
)


SECTION_TOKENS = 300
"""As much as one call reads for a section: small models lose the thread of more, and were tuned on about as much."""
READ_TOKENS = 900
"""So much of the reviews is read beside their counts: small models were tuned on about as much."""
_WRITING: dict[Task, Writing] = {"answer": "answer", "summarize": "summary", "write": "copy"}


@dataclass(frozen=True, slots=True)
class Assignment:
    """One call of the model: what it is asked, and the evidence it may use."""

    prompt: str
    evidence: tuple[Evidence, ...]
    kind: Writing | None = None
    """What sort of writing a model would have to be tuned to; None where no adapter is made for it."""
    request: str = ""
    """What was asked, in the words in which it was."""
    heading: str | None = None
    elsewhere: tuple[str, ...] = ()
    """The headings of the other sections."""
    goes_on: bool = False
    """Whether an assignment before it has begun what stands under the heading."""
    beside: tuple[Evidence, ...] = ()
    """What a model that was tuned to it reads as well, and may use."""

    @property
    def tuned_prompt(self) -> str:
        """The same for a model that was tuned to it: it needs no telling how."""
        if self.heading:
            return section_prompt(self.heading, self.evidence)
        return f"{_listed((*self.evidence, *self.beside))}\n\n{self.request}"


@dataclass(frozen=True, slots=True)
class Plan:
    """All calls that one answer takes, in the order in which they are shown."""

    assignments: tuple[Assignment, ...]
    parts: int = 1
    """In how many parts the documents had to be worked to fit the model's window."""


def plan(
    task: Task,
    question: str,
    evidence: Sequence[Evidence],
    *,
    tokens: Tokens,
    window: int,
    sections: Sequence[Section] = (),
    embedder: Embedder,
    fields: str | None = None,
    placing: Placing | None = None,
    phrases: PhraseCounts | None = None,
    opening: str | None = None,
    beside: Sequence[Evidence] = (),
) -> Plan:
    """How `task` is worked: every passage of `evidence` is shown to the model in some call, none is cut.

    But for talk: what of a visit no note would hold makes no part of a note by itself.

    `window` is the number of tokens that passages and request may take together. With `fields` (their names; empty
    where the question names them) the model is asked for a JSON object. Of what stands `beside` the evidence a tuned
    model reads as much as it was tuned on. `phrases` and `opening` say what belongs under which of the `sections`, as
    for `assign`.
    """
    asked = _ASK[task] if fields is None else _ASK_OBJECT
    request = asked.format(question=question, fields=fields or "those that the question names")
    parts = fit(evidence, tokens=tokens, window=window - tokens(request) - 60)
    if not sections:
        kind = _WRITING[task] if fields is None else None
        room = min(window - tokens(request) - 60, READ_TOKENS)
        read = _few(beside, tokens=tokens, window=room) if len(parts) == 1 else ()
        whole = tuple(
            Assignment(f"{_listed(part)}\n\n{request}", tuple(part), kind, question, beside=read) for part in parts
        )
        return Plan(whole, len(parts))
    by_heading: dict[str, list[Assignment]] = {section.heading: [] for section in sections}
    headings = tuple(by_heading)
    for number, part in enumerate(parts):
        opens = opening if number == 0 else None
        placed = assign(part, sections, embedder, placing, phrases, opens)
        for section, members in zip(sections, placed, strict=True):
            written = by_heading[section.heading]
            for few in fit(members, tokens=tokens, window=SECTION_TOKENS):
                if worth_noting(few, embedder):
                    written.append(_of_section(section.heading, few, question, headings, goes_on=bool(written)))
    calls = tuple(
        each
        for section in sections
        for each in by_heading[section.heading] or [Assignment("", (), heading=section.heading)]
    )
    return Plan(calls, len(parts))


def _of_section(
    heading: str, few: Sequence[Evidence], question: str, headings: Sequence[str], *, goes_on: bool = False
) -> Assignment:
    prompt = f"Notes:\n{_listed(few)}\n\n{_ASK_SECTION.format(heading=heading)}"
    elsewhere = tuple(other for other in headings if other != heading)
    return Assignment(prompt, tuple(few), "section", question, heading, elsewhere, goes_on)


def section_prompt(heading: str, statements: Sequence[Evidence]) -> str:
    """What a model tuned to write sections is shown: the turns as they were spoken, then the heading.

    Training and answering both ask in these words; a model that is asked in others has not learnt to answer.
    """
    turns = "\n".join(each.turns or " ".join(each.reading.split()) for each in statements)
    return f"{turns}\n\n{heading}:"


def fit(evidence: Sequence[Evidence], *, tokens: Tokens, window: int) -> list[list[Evidence]]:
    """`evidence` in order, in as few parts as fit `window` tokens each; at least one part."""
    parts: list[list[Evidence]] = [[]]
    used = 0
    for passage in evidence:
        size = tokens(passage.reading) + 8
        if parts[-1] and used + size > window:
            parts.append([])
            used = 0
        parts[-1].append(passage)
        used += size
    return parts


def _few(evidence: Sequence[Evidence], *, tokens: Tokens, window: int) -> tuple[Evidence, ...]:
    """Of `evidence` as many as fit the window, taken evenly from all of it."""
    sizes = [tokens(passage.reading) + 8 for passage in evidence]
    count = len(evidence)
    while count:
        chosen = [at * len(evidence) // count for at in range(count)]
        if sum(sizes[at] for at in chosen) <= window:
            return tuple(evidence[at] for at in chosen)
        count -= 1
    return ()


def template_sections(template: str) -> tuple[Section, ...]:
    """The sections of a summary: each `##` heading of the template with the paragraph below it."""
    found: list[Section] = []
    for line in lines(template):
        if line.text.startswith("## "):
            found.append(Section(line.text.removeprefix("## ").strip(), ""))
        elif found and not line.text.startswith("#"):
            last = found[-1]
            found[-1] = Section(last.heading, f"{last.about} {line.text}".strip())
    return tuple(found)


def _listed(evidence: Sequence[Evidence]) -> str:
    return "\n".join(f"- {' '.join(passage.reading.split())}" for passage in evidence)
