"""Who may do what: API keys and their scopes."""

from assistant.access.keys import SCOPES, Created, Key, Keys, Scope

__all__ = ["SCOPES", "Created", "Key", "Keys", "Scope"]
