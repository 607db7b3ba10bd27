"""Imported products stay true to their mirrored feeds: prices follow, what is gone expires, edits stay."""

import json
import urllib.request
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from catalog import services as catalog
from catalog.models import Offer, PricePoint, Product
from catalog.site import shared
from importer import tasks
from importer.accounts.accounts import connect_account, refresh_account
from importer.feeds.schedule import set_mirrored, sync_now
from importer.feeds.syncs import sync_feed, work_on_sync
from importer.imports import apply
from importer.imports.follow import find_update
from importer.imports.runs import cancel_run
from importer.models import Feed, FeedItem, ImportRun, SyncRun
from importer.networks.contract import ItemQuery
from importer.sandbox.credentials import DEMO_CREDENTIALS
from importer.search.hits import search
from tests.importer.feeds import test_syncs
from tests.importer.feeds.test_syncs import rows, send
from tests.importer.make import make_account, make_feed
from tests.importer.run import import_items
from tests.importer.test_tasks import wait_for
from tests.importer.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)
feed = test_syncs.feed


def sync(feed):
    """Sync, and do the update that follows from it; return the update."""
    assert sync_feed(feed).state in ("done", "unchanged")
    update = find_update(feed.pk)
    if update:
        apply.work(update)
        update.refresh_from_db()
        assert update.state == "done"
    return update


def import_all(feed, **choices):
    return import_items(*FeedItem.objects.filter(feed=feed).order_by("id"), **choices)


def offers() -> dict[str, tuple]:
    """Price and whether it can be had, by the feed's id."""
    return {
        offer.source_key.rpartition(":")[2]: (str(offer.price), offer.is_available)
        for offer in Offer.objects.all()
    }


def test_offers_follow_price_stock_and_link(feed, monkeypatch):
    new = {
        "price": Decimal("79.90"),
        "old_price": Decimal("120"),
        "shipping": Decimal("4.95"),
        "in_stock": False,
        "tracking_url": "https://click.example/new",
    }
    send(monkeypatch, rows(3), [*rows(3, **new)])
    assert sync(feed) is None
    import_all(feed)
    update = sync(feed)
    assert (update.total_count, update.updated_count, str(update)) == (3, 3, "Update from feed Shoes")
    for offer in Offer.objects.all():
        assert {name: getattr(offer, name) for name in new} == new
        assert [point.price for point in offer.price_points.all()] == [Decimal("99.90"), Decimal("79.90")]
    assert set(Product.objects.values_list("lowest_price", flat=True)) == {Decimal("79.90")}


def test_only_what_was_imported_and_differs_is_in_the_run(feed, monkeypatch):
    first = rows(4)
    changed = [first[0], *rows(4, price=Decimal("1"))[1:]]
    send(monkeypatch, first, changed, changed)
    sync(feed)
    import_items(*FeedItem.objects.filter(external_id__in=["i0", "i1"]))
    update = sync(feed)
    assert [item.feed_item.external_id for item in update.items.all()] == ["i1"]
    assert sync(feed) is None  # it is true now
    assert Product.objects.count() == 2


def test_what_a_person_edited_stays(feed, monkeypatch):
    send(monkeypatch, rows(1, title="SHOE"), rows(1, title="SHOE NEW", price=Decimal("1")))
    sync(feed)
    product = import_all(feed, status="published")[0].product
    catalog.update_product(product, title="My words")
    sync(feed)
    product.refresh_from_db()
    assert (product.title, product.imported["title"]) == ("My words", "SHOE NEW")
    assert (product.lowest_price, product.status) == (Decimal("1"), "published")


def test_a_description_follows_where_the_account_imports_it(feed, monkeypatch):
    feed.account.import_description = True
    feed.account.save()
    (item,) = rows(1)
    send(monkeypatch, [item], [replace(item, description="<p>Lighter.</p>")], [replace(item, description="")])
    sync(feed)
    product = import_all(feed)[0].product
    assert sync(feed).updated_count == 1
    product.refresh_from_db()
    assert product.description == "<p>Lighter.</p>"
    catalog.update_product(product, description="Mine.")
    sync(feed)
    product.refresh_from_db()
    assert product.description == "Mine."


