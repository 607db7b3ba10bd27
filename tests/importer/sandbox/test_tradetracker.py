"""TradeTracker's fake: a WSDL for zeep, cookie sessions, faults, filters, feed files (tradetracker.md)."""

import csv
import io
import math

import pytest
import requests
import zeep
from lxml import etree
from zeep.exceptions import Fault

from importer.sandbox.credentials import (
    DEMO_CREDENTIALS,
    TRADETRACKER_OTHER_SITE_ID,
    TRADETRACKER_PASSPHRASES,
)
from importer.sandbox.server import running_server

DEMO = DEMO_CREDENTIALS["tradetracker"]
SITE = int(DEMO["affiliate_site_id"])
PATH = "/tradetracker/soap-literal-wsi/affiliate"
NAMESPACE = "https://ws.tradetracker.com/soap-literal-wsi/affiliate"


@pytest.fixture
def client(sandbox):
    return zeep.Client(f"{sandbox.url}{PATH}?wsdl")


@pytest.fixture
def service(client):
    client.service.authenticate(
        customerID=DEMO["customer_id"], passphrase=DEMO["passphrase"], locale=DEMO["locale"]
    )
    return client.service


def extras(product):
    return {entry.name: entry.value for entry in product.additional.feedProductAdditionalElement}


# --- the service -------------------------------------------------------------------------------


def test_wsdl_speaks_soap_12_with_qualified_elements_and_names_this_host(client, sandbox):
    (service,) = client.wsdl.services.values()
    (port,) = service.ports.values()
    assert port.binding_options["address"] == f"{sandbox.url}{PATH}"
    assert type(port.binding).__name__ == "Soap12Binding"
    filters = client.get_type(f"{{{NAMESPACE}}}FeedProductFilter")
    assert [name for name, _ in filters.elements] == (
        [
            "feedID",
            "feedCategoryName",
            "campaignID",
            "campaignCategoryID",
            "query",
            "priceFrom",
            "priceTo",
            "limit",
            "offset",
        ]
    )


def test_wsdl_names_the_host_the_caller_used(sandbox):
    text = requests.get(f"http://localhost:{sandbox.port}{PATH}?wsdl", timeout=10).text
    assert f'location="http://localhost:{sandbox.port}{PATH}"' in text


@pytest.mark.parametrize(
    ("customer", "passphrase"),
    [(1, DEMO["passphrase"]), (DEMO["customer_id"], "wrong"), (DEMO["customer_id"], "")],
)
def test_wrong_login_is_a_fault(client, customer, passphrase):
    with pytest.raises(Fault, match="Failed to authenticate"):
        client.service.authenticate(customerID=customer, passphrase=passphrase)


def test_call_without_session_is_a_fault(client):
    with pytest.raises(Fault, match="Not authenticated"):
        client.service.getFeeds(SITE)


def test_session_lapses_and_a_new_login_helps(client, sandbox):
    def let_sessions_live(seconds):
        requests.post(f"{sandbox.url}/_control/options", json={"session_seconds": seconds}, timeout=10)

    login = {"customerID": DEMO["customer_id"], "passphrase": DEMO["passphrase"]}
    client.service.authenticate(**login)
    assert client.service.getFeeds(SITE)
    let_sessions_live(0)
    with pytest.raises(Fault, match="Not authenticated"):
        client.service.getFeeds(SITE)
    client.service.authenticate(**login)
    let_sessions_live(600)
    assert client.service.getFeeds(SITE)


def test_foreign_site_and_unknown_feed_are_faults(service):
    with pytest.raises(Fault, match="Affiliate site"):
        service.getCampaigns(4711)
    with pytest.raises(Fault, match="Feed does not exist"):
        service.getFeedProducts(SITE, {"feedID": 4711})
    with pytest.raises(Fault, match="Feed does not exist"):
        service.getFeedProductCategories(SITE, 4711)


