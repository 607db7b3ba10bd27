"""Who asks: tokens go where they belong and nowhere else, and a session is opened when it must be."""

import pytest

from importer.http.auth import HeaderToken, QueryToken, SessionLogin
from importer.http.client import Http
from importer.http.errors import NetworkError, NetworkUnavailable
from tests.http_server import Server, reply

TOKEN = "t&k/ n%2C"


@pytest.fixture
def serve(settings):
    settings.ALLOW_PRIVATE_HOSTS = ["127.0.0.1"]
    servers = []

    def start(*answers):
        servers.append(Server(lambda connection, n: connection.sendall(answers[min(n, len(answers)) - 1])))
        return servers[-1]

    yield start
    for server in servers:
        server.socket.close()


def test_a_token_in_the_query_leaves_the_rest_of_the_address_as_it_is(serve):
    server = serve(reply())
    Http().request("GET", f"{server.url}/a.json;fid=1%252C2;q=x%20y?b=1", auth=QueryToken("token", TOKEN))
    assert server.requests[0].startswith("GET /a.json;fid=1%252C2;q=x%20y?b=1&token=t%26k%2F+n%252C HTTP")


def test_a_token_in_a_header_stands_beside_other_headers(serve):
    server = serve(reply())
    Http().request("GET", server.url, auth=HeaderToken("X-Token", "secret"), headers={"Accept": "text/plain"})
    assert "X-Token: secret" in server.requests[0]
    assert "Accept: text/plain" in server.requests[0]


@pytest.mark.parametrize("auth", [HeaderToken("X-Token", "secret"), QueryToken("token", "secret")])
def test_a_redirect_leaves_the_token_behind(serve, auth):
    goal = serve(reply())
    start = serve(reply(302, headers=[f"Location: {goal.url}/file"]))
    Http().request("GET", start.url, auth=auth)
    assert "secret" in start.requests[0]
    assert "secret" not in goal.requests[0]


@pytest.mark.parametrize("auth", [HeaderToken("X-Token", "secret"), QueryToken("token", "secret")])
def test_a_token_is_in_no_representation(auth):
    assert "secret" not in f"{auth!r} {auth}"


class Session:
    """A server's session that lapses after so many questions."""

    def __init__(self, lasts: int) -> None:
        self.lasts, self.left, self.log = lasts, 0, []
        self.login = SessionLogin(self.log_in)

    def log_in(self) -> None:
        self.log.append("log in")
        self.left = self.lasts

    def ask(self) -> str:
        self.log.append("ask")
        self.left -= 1
        if self.left < 0:
            raise NetworkError("fault", said="no session")
        return "answer"


def test_a_session_is_opened_once_and_again_when_it_lapsed():
    session = Session(lasts=2)
    assert [session.login.ask(session.ask) for _ in range(3)] == ["answer"] * 3
    assert session.log == ["log in", "ask", "ask", "ask", "log in", "ask"]


def test_a_question_that_is_refused_in_a_fresh_session_is_not_asked_again():
    session = Session(lasts=0)
    for _ in range(2):
        with pytest.raises(NetworkError):
            session.login.ask(session.ask)
    assert session.log == ["log in", "ask"] * 2


def test_a_network_that_is_away_is_no_lapsed_session():
    session = Session(lasts=5)
    session.login.ask(session.ask)

    def away():
        raise NetworkUnavailable("unreachable", host="x")

    with pytest.raises(NetworkUnavailable):
        session.login.ask(away)
    session.login.ask(session.ask)
    assert session.log.count("log in") == 1
