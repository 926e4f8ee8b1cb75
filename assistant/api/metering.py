"""Answers that are counted while they are written, against the limits and the budget of whoever asked."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator
from dataclasses import replace

from assistant.access import Caller
from assistant.answering.events import DoneEvent, Event, SentenceEvent
from assistant.api.presence import closing
from assistant.api.services import Services
from assistant.chat import Request
from assistant.errors import Unavailable
from assistant.messages import TokenUsage, Usage
from assistant.models import estimated_tokens
from assistant.usage import Spending

logger = logging.getLogger(__name__)


async def metered(services: Services, who: Caller, address: str, asked: Request) -> AsyncGenerator[Event, None]:
    """The events of the answer; the first one raises RateLimited or BudgetSpent before anything is generated."""
    account = _Account(services, who, address, asked)
    async with services.limits.generating(who, address):
        try:
            async with closing(services.chat.stream(account.asked)) as events:
                async for event in events:
                    await account.hear(event)
                    yield event
        finally:  # The line is closed by now, so that it has counted what it used.
            await account.close()


class _Account:
    """What one answer uses, noted once, however its stream ends: leaving early is no way round a budget."""

    def __init__(self, services: Services, who: Caller, address: str, asked: Request) -> None:
        self._services, self._who, self._address = services, who, address
        self._spending = Spending()
        self.asked = replace(asked, spending=self._spending)
        self._heard: list[Event] = []
        self._noted = False

    async def hear(self, event: Event) -> None:
        """Notes what the whole answer used before it leaves: a caller who has it all may be gone at once."""
        self._heard.append(event)
        if isinstance(event, DoneEvent):
            await self._note(event.answer.usage)

    async def close(self) -> None:
        """Notes what was used where nobody waited for the end; tokens by an estimate where no model was asked yet."""
        if not self._heard or self._noted:
            return
        if self._spending.usage.prompt_tokens == 0:
            sent = [message.text for message in self.asked.messages] + [each.text for each in self.asked.documents]
            said = [event.sentence.text for event in self._heard if isinstance(event, SentenceEvent)]
            self._spending.add(TokenUsage(_tokens(sent), _tokens(said)))
        await self._note(self._spending.usage)

    async def _note(self, usage: Usage) -> None:
        self._noted = True
        try:
            await self._services.limits.spend(self._who, self._address, usage, self.asked.vertical)
        except Unavailable as error:  # The answer is there and recorded; that it was not counted must not withhold it.
            logger.warning("an answer for %s was not counted: %s", self._who.name, error)


def _tokens(texts: list[str]) -> int:
    return sum(estimated_tokens(text) for text in texts)
