"""A chat request in OpenAI's shape as the line takes it."""

from __future__ import annotations

from assistant import chat
from assistant.access import Caller
from assistant.api.bodies import documents
from assistant.api.callers import model_for
from assistant.api.chat_body import ChatBody
from assistant.api.services import Services


async def asked_for(services: Services, who: Caller, body: ChatBody, *, answer_id: str | None = None) -> chat.Request:
    """What `who` asks; raises Forbidden or UnknownVertical where they may not, TooLarge naming the field that is."""
    card, release = await model_for(services, who, body.model)
    services.sizes.admit_chat(body.messages, documents=body.documents)
    return chat.Request(
        vertical=card.name,
        messages=body.said(),
        documents=documents(body.documents),
        task=body.task,
        conversation_id=body.conversation_id,
        key_id=who.id,
        release=release,
        wording=body.wording(),
        shape=body.response_format,
        answer_id=answer_id,
        notice_shown=body.notice_shown,
    )
