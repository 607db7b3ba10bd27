"""The way out, against servers that misbehave: what comes back is data or a sentence, and never a secret."""

import gzip
import json
import logging
import pickle
import socket
import time
import traceback
from contextlib import contextmanager

import pytest

from importer.http import client as http_module
from importer.http.answers import looks_like_html
from importer.http.client import Http, Redactor, retry_after
from importer.http.errors import NetworkError, NetworkUnavailable
from importer.reasons import try_again
from importer.sentences import say
from tests.http_server import Server, reply

SECRET = "s3cr&t/ töken+1"


@pytest.fixture
def serve(settings):
    settings.ALLOW_PRIVATE_HOSTS = ["127.0.0.1"]
    servers = []

    def start(handler):
        answers = handler
        if not callable(handler):
            # One answer per request, the last one again and again.
            def answers(connection, number):
                connection.sendall(handler[min(number, len(handler)) - 1])

        servers.append(Server(answers))
        return servers[-1]

    yield start
    for server in servers:
        server.socket.close()


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(http_module, "CONNECT_TIMEOUT", 0.8)
    monkeypatch.setattr(http_module, "READ_TIMEOUT", 0.8)
    monkeypatch.setattr(http_module, "STREAM_READ_TIMEOUT", 0.8)


@contextmanager
def failing(kind=NetworkError, code=""):
    with pytest.raises(kind, match=rf"^{code}\b") as caught:
        yield caught
    assert type(caught.value) is kind


# --- Addresses -------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "localhost", "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "0.0.0.0"),  # noqa: S104
        *("[::1]", "[::ffff:127.0.0.1]", "[fd00::1]", "[fe80::1]", "100.64.0.1", "2130706433", "0x7f.1"),
    ],
)
def test_private_addresses_are_refused(settings, host):
    settings.ALLOW_PRIVATE_HOSTS = []

    with failing(NetworkError, "private_address"):
        Http().request("GET", f"http://{host}:9/")


def test_a_redirect_to_a_private_address_is_refused(serve):
    inner = serve([reply(200, b"internal")])
    outer = serve([reply(302, headers=[f"Location: {inner.url.replace('127.0.0.1', 'localhost')}"])])

    with failing(NetworkError, "private_address host='localhost"):
        Http().request("GET", outer.url)
    assert inner.requests == []


def test_a_proxy_of_the_environment_is_not_used(serve, monkeypatch):
    server = serve([reply(200, b"ok")])
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")

    assert Http().get_bytes(server.url) == b"ok"


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://example.com/", "http://", "http://[", "nonsense", "http://a\x00b/"]
)
def test_other_addresses_are_refused(url):
    with failing(NetworkError):
        Http().request("GET", url)


def test_redirects_drop_headers_and_parameters(serve):
    goal = serve([reply(200, b"file")])
    start = serve([reply(302, headers=[f"Location: {goal.url}/file"])])
    answer = Http().request("GET", start.url, params={"token": SECRET}, headers={"X-Token": SECRET})

    assert answer.content == b"file"
    assert "token" not in goal.requests[0].lower()


def test_endless_redirects_end(serve):
    server = serve([reply(302, headers=["Location: /again"])])

    with failing(NetworkError, "redirects_in_a_circle"):
        Http().request("GET", server.url)
    assert len(server.requests) <= 7


@pytest.mark.parametrize("target", ["http://[", "file:///etc/passwd", "javascript:alert(1)"])
def test_a_redirect_to_nowhere_is_refused(serve, target):
    server = serve([reply(302, headers=[f"Location: {target}"])])

    with failing(NetworkError, "bad_address"):
        Http().request("GET", server.url)


def test_a_post_is_not_redirected(serve):
    server = serve([reply(307, headers=["Location: http://elsewhere.example/"])])

    with failing(NetworkError, "moved network='Adtraction' who='Adtraction' host='elsewhere.example"):
        Http(name="Adtraction").request("POST", server.url, json={})


