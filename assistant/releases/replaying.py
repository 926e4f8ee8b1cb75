"""An answer's decisions, taken again: do the rails in force now decide as they did, and is the release the same?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from assistant.answering.receipt import changed_parts, decisions
from assistant.ledger.keyring import Keyring
from assistant.rails.engine import RailEngine
from assistant.rails.live import LiveRails
from assistant.rails.replay import Replayed, replay
from assistant.records import Receipt, Receipts


@dataclass(frozen=True, slots=True)
class ReplayedAnswer:
    """What became of one answer's decisions."""

    answer_id: str
    vertical: str
    decisions: tuple[Replayed, ...]
    changed: Mapping[str, tuple[str | None, str | None]]
    """Parts of the release that are not as they were, by name: as they were, as they are."""

    @property
    def same(self) -> bool:
        """Whether every decision comes out as it did."""
        return all(each.same for each in self.decisions)

    def wire(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "answer_id": self.answer_id,
            "vertical": self.vertical,
            "same": self.same,
            "decisions": [
                {
                    "stage": each.before.stage,
                    "before": {"blocked": each.before.blocked, "rail": each.before.rail},
                    "now": None if each.now is None else {"blocked": each.now.blocked, "rail": each.now.rail},
                    "problem": each.problem,
                }
                for each in self.decisions
            ],
            "changed": {name: {"before": was, "now": now} for name, (was, now) in self.changed.items()},
        }


async def replay_answer(receipts: Receipts, rails: LiveRails, keyring: Keyring, answer_id: str) -> ReplayedAnswer:
    """The answer's decisions as the live rails of its vertical take them; raises NotFound, or as `release` does."""
    receipt = await receipts.get(answer_id)
    rails.refresh(only=receipt.vertical)
    release = rails.release(receipt.vertical)
    async for replayed in replay_receipts([receipt], release.engine, release.parts, keyring):
        return replayed
    raise AssertionError("one receipt gives one result")


async def replay_receipts(
    receipts: Iterable[Receipt], engine: RailEngine, parts: Mapping[str, str], keyring: Keyring
) -> AsyncIterator[ReplayedAnswer]:
    """Each receipt's decisions as the rails of `engine` take them, as they are asked for; `parts` is its release's."""
    for receipt in receipts:
        content = receipt.content
        recorded = decisions(content, await keyring.find(receipt.conversation_id))
        again = tuple([each async for each in replay(engine, recorded)])
        changed = changed_parts(content["release"]["parts"], parts)
        yield ReplayedAnswer(receipt.answer_id, receipt.vertical, again, changed)
