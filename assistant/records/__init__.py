"""What was asked and answered."""

from assistant.records.turns import Conversation, Turn, Turns

__all__ = ["Conversation", "Turn", "Turns"]
