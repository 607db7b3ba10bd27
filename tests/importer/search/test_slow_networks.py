"""A live search whose network is slow, for ever or at each of many requests: the person hears so in time."""

import time
import urllib.request

import pytest

from importer.networks.contract import ItemQuery, NetworkUnavailable
from importer.sandbox.credentials import DEMO_CREDENTIALS
from importer.search import hits
from tests.http_server import reply
from tests.importer.make import make_account
from tests.slow_server import WAYS, SlowServer

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 2.0
HUNG = 20.0  # seconds: whoever waits for so long waits for the server


class SlowService(SlowServer):
    """Hands out the description of TradeTracker's service; whoever calls it is held up, at once or later."""

    def __init__(self, description: bytes):
        self.description, self.answers = description, []
        super().__init__()

    def hold_up(self, connection, number):
        if self.requests[number - 1].startswith("GET"):
            own = self.description.replace(b"SERVICE", self.url.encode())
            return connection.sendall(reply(body=own, headers=["Content-Type: text/xml"]))
        return super().hold_up(connection, number)


@pytest.fixture
def slow_service(sandbox, settings):
    with urllib.request.urlopen(settings.TRADETRACKER_WSDL_URL, timeout=10) as response:  # noqa: S310
        description = response.read().replace(sandbox.url.encode(), b"SERVICE")
    assert b"SERVICE" in description
    server = SlowService(description)
    settings.TRADETRACKER_WSDL_URL = f"{server.url}/service?wsdl"
    yield server
    server.released.set()
    server.socket.close()


@pytest.fixture
def slow_server(sandbox, settings):
    server = SlowServer()
    settings.TRADEDOUBLER_API_URL = f"{server.url}/1.0/"
    yield server
    server.released.set()
    server.socket.close()


def search(network: str) -> float:
    """Search the network, which does not answer; return the seconds until that was said."""
    account = make_account(network)
    account.set_credentials(DEMO_CREDENTIALS[network])
    account.save()
    began = time.monotonic()
    with pytest.raises(NetworkUnavailable):
        hits.search(account, ItemQuery(keywords="lamp", in_stock=True))
    return time.monotonic() - began


@pytest.mark.parametrize("way", WAYS)
def test_a_slow_soap_service_keeps_nobody_waiting(slow_service, monkeypatch, way):
    monkeypatch.setattr(hits, "LONGEST_SEARCH", PATIENCE)
    slow_service.way = way
    assert search("tradetracker") < HUNG
    assert any(request.startswith("POST") for request in slow_service.requests)


@pytest.mark.parametrize("way", WAYS)
def test_a_slow_json_service_keeps_nobody_waiting(slow_server, monkeypatch, way):
    monkeypatch.setattr(hits, "LONGEST_SEARCH", PATIENCE)
    slow_server.way = way
    assert search("tradedoubler") < HUNG


def test_many_slow_answers_are_waited_for_no_longer_than_one(slow_server, monkeypatch):
    """Each answer comes in good time, and names another page: only all of them together take too long."""
    monkeypatch.setattr(hits, "LONGEST_SEARCH", PATIENCE)

    def answer(connection, number):
        time.sleep(0.3)
        hit = b'{"name": "Lamp", "offers": [{"feedId": 1, "id": "%d", "inStock": 0}]}' % number
        connection.sendall(reply(body=b'{"productHeader": {"totalHits": 99999}, "products": [%s]}' % hit))

    slow_server.handler = answer
    assert search("tradedoubler") < HUNG
    assert len(slow_server.requests) > 2
