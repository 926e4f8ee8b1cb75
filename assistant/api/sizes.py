"""How large the parts of a request may be: looked at before any guard works, and refused by name with the limit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.api.bodies import WireDocument
from assistant.api.chat_body import WireMessage
from assistant.errors import TooLarge
from assistant.messages import Stage


@dataclass(frozen=True, slots=True)
class Sizes:
    """The most that one request may hold. What all of it together may have is the limit on its body."""

    messages: int = 200
    message_characters: int = 20_000
    """Of one message, its parts together; also of a text to check and of its question."""
    history_characters: int = 200_000
    """Of all messages together."""
    documents: int = 100
    document_characters: int = 300_000
    """Of one document; some hundred pages."""

    def admit_chat(self, messages: Sequence[WireMessage], *, documents: Sequence[WireDocument]) -> None:
        """Returns for a chat request within the limits, else raises TooLarge naming the field."""
        self._count("messages", messages, self.messages)
        for number, message in enumerate(messages):
            _length(f"messages[{number}].content", message.content, self.message_characters)
        together = sum(len(message.content) for message in messages)
        if together > self.history_characters:
            raise _too_large("messages", f"hold {together} characters together", self.history_characters)
        self._documents("documents", documents)

    def admit_check(self, stage: Stage, text: str, *, question: str | None, evidence: Sequence[WireDocument]) -> None:
        """Returns for a text to check within the limits, else raises TooLarge naming the field."""
        # A passage that a model would be shown may be a whole document.
        _length("text", text, self.document_characters if stage == "evidence" else self.message_characters)
        _length("question", question or "", self.message_characters)
        self._documents("evidence", evidence)

    def _documents(self, field: str, sent: Sequence[WireDocument]) -> None:
        self._count(field, sent, self.documents)
        for number, document in enumerate(sent):
            _length(f"{field}[{number}].text", document.text, self.document_characters)

    @staticmethod
    def _count(field: str, sent: Sequence[object], most: int) -> None:
        if len(sent) > most:
            raise _too_large(field, f"holds {len(sent)}", most)


def _length(field: str, text: str, most: int) -> None:
    if len(text) > most:
        raise _too_large(field, f"has {len(text)} characters", most)


def _too_large(field: str, found: str, most: int) -> TooLarge:
    return TooLarge(f"{field}: {found}, at most {most} are read; send less, or in several requests", param=field)
