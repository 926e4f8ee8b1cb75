"""Signed webhooks: who is told what, how a message is signed, and how it is delivered to public addresses alone."""

from assistant.webhooks.deliveries import KIND, Deliveries, Registered
from assistant.webhooks.endpoints import HANDOFF, Endpoint, Endpoints
from assistant.webhooks.posting import NotDelivered, Poster
from assistant.webhooks.signing import secret_of, signed

__all__ = [
    "HANDOFF", "KIND", "Deliveries", "Endpoint", "Endpoints", "NotDelivered", "Poster", "Registered", "secret_of",
    "signed",
]  # fmt: skip