def test_fault_comes_with_500_as_soap_12(sandbox):
    envelope = (
        '<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body>'
        f'<getFeeds xmlns="{NAMESPACE}"/></e:Body></e:Envelope>'
    )
    response = requests.post(f"{sandbox.url}{PATH}", data=envelope, timeout=10)
    assert response.status_code == 500
    assert response.headers["Content-Type"].startswith("application/soap+xml")
    assert etree.fromstring(response.content).findtext(".//{*}Reason/{*}Text") == "Not authenticated."


@pytest.mark.parametrize("body", [b"", b"<a>", b"<a/>", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'])
def test_bad_xml_is_a_fault(sandbox, body):
    response = requests.post(f"{sandbox.url}{PATH}", data=body, timeout=10)
    assert response.status_code == 500
    assert b"Fault" in response.content


@pytest.mark.parametrize(
    "options",
    ["<offset>-1</offset>", "<limit>x</limit>", "<priceFrom>NaN</priceFrom>", "<priceTo>INF</priceTo>"],
)
def test_values_against_their_type_are_a_fault(service, client, sandbox, options):
    envelope = (
        f'<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" xmlns="{NAMESPACE}"><e:Body>'
        f"<getFeedProducts><affiliateSiteID>{SITE}</affiliateSiteID><options>{options}</options></getFeedProducts>"
        "</e:Body></e:Envelope>"
    )
    response = client.transport.session.post(f"{sandbox.url}{PATH}", data=envelope, timeout=10)
    assert response.status_code == 500
    assert b"Encoding" in response.content


# --- campaigns and feeds -----------------------------------------------------------------------


def test_access_key_selects_the_country(client, sandbox):
    names = {}
    for market, passphrase in TRADETRACKER_PASSPHRASES.items():
        client.service.authenticate(customerID=DEMO["customer_id"], passphrase=passphrase)
        names[market] = {feed.name for feed in client.service.getFeeds(SITE)}
        assert all(name.endswith(market) for name in names[market])
    assert all(names.values())


def test_campaigns_show_their_assignment_and_can_be_filtered(service):
    campaigns = service.getCampaigns(SITE)
    statuses = {campaign.info.assignmentStatus for campaign in campaigns}
    assert statuses == {"accepted", "pending", "rejected", "notsignedup"}
    accepted = service.getCampaigns(SITE, {"assignmentStatus": "accepted"})
    assert 0 < len(accepted) < len(campaigns)
    assert [campaign.name for campaign in service.getCampaigns(SITE, {"query": "otto"})] == ["OTTO"]
    bare = service.getCampaigns(SITE, {"excludeInfo": True})[0]
    assert bare.info is None or bare.info.assignmentStatus is None  # zeep shows nil as an object of Nones
    assert len(service.getCampaigns(SITE, {"limit": 2, "offset": 1})) == 2


def test_other_site_is_ours_but_accepted_nowhere(service):
    assert {feed.assignmentStatus for feed in service.getFeeds(TRADETRACKER_OTHER_SITE_ID)} == {"notsignedup"}
    assert service.getFeedProducts(TRADETRACKER_OTHER_SITE_ID) is None


def test_feed_categories_add_up_to_the_feed(service):
    feed = service.getFeeds(SITE, {"ID": 91001})[0]
    categories = service.getFeedProductCategories(SITE, 91001)
    assert sum(category.productCount for category in categories) == feed.productCount


# --- products ----------------------------------------------------------------------------------


def test_products_of_a_feed_come_in_pages_without_gaps(service):
    count = service.getFeeds(SITE, {"ID": 91001})[0].productCount
    whole = service.getFeedProducts(SITE, {"feedID": 91001})
    pages = []
    while page := service.getFeedProducts(SITE, {"feedID": 91001, "limit": 50, "offset": len(pages)}):
        pages += page
    assert len(whole) == len(pages) == count
    assert [product.identifier for product in pages] == [product.identifier for product in whole]


def test_nil_options_return_every_product_of_the_accepted_campaigns(service):
    counts = [feed.productCount for feed in service.getFeeds(SITE, {"assignmentStatus": "accepted"})]
    assert len(service.getFeedProducts(SITE)) == sum(counts)


def test_filters_of_products(service):
    lamps = service.getFeedProducts(SITE, {"query": "tischlampe", "priceFrom": 30, "priceTo": 150})
    assert lamps
    assert all(30 <= product.price <= 150 for product in lamps)
    by_category = service.getFeedProducts(SITE, {"feedCategoryName": "Lampen", "feedID": 91001})
    assert by_category
    otto = service.getFeedProducts(SITE, {"campaignID": 20101, "limit": 5})
    assert all("c=20101&" in product.productURL for product in otto)
    assert service.getFeedProducts(SITE, {"query": "zzzzzz"}) is None


def test_products_have_no_currency_field_and_shops_name_their_extras_differently(service):
    names = set()
    for feed in service.getFeeds(SITE, {"assignmentStatus": "accepted"}):
        for product in service.getFeedProducts(SITE, {"feedID": feed.ID, "limit": 3}):
            assert not hasattr(product, "currency")
            if product.additional:
                names |= set(extras(product))
    assert {"EAN", "gtin", "ean", "GTIN"} <= names
    assert {"currency", "valuta"} <= names


def test_products_can_lack_name_price_category_and_extras():
    with running_server(items=12_000) as server:
        service = zeep.Client(f"{server.url}{PATH}?wsdl").service
        service.authenticate(customerID=DEMO["customer_id"], passphrase=DEMO["passphrase"])
        products = service.getFeedProducts(SITE)
    assert any(product.name is None for product in products)
    assert any(product.price is None for product in products)
    assert any(product.productCategoryName is None for product in products)
    assert any(not product.additional.feedProductAdditionalElement for product in products)  # nil, to zeep
    assert any(product.price is not None and math.isnan(product.price) for product in products)


def test_links_come_in_both_forms(service):
    links = [product.productURL or "" for product in service.getFeedProducts(SITE)]
    assert any("/tc/?c=" in link for link in links)
    assert any("?tt=" in link for link in links)


# --- feed files --------------------------------------------------------------------------------


@pytest.fixture
def pf(sandbox):
    def get(kind, **values):
        values = {"aid": SITE, "encoding": "utf-8", "type": kind, "fid": 91001, **values}
        return requests.get(f"{sandbox.url}/tradetracker/pf/", params=values, timeout=20)

    return get


def test_five_formats_of_one_catalogue(pf, service):
    ids = [product.identifier for product in service.getFeedProducts(SITE, {"feedID": 91001})]
    v1, v2, simple = (etree.fromstring(pf(kind).content) for kind in ("xml", "xml-v2", "xml-v2-simple"))
    assert [product.findtext("productID") for product in v1] == ids
    assert [product.get("ID") for product in v2] == ids
    assert [product.findtext("ID") for product in simple] == ids
    assert [product["ID"] for product in pf("json").json()["products"]] == ids
    text = pf("csv").content.decode()
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=";")
    assert [row["product ID"] for row in rows] == ids


def test_category_path_and_count_comment(pf):
    text = pf("xml", limit=3).text
    assert text.rstrip().endswith("<!-- Total number of products: 3 -->")
    category = etree.fromstring(text.encode()).find("product/categories/category")
    assert category.get("path") == "Sport & Freizeit > Trailschuhe"
    assert category.text == "Trailschuhe"


def test_reference_is_written_into_every_link(pf):
    products = pf("json", r="label-7").json()["products"]
    assert all("&r=label-7&" in product["URL"] for product in products if product["URL"].startswith("http"))


@pytest.mark.parametrize("values", [{"fid": 1}, {"aid": 1}, {"type": "yaml"}])
def test_feed_that_cannot_be_made_is_an_html_page_with_200(pf, values):
    response = pf(values.pop("type", "xml"), **values)
    assert response.status_code == 200
    assert "No suitable product feeds found" in response.text
