"""The search over all mirrored feeds: the page, its address, and the import of what it finds."""

import re
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from importer.feed_index.samples import refresh_samples
from importer.forms.index_search import IdListForm
from importer.imports import apply
from importer.imports.runs import claim_collecting, collect_matches, start_import
from importer.models import FeedItem, ImportRun
from tests.importer.make import make_account, make_feed, make_item, make_items
from tests.importer.pages import HTMX, is_part, text_of

pytestmark = pytest.mark.django_db

URL = "/dashboard/search/"


def mirror(account=None, **values):
    return make_feed(account, is_mirrored=True, synced_at=timezone.now(), **values)


@pytest.fixture
def feed():
    return mirror(make_account("tradedoubler"), name="Shoes of OTTO")


@pytest.fixture
def many(feed):
    """Sixty products, the cheapest first."""
    return [
        make_item(feed, title=f"Boot {n:02}", price=Decimal(10 + n), brand="Ecco" if n % 2 else "Rieker")
        for n in range(60)
    ]


def find(client, **query):
    response = client.get(URL, query)
    assert response.status_code == 200
    return response


def titles(response) -> list[str]:
    return [row.hit.item.title for row in response.context["rows"]]


def links(response, label: str) -> dict[str, list[str]]:
    """Return the search that the facet or chip of this label leads to."""
    found = re.search(rf'<a [^>]*href="([^"]*)"[^>]*>(?:<span>)?{label}', text_of(response))
    return parse_qs(urlsplit(found[1].replace("&amp;", "&")).query)


# --- Which search ------------------------------------------------------------------------------
def test_without_mirrored_feeds_the_networks_are_asked(editor_client):
    make_account("tradedoubler")
    page = text_of(find(editor_client))
    assert "One search, every network" in page
    assert "In your mirrored feeds" not in page


def test_with_mirrored_feeds_both_searches_are_offered_and_keep_the_keyword(editor_client, feed):
    make_item(feed, title="Boot")
    page = text_of(find(editor_client, keywords="boot"))
    assert "1 match</strong>" in page
    assert f'href="{URL}?where=networks&amp;keywords=boot"' in page
    live = text_of(find(editor_client, where="networks"))
    assert "One search, every network" in live
    assert f'href="{URL}"' in live


def test_without_a_keyword_the_newest_products_are_shown(editor_client, many):
    response = find(editor_client)
    assert titles(response)[:2] == ["Boot 59", "Boot 58"]
    assert "60 matches" in text_of(response)


def test_rows_of_all_networks_say_where_they_come_from(editor_client, feed):
    make_item(feed, title="Boot")
    make_item(mirror(make_account("adtraction")), title="Boot")
    page = text_of(find(editor_client, keywords="boot"))
    assert page.count('<div class="row-network muted small">Tradedoubler</div>') == 1
    assert page.count('<div class="row-network muted small">Adtraction</div>') == 1


