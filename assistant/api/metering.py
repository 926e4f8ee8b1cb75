"""Answers that are counted while they are written, against the limits and the budget of whoever asked."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator

from assistant.access import Caller
from assistant.api.presence import closing
from assistant.api.services import Services
from assistant.chat import Request
from assistant.errors import Unavailable
from assistant.events import DoneEvent, Event, SentenceEvent

logger = logging.getLogger(__name__)

_CHARACTERS_A_TOKEN = 4  # Of English, by the rule of thumb of OpenAI's tokenizer page; for answers nobody waited for.


async def metered(services: Services, who: Caller, address: str, asked: Request) -> AsyncGenerator[Event, None]:
    """The events of the answer; the first one raises RateLimited or BudgetSpent before anything is generated."""
    account = _Account(services, who, address, asked)
    async with services.limits.generating(who, address), closing(services.chat.stream(asked)) as events:
        try:
            async for event in events:
                await account.hear(event)
                yield event
        finally:
            await account.close()


class _Account:
    """What one answer uses, noted once, however its stream ends: leaving early is no way round a budget."""

    def __init__(self, services: Services, who: Caller, address: str, asked: Request) -> None:
        self._services, self._who, self._address, self._asked = services, who, address, asked
        self._heard: list[Event] = []
        self._noted = False

    async def hear(self, event: Event) -> None:
        """Notes the tokens of the whole answer before it leaves: a caller who has it all may be gone at once."""
        self._heard.append(event)
        if isinstance(event, DoneEvent):
            await self._note(event.answer.usage.prompt_tokens, event.answer.usage.completion_tokens)

    async def close(self) -> None:
        """Notes an estimate where nobody waited for the end."""
        if not self._heard or self._noted:
            return
        sent = [message.text for message in self._asked.messages] + [each.text for each in self._asked.documents]
        said = [event.sentence.text for event in self._heard if isinstance(event, SentenceEvent)]
        await self._note(_tokens(sent), _tokens(said))

    async def _note(self, prompt: int, completion: int) -> None:
        self._noted = True
        try:
            await self._services.limits.spend(
                self._who, self._address, prompt_tokens=prompt, completion_tokens=completion
            )
        except Unavailable as error:  # The answer is there and recorded; that it was not counted must not withhold it.
            logger.warning("an answer for %s was not counted: %s", self._who.name, error)


def _tokens(texts: list[str]) -> int:
    return sum(len(text) for text in texts) // _CHARACTERS_A_TOKEN
