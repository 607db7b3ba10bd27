"""Tradedoubler's fake: matrix syntax, caps, four error forms, the Unlimited service (tradedoubler.md)."""

import csv
import gzip
import http.client
import io
import json
import time

import pytest
import requests
from lxml import etree

from importer.sandbox.credentials import DEMO_CREDENTIALS, TRADEDOUBLER_VOUCHER_TOKEN

TOKEN = DEMO_CREDENTIALS["tradedoubler"]["token"]
OTTO = 31101
UNLINKED = 31109


@pytest.fixture
def get(sandbox):
    def call(path, token=TOKEN, **options):
        address = f"{sandbox.url}/tradedoubler/1.0/{path}"
        return requests.get(address, params={"token": token} if token else {}, timeout=20, **options)

    return call


def errors(response):
    assert response.status_code == 400
    return [(error["code"], error["message"]) for error in response.json()["errors"]]


# --- errors ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "token", "status", "text"),
    [
        pytest.param("products", "", 400, "1: Missing token.", id="no token"),
        pytest.param("products", "0" * 40, 403, "2: Invalid token.", id="wrong token"),
        pytest.param(
            "products",
            TRADEDOUBLER_VOUCHER_TOKEN,
            403,
            "2: Token not authorized for request.",
            id="other system",
        ),
        pytest.param("nothing", TOKEN, 404, "4: Invalid module version.", id="unknown module"),
        pytest.param("", TOKEN, 404, "7: Missing module.", id="no module"),
        pytest.param("../2.0/products", TOKEN, 404, "3: Invalid API version.", id="unknown version"),
    ],
)
def test_open_api_errors_are_plain_text(get, path, token, status, text):
    response = get(path, token)
    assert (response.status_code, response.text) == (status, text)
    assert response.headers["Content-Type"].startswith("text/plain")


def test_without_user_agent_the_answer_is_an_empty_400(sandbox):
    connection = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=10)
    connection.request("GET", f"/tradedoubler/1.0/products?token={TOKEN}")  # http.client sends no user agent
    response = connection.getresponse()
    assert (response.status, response.read()) == (400, b"")
    connection.close()


def test_feed_that_is_not_connected_is_pf_392(get):
    message = f"Requester is not connected to Feed ({UNLINKED})"
    assert errors(get(f"products;fid={UNLINKED}")) == [("PF_392", message)]
    assert errors(get(f"productsUnlimited;fid={OTTO + 900}"))[0][0] == "PF_392"


def test_unlinked_feed_is_listed_all_the_same(get):
    assert UNLINKED in {feed["feedId"] for feed in get("productFeeds").json()["feeds"]}


@pytest.mark.parametrize("keys", ["page=11;pageSize=100", "page=101;pageSize=10"])
def test_paging_beyond_1000_is_pf_430(get, keys):
    assert errors(get(f"products;{keys}")) == [("PF_430", "Can't paginate beyond 1000 products")]


def test_last_page_below_1000_is_answered(get):
    assert get("products;page=10;pageSize=100").status_code == 200


def test_page_size_cap_is_a_switch(get, sandbox):
    assert errors(get("products;pageSize=101"))[0][0] == "PF_430"
    requests.post(f"{sandbox.url}/_control/options", json={"page_size_cap": 1000}, timeout=10)
    assert len(get("products;pageSize=1000").json()["products"]) == 1000


@pytest.mark.parametrize(
    "key",
    ["minPrice=cheap", "fid=otto", "page=one", "minPrice=1e999999999", "page=--5", "page=²", "maxPrice=NaN"],
)
def test_words_for_numbers_are_pf_260(get, key):
    assert errors(get(f"products;{key}"))[0][0] == "PF_260"


def test_errors_have_an_xml_form(get):
    response = get(f"products.xml;fid={UNLINKED}")
    root = etree.fromstring(response.content)
    assert response.status_code == 400
    assert root.findtext(".//{*}code") == "PF_392"


def test_key_as_query_parameter_is_not_read(get, sandbox):
    address = f"{sandbox.url}/tradedoubler/1.0/productsUnlimited?fid={OTTO}&token={TOKEN}"
    assert errors(requests.get(address, timeout=10)) == [("PF_4001", "fid is required.")]


def test_jsonp_gets_result_and_status(get, sandbox):
    address = f"{sandbox.url}/tradedoubler/1.0/products;fid={UNLINKED}?token={TOKEN}&jsonp=show"
    text = requests.get(address, timeout=10).text
    assert text.startswith("show({")
    assert text.endswith(",400);")


# --- search ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "products;q=tischlampe",
        "products.json;q=tischlampe",
        "products;q=tischlampe;",
        "products.json;q=Tischlampe;",
    ],
)
def test_matrix_syntax_with_and_without_extension_and_last_semicolon(get, path):
    answer = get(path).json()
    assert answer["productHeader"]["totalHits"] == len(answer["products"]) > 5
    assert all("Tischlampe" in (product.get("name") or "Tischlampe") for product in answer["products"])


