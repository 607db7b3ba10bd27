"""Credentials after a key was rotated: `manage.py reencrypt_credentials`."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from affiliate_site.encrypted import decrypt
from importer.models import NetworkAccount

pytestmark = pytest.mark.django_db


def make_account(settings, label: str, key: str) -> NetworkAccount:
    settings.CREDENTIALS_KEYS = [key]
    account = NetworkAccount(network="tradedoubler", label=label)
    account.set_credentials({"token": f"token of {label}"})
    account.save()
    return account


def reencrypt() -> dict:
    out = io.StringIO()
    call_command("reencrypt_credentials", "--json", stdout=out)
    return json.loads(out.getvalue())


def test_after_it_the_old_key_may_go_and_it_may_run_again(settings):
    accounts = [make_account(settings, "a", "old"), make_account(settings, "b", "older")]
    accounts.append(make_account(settings, "c", "new"))
    settings.CREDENTIALS_KEYS = ["new", "old", "older"]
    assert reencrypt() == {"reencrypted": 2, "current": 1, "unreadable": []}
    stored = list(NetworkAccount.objects.order_by("pk").values_list("encrypted_credentials", flat=True))
    settings.CREDENTIALS_KEYS = ["new"]
    assert [decrypt(text) for text in stored] == [
        {"search": {"token": f"token of {label}"}} for label in "abc"
    ]
    assert reencrypt() == {"reencrypted": 0, "current": 3, "unreadable": []}
    assert stored == list(
        NetworkAccount.objects.order_by("pk").values_list("encrypted_credentials", flat=True)
    )


def test_what_no_key_reads_is_named_and_left_and_the_rest_done(settings):
    lost = make_account(settings, "lost", "gone for good")
    make_account(settings, "kept", "old")
    settings.CREDENTIALS_KEYS = ["new", "old"]
    out = io.StringIO()
    with pytest.raises(CommandError, match="Not readable with any key: .*lost"):
        call_command("reencrypt_credentials", "--json", stdout=out)
    said = json.loads(out.getvalue())
    assert (said["reencrypted"], len(said["unreadable"])) == (1, 1)
    before = lost.encrypted_credentials
    lost.refresh_from_db()
    assert lost.encrypted_credentials == before
