"""The file for who helps: it says much, and no secret."""

import stat
import zipfile

import pytest
from django.core.management import CommandError, call_command

from importer.models import ImportRun
from tests.importer.make import make_account, make_feed

pytestmark = pytest.mark.django_db

SECRETS = {
    "token": "s3cr3t-token/+ü&<x>",
    "password": "Pa55 wörd",
    "mail": "ada.lovelace@shop.example",
    "visitor": "203.0.113.77",
    "visitor6": "2001:db8:85a3:8d3:1319:8a2e:370:7348",
    "key": "the-site's-secret-key",
    "database": "db-pa55",
    "metrics": "metrics-t0ken",
    "query": "apikey=deadbeef0123",
    "login": "user:hunter22",
}


@pytest.fixture
def site(settings, monkeypatch, tmp_path):
    """A site whose log holds every secret that it knows, in several spellings."""
    settings.VAR_DIR = tmp_path
    settings.SECRET_KEY = SECRETS["key"]
    settings.CREDENTIALS_KEYS = [SECRETS["key"]]
    settings.METRICS_TOKEN = SECRETS["metrics"]
    monkeypatch.setitem(settings.DATABASES["default"], "PASSWORD", SECRETS["database"])
    account = make_account("tradedoubler")
    account.set_credentials({"token": SECRETS["token"]})
    account.set_credentials({"user": "me", "password": SECRETS["password"]}, "reports")
    account.save()
    make_feed(account, is_mirrored=True, url=f"https://feeds.example/x?{SECRETS['query']}", name="Lamps")
    ImportRun.objects.create(kind="bulk", message="Broke at " + SECRETS["token"], created_count=3)
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / "web.log").write_text(
        "It began\n"
        f"GET https://feeds.example/x?{SECRETS['query']} by {SECRETS['visitor']}\n"
        f"{SECRETS['token']} s3cr3t-token%2F%2B%C3%BC%26%3Cx%3E {SECRETS['password']} Pa55+w%C3%B6rd\n"
        f"{SECRETS['mail']} [{SECRETS['visitor6']}] {SECRETS['key']} {SECRETS['database']}\n"
        f"redis://{SECRETS['login']}@cache:6379/0 {SECRETS['metrics']}\n"
    )
    return tmp_path


def bundle_of(path) -> dict[str, str]:
    with zipfile.ZipFile(path) as bundle:
        return {name: bundle.read(name).decode() for name in bundle.namelist()}


def test_no_secret_leaves_the_site(site):
    call_command("support_bundle", str(site / "a.zip"))

    whole = "\n".join(bundle_of(site / "a.zip").values())
    for name, secret in SECRETS.items():
        assert secret not in whole, name
    assert "s3cr3t-token%2F" not in whole
    assert "Pa55+w" not in whole
    assert stat.S_IMODE((site / "a.zip").stat().st_mode) == 0o600


def test_it_says_what_helps(site):
    call_command("support_bundle", str(site / "a.zip"))

    parts = bundle_of(site / "a.zip")
    assert '"django"' in parts["about.json"].lower()
    assert "Lamps" in parts["feeds.json"]
    assert '"created": 3' in parts["runs.json"]
    assert "catalog_product" in parts["tables.json"]
    assert "It began" in parts["log/web.log"]
    assert "https://feeds.example/x?…" in parts["log/web.log"]


def test_the_end_of_a_long_log_does_not_begin_in_a_secret(site, settings):
    line = f"{SECRETS['token']} and more\n"
    (site / "log" / "web.log").write_text(line * 20_000)
    call_command("support_bundle", str(site / "a.zip"))
    log = bundle_of(site / "a.zip")["log/web.log"]
    assert len(log) < 320_000
    assert all(text.startswith("•••") for text in log.splitlines())


def test_nothing_is_written_over(site):
    (site / "a.zip").write_bytes(b"mine")
    with pytest.raises(CommandError, match="is there already"):
        call_command("support_bundle", str(site / "a.zip"))
    assert (site / "a.zip").read_bytes() == b"mine"
