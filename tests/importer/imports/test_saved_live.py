"""A saved search at a network that is not mirrored tells what this site has not seen before."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.urls import reverse
from django.utils import timezone

from importer.http.errors import NetworkUnavailable
from importer.imports import saved as saves
from importer.imports import saved_live, saved_runs
from importer.imports.recipes import export_recipes, import_recipes
from importer.models import SavedSearch
from importer.networks import NETWORKS
from importer.networks.contract import ItemQuery, SearchPage
from importer.search.blocks import add_block
from tests.importer.make import item_data, make_account, make_feed
from tests.importer.pages import text_of
from tests.importer.run import import_items
from tests.importer.saved import said

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def account():
    return make_account("tradedoubler")


@pytest.fixture
def feed(account):
    return make_feed(account)


@pytest.fixture
def network(feed, monkeypatch):
    """What the network has, newest first; `asked` are the pages. An error is raised."""

    class Network:
        items: list = []
        asked: list = []
        error: Exception | None = None

    def search(self, query, page=1, page_size=25):
        Network.asked.append(page)
        if Network.error:
            raise Network.error
        start = (page - 1) * page_size
        found = Network.items[start : start + page_size]
        return SearchPage(items=tuple(found), total=None, has_next=start + page_size < len(Network.items))

    Network.items, Network.asked, Network.error = offers(feed, 0, 3), [], None
    monkeypatch.setattr(NETWORKS["tradedoubler"], "search", search)
    return Network


def offers(feed, first, count):
    return [
        item_data(feed_id=feed.external_id, external_id=f"n{number}", gtin="")
        for number in range(first, first + count)
    ]


def keep(account, query=None, **values) -> SavedSearch:
    query = query or ItemQuery(keywords="shoe", account_id=account.pk)
    return saves.save_search(query, name="Shoes", is_live=True, **values)


def look(saved, *, is_due=True) -> list[str]:
    if is_due:
        SavedSearch.objects.filter(pk=saved.pk).update(next_run_at=timezone.now())
    saved_runs.look(saved.pk)
    saved.refresh_from_db()
    return [item.external_id for item in saved_live.get_new(saved)]


def test_what_this_site_never_saw_is_new_until_somebody_saw_it(account, feed, network):
    saved = keep(account)
    assert look(saved) == ["n0", "n1", "n2"]
    assert (saved.new_count, said(saved)) == (3, "Asked the network: looked at its first 3 products.")
    saves.mark_seen(saved, timezone.now())
    assert (look(saved), saved.new_count) == ([], 0)
    network.items = [*offers(feed, 9, 1), *network.items]
    assert look(saved) == ["n9"]
    assert saved.next_run_at > timezone.now() + timedelta(hours=23)


def test_what_is_imported_or_blocked_is_not_new(account, network):
    saved = keep(account)
    look(saved)
    first, second, _ = saved_live.get_new(saved)
    import_items(first)
    add_block("item", second.source_key, label=second.title)
    assert look(saved) == ["n2"]


def test_only_the_first_pages_are_asked_for_and_only_when_due(account, feed, network):
    network.items = offers(feed, 0, 500)
    saved = keep(account)
    assert len(look(saved)) == 200
    assert network.asked == [1, 2, 3, 4]
    assert len(look(saved, is_due=False)) == 200
    assert network.asked == [1, 2, 3, 4]


def test_a_network_that_is_down_loses_nothing_and_is_asked_next_time(account, network):
    saved = keep(account)
    look(saved)
    network.error = NetworkUnavailable("http_status", network="Tradedoubler", status=503)
    assert look(saved) == ["n0", "n1", "n2"]
    assert "Tradedoubler" in said(saved) or "503" in said(saved)
    network.error = None
    assert look(saved) == ["n0", "n1", "n2"]


def test_it_is_saved_from_the_page_of_the_network_and_says_what_is_not_obeyed(
    account, feed, network, admin_client
):
    search = urlencode({"keywords": "shoe", "account": account.pk, "has_gtin": "on"})
    page = text_of(admin_client.get(f"{reverse('importer:network-search', args=['tradedoubler'])}?{search}"))
    assert "Save this search" in page
    address = reverse("importer:saved-add")
    page = text_of(admin_client.get(address, {"live": 1, "search": search}))
    assert "It adds nothing by itself" in page
    assert "Keep adding" not in page
    data = {"live": 1, "search": search, "name": "Shoes", "schedule": "daily"}
    admin_client.post(address, data)
    saved = SavedSearch.objects.get()
    assert (saved.is_live, saved.keep_adding) == (True, False)
    network.items = [*offers(feed, 9, 1), *network.items]
    assert look(saved) == ["n9"]  # the others were seen by the search that was saved
    page = text_of(admin_client.get(saved.get_absolute_url()))
    assert "1 new since" in page
    assert "Tradedoubler cannot filter by a known EAN. What follows is found without that." in page
    assert "Asked the network" in page
    answer = admin_client.post(reverse("importer:saved-run", args=[saved.pk]), follow=True)
    assert "The network is being asked." in text_of(answer)


@pytest.mark.parametrize("search", ["", "keywords=shoe", "keywords=shoe&account=999", "account=x"])
def test_what_names_no_account_or_no_search_is_not_saved_as_live(account, admin_client, search):
    address = reverse("importer:saved-add")
    assert admin_client.get(address, {"live": 1, "search": search}).status_code == 404


def test_it_never_adds_by_itself_and_its_recipe_travels(account, network):
    saved = keep(account)
    assert not saves.approve(saved, saves.fingerprint_of(saved))
    text = export_recipes([saved])
    SavedSearch.objects.all().delete()
    assert [outcome.result for outcome in import_recipes(text)] == ["added"]
    there = SavedSearch.objects.get()
    assert (there.is_live, there.keep_adding) == (True, False)
    assert look(there) == ["n0", "n1", "n2"]


def test_one_whose_account_is_gone_says_so(account, network):
    saved = keep(account)
    SavedSearch.objects.update(query=ItemQuery(keywords="shoe", account_id=account.pk + 99).to_json())
    look(saved)
    assert said(saved) == "The account that it asks is not here any more."