def test_what_is_gone_expires_and_comes_back(feed, monkeypatch):
    all_rows = rows(20)
    send(monkeypatch, all_rows, all_rows[1:], all_rows[1:], all_rows)
    sync(feed)
    import_all(feed)
    update = sync(feed)
    assert (update.total_count, update.expired_count) == (1, 1)
    assert offers()["i0"] == ("99.90", False)
    assert sync(feed) is None
    assert sync(feed).updated_count == 1
    assert offers()["i0"] == ("99.90", True)
    log = PricePoint.objects.filter(offer__source_key__endswith=":i0").values_list("in_stock", flat=True)
    assert list(log) == [None, False, None]


def test_an_offer_whose_row_has_no_price_any_more_cannot_be_had(feed, monkeypatch):
    all_rows = rows(20)
    bad = [*rows(1, price=None, problem="has no price"), *all_rows[1:]]
    send(monkeypatch, all_rows, bad, bad, all_rows)
    sync(feed)
    import_all(feed)
    update = sync(feed)
    assert update.items.get().message == "Not available: has no price"
    assert offers()["i0"] == ("99.90", False)
    assert sync(feed) is None
    sync(feed)
    assert offers()["i0"] == ("99.90", True)


def test_a_link_that_no_button_may_have_is_not_followed_until_its_domain_is_named(feed, monkeypatch):
    elsewhere = rows(3, tracking_url="https://elsewhere.test/1")
    send(monkeypatch, rows(3), elsewhere, elsewhere, elsewhere)
    sync(feed)
    import_all(feed)
    assert sync(feed).expired_count == 3
    assert sync(feed).unchanged_count == 3
    feed.account.link_domains = ["elsewhere.test"]
    feed.account.save()
    assert sync(feed).updated_count == 3
    assert set(offers().values()) == {("99.90", True)}


def test_a_link_that_was_made_secure_is_no_change(feed, monkeypatch):
    plain = rows(3, tracking_url="http://track.adtraction.com/t/t?a=1")
    send(monkeypatch, plain, plain)
    sync(feed)
    import_all(feed)
    assert Offer.objects.first().tracking_url.startswith("https://")
    assert sync(feed) is None


def test_the_trash_is_left_alone(feed, monkeypatch):
    send(monkeypatch, rows(20), rows(19, price=Decimal("1")))
    sync(feed)
    for result in import_all(feed):
        catalog.trash([result.product_id])
    assert sync(feed) is None
    assert {price for price, _ in offers().values()} == {"99.90"}


def test_an_update_makes_nothing_anew(feed, monkeypatch):
    send(monkeypatch, rows(2), rows(2, price=Decimal("1")))
    sync(feed)
    products = [result.product for result in import_all(feed)]
    sync_feed(feed)
    catalog.trash([products[0].pk])
    catalog.delete_permanently([products[0].pk])
    apply.work(find_update(feed.pk))
    update = ImportRun.objects.get(kind="update")
    assert (update.unchanged_count, update.updated_count) == (1, 1)
    assert Product.objects.get() == products[1]


def test_an_unchanged_feed_makes_good_what_an_earlier_run_left(feed, monkeypatch):
    send(monkeypatch, rows(3), rows(3, price=Decimal("1")), rows(3, price=Decimal("1")))
    sync(feed)
    import_all(feed)
    sync_feed(feed)
    cancel_run(find_update(feed.pk))
    assert sync(feed).updated_count == 3


def test_a_newer_sync_overtakes_a_run_that_still_waits(feed, monkeypatch):
    send(monkeypatch, rows(3), rows(3, price=Decimal("1")), rows(3, price=Decimal("2")))
    sync(feed)
    import_all(feed)
    sync_feed(feed)
    first = find_update(feed.pk)
    apply.work_chunk(first.pk, size=1)
    sync(feed)
    first.refresh_from_db()
    assert (first.state, str(first.message)) == ("cancelled", "Overtaken by a newer sync of the feed.")
    assert set(offers().values()) == {("2.00", True)}


