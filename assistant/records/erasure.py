"""Erasing a conversation: its rows, its key, and what the database's own files still hold of it.

What proves stays: the audit chain and the receipts hold no text, and what they name is named by a key that is gone.
"""

from __future__ import annotations

from assistant.database import Database
from assistant.ledger.keyring import Keyring
from assistant.records.turns import Turns


class Erasure:
    """Erases conversations for good."""

    def __init__(self, database: Database, turns: Turns, keyring: Keyring) -> None:
        self._database, self._turns, self._keyring = database, turns, keyring

    async def erase(self, conversation_id: str, owner: str) -> None:
        """Erases the owner's conversation, and what is under way in it.

        Raises NotFound when this key has no such conversation, Held while a legal hold lasts.
        """
        await self._turns.erase(conversation_id, owner)
        await self.clean(conversation_id)

    async def clean(self, *conversation_ids: str) -> None:
        """Destroys the keys of conversations whose rows are gone, and overwrites what the files still hold of these."""
        await self._keyring.destroy(*conversation_ids)
        await self._database.scrub()
