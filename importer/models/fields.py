"""A JSON field that is encrypted at rest."""

import base64
import hashlib
import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models


class CredentialsUnreadable(Exception):
    """The stored credentials were encrypted with a key that is not in CREDENTIALS_KEYS any more."""


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
        decrypt(text)  # says what is wrong
    return MultiFernet(keys).rotate(text.encode()).decode()


def encrypt(value: dict[str, Any]) -> str:
    return MultiFernet(_fernets()).encrypt(json.dumps(value).encode()).decode()


def decrypt(text: str) -> dict[str, Any]:
    """Return what `encrypt` was given; raise CredentialsUnreadable, which names no secret."""
    try:
        return json.loads(MultiFernet(_fernets()).decrypt(text.encode()))
    except InvalidToken:
        raise CredentialsUnreadable from None


class EncryptedText(models.TextField):
    """Holds what `encrypt` made. Decrypted only where it is used: a page that lists accounts never does."""
