"""The search of one network shows a model once on a page, mirrored or asked live, and imports it whole."""

import json
import re
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog.models import Product
from importer.feed_index import MAX_VARIANTS
from importer.forms.query import PAGE_SIZE
from importer.imports import apply
from importer.models import FeedItem, ImportRun, NetworkAccount
from tests.http_server import Server, reply
from tests.importer.make import make_account, make_feed, make_item
from tests.importer.pages import HTMX, text_of
from tests.importer.run import import_items
from tests.importer.views.test_search import row_of, rows_of, search

pytestmark = pytest.mark.django_db
SIZES = range(36, 48)
SHOES = [(f"Trail runner {size}", str(size), Decimal("19.95") + size - 36) for size in SIZES]
SOCKS = [("Trail socks", "", Decimal(5)), ("Trail laces", "", Decimal(99))]


def offered(place: int, title: str, size: str, price: Decimal) -> dict:
    """Return a product as Tradedoubler's search answers it."""
    fields = [{"name": "item_group_id", "value": "runner"}] if size else []
    return {
        "name": title,
        "brand": "Nordfjell",
        "size": size,
        "fields": fields,
        "offers": [
            {
                "feedId": 7,
                "sourceProductId": f"p{place}",
                "programName": "OTTO",
                "productUrl": f"https://click.example/{place}",
                "priceHistory": [{"price": {"value": str(price), "currency": "EUR"}, "date": 1}],
            }
        ],
    }


def store_in_mirror(rows, settings) -> str:
    feed = make_feed(make_account("adtraction"))
    for title, size, price in rows:
        make_item(feed, title=title, attributes={"size": size} if size else {}, price=price)
    return "adtraction"


def answer_live(rows, settings) -> str:
    products = [offered(place, *row) for place, row in enumerate(rows)]
    body = json.dumps({"productHeader": {"totalHits": len(rows)}, "products": products}).encode()
    server = Server(lambda connection, number: connection.sendall(reply(body=body)))
    settings.TRADEDOUBLER_API_URL = f"{server.url}/1.0/"
    make_account("tradedoubler")
    return "tradedoubler"


@pytest.fixture(params=[store_in_mirror, answer_live], ids=["mirrored", "live"])
def network(request, settings):
    """A network that finds a model in twelve sizes, with two other products around it."""
    return request.param([SOCKS[0], *SHOES, SOCKS[1]], settings)


def work_off() -> ImportRun:
    run = ImportRun.objects.get()
    apply.work(run)
    run.refresh_from_db()
    return run


def leader(network: str) -> FeedItem:
    return FeedItem.objects.filter(feed__account__network=network).exclude(variant_key="").earliest("pk")


def find(client, network, **query):
    return search(client, network, keywords="trail", **query)


def shown(response) -> list[str]:
    return [row.hit.item.title for row in response.context["rows"]]


def test_a_model_is_one_row_and_the_others_stay(editor_client, network):
    page = find(editor_client, network)
    (model,) = [row.hit.item for row in page.context["rows"] if row.variants]

    assert "12 variants from €19.95" in re.sub(r"<[^>]+>", "", row_of(page, model))
    assert sorted(shown(page)) == sorted(["Trail laces", model.title, "Trail socks"])
    assert model.title.startswith("Trail runner")
    assert "14 matches" in text_of(page)
    assert page.context["result"].total == 14


def test_the_section_of_a_network_shows_a_model_as_its_own_page_does(editor_client, network):
    account = NetworkAccount.objects.get(network=network)
    page = editor_client.get(reverse("importer:search-section", args=[account.pk]), {"keywords": "trail"})

    assert len(rows_of(page)) == 3
    assert "12 variants from" in text_of(page)


def test_the_row_opens_to_its_variants(editor_client, network):
    page = text_of(find(editor_client, network))
    link = re.search(r'hx-get="([^"]+\?variants=\d+)"', page)[1]
    plain = re.search(r'<a href="([^"]+)" data-variants', page)[1].replace("&amp;", "&")

    for opened in (editor_client.get(link, headers=HTMX), editor_client.get(plain)):
        assert shown(opened) == [title for title, _, _ in SHOES]


def test_one_click_imports_all_variants_as_one_product(editor_client, network):
    page = text_of(find(editor_client, network))
    action = re.search(r'formaction="([^"]+\?variants=1)"', page)[1]
    assert editor_client.post(action, headers=HTMX).status_code == 200
    work_off()

    product = Product.objects.get()
    assert (product.title, product.offer_count) == ("Trail runner", 12)


def test_the_dialog_imports_all_variants(editor_client, network):
    page = text_of(find(editor_client, network))
    url = re.search(r'hx-get="([^"]+\?variants=1)"', page)[1]
    assert "All 12 variants become one product" in text_of(editor_client.get(url, headers=HTMX))
    data = {"variants": "1", "title": "The runner", "status": "published", "brand": "Nordfjell"}
    editor_client.post(url.partition("?")[0], data, headers=HTMX)
    work_off()

    product = Product.objects.get()
    assert (product.title, product.offer_count, product.status) == ("The runner", 12, "published")