def test_a_cancelled_or_held_sync_updates_nothing(feed, monkeypatch):
    send(monkeypatch, rows(20), rows(5, price=Decimal("1")))
    sync(feed)
    import_all(feed)
    assert sync_feed(feed).state == "held"
    assert find_update(feed.pk) is None
    assert set(offers().values()) == {("99.90", True)}


def test_of_one_article_in_two_accounts_the_offer_follows_the_one_it_was_imported_from(feed, monkeypatch):
    twin = make_feed(make_account("adtraction"), feed.external_id, synced_at=None)
    twin.account.set_credentials(DEMO_CREDENTIALS["adtraction"])
    twin.account.save()
    first, second = (rows(20, tracking_url=f"https://click.example/{name}") for name in ("a", "b"))
    cheaper = rows(20, tracking_url="https://click.example/a", price=Decimal("1"))
    send(monkeypatch, first, second, cheaper, second, second[1:], first[1:])
    sync(feed)
    sync(twin)
    import_all(twin)
    assert sync(feed) is None
    assert set(Offer.objects.values_list("tracking_url", flat=True)) == {"https://click.example/b"}
    assert sync(twin) is None
    # Gone at one of them, it can still be had through the other; then it cannot.
    assert sync(twin) is None
    assert sync(feed).expired_count == 1


def test_killed_at_any_step_the_sync_loses_no_update(feed, monkeypatch):
    send(monkeypatch, rows(3), rows(3, price=Decimal("1")), rows(3, price=Decimal("1")))
    sync(feed)
    import_all(feed)
    # The sync and its update are committed together: before that nothing is there...
    with monkeypatch.context() as patch:
        patch.setattr("importer.feeds.syncs._end", fail)
        with pytest.raises(Killed):
            work_on_sync(sync_now(feed))
    assert not ImportRun.objects.filter(kind="update").exists()
    assert FeedItem.objects.first().price == Decimal("99.90")
    SyncRun.objects.update(state="failed")
    # ...and after that its message may be lost: the row is found.
    sync_feed(feed)
    ImportRun.objects.update(created_at=timezone.now() - timedelta(minutes=5))
    sent = []
    monkeypatch.setattr(tasks.run_import, "apply_async", lambda args, **options: sent.append(args))
    tasks.resume()
    assert sent == [[find_update(feed.pk).pk]]


class Killed(BaseException):
    pass


def fail(*args, **kwargs):
    raise Killed


def test_two_workers_on_one_update_do_each_offer_once(feed, monkeypatch):
    send(monkeypatch, rows(50), rows(50, price=Decimal("1")))
    sync(feed)
    import_all(feed)
    sync_feed(feed)
    update = find_update(feed.pk)
    at_once(lambda: apply.work(update), lambda: apply.work(update))
    update.refresh_from_db()
    assert (update.state, update.updated_count, PricePoint.objects.count()) == ("done", 50, 100)


def test_an_import_of_what_is_gone_says_so(feed, monkeypatch):
    send(monkeypatch, rows(20), rows(19))
    sync(feed)
    sync(feed)
    gone = FeedItem.objects.exclude(missing_at=None).get()
    (result,) = import_items(gone)
    assert (result.verdict, result.message) == ("invalid", "It is no longer in the feed.")


def test_the_pages_name_the_update(feed, monkeypatch, admin_client):
    send(monkeypatch, rows(20), rows(19))
    sync(feed)
    import_all(feed)
    update = sync(feed)
    listed = admin_client.get("/dashboard/runs/").content.decode()
    assert "Update from feed Shoes" in listed
    assert "1 no longer listed" in listed
    page = admin_client.get(update.get_absolute_url()).content.decode()
    assert "Not available: it is no longer in the feed." in page
    feed.delete()
    assert f"Update {update.pk}" in admin_client.get("/dashboard/runs/").content.decode()


