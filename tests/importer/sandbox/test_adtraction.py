"""Adtraction's fake: rate headers and limits, refusals, the feed as one stream (adtraction.md)."""

import csv
import io
import time
import zipfile

import pytest
import requests
from lxml import etree

from importer.sandbox.credentials import ADTRACTION_OTHER_CHANNEL_ID, DEMO_CREDENTIALS

TOKEN = DEMO_CREDENTIALS["adtraction"]["token"]
CHANNEL = int(DEMO_CREDENTIALS["adtraction"]["channel_id"])
PROGRAM = 1062000001


@pytest.fixture
def call(sandbox):
    def send(method, path, token=TOKEN, **options):
        headers = {"X-Token": token, **options.pop("headers", {})}
        return requests.request(
            method, f"{sandbox.url}/adtraction{path}", headers=headers, timeout=20, **options
        )

    return send


def programs(call, **values):
    return call("POST", "/v3/partner/programs/", json={"market": "DE", **values})


def feed(call, **values):
    return call(
        "POST", "/v3/partner/products/feed/", json={"programId": PROGRAM, "channelId": CHANNEL, **values}
    )


# --- refusals ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "message"),
    [
        pytest.param(
            {"status": None}, "Invalid status. Expected value: 0 = live, 3 = closing", id="null status"
        ),
        pytest.param(
            {"status": 7}, "Invalid status. Expected value: 0 = live, 3 = closing", id="unknown status"
        ),
        pytest.param({"approvalStatus": None}, "Invalid approvalStatus", id="null approval"),
        pytest.param({"programId": None}, "Invalid programId", id="null program"),
        pytest.param({"channelId": None}, "Invalid channelId", id="null channel"),
        pytest.param({"market": None}, "Invalid market", id="null market"),
        pytest.param({"market": "XX"}, "Invalid market", id="unknown market"),
    ],
)
def test_null_and_unknown_filters_are_400(call, values, message):
    response = programs(call, **values)
    assert response.status_code == response.json()["status"] == 400
    assert response.json()["message"].startswith(message)


@pytest.mark.parametrize("token", ["", "0" * 40])
def test_missing_or_wrong_token_is_401(call, token):
    assert call("POST", "/v3/partner/programs/", token, json={"market": "DE"}).status_code == 401


def test_token_may_stand_in_the_query(sandbox):
    address = f"{sandbox.url}/adtraction/v2/partner/markets/?token={TOKEN}"
    assert requests.get(address, timeout=10).json()[0] == {
        "market": "SE",
        "marketName": "Sweden",
        "marketId": 12,
    }


def test_unknown_route_is_404_before_the_token_is_looked_at(call):
    assert call("GET", "/v3/partner/nothing/", "").status_code == 404


def test_other_content_type_is_415(call):
    response = call("POST", "/v3/partner/programs/", data="market=DE", headers={"Content-Type": "text/plain"})
    assert response.status_code == 415


@pytest.mark.parametrize("body", ["{", "[]", ""])
def test_malformed_body_is_400(call, body):
    headers = {"Content-Type": "application/json"}
    assert call("POST", "/v3/partner/programs/", data=body, headers=headers).status_code == 400


def test_foreign_channel_is_403(call):
    assert programs(call, channelId=4711).status_code == 403


def test_feed_of_a_program_that_has_not_approved_us_is_403(call):
    pending = next(program for program in programs(call).json() if program["approvalStatus"] == 2)
    assert feed(call, programId=pending["programId"]).status_code == 403
    path = f"/v3/partner/products/feedinfo/{pending['programId']}/{CHANNEL}/"
    assert call("GET", path).status_code == 403


def test_unknown_program_and_feed_are_404(call):
    assert feed(call, programId=5).status_code == 404
    assert feed(call, feedId=5).status_code == 404


# --- limits ------------------------------------------------------------------------------------


def test_rate_headers_are_lower_case_on_every_answer_and_reset_in_milliseconds(call):
    for response in (programs(call), programs(call, status=None), call("GET", "/nothing")):
        names = {name for name in response.raw.headers if name.lower().startswith("x-ratelimit")}
        assert names == {"x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"}
        assert 0 < int(response.headers["x-ratelimit-reset"]) / 1000 - time.time() <= 60
        assert response.headers["Transfer-Encoding"] == "chunked"
        assert response.headers["Connection"] == "close"


def test_call_31_of_a_minute_is_429_and_names_the_reset_time(call):
    for remaining in range(29, -1, -1):
        response = call("GET", "/v2/partner/markets/")
        assert response.status_code == 200
        assert response.headers["x-ratelimit-remaining"] == str(remaining)
    refused = call("GET", "/v2/partner/markets/")
    assert refused.status_code == 429
    assert f"Reset time {refused.headers['x-ratelimit-reset']}" in refused.json()["message"]
    assert programs(call).status_code == 200  # a bucket for each endpoint


