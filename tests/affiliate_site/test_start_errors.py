"""A site that is not there, and addresses that lead nowhere: one sentence at once, from real processes."""

import json
import os
import socket
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from affiliate_site import addresses, stores

NAMES = ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE")


def manage(*args: str, **env: str) -> subprocess.CompletedProcess:
    inherited = {name: value for name, value in os.environ.items() if name not in NAMES}
    return subprocess.run(
        [sys.executable, "manage.py", *args],
        cwd=settings.BASE_DIR,
        env={**inherited, **env},
        capture_output=True,
        text=True,
        timeout=40,
    )


def own_servers() -> dict[str, str]:
    return {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL")}


@pytest.mark.parametrize(
    "command",
    [
        ["search", "tradedoubler"],
        ["connect", "tradedoubler", "--set", "token=secret"],
        ["import_items", "1"],
        ["import_items", "1", "--inline"],
        ["sync_feeds"],
        ["check_pages"],
        ["reencrypt_credentials"],
        ["admin_password"],
        ["prepare"],
        ["migrate"],
    ],
    ids=" ".join,
)
def test_a_command_without_a_running_site_says_how_to_start_it(command, tmp_path):
    takes_json = command[0] not in ("admin_password", "prepare", "migrate")
    done = manage(*command, *(["--json"] if takes_json else []), VAR_DIR=str(tmp_path))
    assert done.returncode == 1
    assert "manage.py up" in done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    if takes_json:
        assert "manage.py up" in json.loads(done.stdout)["error"]


@pytest.mark.parametrize(
    ("name", "url", "words"),
    [
        ("DATABASE_URL", "mysql://ada:pa55@localhost/shop", "must lead to PostgreSQL"),
        ("DATABASE_URL", "ftp://ada:pa55@localhost/shop", "cannot be read"),
        ("DATABASE_URL", "postgres://ada:pa55#pa55@localhost/shop", "%XX"),
        ("DATABASE_URL", "postgres://ada:pa55@localhost", "names no database"),
        ("DATABASE_URL", "postgres://ada:pa55@127.0.0.1:1/shop", "connection refused"),
        ("DATABASE_URL", "postgres://ada:pa55@nowhere.invalid/shop", "not known"),
        ("DATABASE_URL", "postgres://ada:pa55@/shop?host={run}", 'role "ada" does not exist'),
        ("DATABASE_URL", "postgres://affiliate:pa55@/shop?host={run}", 'database "shop" does not exist'),
        ("DATABASE_URL", "postgres://ada:pa55@127.0.0.1:{deaf}/shop", "timeout"),
        ("EMAIL_URL", "smtp://ada:pa55#pa55@mail.example", "cannot be read"),
        ("REDIS_URL", "http://:pa55@localhost/0", "cannot be read"),
        ("REDIS_URL", "redis://:pa55@localhost:port/0", "cannot be read"),
        ("REDIS_URL", "redis://:pa55@127.0.0.1:1/0", "connection refused"),
        ("REDIS_URL", "redis://:pa55@nowhere.invalid/0", "not known"),
        ("REDIS_URL", "unix:///nowhere/pa55?db=0", "no such file"),
        ("REDIS_URL", "unix://{run}/redis.sock?db=4000", "DB index is out of range"),
        ("REDIS_URL", "redis://:pa55@127.0.0.1:{deaf}/0", "timeout"),
    ],
)
def test_an_address_that_leads_nowhere_is_said_at_once(name, url, words, tmp_path):
    run = settings.VAR_DIR / "run"
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = url.format(run=run, deaf=deaf.getsockname()[1])
        done = manage("prepare", **own_servers() | {name: url, "VAR_DIR": str(tmp_path)})
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1, done.stderr
    assert words.lower() in done.stderr.lower()
    assert name in done.stderr
    assert "pa55" not in done.stderr.replace("/nowhere/pa55", "")


def test_up_says_at_once_that_an_address_leads_nowhere(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    env = own_servers() | {"REDIS_URL": "redis://127.0.0.1:1/0", "VAR_DIR": str(tmp_path)}
    done = manage("up", "--port", port, **env)
    assert done.returncode == 1
    assert "Redis at 127.0.0.1:1 cannot be used: connection refused." in done.stderr


@pytest.mark.django_db
def test_servers_that_are_too_old_are_said_with_what_is_needed(monkeypatch):
    assert stores.find_problem() is None
    monkeypatch.setattr(stores, "MIN_REDIS", 99)
    assert "Redis 99 or newer, is needed" in stores.find_problem()
    monkeypatch.setattr(stores, "MIN_POSTGRES", 99)
    assert "is version 18: 99 or newer is needed" in stores.find_problem()


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (
            'connection failed: connection to server at "10.0.0.1", port 5432 failed: FATAL:  password '
            'authentication failed for user "ada"\nmore',
            'password authentication failed for user "ada"',
        ),
        (
            'connection failed: connection to server at "::1", port 5432 failed: FATAL:  no pg_hba.conf '
            'entry for host "::1", user "ada", database "shop", no encryption',
            'no pg_hba.conf entry for host "::1", user "ada", database "shop", no encryption',
        ),
        (
            "invalid username-password pair or user is disabled.",
            "invalid username-password pair or user is disabled",
        ),
        ("Authentication required.", "authentication required"),
        ("", "it does not answer"),
    ],
)
def test_a_reason_is_the_server_s_own_without_the_address(said, reason):
    assert stores.reason(Exception(said)) == reason


def test_a_good_address_is_taken_as_it_is():
    found = addresses.parse_database_url("postgres://ada:p%40%23@db.example:5433/shop?sslmode=require")
    assert (found["PASSWORD"], found["PORT"], found["OPTIONS"]["sslmode"]) == ("p@#", 5433, "require")
    assert addresses.check_redis_url("rediss://:x@r.example:6380/1") == "rediss://:x@r.example:6380/1"
    with pytest.raises(ImproperlyConfigured, match="REDIS_URL"):
        addresses.check_redis_url("localhost:6379")
