"""Live search, mirror and runs share one query: what a source cannot obey is said, and imports no more."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from importer.imports.runs import claim_collecting, collect_matches, start_import_of_matches
from importer.models import Feed, FeedItem, ImportRun
from importer.networks.query import ItemQuery
from importer.search.hits import search
from tests.importer.make import make_account, make_feed, make_item, make_items
from tests.importer.pages import HTMX, text_of
from tests.importer.views.test_search import connect, rows_of
from tests.importer.views.test_search import search as search_page

pytestmark = pytest.mark.django_db
CANNOT = "Tradedoubler cannot filter by brand or sort that way."


def mirror(account):
    return make_feed(account, is_mirrored=True, synced_at=timezone.now())


@pytest.fixture
def shoes():
    feed = mirror(make_account("tradedoubler"))
    make_items(feed, 3, title="Trail shoe", brand="Ecco")
    make_items(feed, 2, title="Trail boot", brand="Rieker")
    return feed


# --- What a source cannot obey -----------------------------------------------------------------
def test_a_page_says_what_the_network_cannot_obey_and_shows_the_rest(editor_client, sandbox):
    connect("tradedoubler")
    plain = search_page(editor_client, "tradedoubler", keywords="Trailschuh")
    page = search_page(
        editor_client, "tradedoubler", keywords="Trailschuh", brand="Nobody at all", sort="discount"
    )
    assert CANNOT in text_of(page)
    assert rows_of(page) == rows_of(plain) != []
    assert "cannot" not in text_of(plain)


def test_a_section_of_the_search_over_all_says_it_too(editor_client, sandbox):
    account = connect("tradedoubler")
    url = reverse("importer:search-section", args=[account.pk])
    page = editor_client.get(url, {"keywords": "Trailschuh", "brand": "x", "sort": "discount"}, headers=HTMX)
    assert CANNOT in text_of(page)


def test_the_command_says_what_the_network_cannot_obey(sandbox, capsys):
    connect("tradetracker")
    call_command("search", "tradetracker", "a", "--sort", "price", "--json")
    assert "TradeTracker cannot sort that way." in capsys.readouterr().err


def test_what_is_left_of_a_search_is_never_everything(sandbox):
    result = search(connect("tradetracker"), ItemQuery(gtin="4006381333931"))
    assert (result.hits, result.total, result.unobeyed) == ([], 0, {"gtin"})


def test_a_mirrored_account_obeys_every_filter(editor_client, shoes):
    page = search_page(editor_client, shoes.account.network, keywords="trail", brand=["Rieker", "Nobody"])
    assert len(rows_of(page)) == 2
    assert "cannot" not in text_of(page)


# --- Imports of all matches --------------------------------------------------------------------
def test_all_matches_are_not_imported_where_the_network_would_find_more(editor_client, sandbox):
    account = connect("tradedoubler")
    query = ItemQuery(account_id=account.pk, keywords="lampe", brands=("Ecco",), sort="discount")
    with pytest.raises(ValidationError, match="cannot filter by brand"):
        start_import_of_matches(query)
    url = reverse("importer:import-selected", args=["tradedoubler"])
    data = {"all_matches": "1", "search": "keywords=lampe&brand=Ecco"}
    answer = editor_client.post(url, data, headers=HTMX)
    assert "Tradedoubler cannot filter by brand." in text_of(answer)
    assert editor_client.post(url, data).status_code == 302
    assert not ImportRun.objects.exists()


def test_a_run_ends_with_the_reason_where_its_feeds_are_mirrored_no_more(sandbox):
    account = connect("tradedoubler")
    make_item(mirror(account), title="Lampe", brand="Ecco")
    run = start_import_of_matches(ItemQuery(account_id=account.pk, keywords="lampe", brands=("Ecco",)))
    Feed.objects.update(is_mirrored=False)
    assert claim_collecting(run)
    collect_matches(run)
    run.refresh_from_db()
    assert (run.state, run.message) == ("failed", "Tradedoubler cannot filter by brand.")


def test_an_order_that_a_network_has_not_stops_no_import(sandbox):
    account = connect("tradetracker")
    run = start_import_of_matches(ItemQuery(account_id=account.pk, keywords="a", sort="price"))
    claim_collecting(run)
    collect_matches(run)
    run.refresh_from_db()
    assert run.state == "queued"
    assert run.total_count > 0


def test_a_run_keeps_the_one_form_of_its_search(editor_client, shoes):
    for url, search_text in (
        (reverse("importer:import-selected", args=["tradedoubler"]), "keywords=trail&in_stock=on"),
        (reverse("importer:index-import"), "keywords=trail&brand=Ecco&brand=Rieker"),
    ):
        editor_client.post(url, {"all_matches": "1", "search": search_text})
    of_mirror, of_account = (run.query for run in ImportRun.objects.all())
    assert of_mirror == {"version": 1, "keywords": "trail", "brands": ["Ecco", "Rieker"]}
    assert of_account == {
        "version": 1,
        "keywords": "trail",
        "account_id": shoes.account_id,
        "currency": "EUR",
        "in_stock": True,
    }


# --- What a run keeps --------------------------------------------------------------------------
def collect(stored) -> ImportRun:
    run = ImportRun.objects.create(kind="bulk", state="collecting", query=stored)
    assert claim_collecting(run)
    collect_matches(run)
    run.refresh_from_db()
    return run


@pytest.mark.parametrize(
    ("stored", "reason"),
    [
        ({"version": 9, "keywords": "a"}, "version 9"),
        ({"version": 1, "colour": "red"}, "no field colour"),
        ({}, "version None"),
    ],
)
def test_a_search_that_cannot_be_read_ends_its_run_with_the_reason(stored, reason):
    run = collect(stored)
    assert run.state == "failed"
    assert reason in run.message


# --- Several values ----------------------------------------------------------------------------
def test_values_of_one_filter_are_alternatives_and_each_can_be_taken_away(editor_client, shoes):
    make_item(shoes, title="Trail sock", brand="Falke")
    page = editor_client.get("/dashboard/search/?keywords=trail&brand=Ecco&brand=Rieker")
    assert len(page.context["rows"]) == 5
    text = text_of(page)
    assert '<input type="hidden" name="brand" value="Rieker">' in text
    urls = {chip.label: chip.url for chip in page.context["chips"]}
    assert urls["Brand: Ecco"].endswith("?keywords=trail&brand=Rieker")
    assert urls["Brand: Rieker"].endswith("?keywords=trail&brand=Ecco")


def test_every_filter_narrows_the_mirror(shoes):
    shown = make_item(shoes, title="Trail cap", gtin="4006381333931", price=Decimal("10"))
    both = ItemQuery(gtin="4006381333931", ids=(shown.external_id, "4006381333931"))
    account = shoes.account
    assert [hit.item for hit in search(account, both).hits] == [shown]
    assert search(account, ItemQuery(gtin="4006381333931", ids=("other",))).hits == []
    assert FeedItem.objects.count() == 6
