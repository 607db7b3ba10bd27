"""Sign-ins whose refresh tokens count once: over real HTTP, with the tokens in a real database."""

import json
import logging
import os
import signal
import subprocess
import sys
import time
import traceback

import pytest
from django.conf import settings as site_settings
from django.db import connection

from events.models import Event
from importer.accounts.accounts import record_failure
from importer.accounts.tokens import AccountTokens
from importer.http.client import Http
from importer.http.errors import NetworkError, NetworkUnavailable
from importer.http.oauth import OAuth, Tokens
from importer.models import StoredTokens
from importer.sentences import say
from tests.importer.http.sign_in import SignInServer, wait_for
from tests.importer.make import make_account
from tests.importer.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def server(settings):
    settings.ALLOW_PRIVATE_HOSTS = ["127.0.0.1"]
    server = SignInServer()
    yield server
    server.close()


@pytest.fixture
def store():
    """The tokens of an account whose access token is over."""
    store = AccountTokens(make_account().pk, "reports")
    with store.lock(5) as held:
        held.save(Tokens("access-old", "refresh-0", time.time() - 1))
    return store


def oauth(server, store, **options):
    http = Http(name="Tradedoubler")
    return OAuth(http, f"{server.url}/token", store, client_id="us", client_secret="cl1ent", **options)


def ask(server, auth, method="GET", **options):
    return Http(name="Tradedoubler").request(method, f"{server.url}/report", auth=auth, **options)


# --- Expiry ------------------------------------------------------------------------------------
def test_a_token_is_got_once_and_used_until_shortly_before_its_end(server, store):
    auth = oauth(server, store)
    for _ in range(3):
        assert ask(server, auth).status_code == 200
    assert ask(server, oauth(server, store)).status_code == 200  # another worker
    assert server.grants == [{"grant_type": "refresh_token", "refresh_token": "refresh-0"}]
    left = store.load().ends_at - time.time()
    assert 780 < left <= 839


def test_a_token_that_is_about_to_end_is_renewed_before_it_is_used(server, store):
    server.lifetime = 0
    auth = oauth(server, store)
    ask(server, auth)
    ask(server, auth)
    assert [token for _, token, _ in server.calls] == ["access-1", "access-2"]


def test_a_new_pair_replaces_the_old_one(server, store):
    ask(server, oauth(server, store))
    stored = store.load()
    assert (stored.access, stored.refresh) == ("access-1", "refresh-1")


def test_an_answer_without_a_refresh_token_keeps_the_old_one(server, store):
    server.answers = [(200, b'{"access_token": "a"}')]
    oauth(server, store).prepare()
    assert store.load().refresh == "refresh-0"
    assert store.load().ends_at > time.time() + 60


# --- A token that is refused before its time -------------------------------------------------------
def test_a_refused_token_is_renewed_and_the_request_sent_again_once(server, store):
    auth = oauth(server, store)
    ask(server, auth)
    server.access = "revoked"
    answer = ask(server, auth, "POST", json={"a": 1})
    assert answer.status_code == 200
    assert [call[1:] for call in server.calls[1:]] == [("access-1", '{"a": 1}'), ("access-2", '{"a": 1}')]


def test_a_right_that_no_token_has_ends_after_one_renewal(server, store):
    server.refuses_all = True
    assert ask(server, oauth(server, store)).status_code == 401
    assert (len(server.grants), len(server.calls)) == (2, 2)  # the first was over


# --- Several at once -----------------------------------------------------------------------------
def test_threads_that_need_a_token_at_once_refresh_once(server, store):
    server.delay = 0.5
    answers = []
    work = [lambda: answers.append(ask(server, oauth(server, store)).status_code)] * 4
    at_once(*work)
    assert answers == [200] * 4
    assert len(server.grants) == 1


PROCESS = """
import os, signal, sys
import django
django.setup()
from importer.accounts import tokens
from importer.http.client import Http
from importer.http.errors import NetworkError
from importer.http.oauth import OAuth
url, account, how = sys.argv[1:]
if how == "dies":  # at the line between the answer and the store
    tokens.HeldTokens.save = lambda self, tokens: os.kill(os.getpid(), signal.SIGKILL)
store = tokens.AccountTokens(int(account), "reports")
auth = OAuth(Http(), url + "/token", store, client_id="us", client_secret="cl1ent")
print("ready", flush=True)
sys.stdin.readline()
try:
    print(Http().request("GET", url + "/report", auth=auth).status_code)
except NetworkError as error:
    print(error.code)
"""


@pytest.fixture
def start_process(server, store, worker_env):
    """Start a worker of its own that asks for the report once it hears a line."""
    processes = []

    def start(how="lives"):
        account = StoredTokens.objects.get().account_id
        process = subprocess.Popen(
            [sys.executable, "-c", PROCESS, server.url, str(account), how],
            cwd=site_settings.BASE_DIR,
            env={**os.environ, **worker_env},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.wait()


def test_processes_that_need_a_token_at_once_refresh_once(server, start_process):
    server.delay = 60
    processes = [start_process(), start_process()]
    assert [process.stdout.readline() for process in processes] == ["ready\n"] * 2
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    wait_for(lambda: waits_for_the_row() or len(server.grants) > 1)
    server.release.set()
    assert [process.communicate(timeout=60)[0].strip() for process in processes] == ["200", "200"]
    assert len(server.grants) == 1


def waits_for_the_row() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE wait_event_type = 'Lock' AND query LIKE '%storedtokens%'"
        )
        return cursor.fetchone()[0] > 0