# --- Filters -----------------------------------------------------------------------------------
@pytest.fixture
def mixed(feed):
    make_item(feed, title="Red boot", brand="Ecco", category="Shoes > Boots", shop_name="OTTO", in_stock=True)
    make_item(feed, title="Blue boot", brand="Rieker", category="Shoes", shop_name="Zalando", in_stock=False)
    make_item(
        mirror(make_account("adtraction"), currency="SEK"),
        title="Green hat",
        brand="Ecco",
        shop_name="Ellos",
        price=Decimal("500"),
        old_price=Decimal("900"),
        currency="SEK",
        gtin="4006381333931",
        image_urls=(),
        in_stock=False,
    )


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param({"keywords": "boot"}, {"Red boot", "Blue boot"}, id="keyword"),
        pytest.param({"keywords": "boot -blue"}, {"Red boot"}, id="excluded word"),
        pytest.param({"keywords": '"red boot"'}, {"Red boot"}, id="phrase"),
        pytest.param({"network": "adtraction"}, {"Green hat"}, id="network"),
        pytest.param({"shop": "otto"}, {"Red boot"}, id="shop"),
        pytest.param({"brand": "Ecco"}, {"Red boot", "Green hat"}, id="brand"),
        pytest.param({"category": "Shoes"}, {"Red boot", "Blue boot"}, id="category with those below"),
        pytest.param({"min_price": "100", "currency": "SEK"}, {"Green hat"}, id="price in a currency"),
        pytest.param({"currency": "EUR"}, {"Red boot", "Blue boot"}, id="currency"),
        pytest.param({"on_sale": "on"}, {"Green hat"}, id="reduced"),
        pytest.param({"in_stock": "on"}, {"Red boot"}, id="in stock"),
        pytest.param({"has_picture": "on"}, {"Red boot", "Blue boot"}, id="picture"),
        pytest.param({"has_gtin": "on"}, {"Green hat"}, id="EAN"),
        pytest.param({"keywords": "4006381333931"}, {"Green hat"}, id="an EAN as keyword"),
        pytest.param({"brand": "Ecco", "on_sale": "on"}, {"Green hat"}, id="two at once"),
        pytest.param({"keywords": "\0", "brand": "\0"}, set(), id="NUL"),
    ],
)
def test_the_address_is_the_search(editor_client, mixed, query, found):
    response = find(editor_client, **query)
    assert set(titles(response) if "rows" in response.context else []) == found


def test_what_is_imported_already_can_be_left_out(editor_client, feed):
    taken, open_ = make_items(feed, count=2)
    apply.work(start_import([taken.pk], kind="bulk"))
    assert titles(find(editor_client, not_imported="on")) == [open_.title]


def test_one_feed_alone_is_searched(editor_client, mixed, feed):
    response = find(editor_client, feed=feed.pk)
    assert set(titles(response)) == {"Red boot", "Blue boot"}
    assert "Feed: Shoes of OTTO" in text_of(response)
    assert titles(find(editor_client, feed=999_999)) == []


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        pytest.param({"min_price": "9", "max_price": "5", "currency": "EUR"}, "Lower than", id="range"),
        pytest.param({"min_price": "9"}, "Choose the currency of the price.", id="no currency"),
        pytest.param({"min_price": "NaN"}, "Enter a number.", id="NaN"),
        pytest.param({"network": "awin"}, "awin is not one of", id="unknown network"),
        pytest.param({"sort": "color"}, "color is not one of", id="unknown order"),
        pytest.param({"pasted": "gone"}, "no longer kept", id="a list that is gone"),
    ],
)
def test_what_cannot_be_searched_for_says_so_and_finds_nothing(editor_client, mixed, query, answer):
    response = find(editor_client, **query)
    assert answer in text_of(response)
    assert "rows" not in response.context


def test_with_one_currency_a_price_needs_none(editor_client, many):
    assert len(titles(find(editor_client, max_price="12"))) == 3


@pytest.mark.parametrize(
    ("sort", "first"),
    [("price", "Red boot"), ("-price", "Green hat"), ("discount", "Green hat"), ("newest", "Green hat")],
)
def test_the_order_is_chosen(editor_client, mixed, sort, first):
    assert titles(find(editor_client, sort=sort))[0] == first


def test_prices_of_several_currencies_are_not_compared_silently(editor_client, mixed):
    assert "Choose one currency" in text_of(find(editor_client, sort="price"))
    assert "Choose one currency" not in text_of(find(editor_client, sort="price", currency="EUR"))


# --- Facets and chips --------------------------------------------------------------------------
def test_facets_count_and_lead_to_the_narrowed_search(editor_client, many):
    response = find(editor_client, keywords="boot", sort="price")
    facets = {heading: first + further for heading, first, further in response.context["facets"]}
    assert [(choice.label, choice.count) for choice in facets["Brand"]] == [("Ecco", "30"), ("Rieker", "30")]
    assert links(response, "Rieker") == {"keywords": ["boot"], "sort": ["price"], "brand": ["Rieker"]}


def test_a_facet_with_one_value_is_no_choice(editor_client, many):
    headings = [heading for heading, _, _ in find(editor_client).context["facets"]]
    assert headings == ["Only", "Brand"]


