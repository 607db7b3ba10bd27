"""What moves in the made-up shops, told by row or by weeks that pass: every interface says the same of it."""

import csv
import io
from collections import Counter
from datetime import datetime, timedelta

import pytest
import requests
import zeep
from lxml import etree

from importer.sandbox.credentials import DEMO_CREDENTIALS
from importer.sandbox.server import running_server

TOKEN = DEMO_CREDENTIALS["tradedoubler"]["token"]
CHANNEL = int(DEMO_CREDENTIALS["adtraction"]["channel_id"])
SITE = int(DEMO_CREDENTIALS["tradetracker"]["affiliate_site_id"])
WSDL = "/tradetracker/soap-literal-wsi/affiliate?wsdl"


class Feed:
    """One feed of a network, as each of its interfaces lists it: title and price by id."""

    key: str

    def __init__(self, url: str) -> None:
        self.url = url

    def get(self, path: str, **params) -> requests.Response:
        return requests.get(f"{self.url}{path}", params=params, timeout=20)

    def control(self, name: str, **values):
        answer = requests.post(f"{self.url}/_control/{name}", json=values, timeout=20)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def change(self, **values) -> None:
        self.control("catalogue", feed=self.key, **values)


class Tradedoubler(Feed):
    key = "tradedoubler:31103"

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.control("options", unlimited_wait_seconds=0, unlimited_quota=99)

    def call(self, path: str) -> requests.Response:
        return self.get(f"/tradedoubler/1.0/{path}", token=TOKEN)

    def read(self, products) -> dict:
        return {
            product["offers"][0]["sourceProductId"]: (
                product.get("name"),
                product["offers"][0]["priceHistory"][0]["price"]["value"]
                if product["offers"][0]["priceHistory"]
                else None,
            )
            for product in products
        }

    def search(self, words: str = "", sku: str = "") -> dict:
        found, page = {}, 1
        while True:
            keys = f"fid=31103;pageSize=100;page={page};q={words};spId={sku}"
            answer = self.call(f"products;{keys}").json()
            assert "errors" not in answer, answer
            found |= self.read(answer["products"])
            if page * 100 >= answer["productHeader"]["totalHits"]:
                return found
            page += 1

    def lists(self) -> list[dict]:
        plain = self.call("productsUnlimited.json;fid=31103").json()["products"]
        root = etree.fromstring(self.call("productsUnlimited.xml;fid=31103").content)
        xml = {
            offer.get("sourceProductId"): (
                product.findtext("{*}name"),
                product.findtext(".//{*}priceHistory/{*}price"),
            )
            for product in root.iterfind(".//{*}product")
            for offer in product.iterfind(".//{*}offer")
        }
        text = self.call("productsUnlimited.csv;fid=31103").content.decode()
        lines = csv.DictReader(io.StringIO(text, newline=""), delimiter="|")
        flat = {line["sourceProductId"]: (line["name"] or None, line["priceValue"] or None) for line in lines}
        return [self.search(), self.read(plain), xml, flat]

    def said(self) -> tuple[list[str], list[int]]:
        """Return the stamps, and how many products it says there are."""
        (feed,) = self.call("productFeeds/31103").json()["feeds"]
        updated = self.call("productsUnlimited/lastUpdated;fid=31103").json()["lastUpdatedTime"]
        hits = self.call("products;fid=31103").json()["productHeader"]["totalHits"]
        return [updated[:16], feed["lastModifiedTime"][:10]], [feed["numberOfProducts"], hits]


