"""After "Update now" the page tells by itself how far it is."""

import re
from dataclasses import replace
from decimal import Decimal
from html import unescape

import pytest
from django.urls import reverse

from catalog.models import Offer
from importer.feeds.syncs import work_on_sync
from importer.http.errors import NetworkError, NetworkUnavailable
from importer.imports import apply
from importer.imports.follow import find_update
from importer.models import Feed, SyncRun
from tests.importer.feeds import test_syncs
from tests.importer.feeds.test_syncs import rows, send
from tests.importer.freshness.make import open_shop, reread, sell
from tests.importer.imports.test_follow import import_all, sync
from tests.importer.pages import text_of

pytestmark = pytest.mark.django_db(transaction=True)
feed = test_syncs.feed
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def shop(monkeypatch):
    return open_shop(monkeypatch)


def ask(client, name, pk) -> str:
    """Press "Update now"; return the address that is asked for progress."""
    response = client.post(reverse(f"importer:{name}", args=[pk]))
    page = client.get(response.url).content.decode()
    (address,) = re.findall(r'class="check-progress"[^>]*hx-get="([^"]+)"', page)
    return unescape(address)


def look(client, address) -> tuple[str, bool]:
    """Return what is said, and whether the part asks again."""
    page = client.get(address, **HTMX).content.decode()
    assert "<html" not in page
    return " ".join(re.sub("<[^>]+>", " ", page).split()), "hx-get" in page


def test_offers_that_are_read_by_themselves_are_counted_until_they_are_through(shop, editor_client):
    feed = sell(shop, 3)
    shop.items["i1"] = replace(shop.items["i1"], price=Decimal("79.90"))
    product = Offer.objects.order_by("pk")[1].product
    address = ask(editor_client, "product-check", product.pk)
    assert look(editor_client, address) == ("0 of 1 offer read. How far is it?", True)
    feed.account.refresh_from_db()
    reread(feed)
    assert look(editor_client, address) == ("1 of 1 offer read. Show what is new", False)
    back = reverse("catalog:product-edit", args=[product.pk])
    assert f'href="{back}"' in editor_client.get(address, **HTMX).content.decode()


def test_a_mirrored_feed_is_over_when_its_update_is(feed, monkeypatch, editor_client):
    send(monkeypatch, rows(3), rows(3, price=Decimal("79.90")))
    sync(feed)
    import_all(feed)
    Feed.objects.update(is_mirrored=True)
    address = ask(editor_client, "feed-check", feed.pk)
    assert look(editor_client, address) == ("0 of 1 feed synced. How far is it?", True)
    work_on_sync(SyncRun.objects.latest("pk"))
    said = "1 of 1 feed synced. What differs is being taken over. How far is it?"
    assert look(editor_client, address) == (said, True)
    apply.work(find_update(feed.pk))
    assert look(editor_client, address) == ("1 of 1 feed synced. Show what is new", False)


def test_without_javascript_the_same_is_a_page(shop, editor_client):
    sell(shop, 1)
    address = ask(editor_client, "offer-check", Offer.objects.get().pk)
    page = text_of(editor_client.get(address))
    assert "<h1" in page
    assert "0 of 1 offer read." in page
    assert "Look again" in page


def test_what_fails_or_must_wait_is_said_and_asks_no_more(feed, shop, monkeypatch, editor_client):
    send(monkeypatch, rows(3), NetworkError("token_refused", network="Adtraction", said=""))
    sync(feed)
    import_all(feed)
    Feed.objects.update(is_mirrored=True)
    address = ask(editor_client, "feed-check", feed.pk)
    with pytest.raises(NetworkError):
        work_on_sync(SyncRun.objects.latest("pk"))
    said, asks_again = look(editor_client, address)
    assert said.startswith(f"0 of 1 feed synced. {feed} : failed.")
    assert not asks_again
    other = sell(shop, 1)
    shop.answer = NetworkUnavailable("http_status", network="Tradedoubler", status=503)
    address = ask(editor_client, "offer-check", Offer.objects.latest("pk").pk)
    reread(other)
    said, asks_again = look(editor_client, address)
    assert said.startswith("0 of 1 offer read. The others wait: ")
    assert not asks_again


@pytest.mark.parametrize(
    "query",
    ["", "feeds=x&read=-1&items=y", "feeds=999&read=999&items=5", "feeds=" + "1," * 5_000, "next=//evil"],
)
def test_any_other_address_is_answered_with_nothing_to_wait_for(db, editor_client, query):
    said, asks_again = look(editor_client, f"{reverse('importer:check-progress')}?{query}")
    assert not asks_again
    assert "evil" not in said
