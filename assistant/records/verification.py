"""Whether the audit chain is whole: every record as it was written, none missing, none put in another's place.

Reads once from the first record to the last, and the anchors beside it; holds one of each in memory.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, Collection, Iterable, Iterator
from dataclasses import dataclass

from assistant.ledger.anchors import Anchor
from assistant.ledger.chain import NOTHING, Head, Record, digest_of


@dataclass(frozen=True, slots=True)
class Finding:
    """What verifying found."""

    records: int
    """Records that were read."""
    end: Head
    """The last of them."""
    anchors: int
    anchored: int
    """The last record that an anchor vouches for; those after it are not vouched for yet."""
    problem: str | None = None
    """What is wrong first; None where nothing is."""
    sequence: int | None = None
    """The first record that is wrong, where it is a record."""


class _Broken(Exception):
    def __init__(self, sequence: int | None, problem: str) -> None:
        super().__init__(problem)
        self.sequence, self.problem = sequence, problem


async def verify(
    records: AsyncIterable[Record], anchors: Iterable[str], *, public_key: str, export: bool = False
) -> Finding:
    """The first thing that is wrong with the chain, or that nothing is; `anchors`: lines as `Anchors` writes them.

    An `export` may end before the newest anchor, where an anchor says that one ended.
    """
    walk, signed = _Walk(), _Signed(anchors, public_key)
    try:
        async for record in records:
            walk.step(record)
            signed.compare(walk.end)
        signed.read_on()
        walk.finish(signed.pruned)
        signed.finish(walk.end, walk.begins, ends_early=export and walk.end in signed.exported)
    except _Broken as broken:
        return Finding(walk.count, walk.end, signed.count, signed.last, broken.problem, broken.sequence)
    return Finding(walk.count, walk.end, signed.count, signed.last)


class _Walk:
    """The records as each should follow the one before."""

    def __init__(self) -> None:
        self.end, self.count = Head(), 0
        self._taken_off: Head | None = None
        """What the chain says was taken off its beginning when it became old."""
        self.begins: Head | None = None
        """What stood before the first record there is."""

    def step(self, record: Record) -> None:
        """Raises _Broken where `record` is not what should come now."""
        said = _content(record)
        number, before = record.sequence, said.get("previous")
        if digest_of(record.body) != record.digest:
            raise _Broken(number, "was changed: its digest is not that of its content")
        if said.get("sequence") != number:
            raise _Broken(number, f"is in the wrong place: by its content it is record {said.get('sequence')}")
        if self.begins is None:
            self.begins = self.end = Head(number - 1, str(before))
            if number == 1 and before != NOTHING:
                raise _Broken(1, "does not begin the chain: it names a record before it")
        elif number != self.end.sequence + 1:
            raise _Broken(self.end.sequence + 1, "is missing")
        elif before != self.end.digest:
            raise _Broken(self.end.sequence, f"was replaced: record {number} was written after another one")
        if said.get("kind") == "audit.pruned" and isinstance(facts := said.get("facts"), dict):
            self._taken_off = Head(facts.get("through", 0), facts.get("digest", ""))
        self.end, self.count = Head(number, record.digest), self.count + 1

    def finish(self, pruned: Collection[Head]) -> None:
        """Raises _Broken where the beginning is gone, and not both a record and an anchor tell that retention took it.

        Whoever can write to the database can write such a record; `pruned` is what anchors tell.
        """
        if not self.begins or not self.begins.sequence or (self.begins == self._taken_off and self.begins in pruned):
            return
        others = f", with all up to record {self.begins.sequence}" if self.begins.sequence > 1 else ""
        why = (
            "; the chain says that retention took that off, but no anchor does: those of the machine that did would"
            if self.begins == self._taken_off
            else ""
        )
        raise _Broken(1, f"is missing{others}{why}")


class _Signed:
    """The anchors as the records come by."""

    def __init__(self, lines: Iterable[str], public_key: str) -> None:
        self._anchors = self._read(lines)
        self._key = public_key
        self.count, self.last = 0, 0
        self.pruned, self.exported = set[Head](), set[Head]()
        """Where anchors say that retention was to take off all up to there, and that an export ended."""
        self._next: Anchor | None = None
        self._begun = False

    def compare(self, end: Head) -> None:
        """Raises _Broken where an anchor saw another record in this place."""
        if not self._begun:
            self._begun, self._next = True, next(self._anchors, None)
        while self._next is not None and self._next.sequence <= end.sequence:
            # Those before were of what was taken off the beginning when it became old.
            if self._next.sequence == end.sequence:
                if self._next.digest != end.digest:
                    at = self._next.at
                    raise _Broken(end.sequence, f"is not the one that was anchored at {at}: the chain was made anew")
                self.last = end.sequence
            self._next = next(self._anchors, None)

    def read_on(self) -> None:
        """Reads what anchors are left, of which `compare` had no need."""
        later = self._next if self._begun else next(self._anchors, None)
        for _ in self._anchors:
            pass
        self._begun, self._next = True, later

    def finish(self, end: Head, begins: Head | None, *, ends_early: bool) -> None:
        """Raises _Broken where an anchor saw more than there is, or nobody vouches for what there is."""
        if self._next is not None and self._next.sequence > end.sequence and not ends_early:
            saw, at = self._next.sequence, self._next.at
            raise _Broken(end.sequence + 1, f"is missing: the anchor of {at} saw the chain as far as record {saw}")
        if ends_early:
            self.last = end.sequence
        elif begins and begins in self.pruned:
            self.last = max(self.last, begins.sequence)
        if end.sequence and not self.count:
            raise _Broken(None, "no anchor vouches for the chain: anchors.jsonl is missing or empty")
        if end.sequence and not self.last:
            raise _Broken(None, f"no anchor vouches for the chain: none of {self.count} is of a record that is there")

    def _read(self, lines: Iterable[str]) -> Iterator[Anchor]:
        last = -1
        for number, line in enumerate(lines, start=1):
            try:
                anchor = Anchor.read(line)
            except ValueError:
                raise _Broken(None, f"anchor {number} cannot be read: its line was changed") from None
            if not anchor.holds(self._key):
                raise _Broken(None, f"anchor {number} is not signed with the key {self._key[:16]}…")
            self.count += 1
            if anchor.why:
                told = self.pruned if anchor.why == "pruned" else self.exported
                told.add(Head(anchor.sequence, anchor.digest))
                continue
            if anchor.sequence < last:
                raise _Broken(None, f"anchor {number} is in the wrong place")
            last = anchor.sequence
            yield anchor


def _content(record: Record) -> dict[str, object]:
    try:
        return record.read()
    except ValueError:
        raise _Broken(record.sequence, "was changed: it is not JSON") from None
