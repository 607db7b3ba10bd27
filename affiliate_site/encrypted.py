"""Text that is encrypted at rest, with CREDENTIALS_KEYS."""

import base64
import hashlib
import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models


class CredentialsUnreadable(Exception):
    """What is stored was encrypted with a key that is not in CREDENTIALS_KEYS any more."""


def _fernets() -> list[Fernet]:
    return [
        Fernet(base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest()))
        for key in settings.CREDENTIALS_KEYS
    ]


def reencrypt(text: str) -> str | None:
    """Return `text` encrypted with the first key, None when it is already. Raises CredentialsUnreadable."""
    keys = _fernets()
    try:
        keys[0].decrypt(text.encode())
        return None
    except InvalidToken:
        decrypt_text(text)  # says what is wrong
    return MultiFernet(keys).rotate(text.encode()).decode()


def encrypt(value: dict[str, Any]) -> str:
    return MultiFernet(_fernets()).encrypt(json.dumps(value).encode()).decode()


def decrypt(text: str) -> dict[str, Any]:
    """Return what `encrypt` was given; raise CredentialsUnreadable, which names no secret."""
    try:
        return json.loads(MultiFernet(_fernets()).decrypt(text.encode()))
    except InvalidToken:
        raise CredentialsUnreadable from None


def encrypt_text(text: str) -> str:
    """Return `text` encrypted with the first key; never the same twice."""
    return MultiFernet(_fernets()).encrypt(text.encode()).decode()


def decrypt_text(text: str, *, seconds: float | None = None) -> str:
    """Return what `encrypt_text` was given, within `seconds`. Raises CredentialsUnreadable."""
    try:
        return (
            MultiFernet(_fernets())
            .decrypt(text.encode(), ttl=None if seconds is None else int(seconds))
            .decode()
        )
    except (InvalidToken, ValueError):
        raise CredentialsUnreadable from None


class EncryptedText(models.TextField):
    """Holds what `encrypt` or `encrypt_text` made. Decrypted only where it is used."""
