"""What was asked and answered, and what may be asked again."""

from assistant.records.retries import Retries, Retry
from assistant.records.turns import Conversation, Turn, Turns

__all__ = ["Conversation", "Retries", "Retry", "Turn", "Turns"]
