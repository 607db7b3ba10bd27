"""Where tokens are kept: encrypted, locked for one, gone with the account."""

import io
import json

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from importer.accounts.tokens import AccountTokens
from importer.feeds.cleaning import remove_account
from importer.http.errors import NetworkError
from importer.http.oauth import Tokens
from importer.models import NetworkAccount, StoredTokens
from tests.importer.make import make_account

TOKENS = Tokens("an-access-token", "a-refresh-token", 1_800_000_000.5)


def save(account, tokens=TOKENS, capability="reports"):
    store = AccountTokens(account.pk, capability)
    with store.lock(5) as held:
        held.save(tokens)
    return store


@pytest.mark.django_db
def test_tokens_are_kept_encrypted_for_each_capability():
    account = make_account()
    store = save(account)
    assert store.load() == TOKENS
    assert AccountTokens(account.pk, "advertiser").load() == Tokens()
    with connection.cursor() as cursor:
        cursor.execute("SELECT encrypted_tokens FROM importer_storedtokens")
        assert "token" not in cursor.fetchone()[0]


@pytest.mark.django_db(transaction=True)
def test_what_was_saved_before_an_error_is_not_kept():
    account = make_account()
    store = save(account)

    def fail_after_saving():
        with store.lock(5) as held:
            held.save(Tokens("other"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_after_saving()
    assert store.load() == TOKENS


@pytest.mark.django_db(transaction=True)
def test_tokens_cannot_be_renewed_inside_a_transaction_that_may_be_taken_back():
    store = save(make_account())
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic(), store.lock(5):
        pass


@pytest.mark.django_db
def test_another_key_encrypts_tokens_too(settings):
    settings.CREDENTIALS_KEYS = ["old"]
    store = save(make_account())
    settings.CREDENTIALS_KEYS = ["new", "old"]
    out = io.StringIO()
    call_command("reencrypt_credentials", "--json", stdout=out)
    assert json.loads(out.getvalue()) == {"reencrypted": 2, "current": 0, "unreadable": []}
    settings.CREDENTIALS_KEYS = ["new"]
    assert store.load() == TOKENS
    settings.CREDENTIALS_KEYS = ["third"]
    with pytest.raises(NetworkError, match="^credentials_unreadable"):
        store.load()


@pytest.mark.django_db
def test_a_removed_account_loses_its_tokens_and_every_credential_at_once():
    account = make_account()
    account.set_credentials({"client": "c"}, "reports")
    account.save()
    save(account)
    remove_account(account)
    assert not StoredTokens.objects.exists()
    gone = NetworkAccount.all_objects.get()
    assert (gone.get_credentials(), gone.get_credentials("reports")) == ({}, {})


@pytest.mark.django_db
def test_each_capability_has_credentials_of_its_own():
    account = make_account()
    account.set_credentials({"client": "c"}, "reports")
    account.set_credentials({"token": "new"})
    account.save()
    account = NetworkAccount.objects.get()
    assert account.get_credentials() == {"token": "new"}
    assert account.get_credentials("reports") == {"client": "c"}
    assert account.get_credentials("advertiser") == {}
