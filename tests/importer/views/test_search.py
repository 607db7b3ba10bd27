"""The search pages, against the sandbox over real HTTP."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
import requests
from django.urls import reverse
from django.utils import timezone

from catalog.models import Product
from events.models import Event
from importer.accounts.accounts import connect_account
from importer.imports.runs import start_import
from importer.models import FeedItem, SyncRun
from importer.networks import NETWORKS
from importer.sandbox.credentials import DEMO_CREDENTIALS
from tests.importer.make import make_account, make_feed, make_item, make_items
from tests.importer.pages import HTMX, is_part, text_of
from tests.importer.run import import_items

pytestmark = pytest.mark.django_db
EVERY_NETWORK = pytest.mark.parametrize("network", sorted(NETWORKS))
LIVE = pytest.mark.parametrize("network", ["tradedoubler", "tradetracker"])
ROW = re.compile(r'<tr id="item-(\d+)"')


def connect(network: str):
    return connect_account(
        network, credentials=DEMO_CREDENTIALS[network], label="Mine", defaults={"currency": "EUR"}
    )


def search(client, network: str, headers=None, **query):
    return client.get(reverse("importer:network-search", args=[network]), query, headers=headers)


def rows_of(response) -> list[int]:
    return [int(pk) for pk in ROW.findall(text_of(response))]


def set_fault(sandbox, network: str, **fault) -> None:
    requests.post(
        f"{sandbox.url}/_control/faults", json={"network": network} | fault, timeout=10
    ).raise_for_status()


def row_of(response, item) -> str:
    return text_of(response).split(f'<tr id="item-{item.pk}"')[1].split("</tr>")[0]


@EVERY_NETWORK
def test_without_an_account_the_page_leads_to_the_settings(admin_client, network):
    page = text_of(search(admin_client, network))
    assert "Connect" in page
    assert reverse("importer:network-settings", args=[network]) in page


@LIVE
def test_hits_are_shown_as_items_that_the_server_knows(editor_client, sandbox, network):
    connect(network)
    response = search(editor_client, network, keywords="Trailschuh")
    ids = rows_of(response)
    assert ids
    items = FeedItem.objects.in_bulk(ids)
    assert len(items) == len(ids)
    for item in items.values():
        assert item.shop_name in text_of(response)
    assert [event.kind for event in Event.objects.all()] == ["account.connected"]  # looking is none


def test_hits_of_the_index_are_shown(editor_client):
    feed = make_feed(make_account("adtraction"))
    item = make_item(feed, title="Red boot", old_price=Decimal("120.00"), gtin="4006381333931", in_stock=True)
    make_item(feed, title="Blue hat")
    row = row_of(search(editor_client, "adtraction", keywords="boot"), item)
    for shown in ("Red boot", "OTTO", "€99.90", "€120.00", "4006381333931", "In stock"):
        assert shown in row
    assert f'href="{item.tracking_url}"' in row
    assert 'rel="nofollow noopener noreferrer"' in row
    assert 'loading="lazy"' in row
    assert reverse("importer:item-quick", args=[item.pk]) in row


def test_htmx_gets_the_results_alone_and_a_browser_the_page(editor_client):
    make_item(make_feed(make_account("adtraction")), title="Boot")
    part = search(editor_client, "adtraction", keywords="boot", headers=HTMX)
    assert is_part(part)
    assert part.content.strip().startswith(b'<section id="network_search"')
    assert not is_part(search(editor_client, "adtraction", keywords="boot"))
    assert "HX-Request" in part.headers["Vary"]


@EVERY_NETWORK
def test_the_form_has_only_the_filters_that_the_network_obeys(editor_client, network):
    make_account(network)
    page = text_of(search(editor_client, network))
    wanted = {
        "tradedoubler": {"program", "category", "min_price", "max_price", "gtin", "in_stock", "sort"},
        "adtraction": {"program", "category", "min_price", "max_price", "gtin", "in_stock", "sort"},
        "tradetracker": {"program", "category", "min_price", "max_price", "in_stock"},
    }[network]
    assert set(re.findall(r'<(?:input|select)[^>]* name="([a-z_]+)"', page)) >= wanted | {"keywords"}
    for name in {"gtin", "in_stock", "sort"} - wanted:
        assert f'name="{name}"' not in page


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param({"keywords": "boot"}, {"cheap", "dear"}, id="keyword"),
        pytest.param({"keywords": "boot", "min_price": "50"}, {"dear"}, id="price from"),
        pytest.param({"keywords": "boot", "max_price": "50"}, {"cheap"}, id="price to"),
        pytest.param({"gtin": "400-6381 333931"}, {"cheap"}, id="EAN with blanks and dashes"),
        pytest.param({"category": "Hats"}, {"hat"}, id="category alone"),
        pytest.param({"keywords": "boot", "in_stock": "on"}, {"cheap"}, id="in stock"),
    ],
)
def test_filters_narrow_the_search(editor_client, query, expected):
    feed = make_feed(make_account("adtraction"))
    items = {
        "cheap": make_item(feed, title="Boot", price="10.00", gtin="4006381333931", in_stock=True),
        "dear": make_item(feed, title="Boot", price="90.00", in_stock=False),
        "hat": make_item(feed, title="Hat", category="Hats"),
    }
    found = set(rows_of(search(editor_client, "adtraction", **query)))
    assert found == {items[name].pk for name in expected}


def test_sorting_by_price(editor_client):
    feed = make_feed(make_account("adtraction"))
    pks = [make_item(feed, title="Boot", price=price).pk for price in ("20.00", "10.00", "30.00")]
    by_price = [pks[1], pks[0], pks[2]]
    assert rows_of(search(editor_client, "adtraction", keywords="boot", sort="price")) == by_price
    assert rows_of(search(editor_client, "adtraction", keywords="boot", sort="-price")) == by_price[::-1]


def test_pages_keep_the_search_in_their_address(editor_client):
    make_items(make_feed(make_account("adtraction")), count=30, title="Boot")
    first = search(editor_client, "adtraction", keywords="boot", sort="price")
    assert len(rows_of(first)) == 25
    link = re.search(r'rel="next" href="([^"]+)"', text_of(first))[1].replace("&amp;", "&")
    assert "sort=price" in link
    second = editor_client.get(link)
    assert len(rows_of(second)) == 5
    assert not set(rows_of(first)) & set(rows_of(second))
    assert "26–30 of 30" in text_of(second)
    assert 'rel="next"' not in text_of(second)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        pytest.param({"keywords": "  "}, "Enter a keyword", id="nothing to search for"),
        pytest.param({"keywords": "a", "min_price": "cheap"}, "Enter a number", id="price in words"),
        pytest.param({"keywords": "a", "min_price": "-1"}, "greater than or equal to 0", id="negative"),
        pytest.param({"keywords": "a", "min_price": "NaN"}, "Enter a number", id="not a number"),
        pytest.param({"keywords": "a", "min_price": "9", "max_price": "1"}, "Lower than", id="swapped"),
        pytest.param({"gtin": "12"}, "8 to 14 digits", id="short EAN"),
        pytest.param({"keywords": "a", "page": "0"}, "greater than or equal to 1", id="page 0"),
        pytest.param({"keywords": "a", "page": "1e9"}, "whole number", id="page that is no number"),
        pytest.param({"keywords": "a" * 201}, "200", id="endless keyword"),
        pytest.param({"keywords": "a\0b"}, "Null characters", id="NUL"),
        pytest.param({"keywords": "a", "program": "nope"}, "Select a valid choice", id="unknown shop"),
        pytest.param({"keywords": "a", "sort": "nope"}, "Select a valid choice", id="unknown order"),
    ],
)
def test_bad_input_is_a_notice_and_nobody_is_asked(editor_client, query, message):
    make_account("adtraction")
    response = search(editor_client, "adtraction", **query)
    assert response.status_code == 200
    assert message in text_of(response)
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"status": 500}, id="500"),
        pytest.param({"status": 429, "headers": {"Retry-After": "900"}}, id="429"),
        pytest.param({"cut_after": 40}, id="cut body"),
        pytest.param({"body": "json"}, id="half a JSON body"),
        pytest.param({"body": "html"}, id="HTML instead of JSON"),
    ],
)
def test_a_network_in_trouble_is_a_notice_and_no_error_page(editor_client, sandbox, fault):
    connect("tradedoubler")
    set_fault(sandbox, "tradedoubler", **fault)
    response = search(editor_client, "tradedoubler", keywords="Trailschuh")
    assert response.status_code == 200
    assert "did not answer the search" in text_of(response)
    assert [event.kind for event in Event.objects.all()] == ["account.connected", "account.failed"]


def test_nothing_found_says_so(editor_client):
    make_account("adtraction")
    assert "No products found" in text_of(search(editor_client, "adtraction", keywords="zzz"))


def test_more_than_the_cap_is_explained(editor_client, sandbox):
    connect("tradedoubler")
    page = text_of(search(editor_client, "tradedoubler", keywords="a", page=41))
    assert "Tradedoubler shows the first 1,000 hits" in page
    assert "No products found" not in page


def test_what_feeds_say_is_shown_and_never_run(editor_client):
    evil = '<script>alert(1)</script>"><img src=x onerror=alert(2)> boot'
    item = make_item(
        make_feed(make_account("adtraction")), title=evil, brand=evil, shop_name=evil, category=evil
    )
    FeedItem.objects.filter(pk=item.pk).update(problem=evil)
    page = text_of(search(editor_client, "adtraction", keywords="boot"))
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_imported_rows_lead_to_the_editor_instead(editor_client):
    feed = make_feed(make_account("adtraction"))
    item = make_item(feed, title="Boot")
    import_items(item)
    row = row_of(search(editor_client, "adtraction", keywords="boot"), item)
    assert 'data-state="done"' in row
    assert " disabled" in row
    assert reverse("catalog:product-edit", args=[Product.objects.get().pk]) in row
    assert reverse("importer:item-quick", args=[item.pk]) not in row


def test_rows_whose_ean_is_on_a_product_say_which_they_join(editor_client):
    feed = make_feed(make_account("adtraction"))
    import_items(make_item(feed, title="The first", gtin="4006381333931"))
    item = make_item(feed, title="Boot", gtin="4006381333931")
    row = row_of(search(editor_client, "adtraction", keywords="boot"), item)
    assert "joins" in row
    assert "The first" in row


def test_rows_with_a_problem_say_it_and_cannot_be_ticked(editor_client):
    item = make_item(make_feed(make_account("adtraction")), title="Boot", problem="It has no price.")
    row = row_of(search(editor_client, "adtraction", keywords="boot"), item)
    assert "It has no price." in row
    assert " disabled" in row
    assert "Quick import" not in row


def test_rows_that_a_run_is_importing_poll_and_the_others_do_not(editor_client):
    feed = make_feed(make_account("adtraction"))
    busy, idle = make_items(feed, count=2, title="Boot")
    run = start_import([busy.pk], kind="bulk")
    response = search(editor_client, "adtraction", keywords="boot")
    assert f"{reverse('importer:item-row', args=[busy.pk])}?run={run.pk}" in row_of(response, busy)
    assert reverse("importer:item-row", args=[idle.pk]) not in text_of(response)


def test_several_accounts_are_chosen_by_the_address(editor_client):
    first, second = make_account("adtraction"), make_account("adtraction")
    item = make_item(make_feed(second), title="Boot")
    assert rows_of(search(editor_client, "adtraction", keywords="boot")) == []
    response = search(editor_client, "adtraction", keywords="boot", account=second.pk)
    assert rows_of(response) == [item.pk]
    assert f'href="?account={second.pk}" aria-current="true"' in text_of(response)
    assert f'<input type="hidden" name="account" value="{second.pk}">' in text_of(response)
    assert first.label in text_of(response)


@pytest.mark.parametrize("count", [1, 25])
def test_a_page_of_results_takes_the_same_few_queries_whatever_it_shows(
    editor_client, django_assert_max_num_queries, count
):
    make_items(make_feed(make_account("adtraction")), count=count, title="Boot")
    search(editor_client, "adtraction", keywords="boot")
    with django_assert_max_num_queries(25):
        search(editor_client, "adtraction", keywords="boot")


# --- The index of a network without a search ------------------------------------------------------


def test_the_page_tells_how_far_the_indexing_is_and_asks_again(editor_client):
    account = make_account("adtraction")
    feed = make_feed(account, synced_at=None)
    SyncRun.objects.create(feed=feed, state="running", item_count=1234)
    page = text_of(search(editor_client, "adtraction"))
    assert "0 of 1 ready" in page
    assert "1,234 products read" in page
    assert reverse("importer:index-state", args=[account.pk]) in page


def test_a_ready_index_says_nothing_and_does_not_ask_again(editor_client):
    account = make_account("adtraction")
    feed = make_feed(account)
    feed.is_mirrored, feed.synced_at = True, timezone.now() - timedelta(hours=1)
    feed.save()
    part = text_of(editor_client.get(reverse("importer:index-state", args=[account.pk])))
    assert "Indexing" not in part
    assert "hx-get" not in part


def test_a_feed_that_could_not_be_read_says_why(editor_client):
    account = make_account("adtraction")
    feed = make_feed(account, synced_at=None)
    SyncRun.objects.create(feed=feed, state="failed", message="The feed came back empty.")
    part = text_of(editor_client.get(reverse("importer:index-state", args=[account.pk])))
    assert "Shoes: The feed came back empty." in part
    assert "hx-get" not in part


def test_categories_are_offered_and_a_silent_network_offers_none(editor_client, no_network):
    account = make_account("adtraction")
    make_item(make_feed(account), category="Boots > Red")
    url = reverse("importer:category-options", args=[account.pk])
    assert '<option value="Boots &gt; Red">' in text_of(editor_client.get(url))
    silent = make_account("tradedoubler")
    response = editor_client.get(reverse("importer:category-options", args=[silent.pk]))
    assert (response.status_code, text_of(response).strip()) == (200, "")


# --- All networks ---------------------------------------------------------------------------------


def test_one_network_that_is_down_does_not_hide_the_others(editor_client, no_network):
    item = make_item(make_feed(make_account("adtraction")), title="Boot")
    make_account("tradedoubler")
    query = {"keywords": "boot", "where": "networks"}
    response = editor_client.get(reverse("importer:search-all"), query)
    assert rows_of(response) == [item.pk]
    assert "Tradedoubler did not answer the search." in text_of(response)


def test_htmx_gets_empty_sections_that_ask_for_themselves(editor_client):
    account = make_account("tradedoubler")
    response = editor_client.get(reverse("importer:search-all"), {"keywords": "boot"}, headers=HTMX)
    assert is_part(response)
    assert f"{reverse('importer:search-section', args=[account.pk])}?keywords=boot" in text_of(response)
    assert not Event.objects.exists()


def test_a_section_is_a_part_of_its_own(editor_client):
    account = make_account("adtraction")
    item = make_item(make_feed(account), title="Boot")
    response = editor_client.get(reverse("importer:search-section", args=[account.pk]), {"keywords": "boot"})
    assert is_part(response)
    assert rows_of(response) == [item.pk]


def test_without_accounts_the_search_over_all_says_what_to_do(editor_client):
    assert "No network is connected yet" in text_of(editor_client.get(reverse("importer:search-all")))