# --- Time and size ---------------------------------------------------------------------------------
@pytest.mark.usefixtures("serve")
def test_a_refused_connection_says_so():
    with socket.create_server(("127.0.0.1", 0)) as freed:
        port = freed.getsockname()[1]

    with failing(NetworkUnavailable, "unreachable network='Tradedoubler' host='127.0.0.1"):
        Http(name="Tradedoubler").request("GET", f"http://127.0.0.1:{port}/")


@pytest.mark.usefixtures("quick")
def test_a_silent_server_is_given_up(serve):
    server = serve(lambda connection, number: time.sleep(2.5))

    with failing(NetworkUnavailable, "no_answer_in_time"), Http().stream("GET", server.url):
        pass


@pytest.mark.usefixtures("quick")
def test_a_body_that_stalls_is_given_up(serve):
    def stall(connection, number):
        connection.sendall(reply(200, b"begin", length=100))
        time.sleep(2.5)

    server = serve(stall)
    with failing(NetworkUnavailable, "stopped_sending"), Http().stream("GET", server.url) as stream:
        stream.read(-1)


def test_a_body_that_drips_meets_the_deadline(serve):
    def drip(connection, number):
        connection.sendall(reply(200, b"", length=1000))
        for _ in range(100):
            connection.sendall(b"x")
            time.sleep(0.05)

    server = serve(drip)
    began = time.monotonic()
    with (
        failing(NetworkUnavailable, "answer_too_slow"),
        Http().stream("GET", server.url, deadline=1.0) as stream,
    ):
        stream.read(-1)
    assert time.monotonic() - began < 4


def test_a_body_past_its_limit_is_not_read(serve):
    sent = 0

    def pour(connection, number):
        nonlocal sent
        connection.sendall(reply(200, b"", length=10**9))
        while True:
            connection.sendall(b"x" * 65536)
            sent += 65536

    server = serve(pour)
    with failing(NetworkError, "too_large"):
        Http().request("GET", server.url, max_bytes=100_000)
    assert sent < 20_000_000
    assert len(server.requests) == 1  # asking again would not make it smaller


def test_a_compressed_bomb_is_not_unpacked(serve):
    server = serve([reply(200, gzip.compress(b"\0" * 50_000_000), ["Content-Encoding: gzip"])])

    with failing(NetworkError, "too_large"):
        Http().request("GET", server.url, max_bytes=1_000_000)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(reply(200, b'{"a": 1', length=500), id="short content length"),
        pytest.param(
            b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"a":\r\n', id="cut chunked body"
        ),
        pytest.param(
            reply(200, gzip.compress(b"x" * 9999)[:30], ["Content-Encoding: gzip"], 500), id="cut gzip"
        ),
        pytest.param(reply(200, b"not gzip", ["Content-Encoding: gzip"]), id="not gzip at all"),
    ],
)
def test_a_cut_body_is_unavailable(serve, answer, monkeypatch):
    monkeypatch.setattr(http_module, "TRIES", 1)
    server = serve([answer])

    with failing(NetworkUnavailable, "answer_cut"):
        Http().request("GET", server.url)


@pytest.mark.usefixtures("quick")
def test_a_slow_server_is_given_up_within_the_deadline(serve):
    server = serve(lambda connection, number: time.sleep(2.5))
    began = time.monotonic()

    with failing(NetworkUnavailable, "no_answer_in_time"):
        Http().request("GET", server.url, deadline=1.5)
    assert time.monotonic() - began < 4


# --- Tries -----------------------------------------------------------------------------------------
def test_a_short_failure_is_tried_again(serve):
    server = serve([reply(503), reply(200, b"short", length=9), reply(200, b"well")])

    assert Http().request("GET", server.url).content == b"well"
    assert len(server.requests) == 3


def test_tries_end(serve):
    server = serve([reply(500, b"oops")])

    assert Http().request("GET", server.url).status_code == 500
    assert len(server.requests) == 3


def test_a_short_retry_after_is_waited_out(serve):
    server = serve([reply(429, headers=["Retry-After: 1"]), reply(200, b"well")])
    began = time.monotonic()

    assert Http().request("GET", server.url).content == b"well"
    assert time.monotonic() - began >= 1


def test_a_long_retry_after_is_reported(serve):
    server = serve([reply(429, headers=["Retry-After: 300"])])

    with failing(NetworkUnavailable, "rate_limited") as caught:
        Http(name="Adtraction").get_bytes(server.url)
    assert caught.value.retry_after == 300
    assert len(server.requests) == 1