# --- The networks' sandbox over HTTP, a worker, and the public page -------------------------------
@pytest.fixture
def control(sandbox):
    def post(name, **values):
        url = f"{sandbox.url}/_control/{name}"
        request = urllib.request.Request(url, data=json.dumps(values).encode(), method="POST")  # noqa: S310
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 our own address
            return json.load(answer)

    return post


@pytest.fixture
def mirrored(control):
    """A feed of the sandbox, mirrored, and its name there."""
    control("options", unlimited_wait_seconds=0.05)
    account = connect_account("tradedoubler", credentials=DEMO_CREDENTIALS["tradedoubler"], label="Mine")
    refresh_account(account)
    feed = account.feeds.get(external_id="31101")
    work_on_sync(set_mirrored(feed, True))
    feed.refresh_from_db()
    return feed


def test_a_visitor_sees_the_new_price_and_what_is_gone(worker, mirrored, control, settings, monkeypatch):
    settings.PAGE_CACHE_SECONDS = 60
    monkeypatch.setattr(shared, "TRUSTED_SECONDS", 0.0)
    items = list(FeedItem.objects.filter(feed=mirrored, problem="", in_stock=True).order_by("id")[:8])
    results = import_items(*items, status="published")
    product = next(r.product for r in results if r.verdict == "created" and r.product.offer_count == 1)
    offer = product.offers.get()
    client, address = Client(), product.get_absolute_url()

    def page() -> str:
        response = client.get(address)
        assert response.status_code == 200
        return response.content.decode()

    assert "schema.org/InStock" in page()

    control("catalogue", feed="tradedoubler:31101", price_factor=0.5)
    tasks.sync_feed.delay(sync_now(mirrored).pk)
    wait_for(lambda: Offer.objects.get(pk=offer.pk).price < offer.price, 60)
    wait_for(lambda: not ImportRun.objects.filter(state__in=ImportRun.ACTIVE_STATES).exists(), 60)
    price = Offer.objects.get(pk=offer.pk).price
    assert str(price).replace(".", ",") in page() or str(price) in page()
    update = ImportRun.objects.get(kind="update")
    assert update.updated_count == len(results)

    # Taken out of the feed, it is still shown, and cannot be bought.
    control("catalogue", feed="tradedoubler:31101", remove=list(range(12)))
    tasks.sync_feed.delay(sync_now(mirrored).pk)
    wait_for(lambda: Offer.objects.get(pk=offer.pk).expired_at, 60)
    wait_for(lambda: not ImportRun.objects.filter(state__in=ImportRun.ACTIVE_STATES).exists(), 60)
    assert "Not available right now" in page()
    assert "schema.org/InStock" not in page()

    control("catalogue", feed="tradedoubler:31101", restore=True)
    tasks.sync_feed.delay(sync_now(mirrored).pk)
    wait_for(lambda: Offer.objects.get(pk=offer.pk).expired_at is None, 60)
    assert "Not available right now" not in page()


@pytest.mark.parametrize("network", ["tradedoubler", "tradetracker"])
def test_a_live_search_makes_no_mirrored_row_changed(control, network):
    control("options", unlimited_wait_seconds=0.05)
    account = connect_account(network, credentials=DEMO_CREDENTIALS[network], label="Mine")
    refresh_account(account)
    feed = account.feeds.filter(item_count__gt=20).exclude(program=None).order_by("item_count").first()
    assert work_on_sync(set_mirrored(feed, True)).state == "done"
    title = FeedItem.objects.filter(feed=feed, problem="").first().title
    result = search(account, ItemQuery(keywords=title.split()[0]), page_size=50)
    assert result.is_live
    assert {hit.item.feed_id for hit in result.hits} >= {feed.pk}
    control("catalogue", feed=f"{network}:{feed.external_id}")  # a new version that says the same
    run = sync_feed(Feed.objects.get(pk=feed.pk))
    assert (run.state, run.new_count, run.changed_count) == ("done", 0, 0)