class Adtraction(Feed):
    key = "adtraction:501"

    def call(self, path: str, **values) -> requests.Response:
        headers = {"X-Token": DEMO_CREDENTIALS["adtraction"]["token"]}
        return requests.post(f"{self.url}/adtraction{path}", json=values, headers=headers, timeout=20)

    def feed(self) -> requests.Response:
        return self.call("/v3/partner/products/feed/", programId=1062000001, channelId=CHANNEL)

    def search(self, words: str = "", sku: str = "") -> dict:
        """It has no search: whoever looks for something looks through the feed."""
        return {
            row["sku"]: (row["productName"], row.get("productPrice"))
            for row in self.feed().json()
            if (words.lower() in (row["productName"] or "").lower()) and sku in ("", row["sku"])
        }

    def lists(self) -> list[dict]:
        address = self.info()["feedUrl"]
        root = etree.fromstring(requests.get(address, timeout=20).content)
        xml = {
            row.findtext("SKU"): (row.findtext("Name") or None, row.findtext("Price"))
            for row in root.iterfind("product")
        }
        text = requests.get(address.replace("format=XML", "format=CSV"), timeout=20).content.decode()
        lines = csv.DictReader(io.StringIO(text, newline=""), delimiter="\t", quotechar="'")
        return [self.search(), xml, {line["SKU"]: (line["Name"] or None, line["Price"]) for line in lines}]

    def info(self) -> dict:
        programs = self.call("/v3/partner/programs/", market="DE", programId=1062000001).json()
        return programs[0]["feeds"][0]

    def said(self) -> tuple[list[str], list[int]]:
        feed, info = self.feed(), self.info()
        stamp = datetime.strptime(feed.headers["feed_lastupdated"], "%a %b %d %H:%M:%S CET %Y")  # noqa: DTZ007
        return [stamp.isoformat()[:16], info["lastUpdated"][:16]], [
            int(feed.headers["count"]),
            info["numberOfProducts"],
        ]


class TradeTracker(Feed):
    key = "tradetracker:91002"

    def __init__(self, url: str) -> None:
        super().__init__(url)
        demo = DEMO_CREDENTIALS["tradetracker"]
        self.service = zeep.Client(f"{url}{WSDL}").service
        self.service.authenticate(demo["customer_id"], demo["passphrase"], locale=demo["locale"])

    def search(self, words: str = "", sku: str = "") -> dict:
        found = self.service.getFeedProducts(
            SITE, {"feedID": 91002, "query": words or None, "limit": 1000, "offset": 0}
        )
        return {
            product.identifier: (product.name, None if product.price is None else f"{product.price:.2f}")
            for product in found or ()
            if sku in ("", product.identifier)
        }

    def lists(self) -> list[dict]:
        def file(kind):
            return self.get("/tradetracker/pf/", aid=SITE, fid=91002, type=kind)

        json = {row["ID"]: (row["name"], row["price"]["amount"]) for row in file("json").json()["products"]}
        root = etree.fromstring(file("xml-v2").content)
        xml = {row.get("ID"): (row.findtext("name") or None, row.findtext("price")) for row in root}
        lines = csv.DictReader(io.StringIO(file("csv").content.decode(), newline=""), delimiter=";")
        flat = {line["product ID"]: (line["name"] or None, line["price"]) for line in lines}
        return [self.search(), json, xml, flat]

    def said(self) -> tuple[list[str], list[int]]:
        (feed,) = self.service.getFeeds(SITE, {"ID": 91002})
        categories = self.service.getFeedProductCategories(SITE, 91002)
        return [feed.updateDate.isoformat()[:16]], [
            feed.productCount,
            sum(category.productCount for category in categories),
        ]


@pytest.fixture(params=[Tradedoubler, Adtraction, TradeTracker])
def feed(request, sandbox):
    return request.param(sandbox.url)


def plain_ids(feed: Feed) -> list[tuple[str, int]]:
    """Return ids and rows of articles that every interface lists alike, and that are in nothing odd."""
    first, *others = feed.lists()
    return [
        (sku, row)
        for row, (sku, (title, price)) in enumerate(first.items())
        if title and len(title) < 200 and all(_alike(other.get(sku), (title, price)) for other in others)
    ]


def _alike(one, other) -> bool:
    try:
        return one is not None and one[0] == other[0] and float(one[1]) == float(other[1])
    except (TypeError, ValueError):
        return False


def says(feed: Feed, sku: str) -> tuple[str, float] | None:
    """Return what all interfaces say of an article, None where none lists it; they must agree."""
    found = [listed.get(sku) for listed in feed.lists()]
    assert all(entry is None for entry in found) or all(_alike(entry, found[0]) for entry in found), found
    return None if found[0] is None else (found[0][0], float(found[0][1]))


def test_prices_and_texts_that_are_told_stand_in_every_interface(feed):
    sku, row = plain_ids(feed)[0]
    other = plain_ids(feed)[1][0]
    before = says(feed, other)
    feed.change(
        prices={str(row): "12.50"}, edit={str(row): {"title": "Zwiebelturm & Söhne", "description": "x"}}
    )
    assert says(feed, sku) == ("Zwiebelturm & Söhne", 12.5)
    assert set(feed.search("zwiebelturm")) == {sku}
    assert says(feed, other) == before
    feed.change(edit={str(row): None})
    assert feed.search("zwiebelturm") == {}