def test_a_worker_that_dies_between_the_answer_and_the_store_costs_a_sign_in_and_no_loop(
    server, store, start_process
):
    process = start_process("dies")
    process.communicate("\n", timeout=90)
    assert process.returncode == -signal.SIGKILL
    assert store.load().refresh == "refresh-0"  # which counts no longer

    for _ in range(3):
        with pytest.raises(NetworkError, match="^sign_in_again") as caught:
            ask(server, oauth(server, store))
        assert not isinstance(caught.value, NetworkUnavailable)
    assert len(server.grants) == 2  # the one that was lost, the one that found out
    assert store.load() == Tokens()


# --- Answers that are none -------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (200, b"<html><body>Maintenance</body></html>", "web_page"),
        (200, b"", "empty_answer"),
        (200, b"{", "not_json"),
        (200, b"[]", "unknown_form"),
        (200, b'{"access_token": 5}', "unknown_form"),
        (200, b'{"token": "a"}', "unknown_form"),
        (500, b"", "server_problem"),
        (503, b"[]", "server_problem"),
        (429, b"API rate limit exceeded", "rate_limited"),
        (401, b'{"error": "invalid_client", "error_description": "Bad client"}', "credentials_refused"),
        (401, b'{"error": "unauthorized"}', "credentials_refused"),
        (400, b'{"error": ["invalid_grant"]}', "request_refused"),
        (400, b"<form><input type=password></form>", "request_refused"),
    ],
)
def test_a_wrong_answer_is_an_error_that_changes_nothing_and_is_asked_for_once(
    server, store, status, body, code
):
    server.answers = [(status, body)]
    before = store.load()
    with pytest.raises(NetworkError) as caught:
        oauth(server, store).prepare()
    assert caught.value.code == code
    assert (len(server.grants), store.load()) == (1, before)
    assert ask(server, oauth(server, store)).status_code == 200  # it was no more than a trouble


@pytest.mark.parametrize("lifetime", [None, "soon", -5, "60", 10**12, [1], True])
def test_an_odd_lifetime_does_no_harm(server, store, lifetime):
    server.lifetime = lifetime
    assert ask(server, oauth(server, store)).status_code == 200
    assert store.load().ends_at <= time.time() + 24 * 3600


def test_a_slow_answer_is_given_up_within_the_time_and_lets_the_others_go(server, store):
    server.delay = 60
    began, codes = time.monotonic(), []

    def prepare():
        with pytest.raises(NetworkUnavailable) as caught:
            oauth(server, store).prepare(seconds=1)
        codes.append(caught.value.code)

    at_once(prepare, prepare)
    assert time.monotonic() - began < 30
    assert set(codes) <= {"no_answer_in_time", "token_is_renewed"}


# --- Signing in by a password ----------------------------------------------------------------------
USER = {"username": "ada", "password": "pa55word"}


def test_without_a_refresh_token_a_password_signs_in(server):
    store = AccountTokens(make_account().pk, "reports")
    assert ask(server, oauth(server, store, **USER)).status_code == 200
    assert server.grants == [{"grant_type": "password", **USER}]


def test_a_refresh_token_that_counts_no_longer_is_made_good_by_the_password(server, store):
    server.refresh = "another"
    assert ask(server, oauth(server, store, **USER)).status_code == 200
    assert [form["grant_type"] for form in server.grants] == ["refresh_token", "password"]


def test_without_either_a_person_must_sign_in_and_nobody_is_asked(server):
    store = AccountTokens(make_account().pk, "reports")
    with pytest.raises(NetworkError, match="^sign_in_again") as caught:
        ask(server, oauth(server, store))
    assert "Sign in again" in say(caught.value)
    assert server.grants == server.calls == []


# --- Secrets ---------------------------------------------------------------------------------------
def test_tokens_are_in_no_log_error_event_or_traceback(server, store, caplog):
    caplog.set_level(logging.DEBUG)
    auth = oauth(server, store, **USER)
    ask(server, auth)
    server.access = server.refresh = server.password = "others"
    http = Http(name="Tradedoubler")
    said = []
    with pytest.raises(NetworkError) as caught:
        http.request("GET", f"{server.url}/report", auth=auth)
    record_failure("tradedoubler", "Reading the sales", caught.value)
    said += traceback.format_exception(caught.value)
    # The API quotes the token that it refuses.
    quoting = http.failure(401, {}, "expired: access-1")
    record_failure("tradedoubler", "Reading the sales", quoting)
    said += [say(caught.value), say(quoting), repr(auth), repr(store.load()), caplog.text]
    said.append(json.dumps(list(Event.objects.values_list("after", flat=True))))

    assert "127.0.0.1" in caplog.text
    for secret in ("access-1", "refresh-1", "refresh-0", "cl1ent", "pa55word"):
        assert secret not in "\n".join(said)