def test_a_ticked_row_brings_all_its_variants(editor_client, network):
    page = text_of(find(editor_client, network))
    ticked = {
        name: re.findall(rf'<input type="checkbox" name="{name}" value="(\d+)"', page)
        for name in ("items", "groups")
    }
    assert {name: len(values) for name, values in ticked.items()} == {"items": 2, "groups": 1}
    url = reverse("importer:import-selected", args=[network])
    assert editor_client.post(url, ticked, headers=HTMX).status_code == 200
    run = work_off()

    assert run.total_count == 14
    assert sorted(Product.objects.values_list("offer_count", flat=True)) == [1, 1, 12]


def test_a_model_of_another_network_is_not_ticked_here(editor_client, network):
    other = make_item(make_feed(make_account("tradetracker")))
    url = reverse("importer:import-selected", args=[network])

    assert editor_client.post(url, {"groups": [other.pk]}, headers=HTMX).status_code == 404
    assert not ImportRun.objects.exists()


# --- Pages ---------------------------------------------------------------------------------------
def test_pages_count_matches_and_a_model_may_come_again(editor_client, settings):
    others = [(f"Trail thing {'abcdefghij'[n % 10] * (n // 10 + 2)}", "", Decimal(30)) for n in range(20)]
    network = store_in_mirror([*SHOES, *others], settings)
    first, second = (find(editor_client, network, page=page) for page in ("1", "2"))
    in_all = [row for page in (first, second) for row in page.context["rows"]]

    assert (first.context["first"], first.context["last"]) == (1, PAGE_SIZE)
    assert (second.context["first"], second.context["last"]) == (PAGE_SIZE + 1, 32)
    assert "variants of one model are one row" in text_of(second if "runner" in shown(second)[-1] else first)
    assert len([row for row in in_all if not row.hit.item.variant_key]) == 20
    assert {row.variants.count for row in in_all if row.variants} == {12}


def test_a_single_variant_on_a_page_is_a_row_of_its_own(editor_client, settings):
    network = store_in_mirror([SOCKS[0], *SHOES], settings)
    (row,) = search(editor_client, network, keywords="runner 40").context["rows"]

    assert (row.hit.item.title, row.variants) == ("Trail runner 40", None)


def test_a_group_of_unlike_articles_stays_apart(editor_client):
    feed = make_feed(make_account("adtraction"))
    for title in ("Trail boot of leather", "Trail lamp with battery", "Trail soup, hot"):
        make_item(feed, title=title, attributes={"item_group_id": "all we sell"})
    assert len(find(editor_client, "adtraction").context["rows"]) == 3


def test_two_alike_of_a_group_of_unlike_articles_stay_apart(editor_client):
    feed = make_feed(make_account("adtraction"))
    for title in ("Trail boot 41", "Trail boot 42", "Desk lamp with battery", "Tomato soup, hot"):
        make_item(feed, title=title, attributes={"item_group_id": "all we sell"})
    assert len(find(editor_client, "adtraction").context["rows"]) == 2


def test_a_group_of_too_many_stays_apart(editor_client):
    feed = make_feed(make_account("adtraction"))
    for size in range(MAX_VARIANTS + 1):
        make_item(feed, title=f"Trail runner {size}", attributes={"item_group_id": "g", "size": str(size)})
    assert len(find(editor_client, "adtraction").context["rows"]) == PAGE_SIZE


def test_variants_in_several_currencies_have_no_lowest_price(editor_client):
    feed = make_feed(make_account("adtraction"))
    for size, currency in (("41", "EUR"), ("42", "SEK")):
        make_item(feed, title=f"Trail runner {size}", attributes={"size": size}, currency=currency)
    words = re.sub(r"<[^>]+>", "", text_of(find(editor_client, "adtraction")))
    assert "2 variants" in words
    assert "2 variants from" not in words


def test_an_imported_variant_leaves_the_model_one_row(editor_client, network):
    find(editor_client, network)
    import_items(leader(network))
    page = find(editor_client, network)
    assert len(page.context["rows"]) == 3


def test_only_a_page_with_a_model_asks_for_variants(editor_client, settings):
    network = store_in_mirror([*SHOES, *SOCKS], settings)
    find(editor_client, network)

    def queries(words: str) -> list[str]:
        with CaptureQueriesContext(connection) as caught:
            search(editor_client, network, keywords=words)
        return [query["sql"] for query in caught]

    assert len(queries("runner")) == len(queries("socks")) + 1
    assert not any("variant_key = of_group" in sql for sql in queries("runner 40"))