def test_what_was_rewritten_is_no_longer_found_by_its_old_words(feed):
    sku, row = plain_ids(feed)[0]
    title = says(feed, sku)[0]
    word = title.split()[1].lower()
    assert sku in feed.search(word)
    feed.change(edit={str(row): {"title": "Nothing of the kind", "description": "at all"}})
    assert sku not in feed.search(word)


def test_an_article_goes_everywhere_and_comes_back_as_it_was(feed):
    sku, row = plain_ids(feed)[2]
    before, (_, counts) = says(feed, sku), feed.said()
    feed.change(remove=[row])
    assert says(feed, sku) is None
    assert feed.search(sku=sku) == {}
    assert feed.said()[1] == [count - 1 for count in counts]
    feed.change(back=[row])
    assert says(feed, sku) == before
    assert feed.said()[1] == counts


def test_an_id_is_renamed_everywhere(feed):
    sku, row = plain_ids(feed)[1]
    before = says(feed, sku)
    feed.change(edit={str(row): {"sku": "NEW-1/ä"}})
    assert says(feed, sku) is None
    assert says(feed, "NEW-1/ä") == before
    if not isinstance(feed, Tradedoubler):  # its matrix keys would have to be encoded twice
        assert set(feed.search(sku="NEW-1/ä")) == {"NEW-1/ä"}


def test_two_articles_swap_their_ids_everywhere(feed):
    (one, row), (other, other_row) = plain_ids(feed)[:2]
    first, second = says(feed, one), says(feed, other)
    assert first != second
    feed.change(swap=[[row, other_row]])
    assert (says(feed, one), says(feed, other)) == (second, first)
    assert feed.search(sku=one) != {}
    feed.change(swap=[[row, other_row]])
    assert (says(feed, one), says(feed, other)) == (first, second)


def test_new_articles_are_listed_and_counted_everywhere(feed):
    (_, counts), ids = feed.said(), [set(listed) for listed in feed.lists()]
    feed.change(add=3)
    assert feed.said()[1] == [count + 3 for count in counts]
    new = [set(listed) - old for listed, old in zip(feed.lists(), ids, strict=True)]
    assert all(found == new[0] for found in new)
    assert len(new[0]) == 3


def test_a_week_moves_the_stamps_by_seven_days_and_something_of_everything(feed):
    before, (stamps, _) = feed.lists()[0], feed.said()
    answer = feed.control("week")
    counts = next(entry for entry in answer["feeds"] if entry["feed"] == feed.key)
    after, (later, _) = feed.lists()[0], feed.said()
    for old, new in zip(stamps, later, strict=True):
        assert (
            timedelta(days=7)
            <= datetime.fromisoformat(new) - datetime.fromisoformat(old)
            <= timedelta(days=8)
        )
    kept = before.keys() & after.keys()
    moved = [sku for sku in kept if before[sku][1] != after[sku][1]]
    ups = Counter(
        float(after[sku][1]) > float(before[sku][1]) for sku in moved if before[sku][1] and after[sku][1]
    )
    assert set(ups) == {True, False}, "prices go up and down"
    assert len(before.keys() - after.keys()) <= counts["gone"] <= len(before) * 0.15
    assert after.keys() - before.keys(), "articles are new"
    assert any(before[sku][0] != after[sku][0] for sku in kept), "texts are rewritten"


def test_every_interface_says_the_same_after_three_weeks(feed):
    feed.control("week", to=3)
    lists = feed.lists()
    assert len({frozenset(listed) for listed in lists}) == 1
    for sku in list(lists[0])[:400]:
        assert len({(listed[sku][0] or "").split("\n")[0] for listed in lists}) == 1, sku
    counts = feed.said()[1]
    assert len(set(counts)) == 1


def test_the_same_weeks_are_the_same_again(feed):
    feed.control("week", to=2)
    first = feed.lists()[0]
    requests.delete(f"{feed.url}/_control/week", timeout=20)
    assert feed.lists()[0] != first
    feed.control("week", to=1)
    feed.control("week")
    assert feed.lists()[0] == first


def test_a_week_that_has_passed_does_not_pass_again(feed):
    feed.control("week", to=2)
    before = feed.lists()[0]
    assert feed.control("week", to=2) == {"week": 2, "feeds": []}
    assert feed.control("week", to=1) == {"week": 2, "feeds": []}
    assert feed.lists()[0] == before


