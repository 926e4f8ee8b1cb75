"""The reviewers' console: pages in which people who do not program change what the assistant may say."""

from assistant.console.desk import Desk
from assistant.console.door import Console, add_console, add_signpost

__all__ = ["Console", "Desk", "add_console", "add_signpost"]
