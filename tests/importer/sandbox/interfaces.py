"""The three networks of the sandbox as a caller sees them: what each of their interfaces lists and says."""

import csv
import io
from datetime import datetime

import requests
import zeep
from lxml import etree

from importer.sandbox.credentials import DEMO_CREDENTIALS

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
