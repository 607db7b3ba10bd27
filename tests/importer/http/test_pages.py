"""Lists that come in pages, read over HTTP as the networks' reports will be."""

import json
from itertools import chain
from urllib.parse import parse_qs, urlsplit

import pytest

from importer.http.client import Http
from importer.http.errors import NetworkUnavailable
from importer.http.pages import ByNumber, ByOffset
from tests.http_server import Server, reply

SIZE = 100


class Reports(Server):
    """Gives out so many rows, by `offset` and `limit` or by `page`; a deaf one gives the first again."""

    def __init__(self, count: int, *, is_deaf: bool = False, total: int | None = None) -> None:
        self.rows, self.is_deaf, self.total = [{"id": n} for n in range(count)], is_deaf, total
        super().__init__(self.give)

    def give(self, connection, number):
        asked = {
            name: int(values[0])
            for name, values in parse_qs(urlsplit(self.requests[number - 1].split(" ")[1]).query).items()
        }
        start = 0 if self.is_deaf else asked.get("offset", (asked.get("page", 1) - 1) * SIZE)
        rows = self.rows[start : start + SIZE]
        total = len(self.rows) if self.total is None else self.total
        connection.sendall(reply(body=json.dumps({"items": rows, "total": total}).encode()))


@pytest.fixture
def serve(settings):
    settings.ALLOW_PRIVATE_HOSTS = ["127.0.0.1"]
    servers = []

    def start(*args, **options):
        servers.append(Reports(*args, **options))
        return servers[-1]

    yield start
    for server in servers:
        server.socket.close()


def by_offset(server):
    http = Http()

    def fetch(offset):
        asked = {"limit": SIZE, "offset": offset}
        return http.json(http.request("GET", server.url, params=asked))["items"]

    return ByOffset(fetch, SIZE)


def by_number(server, most=None):
    http = Http()

    def fetch(page):
        answer = http.json(http.request("GET", server.url, params={"page": page}))
        return answer["items"], answer["total"]

    return ByNumber(fetch, SIZE, most)


def ids(pages):
    return [row["id"] for row in chain.from_iterable(pages)]


@pytest.mark.parametrize(("count", "requests"), [(0, 1), (1, 1), (99, 1), (100, 2), (250, 3), (300, 4)])
def test_a_short_page_is_the_last_by_offset(serve, count, requests):
    server = serve(count)
    assert ids(by_offset(server)) == list(range(count))
    assert len(server.requests) == requests


def test_a_server_that_ignores_the_offset_is_not_asked_for_ever(serve):
    server = serve(500, is_deaf=True)
    with pytest.raises(NetworkUnavailable, match="^same_page_again"):
        ids(by_offset(server))
    assert len(server.requests) == 2


def test_pages_are_asked_for_only_as_they_are_read(serve):
    server = serve(500)
    pages = iter(by_offset(server))
    next(pages)
    assert len(server.requests) == 1


@pytest.mark.parametrize(("count", "requests"), [(0, 1), (100, 1), (101, 2), (250, 3)])
def test_the_count_ends_the_pages_by_number(serve, count, requests):
    server = serve(count)
    pages = by_number(server)
    assert ids(pages) == list(range(count))
    assert (len(server.requests), pages.total, pages.is_cut) == (requests, count, False)


def test_no_more_than_is_given_out_is_asked_for(serve):
    server = serve(1_000)
    pages = by_number(server, most=300)
    assert ids(pages) == list(range(300))
    assert (len(server.requests), pages.is_cut) == (3, True)


def test_an_empty_page_ends_the_list_whatever_the_count_says(serve):
    server = serve(100, total=10_000)
    assert len(ids(by_number(server))) == 100
    assert len(server.requests) == 2