def test_a_filter_that_is_set_is_a_chip_that_takes_it_away(editor_client, many):
    response = find(editor_client, keywords="boot", brand="Ecco", on_sale="", max_price="99")
    assert links(response, "Brand: Ecco") == {"keywords": ["boot"], "max_price": ["99"]}
    assert links(response, "to 99 EUR") == {"keywords": ["boot"], "brand": ["Ecco"]}
    assert links(response, "Take all away") == {"keywords": ["boot"]}


def test_names_from_feeds_are_never_markup(editor_client, feed):
    for brand in ("<b>Evil</b>", "Good"):
        make_item(feed, title="<script>", brand=brand, category='"><img src=x>')
    page = text_of(find(editor_client))
    assert "<b>Evil</b>" not in page
    assert "<script>" not in page.split("<main", 1)[1].split("</main>")[0]
    assert "<img src=x>" not in page


# --- Pages -------------------------------------------------------------------------------------
def test_pages_follow_each_other_without_gaps_and_back(editor_client, many):
    seen, response = [], find(editor_client, sort="price", brand="")
    while True:
        seen.append(titles(response))
        if not (url := response.context["next_url"]):
            break
        response = editor_client.get(url)
    assert [len(page) for page in seen] == [25, 25, 10]
    assert sum(seen, []) == [f"Boot {n:02}" for n in range(60)]
    assert "51–60 of 60" in text_of(response)
    response = editor_client.get(response.context["previous_url"])
    assert titles(response) == seen[1]
    assert "26–50 of 60" in text_of(response)
    response = editor_client.get(response.context["previous_url"])
    assert titles(response) == seen[0]
    assert not response.context["previous_url"]


@pytest.mark.parametrize("cursor", ["x", "price|1", "price|x|y", "newest|\0|1"])
def test_a_cursor_that_cannot_be_read_is_the_first_page(editor_client, many, cursor):
    assert titles(find(editor_client, sort="price", after=cursor, page="x"))[0] == "Boot 00"


def test_far_down_the_address_does_not_grow_any_more(editor_client, many):
    cursors = [f"price|{n / 100}|1" for n in range(100)]
    response = find(editor_client, sort="price", after=cursors, page=101)
    assert len(parse_qs(urlsplit(response.context["next_url"]).query)["after"]) == 30


def test_a_total_beyond_ten_thousand_is_said_to_be_about_right(editor_client, feed, monkeypatch):
    from importlib import import_module

    module = import_module("importer.feed_index.results")
    monkeypatch.setattr(module, "SURELY_MANY", 0)
    make_items(feed, count=3000)
    refresh_samples(feed.pk)
    response = find(editor_client, keywords="shoe")
    page = text_of(response)
    assert re.search(r"about \d,\d00 matches", page)
    assert re.search(r"Select all about \d,\d00 matches", page)
    assert "too many to rank" in page


def test_the_page_takes_few_queries(editor_client, many, django_assert_max_num_queries):
    apply.work(start_import([item.pk for item in many[:10]], kind="bulk"))
    with django_assert_max_num_queries(14):
        find(editor_client, keywords="boot", brand="Ecco", sort="price")


def test_htmx_gets_the_search_alone(editor_client, many):
    response = editor_client.get(URL, {"keywords": "boot"}, headers=HTMX)
    assert is_part(response)
    assert text_of(response).lstrip().startswith('<div id="index_search"')


