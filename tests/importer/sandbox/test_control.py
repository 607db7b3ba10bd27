"""The control address: faults on demand, new versions of feeds, and what was asked."""

import time

import pytest
import requests

from importer.sandbox.credentials import DEMO_CREDENTIALS

TOKEN = DEMO_CREDENTIALS["tradedoubler"]["token"]


@pytest.fixture
def control(sandbox):
    def send(name, values=None, method="POST"):
        return requests.request(method, f"{sandbox.url}/_control/{name}", json=values, timeout=10)

    return send


@pytest.fixture
def feeds(sandbox):
    return lambda **options: requests.get(
        f"{sandbox.url}/tradedoubler/1.0/productFeeds?token={TOKEN}",
        timeout=options.pop("timeout", 10),
        **options,
    )


def test_status_fault_strikes_as_often_as_told(control, feeds):
    control("faults", {"path": "/tradedoubler/", "status": 503, "times": 2, "headers": {"Retry-After": "7"}})
    first = feeds()
    assert (first.status_code, first.headers["Retry-After"]) == (503, "7")
    assert [feeds().status_code for _ in range(2)] == [503, 200]


def test_fault_can_let_requests_pass_first_and_is_cleared(control, feeds):
    control("faults", {"network": "tradedoubler", "status": 500, "skip": 1})
    assert [feeds().status_code for _ in range(3)] == [200, 500, 500]
    control("faults", method="DELETE")
    assert feeds().status_code == 200


def test_fault_leaves_the_other_networks_alone(control, feeds):
    control("faults", {"network": "adtraction", "status": 500})
    assert feeds().status_code == 200


def test_delay(control, feeds):
    control("faults", {"network": "tradedoubler", "delay": 0.4})
    started = time.monotonic()
    assert feeds().status_code == 200
    assert time.monotonic() - started >= 0.4


def test_cut_body_is_seen_as_broken(control, feeds):
    control("faults", {"network": "tradedoubler", "cut_after": 100})
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        feeds()


def test_cut_stream_is_seen_as_broken(control, sandbox):
    control("faults", {"network": "tradetracker", "cut_after": 5000})
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        requests.get(f"{sandbox.url}/tradetracker/pf/?aid=51000&type=xml&fid=91001", timeout=10)


@pytest.mark.parametrize(
    ("body", "start", "kind"),
    [
        ("json", '{"products"', "application/json"),
        ("xml", "<?xml", "text/xml"),
        ("html", "<!DOCTYPE html>", "text/html"),
        ("empty", "", "text/html"),
        ("Login first", "Login first", "text/plain"),
    ],
)
def test_wrong_bodies_keep_status_200(control, feeds, body, start, kind):
    control("faults", {"network": "tradedoubler", "body": body})
    response = feeds()
    assert response.status_code == 200
    assert response.text.startswith(start)
    assert response.headers["Content-Type"].startswith(kind)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("faults", {"path": "/", "stauts": 500}),
        ("faults", {"status": 500}),
        ("faults", {"path": "/", "status": "500"}),
        ("faults", {"path": 7, "status": 500}),
        ("faults", {"path": "/", "times": -1}),
        ("faults", {"faults": [7]}),
        ("options", {"rate_limit": "many"}),
        ("options", {"colour": 1}),
        ("catalogue", {"feed": "tradedoubler:1"}),
        ("catalogue", {"prices": {"one": "1"}}),
    ],
)
def test_mistakes_are_named_with_400(control, name, values):
    response = control(name, values)
    assert response.status_code == 400
    assert response.json()["error"]


def test_unknown_control_is_404(control):
    assert control("nothing").status_code == 404


def test_single_price_can_be_set_and_everything_reset(control, sandbox):
    address = f"{sandbox.url}/tradedoubler/1.0/products;fid=31101;pageSize=1?token={TOKEN}"

    def price():
        offer = requests.get(address, timeout=10).json()["products"][0]["offers"][0]
        return offer["priceHistory"][0]["price"]["value"]

    before = price()
    control("catalogue", {"feed": "tradedoubler:31101", "prices": {"0": "12.50"}})
    assert price() == "12.50"
    control("reset", {})
    assert price() == before


def test_removed_rows_leave_search_and_counts_and_come_back(control, sandbox):
    address = f"{sandbox.url}/tradedoubler/1.0/products;fid=31101;pageSize=5?token={TOKEN}"

    def answer():
        body = requests.get(address, timeout=10).json()
        return body["productHeader"]["totalHits"], [
            p["offers"][0]["sourceProductId"] for p in body["products"]
        ]

    total, ids = answer()
    control("catalogue", {"feed": "tradedoubler:31101", "remove": [0, 2]})
    fewer, left = answer()
    assert fewer == total - 2
    assert left[:3] == [ids[1], ids[3], ids[4]]
    control("catalogue", {"feed": "tradedoubler:31101", "restore": True})
    assert answer() == (total, ids)


def test_requests_are_remembered_without_secrets(control, feeds):
    feeds(headers={"X-Token": "hidden", "X-Other": "seen"})
    entry = control("requests", method="GET").json()[-1]
    assert entry["target"].endswith("productFeeds?token=***")
    assert (entry["headers"]["x-token"], entry["headers"]["x-other"]) == ("***", "seen")
    assert entry["status"] == 200
    assert TOKEN not in control("requests", method="GET").text
