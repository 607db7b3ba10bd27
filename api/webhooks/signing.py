"""Signatures of webhooks, as Standard Webhooks has them: https://www.standardwebhooks.com."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable

PREFIX = "whsec_"


def make_secret() -> str:
    """Return a new secret, as receivers' libraries take it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def headers_of(message_id: str, seconds: int, body: str, keys: Iterable[str]) -> dict[str, str]:
    """Return the headers that prove a body to be ours, with a signature by each secret."""
    signed = f"{message_id}.{seconds}.{body}".encode()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(f"v1,{_sign(key, signed)}" for key in keys),
    }


def _sign(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
