"""The sandbox's sales: what clicks become, what time makes of them, and how each network tells it."""

import base64
import json
import urllib.parse

import pytest
import requests

from importer.sandbox.credentials import CONNECT_LOGINS, DEMO_CREDENTIALS
from importer.sandbox.server import running_server
from importer.sandbox.state import Options

LOGIN = CONNECT_LOGINS[0]


@pytest.fixture
def server():
    with running_server(items=500, options=Options(sales_delay=0.0)) as running:
        yield running


def ask(server, path, values=None, method=None, headers=None):
    body = json.dumps(values).encode() if isinstance(values, dict) else values
    headers = {"Content-Type": "application/json", **(headers or {})}
    method = method or ("GET" if body is None else "POST")
    answer = requests.request(method, server.url + path, data=body, headers=headers, timeout=20)
    return answer.status_code, answer.json() if answer.ok else answer.text


def token(server, **form):
    client = base64.b64encode(f"{LOGIN.client_id}:{LOGIN.client_secret}".encode()).decode()
    body = urllib.parse.urlencode(form).encode()
    kind = {"Authorization": f"Basic {client}", "Content-Type": "application/x-www-form-urlencoded"}
    return ask(server, "/connect/uaa/oauth/token", body, headers=kind)


def sign_in(server):
    return token(server, grant_type="password", username=LOGIN.username, password=LOGIN.password)[1]


def click(server, path):
    return requests.get(server.url + path, timeout=20).status_code


def test_the_first_click_of_a_network_becomes_a_sale_with_our_sub_id(server):
    item = server.state.catalogue.item(0)
    url = urllib.parse.quote(f"{server.url}{item.link}", safe="")
    click(server, f"/click?a(3100001)p({item.feed.program_id})epi(p7-top)url({url})")
    _, rows = ask(server, "/_control/sales")
    assert [(row["sub_id"], row["state"]) for row in rows] == [("p7-top", "pending")]


def test_sales_are_decided_and_paid_as_weeks_pass(server):
    ask(server, "/_control/sales", {"history": 50, "days": 10})
    assert {row["state"] for row in ask(server, "/_control/sales")[1]} == {"pending"}
    ask(server, "/_control/week", {"to": 30})
    states = {row["state"] for row in ask(server, "/_control/sales")[1]}
    assert states >= {"paid", "rejected"}
    assert "pending" not in states


def test_the_same_history_is_told_again(server):
    ask(server, "/_control/sales", {"history": 40, "days": 100})
    assert ask(server, "/_control/sales")[1] == ask(server, "/_control/sales")[1]


def test_a_refresh_token_counts_once(server):
    first = sign_in(server)
    status, second = token(server, grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert (status, second["expires_in"]) == (200, 899)
    assert token(server, grant_type="refresh_token", refresh_token=first["refresh_token"])[0] == 400
    assert token(server, grant_type="client_credentials")[0] == 400


def test_the_management_host_gives_a_hundred_rows_and_no_total(server):
    ask(server, "/_control/sales", {"history": 150, "days": 20, "plain": True})
    bearer = {"Authorization": f"Bearer {sign_in(server)['access_token']}"}
    days = "fromDate=20200101&toDate=20991231&reportCurrencyCode=EUR&limit=1000"
    path = f"/connect/publisher/report/transactions?{days}"
    _, page = ask(server, path, headers=bearer)
    assert len(page["items"]) == 100
    assert "total" not in page
    assert len(ask(server, f"{path}&offset=100", headers=bearer)[1]["items"]) == 50
    assert ask(server, "/connect/publisher/report/transaction", headers=bearer)[0] == 401


def test_too_many_requests_are_refused_in_words(server):
    ask(server, "/_control/options", {"connect_rate_limit": 2})
    bearer = {"Authorization": f"Bearer {sign_in(server)['access_token']}"}
    answers = [ask(server, "/connect/usermanagement/users/me", headers=bearer) for _ in range(3)]
    assert [status for status, _ in answers] == [200, 200, 429]
    assert answers[2][1] == "API rate limit exceeded"


def test_adtraction_tells_none_as_an_object_and_refuses_nulls(server):
    key = {"X-Token": DEMO_CREDENTIALS["adtraction"]["token"]}
    window = {"fromDate": "2020-01-01T00:00:00+0000", "toDate": "2099-01-01T00:00:00+0000"}
    path = "/adtraction/v2/partner/transactions/"
    assert ask(server, path, window, headers=key)[1]["message"] == "No transactions found."
    assert ask(server, path, {**window, "market": None}, headers=key)[0] == 400
    assert ask(server, path, headers=key, method="GET")[0] == 415
    ask(server, "/_control/sales", {"history": 5, "days": 20, "plain": True})
    assert len(ask(server, path, window, headers=key)[1]) == 5


def test_what_was_sold_is_kept_when_the_sandbox_starts_again(tmp_path):
    item_id = {"network": "tradetracker", "program": "20101", "id": "7", "value": 100, "commission": 10}
    with running_server(items=500, state=tmp_path / "state.json") as running:
        ask(running, "/_control/sales", {"add": [item_id]})
        ask(running, "/_control/time", {"days": 3})
    with running_server(items=500, state=tmp_path / "state.json") as again:
        assert [row["id"] for row in ask(again, "/_control/sales")[1]] == ["7"]
        assert ask(again, "/_control/time")[1]["days"] == 3