def test_values_are_joined_by_commas_or_repeated_keys(get):
    comma = get("products;brand=Hjemvik,Solvang;pageSize=100").json()
    repeated = get("products;brand=Hjemvik;brand=Solvang;pageSize=100").json()
    assert comma == repeated
    assert {product["brand"] for product in comma["products"]} >= {"Hjemvik", "Solvang"}


def test_plus_is_a_space_in_values(get):
    assert {product["brand"] for product in get("products;brand=Marlow+Bay").json()["products"]} == {
        "Marlow Bay"
    }


def test_price_stands_in_price_history_alone_as_text(get):
    for product in get("products;fid=31101;pageSize=50").json()["products"]:
        (offer,) = product["offers"]
        assert "price" not in offer
        for entry in offer["priceHistory"]:
            assert isinstance(entry["price"]["value"], str)
            assert entry["price"]["currency"] == "EUR"
            assert isinstance(entry["date"], int)


def test_price_history_is_shuffled_and_its_newest_entry_is_the_current_price(get):
    plain = get("products;fid=31101;pageSize=50").json()["products"]
    history = get("products;fid=31101;pageSize=50;priceHistory=true").json()["products"]
    places = set()
    for one, many in zip(plain, history, strict=True):
        current, entries = one["offers"][0]["priceHistory"], many["offers"][0]["priceHistory"]
        if current:
            newest = max(entries, key=lambda entry: entry["date"])
            assert newest == current[0]
            places.add(entries.index(newest))
    assert len(places) > 2


def test_filters_narrow_the_search(get):
    answer = get("products;q=kaffeemaschine;minPrice=100;maxPrice=300;currency=EUR;orderBy=priceAsc").json()
    prices = [
        float(product["offers"][0]["priceHistory"][0]["price"]["value"]) for product in answer["products"]
    ]
    assert len(prices) > 2
    assert all(100 <= price <= 300 for price in prices)
    assert prices == sorted(prices)


@pytest.mark.parametrize(
    ("keys", "low", "high"),
    [("minInStock=1", 1, 99), ("availability=out+of+stock", 0, 0), ("maxInStock=5", 0, 5)],
)
def test_stock_filters(get, keys, low, high):
    products = get(f"products;{keys};fid=31101;pageSize=100").json()["products"]
    assert products
    assert all(low <= product["offers"][0]["inStock"] <= high for product in products)


def test_ean_finds_the_article_in_several_shops(get):
    products = get("products;fid=31101;pageSize=100").json()["products"]
    shops = set()
    for product in products[:40]:
        if ean := product["identifiers"].get("ean"):
            found = get(f"products;ean={ean}").json()["products"]
            shops |= {hit["offers"][0]["programName"] for hit in found}
    assert "OTTO DE" in shops
    assert len(shops) > 3


def test_product_is_found_by_feed_and_source_product_id(get):
    wanted = get("products;fid=31103;pageSize=3").json()["products"][2]["offers"][0]
    found = get(f"products;fid=31103;spId={wanted['sourceProductId']}").json()["products"]
    assert [product["offers"][0]["id"] for product in found] == [wanted["id"]]


def test_offer_ids_change_with_the_next_crawl(get, sandbox):
    before = get("products;fid=31101;pageSize=1").json()["products"][0]["offers"][0]
    requests.post(f"{sandbox.url}/_control/catalogue", json={"feed": "tradedoubler:31101"}, timeout=10)
    after = get("products;fid=31101;pageSize=1").json()["products"][0]["offers"][0]
    assert before["id"] != after["id"]
    assert before["sourceProductId"] == after["sourceProductId"]


def test_nothing_found_is_an_empty_list(get):
    assert get("products;q=zzzzzz").json() == {"productHeader": {"totalHits": 0}, "products": []}


def test_grouping_merges_offers_of_one_article(get):
    products = get("products;q=tischlampe;currency=EUR;groupOffersByProduct=true;pageSize=100").json()[
        "products"
    ]
    assert any(len(product["offers"]) > 1 for product in products)


def test_category_ids_come_from_the_tree_and_filter(get):
    tree = get("productCategories;language=de").json()["categoryTrees"]
    lamps = next(leaf for top in tree for leaf in top["subCategories"] if leaf["name"] == "Lampen")
    answer = get(f"products;tdCategoryId={lamps['id']};pageSize=100").json()
    assert answer["productHeader"]["totalHits"] == lamps["productCount"]


def test_unknown_language_gives_english_categories(get):
    assert get("productCategories;language=xx").json() == get("productCategories").json()


