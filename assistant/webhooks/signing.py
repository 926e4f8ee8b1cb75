"""Signatures in the form of Standard Webhooks (standardwebhooks.com), so that its libraries verify them."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime

_PREFIX = "whsec_"


def secret_of(installation: bytes, endpoint_id: str) -> str:
    """The secret of an endpoint, `whsec_…`: derived from the installation's key, so that no table holds it."""
    key = hmac.new(installation, f"webhook\n{endpoint_id}".encode(), hashlib.sha256).digest()
    return _PREFIX + base64.b64encode(key).decode()


def signed(secret: str, message_id: str, moment: datetime, body: bytes) -> dict[str, str]:
    """The headers of a message: its id, the time of this attempt in Unix seconds, and HMAC-SHA256 over all three."""
    timestamp = str(int(moment.timestamp()))
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    mac = hmac.new(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{base64.b64encode(mac).decode()}",
    }