def test_something_surely_happens_to_what_is_watched(feed):
    ids = [sku for sku, _ in plain_ids(feed)[:3]]
    cheaper, gone, dearer = (says(feed, sku) for sku in ids)
    watched = [[feed.key, sku] for sku in ids] + [[feed.key, "no such id"], ["nowhere:1", "x"]]
    feed.control("week", watched=watched)
    assert says(feed, ids[0])[1] < cheaper[1]
    assert says(feed, ids[0])[0] != cheaper[0]
    assert says(feed, ids[1]) is None
    assert says(feed, ids[2])[1] > dearer[1]
    feed.control("week", watched=watched)
    assert says(feed, ids[1]) == gone


def test_otto_does_the_same_on_both_networks(sandbox):
    one, other = Tradedoubler(sandbox.url), TradeTracker(sandbox.url)
    one.control("week", to=2)
    shop = {
        entry["feed"]: entry for entry in requests.get(f"{sandbox.url}/_control/catalogue", timeout=20).json()
    }
    assert shop["tradedoubler:31101"]["shop"] == shop["tradetracker:91001"]["shop"] == "OTTO"
    first = one.read(one.call("productsUnlimited.json;fid=31101").json()["products"])
    listed = other.service.getFeedProducts(SITE, {"feedID": 91001, "limit": 1000, "offset": 0})
    second = {row.identifier: (row.name, f"{row.price or 0:.2f}") for row in listed}
    both = first.keys() & second.keys()
    assert len(both) > 60
    same = [sku for sku in both if first[sku] == second[sku]]
    assert len(same) > len(both) * 0.75, "all but the odd ones and old prices in the extra field"


def test_several_parts_are_set_at_once(sandbox):
    values = {"catalogue": {"feed": "adtraction:501", "remove": [0]}, "week": {}}
    answer = requests.post(f"{sandbox.url}/_control", json=values, timeout=20)
    assert answer.json()["week"]["week"] == 1
    shown = requests.get(f"{sandbox.url}/_control", timeout=20).json()
    assert shown["week"]["week"] == 1
    assert {"faults", "options", "catalogue"} <= set(shown)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("catalogue", {"remove": [10**6]}),
        ("catalogue", {"remove": "all"}),
        ("catalogue", {"prices": {"0": "Infinity"}}),
        ("catalogue", {"prices": [1]}),
        ("catalogue", {"edit": {"0": {"colour": "red"}}}),
        ("catalogue", {"edit": {"0": {"title": 7}}}),
        ("catalogue", {"swap": [[1, 1]]}),
        ("catalogue", {"swap": [[1]]}),
        ("catalogue", {"add": -1}),
        ("catalogue", {"price_factor": 0}),
        ("catalogue", {"prize": {}}),
        ("week", {"to": "soon"}),
        ("week", {"to": 10**6}),
        ("week", {"by": 1}),
        ("week", {"watched": [["a"]]}),
        ("", {"weak": {}}),
        ("", {"week": 1}),
    ],
)
def test_a_mistake_is_named_and_changes_nothing(sandbox, name, values):
    address = f"{sandbox.url}/_control/catalogue"
    before = requests.get(address, timeout=20).json()
    answer = requests.post(f"{sandbox.url}/_control/{name}", json=values, timeout=20)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert requests.get(address, timeout=20).json() == before


def test_what_changed_outlives_a_restart_where_there_is_a_file(tmp_path):
    path = tmp_path / "sandbox.json"

    def get(server, name):
        return requests.get(f"{server.url}{name}", timeout=20).json()

    def post(server, name, **values):
        requests.post(f"{server.url}/_control/{name}", json=values, timeout=20).raise_for_status()

    products = f"/tradedoubler/1.0/products;fid=31103;pageSize=100?token={TOKEN}"
    with running_server(items=3000, state=path) as server:
        post(server, "week", to=2)
        post(server, "catalogue", feed="tradedoubler:31103", swap=[[0, 1]], stock={"2": 0}, add=2)
        changed = get(server, "/_control/catalogue")
        before = Tradedoubler.read(None, get(server, products)["products"])
    with running_server(items=3000, state=path) as server:
        assert get(server, "/_control/catalogue") == changed
        assert get(server, "/_control/week")["week"] == 2
        assert Tradedoubler.read(None, get(server, products)["products"]) == before
    with running_server(items=4000, state=path) as server:
        assert get(server, "/_control/week")["week"] == 0, "of another size, it is another catalogue"