def test_xml_holds_the_same_products(get):
    listed = get("products.json;fid=31101;pageSize=100").json()["products"]
    root = etree.fromstring(get("products.xml;fid=31101;pageSize=100").content)
    ids = [offer.get("sourceProductId") for offer in root.iterfind(".//{*}offer")]
    assert ids == [product["offers"][0]["sourceProductId"] for product in listed]
    assert root.find(".//{*}offer//{*}price").get("currency") == "EUR"


def test_csv_has_custom_fields_as_columns_that_differ_per_feed(get):
    heads = []
    for feed_id in (31101, 31103):
        keys = "csvSeparators=%7C%3A%3B;csvEmbrace=%22;csvFlattenFields=true"
        text = get(f"products;format=csv;fid={feed_id};{keys}").content.decode()
        rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter="|"))
        assert rows[0]["productImage"].endswith("::")
        assert rows[0]["feedId"] == str(feed_id)
        assert rows[0]["dateFormat"] == "EPOCH"
        heads.append([name for name in rows[0] if name.startswith("(field)")])
    assert heads[0] != heads[1]


def test_single_feed_and_program_filter(get):
    feed = get("productFeeds/31101").json()["feeds"][0]
    assert feed["programs"][0]["name"] == "OTTO DE"
    by_program = get(f"productFeeds;programId={feed['programs'][0]['programId']},1;").json()["feeds"]
    assert by_program == [feed]


# --- Unlimited ---------------------------------------------------------------------------------


@pytest.fixture
def at_once(sandbox):
    requests.post(f"{sandbox.url}/_control/options", json={"unlimited_wait_seconds": 0}, timeout=10)


def test_unlimited_file_is_made_first_then_redirected_to(get, sandbox):
    requests.post(f"{sandbox.url}/_control/options", json={"unlimited_wait_seconds": 0.3}, timeout=10)
    first = get(f"productsUnlimited.json;fid={OTTO}", allow_redirects=False)
    assert first.status_code == 202
    assert first.json()["message"].startswith("Unlimited file will be created")
    time.sleep(0.35)
    ready = get(f"productsUnlimited.json;fid={OTTO}", allow_redirects=False)
    assert ready.status_code == 302
    assert TOKEN not in ready.headers["Location"]
    lines = requests.get(ready.headers["Location"], timeout=10).text.splitlines()
    assert lines[0] == '{"products":['
    assert lines[-1] == "]}"
    assert all(json.loads(line.rstrip(","))["categories"] == [] for line in lines[1:-1])


def test_waiting_with_status_200_is_a_switch(get, sandbox):
    requests.post(f"{sandbox.url}/_control/options", json={"unlimited_wait_status": 200}, timeout=10)
    response = get(f"productsUnlimited;fid={OTTO}")
    assert response.status_code == 200
    assert list(response.json()) == ["message"]


def test_unlimited_file_is_whole_and_the_same_in_every_form(get, at_once):
    plain = get(f"productsUnlimited.json;fid={OTTO}").json()["products"]
    packed = get(f"productsUnlimited.json;fid={OTTO};compress=gz").content
    root = etree.fromstring(get(f"productsUnlimited.xml;fid={OTTO}").content)
    assert len(plain) == get(f"products;fid={OTTO}").json()["productHeader"]["totalHits"]
    assert json.loads(gzip.decompress(packed))["products"] == plain
    assert len(root.findall(".//{*}product")) == len(plain)


def test_fourth_download_of_a_version_is_429_and_a_new_version_is_free(get, at_once, sandbox):
    for _ in range(3):
        assert get(f"productsUnlimited;fid={OTTO}").status_code == 200
    refused = get(f"productsUnlimited;fid={OTTO}")
    message = "Request Quota exceeded. Feed has not been updated recently"
    assert (refused.status_code, refused.json()) == (429, {"code": "429", "message": message})
    assert get("productsUnlimited;fid=31103").status_code == 200
    before = get(f"productsUnlimited/lastUpdated;fid={OTTO}").json()
    requests.post(f"{sandbox.url}/_control/catalogue", json={"feed": f"tradedoubler:{OTTO}"}, timeout=10)
    after = get(f"productsUnlimited/lastUpdated;fid={OTTO}").json()
    assert before["feedIds"] == after["feedIds"] == [OTTO]
    assert before["lastUpdatedTime"] < after["lastUpdatedTime"]
    assert get(f"productsUnlimited;fid={OTTO}").status_code == 200


def test_page_and_page_size_belong_together(get, at_once):
    assert errors(get(f"productsUnlimited;fid={OTTO};page=1"))[0][0] == "PF_200"
    assert len(get(f"productsUnlimited;fid={OTTO};page=0;pageSize=10").json()["products"]) == 10


def test_file_without_signature_is_refused(sandbox):
    address = f"{sandbox.url}/tradedoubler/1.0/files/{OTTO}-0.json"
    assert requests.get(address, timeout=10).status_code == 403