# --- Pasted lists ------------------------------------------------------------------------------
def test_a_pasted_list_becomes_part_of_the_search(editor_client, mixed, feed):
    item = FeedItem.objects.get(title="Blue boot")
    pasted = f"4006381333931\r\n\r\n {item.external_id} ,unknown"
    response = editor_client.post(
        reverse("importer:search-list"), {"ids": pasted, "search": "sort=price"}, follow=True
    )
    assert titles(response) == ["Blue boot", "Green hat"]
    assert links(response, "3 pasted") == {"sort": ["price"]}
    assert "1 of the pasted is in no mirrored feed" in text_of(response)
    assert response.context["unknown_ids"] == ["unknown"]
    again = editor_client.get(response.redirect_chain[-1][0])
    assert titles(again) == titles(response)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        pytest.param("1\n2\n1", ["1", "2"], id="lines, once each"),
        pytest.param("4006381333931 4006381333948", ["4006381333931", "4006381333948"], id="EANs by blanks"),
        pytest.param("SKU 12 red; SKU 13", ["SKU 12 red", "SKU 13"], id="ids with blanks"),
        pytest.param("a\tb,c", ["a", "b", "c"], id="tabs and commas"),
    ],
)
def test_a_list_is_read_as_people_paste_it(text, ids):
    form = IdListForm({"ids": text})
    assert form.is_valid()
    assert form.cleaned_data["ids"] == ids


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("", "Paste at least one"),
        (" ,;\n", "Paste at least one"),
        ("\n".join(map(str, range(10_001))), "10,000"),
    ],
    ids=["empty", "only separators", "too many"],
)
def test_a_list_that_is_none_is_refused(editor_client, many, text, answer):
    url = reverse("importer:search-list")
    assert answer in text_of(editor_client.post(url, {"ids": text}, follow=True))


def test_a_list_that_is_forgotten_imports_nothing(editor_client, many):
    form = IdListForm({"ids": "1"})
    assert form.is_valid()
    digest = form.keep()
    cache.clear()
    data = {"all_matches": "1", "search": f"pasted={digest}"}
    assert editor_client.post(reverse("importer:index-import"), data).status_code == 404
    assert not ImportRun.objects.exists()


# --- Import ------------------------------------------------------------------------------------
def import_from(client, headers=None, **data):
    return client.post(reverse("importer:index-import"), data, headers=headers or {})


def test_all_matches_are_imported_not_just_the_page(editor_client, many, django_capture_on_commit_callbacks):
    shown = [item.pk for item in many[:2]]
    with django_capture_on_commit_callbacks() as sent:
        response = import_from(editor_client, HTMX, all_matches="1", search="brand=Ecco", shown=shown)
    assert len(sent) == 1
    run = ImportRun.objects.get()
    assert f'id="item-{shown[0]}"' in text_of(response)
    claim_collecting(run)
    collect_matches(run)
    apply.work(run)
    run.refresh_from_db()
    assert (run.state, run.total_count, run.created_count) == ("done", 30, 30)


def test_ticked_products_of_several_networks_are_imported_together(editor_client, mixed):
    ids = list(FeedItem.objects.values_list("pk", flat=True))
    response = import_from(editor_client, items=ids, status="draft")
    run = ImportRun.objects.get()
    assert response.headers["Location"] == run.get_absolute_url()
    assert (run.total_count, run.options["status"]) == (3, "draft")


@pytest.mark.parametrize(
    ("data", "status"),
    [
        pytest.param({"items": ["999999"]}, 404, id="an item that is not there"),
        pytest.param({"all_matches": "1", "search": "min_price=x"}, 404, id="no search"),
        pytest.param({}, 302, id="nothing ticked"),
        pytest.param({"items": ["x"]}, 302, id="no ids"),
    ],
)
def test_an_import_of_nothing_makes_no_run(editor_client, many, data, status):
    assert import_from(editor_client, **data).status_code == status
    assert not ImportRun.objects.exists()


def test_a_bolt_without_htmx_leads_back_to_the_same_search(editor_client, feed):
    item = make_item(feed)
    url = reverse("importer:item-quick", args=[item.pk])
    response = editor_client.post(url, {"search": "brand=Ecco", "is_index": "1"})
    assert response.headers["Location"] == f"{URL}?brand=Ecco"


def test_who_may_not_import_sees_no_boxes_and_no_buttons(client, django_user_model, many):
    from django.contrib.auth.models import Permission

    user = django_user_model.objects.create_user("reader")
    user.user_permissions.add(Permission.objects.get(codename="view_feeditem"))
    client.force_login(user)
    page = text_of(find(client))
    assert "Boot 59" in page
    assert 'name="items"' not in page
    assert "Import selected" not in page
