"""What the tests of the clients share: accounts at the sandbox, its faults, and pauses that do not last."""

import json
import urllib.request

import pytest
from django.core.cache import cache

from importer.http import client as http_module
from importer.networks import get_network
from importer.networks.tradedoubler import client as tradedoubler
from importer.sandbox.credentials import DEMO_CREDENTIALS


@pytest.fixture(autouse=True)
def empty_cache(request):
    """Budgets and names of one test are not those of the next."""
    if "sandbox" in request.fixturenames:
        cache.clear()


@pytest.fixture
def connect(control):
    """Return a network at the sandbox; keyword arguments replace credentials."""
    control("options", unlimited_wait_seconds=0.05)

    def connect(slug, **changes):
        return get_network(slug, DEMO_CREDENTIALS[slug] | changes)

    return connect


@pytest.fixture
def control(sandbox):
    """POST to the sandbox's control address."""

    def post(name, **values):
        body = json.dumps(values).encode()
        request = urllib.request.Request(f"{sandbox.url}/_control/{name}", data=body, method="POST")  # noqa: S310
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 our own address
            return json.load(answer)

    return post


@pytest.fixture
def fault(control):
    """Make the sandbox go wrong: status, delay, cut_after, body, headers, times, skip (see its `Fault`)."""
    return lambda **fault: control("faults", **fault)


@pytest.fixture
def impatient(monkeypatch):
    """One try, a second to read, a short wait for a file in the making."""
    monkeypatch.setattr(http_module, "TRIES", 1)
    monkeypatch.setattr(http_module, "READ_TIMEOUT", 1.2)
    monkeypatch.setattr(http_module, "STREAM_READ_TIMEOUT", 1.2)
    monkeypatch.setattr(tradedoubler, "PREPARING_PAUSES", (0.1, 0.2))
