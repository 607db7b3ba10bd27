"""Every way a case is read: `read(call, input)` gives what the product makes of it, as plain JSON values."""

import base64
from dataclasses import replace
from decimal import Decimal

from django.core.cache import cache

from catalog.lib.slugs import make_slug
from importer import normalise
from importer.http.errors import NetworkError, NetworkUnavailable
from importer.networks import get_network
from importer.networks.contract import FeedData, FeedWatch
from importer.networks.tradedoubler.products import parse_product
from importer.sandbox.credentials import DEMO_CREDENTIALS
from importer.sentences import say
from tests.http_server import Server, reply

# A feed as each network announces it; its file is served by the case.
FEEDS = {
    "tradetracker": FeedData(external_id="1", name="Shop", program_id="1", program_name="Shop"),
    "adtraction": FeedData(external_id="1", name="Shop", program_id="1", program_name="Shop", currency="SEK"),
    "tradedoubler": FeedData(external_id="1", name="Shop", program_id="1", program_name="Shop"),
}


def read(call, value, settings):
    """Return what is read: a value for a function, a dict for a file or a product.

    A file gives `ids` (in order), `items` (by id, the fields of `ItemData`), `bad` (rows and items with a
    problem), `reasons` (of the bad rows), `error` (False or its words) and `retry` (whether it asks for
    another try).
    """
    kind, _, network = call.partition(":")
    if kind == "file":
        return read_file(network, value, settings)
    if kind == "tradedoubler":
        return describe_items(list(parse_product(value, FEEDS["tradedoubler"])))
    if kind == "slug":
        return make_slug(value)
    return plain(getattr(normalise, kind)(value))


def read_file(network, value, settings):
    """Read a whole feed file as the network does: over HTTP, with the content type of the case."""
    data = base64.b64decode(value["base64"]) if "base64" in value else value["text"].encode()
    headers = [f"Content-Type: {value['content_type']}"] if value.get("content_type") else []
    server = Server(lambda connection, number: connection.sendall(answer(server, number, data, headers)))
    try:
        settings.ADTRACTION_API_URL = f"{server.url}/api/"
        settings.TRADEDOUBLER_API_URL = f"{server.url}/"
        settings.TRADETRACKER_WSDL_URL = f"{server.url}/api/?wsdl"
        watch, items, error = FeedWatch(language=value.get("language", "")), [], None

        feed = replace(FEEDS[network], url=f"{server.url}/feed")
        try:
            for item in get_network(network, DEMO_CREDENTIALS[network]).fetch_items(feed, watch):
                items.append(item)
        except NetworkError as caught:
            error = caught
    finally:
        server.socket.close()
        cache.clear()
    described = describe_items(items)
    described["bad"] += watch.bad_count
    described["reasons"] = [row.reason for row in watch.bad_rows]
    described["error"] = say(error) if error else False
    described["retry"] = isinstance(error, NetworkUnavailable)
    return described


def answer(server, number, data, headers):
    """The file; no API beside it, so that no network takes another way to the products."""
    target = server.requests[number - 1].split(" ", 2)[1]
    if "/api/" in target:
        return reply(status=403, body=b'{"message":"No API here"}')
    if "lastUpdated" in target:
        return reply(body=b'{"lastUpdatedTime":"1"}')
    return reply(body=data, headers=headers)


def describe_items(items):
    return {
        "ids": [item.external_id for item in items],
        "items": {
            item.external_id: {name: plain(getattr(item, name)) for name in item.__slots__} for item in items
        },
        "bad": sum(1 for item in items if item.problem),
    }


def plain(value):
    """Return the value as JSON has it."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, tuple | list):
        return [plain(one) for one in value]
    return dict(value) if isinstance(value, dict) else value


def is_right(got, expected):
    """Tell whether `got` is what is expected: of a dict only the named keys count."""
    if not isinstance(expected, dict):
        return got == expected
    return isinstance(got, dict) and all(is_key_right(got, name, value) for name, value in expected.items())


def is_key_right(got, name, value):
    if name == "error" and isinstance(value, str):
        return bool(got[name]) and value in got[name]
    if name == "error" and value is True:
        return bool(got[name])
    return name in got and is_right(got[name], value)
