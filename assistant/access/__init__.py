"""Who may do what, and how much of it: keys and embed tokens, people who sign in, limits and budgets."""

from assistant.access.budgets import Budgets, Spent
from assistant.access.callers import SCOPES, Allowance, Caller, Scope, allow
from assistant.access.keys import Created, Key, Keys
from assistant.access.limits import Limits
from assistant.access.oidc import OidcProvider
from assistant.access.people import ROLES, Identity, People, Person, Role
from assistant.access.sessions import LONGEST, Session, Sessions

__all__ = [
    "LONGEST",
    "ROLES",
    "SCOPES",
    "Allowance",
    "Budgets",
    "Caller",
    "Created",
    "Identity",
    "Key",
    "Keys",
    "Limits",
    "OidcProvider",
    "People",
    "Person",
    "Role",
    "Scope",
    "Session",
    "Sessions",
    "Spent",
    "allow",
]
