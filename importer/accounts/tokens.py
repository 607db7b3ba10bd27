"""The tokens of an account, kept encrypted, for one worker at a time to renew (`importer.http.oauth`)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, Protocol

from django.db import OperationalError, connection, transaction
from django.db.models import Manager, Model

from affiliate_site.encrypted import CredentialsUnreadable, decrypt, encrypt
from importer.http.errors import NetworkError
from importer.http.oauth import Tokens
from importer.models import StoredTokens

LOCK_NOT_AVAILABLE = "55P03"


class Row(Protocol):
    """A row that keeps tokens encrypted."""

    encrypted_tokens: str

    def save(self, *, update_fields: list[str]) -> None: ...


class HeldTokens:
    """The tokens of a row that is locked."""

    def __init__(self, row: Row) -> None:
        self._row = row
        self.tokens = _read(row)

    def save(self, tokens: Tokens) -> None:
        self._row.encrypted_tokens = encrypt(asdict(tokens))
        self._row.save(update_fields=["encrypted_tokens"])
        self.tokens = tokens


class RowTokens:
    """The token store of the row that `key` names in a table of tokens."""

    def __init__(self, model: type[Model], **key: Any) -> None:
        self._rows: Manager[Any] = model._default_manager
        self._model, self._key = model, key

    def load(self) -> Tokens:
        """Return what is stored. Raises NetworkError where no key reads it."""
        row = self._rows.filter(**self._key).first()
        return _read(row) if row else Tokens()

    @contextmanager
    def lock(self, seconds: float) -> Iterator[HeldTokens]:
        """Hold the row. What is saved is committed when the block ends: never call it in a transaction.

        Raises TimeoutError when others hold it for longer than so many seconds.
        """
        self._rows.bulk_create([self._model(**self._key)], ignore_conflicts=True)
        with transaction.atomic(durable=True):
            yield HeldTokens(self._locked_row(seconds))

    def _locked_row(self, seconds: float) -> Any:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('lock_timeout', %s, true)", [f"{max(1, int(seconds * 1000))}ms"]
            )
        try:
            return self._rows.select_for_update(no_key=True).get(**self._key)
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) != LOCK_NOT_AVAILABLE:
                raise
        raise TimeoutError("Another worker renews the tokens.")


class AccountTokens(RowTokens):
    """The token store of an account for one of its capabilities."""

    def __init__(self, account_id: int, capability: str) -> None:
        super().__init__(StoredTokens, account_id=account_id, capability=capability)


def _read(row: Row) -> Tokens:
    if not row.encrypted_tokens:
        return Tokens()
    try:
        return Tokens(**decrypt(row.encrypted_tokens))
    except CredentialsUnreadable:
        failure = NetworkError("credentials_unreadable")
    raise failure