def test_channels_allow_ten_calls_a_minute(call):
    answers = [call("GET", "/v2/partner/channels/").status_code for _ in range(11)]
    assert answers == [200] * 10 + [429]


def test_limit_is_a_switch(call, sandbox):
    requests.post(f"{sandbox.url}/_control/options", json={"rate_limit": 1}, timeout=10)
    assert [programs(call).status_code for _ in range(2)] == [200, 429]


# --- programs and feeds ------------------------------------------------------------------------


def test_programs_show_every_approval_status(call):
    listed = programs(call, channelId=CHANNEL).json()
    assert {program["approvalStatus"] for program in listed} == {0, 1, 2, 3}
    for program in listed:
        assert program["market"] == "DE"
        assert ("trackingURL" in program) == (program["approvalStatus"] == 1) == bool(program["feeds"])


def test_programs_can_be_filtered(call):
    assert {program["approvalStatus"] for program in programs(call, approvalStatus=1).json()} == {1}
    assert [program["programId"] for program in programs(call, programId=PROGRAM).json()] == [PROGRAM]
    assert programs(call, status=3).json() == []


def test_other_channel_is_approved_by_nobody(call):
    listed = programs(call, channelId=ADTRACTION_OTHER_CHANNEL_ID).json()
    assert {program["approvalStatus"] for program in listed} == {3}


def test_feed_is_one_chunked_array_with_its_count_in_the_headers(call):
    response = feed(call)
    rows = response.json()
    assert response.headers["Transfer-Encoding"] == "chunked"
    assert response.headers["count"] == str(len(rows))
    time.strptime(response.headers["feed_lastupdated"], "%a %b %d %H:%M:%S CET %Y")
    info = call("GET", f"/v3/partner/products/feedinfo/{PROGRAM}/{CHANNEL}/").json()
    assert info[0]["numberOfProducts"] == len(rows)


def test_feed_mixes_text_and_numbers(call):
    row = feed(call).json()[0]
    assert isinstance(row["productPrice"], str)
    assert isinstance(row["oldPrice"], float | int)
    assert isinstance(row["inStock"], bool)
    assert row["trackingUrl"].endswith(f"&url={row['productUrl']}")


def test_set_epi_writes_the_product_name_before_the_destination(call):
    row = feed(call, setEpi=True).json()[0]
    head, _, destination = row["trackingUrl"].partition("&url=")
    assert "&epi=" in head
    assert destination == row["productUrl"]


def test_new_version_changes_prices_and_the_time(call, sandbox):
    before = feed(call)
    values = {"feed": "adtraction:501", "price_factor": 0.5, "remove": [0]}
    requests.post(f"{sandbox.url}/_control/catalogue", json=values, timeout=10)
    after = feed(call)
    assert before.headers["feed_lastupdated"] != after.headers["feed_lastupdated"]
    assert len(after.json()) == len(before.json()) - 1
    assert after.headers["count"] == str(len(after.json()))
    assert float(after.json()[0]["productPrice"]) < float(before.json()[1]["productPrice"])


def test_no_transactions_is_an_object(call):
    window = {"fromDate": "2026-10-01T00:00:00+0000", "toDate": "2026-10-02T00:00:00+0000"}
    answer = call("POST", "/v2/partner/transactions/", json=window)
    assert answer.json() == {"message": "No transactions found."}


# --- productfeed.htm ---------------------------------------------------------------------------


def feed_address(call):
    return call("GET", f"/v3/partner/products/feedinfo/{PROGRAM}/{CHANNEL}/").json()[0]["feedUrl"]


def test_feed_file_as_xml_and_csv_holds_the_rows_of_the_api(call):
    ids = [row["sku"] for row in feed(call).json()]
    address = feed_address(call)
    root = etree.fromstring(requests.get(address, timeout=10).content)
    assert [product.findtext("SKU") for product in root] == ids
    text = requests.get(address.replace("format=XML", "format=CSV"), timeout=10).content.decode()
    rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter="\t", quotechar="'"))
    assert [row["SKU"] for row in rows] == ids
    assert rows[0]["Instock"] in ("yes", "no")


def test_zipped_feed_file_holds_the_plain_one(call):
    address = feed_address(call)
    packed = requests.get(address.replace("zip=0", "zip=1"), timeout=10).content
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        (name,) = archive.namelist()
        assert archive.read(name) == requests.get(address, timeout=10).content


def test_feed_file_of_a_foreign_channel_is_an_empty_page(call):
    response = requests.get(feed_address(call).replace(str(CHANNEL), "1"), timeout=10)
    assert (response.status_code, response.text) == (200, "")
