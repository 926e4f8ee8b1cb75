"""What leaves, sentence by sentence: each is measured against the evidence and decided on before it is said."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from assistant.answering.citing import citation_of, shows
from assistant.answering.quoting import KNOWLEDGE_ANSWERS, answers_as_asked, least_answer, under_heading
from assistant.answering.said import Bookmark, Passed, Said
from assistant.answering.turn import Turn
from assistant.guards import Piece, is_claim, leans_on_previous
from assistant.messages import Citation, Dropped, Evidence, Sentence, Task

_MARKER = re.compile(r"^(?:[-*•]\s+)+")
SURER_THAN_EVEN: Mapping[Task, float] = {"answer": 0.86, "summarize": 0.8}
"""So surely must a model's sentence be borne out where the passage itself can be said instead. Of 34 sentences that a
135M model wrote as answers, all above 0.8, 14 were not borne out, of the 11 above 0.86 it was 3. Of 51 that it wrote of
visits it was 5; between the two lay 4 of these and 9 true ones (two passes of labels, run 2026-11-28)."""
FEW_WORDS = 6  # A value of so few words says little by itself; where it stands has to fit its field.
HEADED_WORDS = 4  # So few words are seldom a sentence: what they say depends on the heading they stand under.
BESIDE = 0.75  # A passage that answers less than this share of the best speaks of something else.
HEADING = "## "
"""Begins the text of a sentence that is a heading; what follows stands on a line of its own."""
_LINK = re.compile(r"https?://\S|\bwww\.\S|\w-*\.(?:com|org|net|io|ai|co|info|example)\b", re.IGNORECASE)


class Speaker:
    """Says what the rails let through, and remembers everything said, cited and withheld in one turn."""

    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        self._evidence: tuple[Evidence, ...] = ()
        self._held: list[Passed] = []
        self._lost = self._said_already = False
        self._before_piece = self._claimed = self._borne_out = 0
        self._least = 0.0
        self._heading: str | None = None
        self._elsewhere: Sequence[str] = ()
        self.said: list[Sentence] = []
        self.citations: list[Citation] = []
        self.dropped: list[Dropped] = []
        self.claims = 0
        """Sentences of the model that claim something and left."""
        self.quotes: list[Evidence] = []
        """Passages that were said word for word."""
        self.object: str | None = None
        """The JSON that left in place of sentences."""

    def start(self, evidence: Sequence[Evidence], *, heading: str | None = None, elsewhere: Sequence[str] = ()) -> None:
        """Begins a new piece of writing that stands on `evidence`, under `heading`; others have those `elsewhere`."""
        self._evidence, self._held, self._lost, self._said_already = tuple(evidence), [], False, False
        self._before_piece, self._claimed, self._borne_out = self.claims, 0, 0
        self._least, self._heading, self._elsewhere = least_answer(self._turn, self._evidence), heading, elsewhere

    @property
    def answered(self) -> bool:
        """Whether something of the present piece has passed that says what was asked, or had been said before."""
        return self._said_already or self.claims > self._before_piece or any(each.answers for each in self._held)

    @property
    def borne_out(self) -> float:
        """Share of the claims of the present piece that may be said, 0 to 1; 1 where it claims nothing new."""
        return self._borne_out / self._claimed if self._claimed else 1.0

    def bookmark(self) -> Bookmark:
        """Where it stands now."""
        return Bookmark(tuple(self.said), tuple(self.citations), self.claims)

    def go_to(self, mark: Bookmark) -> None:
        """Stands where it stood then; what was withheld since stays withheld."""
        self.said, self.citations, self.claims = list(mark.said), list(mark.citations), mark.claims

    async def hear(self, piece: Piece) -> list[Said]:
        """What may leave now that the model has written `piece`.

        One sentence is always held back, so that a dropped exception ("not if pregnant") can take its rule with it;
        what leads up to the answer waits for it, and goes with it when it never comes.
        """
        piece = self._bare(piece)
        if not piece.text:
            return []
        leans = leans_on_previous(piece.text)
        if self._lost and leans:
            self.dropped.append(Dropped(piece.text, "grounding", "leans on a sentence that was dropped"))
            self._count(piece, None)
            return []
        if _words(piece.text) in (_words(text) for text in self._under_heading()):
            self.dropped.append(Dropped(self._masked(piece.text), "grounding", "was said before"))
            self._said_already = True
            return []
        passed = await self._check(piece, question=self._turn.sought)
        if passed and self._turn.task == "summarize" and not passed.support.claim:
            self.dropped.append(Dropped(passed.text, "grounding", "claims nothing that a summary could hold"))
            return []
        if passed and (fault := await self._fault(piece, passed)):
            self.dropped.append(Dropped(passed.text, "grounding", fault))
            passed = None
        self._count(piece, passed)
        if passed is None:
            self._lost = True
            if leans and self._held:
                rule = self._held.pop()
                self.dropped.append(Dropped(rule.text, "grounding", "its exception was dropped"))
                self._borne_out -= rule.support.claim
            return []
        self._lost = False
        self._held.append(passed)
        return self._let_go(keep=1) if self.answered else []

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """What the present piece of writing stands on."""
        return self._evidence

    async def weigh(self, text: str, *, about: str) -> Passed | None:
        """`text` if it may be said by itself and as what `about` names; a value of an object, often a word or two.

        Both readings must be borne out: "14 days" stands in the evidence, and yet is not the period for unopened items.
        """
        alone = await self._check(Piece(text, ""), question=None)
        if alone is None:
            return None
        if alone.support.claim:
            named = await self._check(Piece(text, ""), question=about)
            if named and len(text.split()) <= FEW_WORDS and not await asyncio.to_thread(self._belongs, alone, about):
                self.dropped.append(Dropped(named.text, "grounding", "stands where something else is spoken of"))
                return None
            return replace(named, evidence=alone.evidence) if named else None
        # What claims nothing by itself ("thank you") does as the value of a field, and must stand in the evidence.
        if not any(text.casefold() in passage.reading.casefold() for passage in self._evidence):
            self.dropped.append(Dropped(alone.text, "grounding", "absent"))
            return None
        named = await self._check(Piece(f"{about}: {text}", ""), question=None)
        return replace(named, text=alone.text) if named else None

    def say_object(self, text: str, values: Sequence[tuple[str, Passed]]) -> None:
        """Says an object in JSON; each of its `values` is remembered under its place there."""
        self.object = text
        for place, passed in values:
            self._let_go_one(replace(passed, text=f"{place}: {passed.text}"))

    def finish(self) -> list[Said]:
        """What was held back and may leave now that the model has ended."""
        return self._let_go(keep=0) if self.answered else []

    def tell(self, text: str, *, joiner: str = " ") -> Said:
        """Says one of our own texts: a message, a heading, a notice."""
        return self._say(Sentence(text, False, None, (), self._joiner(joiner)))

    async def quote(self, evidence: Evidence, *, joiner: str = " ") -> list[Said]:
        """Says a passage word for word with its citation, if the rails let it through."""
        self.start((evidence,))
        goes_on = bool(self.quotes) and self.quotes[-1].heading == evidence.heading
        text = evidence.quotation
        if not goes_on and not evidence.turns:
            text = under_heading(text, evidence.heading)
        passed = await self._check(Piece(text, joiner), quoted=True, question=self._turn.sought)
        if passed is None:
            return []
        self.quotes.append(evidence)
        citations = self._cite(evidence)
        numbers = (self._number(evidence),)
        return [self._say(Sentence(passed.text, True, 1.0, numbers, self._joiner(joiner)), citations)]

    def _count(self, piece: Piece, passed: Passed | None) -> None:
        claims = is_claim(piece.text) if passed is None else passed.support.claim
        self._claimed += claims
        self._borne_out += claims and passed is not None

    def _so_far(self) -> list[str]:
        return [sentence.text for sentence in self.said] + [each.text for each in self._held]

    def _under_heading(self) -> list[str]:
        """What was said since the last heading: what answers two headings is said under both."""
        texts = self._so_far()
        return texts[max((at for at, text in enumerate(texts) if text.startswith(HEADING)), default=0) :]

    def _bare(self, piece: Piece) -> Piece:
        """`piece` without the list marker and the heading that small models copy along with a passage, if it can."""
        text = _MARKER.sub("", piece.text)
        for passage in self._evidence:
            if passage.heading and text.startswith(f"{passage.heading}:"):
                text = under_heading(text.removeprefix(f"{passage.heading}:").lstrip(), passage.heading)
        return Piece(text, piece.joiner)

    async def _check(self, piece: Piece, *, quoted: bool = False, question: str | None = None) -> Passed | None:
        """`piece` if the rails let it out; `question` is what it is read as the answer to."""
        turn, release = self._turn, self._turn.release
        if quoted and _LINK.search(piece.text) and any(e.origin != "knowledge" for e in self._evidence):
            self.dropped.append(Dropped(self._masked(piece.text), "grounding", "holds a link of a document"))
            return None
        # A link in a document the request brought is never passed on as ours.
        usable = [e for e in self._evidence if e.origin == "knowledge"] if _LINK.search(piece.text) else self._evidence
        measured, support = await asyncio.to_thread(
            release.guards.output,
            piece.text,
            [passage.reading for passage in usable],
            before=self._so_far()[-2:],
            question=question,
            task=turn.task,
            turn=turn.number,
            public=[passage.reading for passage in self._evidence if passage.origin == "knowledge"],
        )
        if quoted:  # Word for word, so borne out by construction; every other rail still decides.
            measured["grounding"] = {"score": 1.0, "reason": "none"}
        verdict = await turn.decide("output", measured)
        text = self._masked(piece.text)
        if verdict.blocked:
            self.dropped.append(Dropped(text, verdict.rail or "", support.reason))
            return None
        evidence = usable[support.evidence] if support.claim and support.evidence is not None else None
        return Passed(text, piece.joiner, support, evidence, support.claim and self._answers(piece.text))

    async def _fault(self, piece: Piece, passed: Passed) -> str | None:
        """Why a sentence that is borne out is still not said."""
        if self._doubtful(passed):
            return "is less sure than the passage itself"
        sought = self._turn.sought
        if sought and passed.support.claim and self._turn.release.guards.grounding.names_another(passed.text, sought):
            return "speaks of something else than was asked"  # True as it may be.
        return None if await self._fits_heading(piece) else "stands where something else is spoken of"

    def _doubtful(self, passed: Passed) -> bool:
        quotable = self._turn.release.vertical.on_unsupported != "decline"
        return quotable and passed.support.claim and passed.support.score < SURER_THAN_EVEN.get(self._turn.task, 0.0)

    async def _fits_heading(self, piece: Piece) -> bool:
        """Whether so few words are borne out as what stands there: under "Allergies" a medicine says what it is not."""
        if self._heading is None or len(piece.text.split()) > HEADED_WORDS:
            return True
        named = await self._check(Piece(f"{self._heading}: {piece.text}", piece.joiner))
        fits, readings = self._turn.release.guards.grounding.fits, [each.reading for each in self._evidence]
        return named is not None and await asyncio.to_thread(fits, piece.text, self._heading, self._elsewhere, readings)

    def _belongs(self, passed: Passed, about: str) -> bool:
        """Whether what bears a short value out is among the passages that speak of `about`, and of what was asked."""
        grounding = self._turn.release.guards.grounding
        readings = [each.reading for each in self._evidence]
        if any(grounding.answers_of_another(passed.text, each, readings) for each in (about, self._turn.standing)):
            return False
        scores = {each: grounding.answers(about, each.reading) for each in self._evidence}
        return passed.evidence is None or scores[passed.evidence] >= BESIDE * max(scores.values())

    def _answers(self, text: str) -> bool:
        turn = self._turn
        if turn.task != "answer" or turn.release.guards.grounding.answers(turn.standing, text) >= self._least:
            return True
        return answers_as_asked(turn, text, KNOWLEDGE_ANSWERS)

    def _masked(self, text: str) -> str:
        """`text` with personal data masked; what approved knowledge itself publishes is not personal.

        Where the vertical lets answers name people, what was masked in this request is put back instead.
        """
        if self._turn.release.vertical.personal_data.output == "off":
            return self._turn.placeholders.restore(text)
        public = "\n".join(e.reading for e in self._evidence if e.origin == "knowledge")
        personal = self._turn.release.guards.personal
        return personal.mask(text, self._turn.placeholders, spare=public, left=self._turn.masked_texts).text

    def _let_go(self, *, keep: int) -> list[Said]:
        going = self._held[: len(self._held) - keep]
        self._held = self._held[len(self._held) - keep :]
        return [self._let_go_one(each) for each in going]

    def _let_go_one(self, passed: Passed) -> Said:
        citations = self._cite(passed.evidence) if passed.evidence else ()
        numbers = (self._number(passed.evidence),) if passed.evidence else ()
        self.claims += passed.support.claim
        score = passed.support.score if passed.support.claim else None
        sentence = Sentence(passed.text, passed.support.claim, score, numbers, self._joiner(passed.joiner))
        return self._say(sentence, citations)

    def _say(self, sentence: Sentence, citations: tuple[Citation, ...] = ()) -> Said:
        self.said.append(sentence)
        return Said(sentence, citations)

    def _joiner(self, joiner: str) -> str:
        if not self.said:
            return ""
        return "\n" if self.said[-1].text.startswith(HEADING) else joiner or " "

    def _cite(self, evidence: Evidence) -> tuple[Citation, ...]:
        if any(shows(citation, evidence) for citation in self.citations):
            return ()
        new = citation_of(evidence, self._turn.release.source_of(evidence), n=len(self.citations) + 1)
        self.citations.append(new)
        return (new,)

    def _number(self, evidence: Evidence) -> int:
        return next(citation.n for citation in self.citations if shows(citation, evidence))


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())