def test_retry_after_may_be_a_date():
    assert retry_after({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0
    assert retry_after({"Retry-After": "soon"}) is None
    assert retry_after({}) is None


def test_the_time_of_the_next_try_is_in_words():
    assert [say(try_again(seconds)) for seconds in (None, 0.2, 40, 300, 3 * 3600)] == [
        "Try again in a few minutes.",
        "Try again in 2 seconds.",
        "Try again in 40 seconds.",
        "Try again in 5 minutes.",
        "Try again in 3 hours.",
    ]


# --- Answers ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (401, NetworkError, "Adtraction refused the credentials: Invalid."),
        (403, NetworkError, "Adtraction refused access: Invalid."),
        (400, NetworkError, "Adtraction refused the request (status 400): Invalid."),
        (500, NetworkUnavailable, "Adtraction has a problem (status 500): Invalid. Try again in a few"),
        (429, NetworkUnavailable, "Adtraction allows no more requests for now: Invalid. Try again"),
    ],
)
def test_statuses_become_sentences(status, kind, words):
    error = Http(name="Adtraction").failure(status, {}, "Invalid.")
    assert type(error) is kind
    assert say(error).startswith(words)


def test_a_web_page_instead_of_json_is_recognised(serve):
    http = Http(name="Tradedoubler")
    server = serve([reply(200, b"\n <!DOCTYPE html><html>Maintenance</html>")])

    with failing(NetworkUnavailable, "web_page"):
        http.json(http.request("GET", server.url))
    assert not looks_like_html(b'<?xml version="1.0"?><products/>')


def test_broken_json_is_unavailable(serve):
    http = Http()
    server = serve([reply(200, b'{"a": ['), reply(200, b"[" * 200_000)])

    for _ in range(2):
        with failing(NetworkUnavailable, "not_json"):
            http.json(http.request("GET", server.url))


def test_peek_leaves_the_stream_whole(serve):
    server = serve([reply(200, b"0123456789")])

    with Http().stream("GET", server.url) as stream:
        assert stream.peek(3) == b"012"
        assert stream.read(4) + stream.read(-1) == b"0123456789"


def test_cookies_stay_for_the_next_request(serve):
    server = serve([reply(200, headers=["Set-Cookie: SID=1; Path=/"]), reply(200)])
    http = Http()
    http.request("GET", server.url)
    http.request("GET", server.url)

    assert "Cookie: SID=1" in server.requests[1]


def test_requests_have_a_user_agent(serve):
    server = serve([reply(200)])
    Http().request("GET", server.url)

    assert "Mozilla/5.0 (compatible; affiliate-site" in server.requests[0]


# --- Secrets ---------------------------------------------------------------------------------------
FORMS = [SECRET, "s3cr%26t%2F%20t%C3%B6ken%2B1", "s3cr%26t%2f+t%c3%b6ken%2b1", "s3cr&amp;t/ töken+1"]


@pytest.mark.parametrize("form", [*FORMS, json.dumps(SECRET)[1:-1]])
def test_secrets_are_blanked_in_every_spelling(form):
    assert Redactor([SECRET, ""])(f"token={form}&x") == "token=•••&x"


@pytest.mark.parametrize(
    "answer", [b"", reply(302, headers=["Location: http://x/?token=" + SECRET.replace("ö", "o")]), reply(500)]
)
def test_secrets_are_in_no_error_log_or_traceback(serve, answer, caplog):
    caplog.set_level(logging.DEBUG)
    server = serve([answer])
    http = Http(secrets=[SECRET], name="Tradedoubler")

    with pytest.raises(NetworkError) as caught:
        http.get_bytes(f"{server.url}/?token={SECRET}")
    said = "".join(traceback.format_exception(caught.value)) + caplog.text + repr(caught.value) + repr(http)
    said += repr(caught.value.__context__) + str(pickle.dumps(caught.value))

    assert "127.0.0.1" in caplog.text  # urllib3 did log
    for form in FORMS:
        assert form not in said
    assert "s3cr" not in said
