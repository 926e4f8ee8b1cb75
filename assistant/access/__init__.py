"""Who may do what: keys and embed tokens, people who sign in, their sessions."""

from assistant.access.callers import SCOPES, Caller, Scope, allow
from assistant.access.keys import Created, Key, Keys
from assistant.access.oidc import OidcProvider
from assistant.access.people import ROLES, Identity, People, Person, Role
from assistant.access.sessions import LONGEST, Session, Sessions

__all__ = [
    "LONGEST",
    "ROLES",
    "SCOPES",
    "Caller",
    "Created",
    "Identity",
    "Key",
    "Keys",
    "OidcProvider",
    "People",
    "Person",
    "Role",
    "Scope",
    "Session",
    "Sessions",
    "allow",
]
