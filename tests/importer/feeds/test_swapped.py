"""An id that names another article is held: nothing of it is followed until a person accepts it."""

from dataclasses import replace
from decimal import Decimal

import pytest
from django.urls import reverse

from catalog.models import Offer, Product
from events.models import Event
from importer import feed_index
from importer.imports import apply
from importer.imports.follow import accept_swapped, find_update
from importer.log import read_log
from importer.models import FeedItem
from tests.importer.feeds import test_syncs
from tests.importer.feeds.test_syncs import rows, send
from tests.importer.imports.test_follow import import_all, sync
from tests.importer.pages import text_of
from tests.importer.run import import_items

pytestmark = pytest.mark.django_db(transaction=True)
feed = test_syncs.feed
A, B = "4006381333931", "4006381333948"


def articles():
    first, second, *others = rows(12)
    first = replace(first, title="Trail shoe", gtin=A, price=Decimal("99.90"))
    second = replace(second, title="Coffee maker", gtin=B, price=Decimal("49.00"))
    return [first, second, *others]


def swapped(items, **values):
    first, second, *others = items
    return [
        replace(second, external_id=first.external_id, **values),
        replace(first, external_id=second.external_id),
        *others,
    ]


def state() -> dict:
    """What visitors see, by the offer's id."""
    return {
        offer.source_key.rpartition(":")[2]: (
            offer.product.title,
            offer.product.gtin,
            str(offer.price),
            offer.title,
            offer.tracking_url,
            offer.expired_at is None,
        )
        for offer in Offer.objects.select_related("product").filter(product__gtin__in=[A, B])
    }


def test_two_ids_that_swap_their_articles_change_nothing(feed, monkeypatch):
    before = articles()
    after = swapped(before)
    send(monkeypatch, before, after, after, swapped(before, price=Decimal("39")), before)
    sync(feed)
    import_all(feed)
    shown = state()
    checked_at = Offer.objects.get(source_key__endswith=":i0").last_checked_at
    for _ in range(3):  # nor when it goes on saying so, nor with another price
        assert sync(feed) is None
        assert state() == shown
    assert FeedItem.objects.filter(held_article__isnull=False).count() == 2
    assert Offer.objects.get(source_key__endswith=":i0").last_checked_at == checked_at
    sync(feed)  # as it was: the hold is over
    assert state() == shown
    assert not FeedItem.objects.filter(held_article__isnull=False).exists()


def test_ids_that_are_held_are_told_once_in_the_log_and_the_mail(feed, monkeypatch):
    before = articles()
    after = swapped(before)
    hose = replace(before[2], title="Garden hose", gtin="4006381333955")
    known = replace(before[2], gtin="4006381333962")
    before[2] = after[2] = known
    more = [after[0], after[1], hose, *after[3:]]
    send(monkeypatch, before, after, after, swapped(before, price=Decimal("39")), more, before, after)
    sync(feed)
    import_all(feed)
    told = []
    for _ in range(6):
        sync(feed)
        events = Event.objects.filter(kind="feed.articles_held").order_by("pk")
        told.append([event.after["items"] for event in events])
    # Not again while they are held, with another price either; one more, and again after the hold was over.
    assert told == [[2], [2], [2], [2, 1], [2, 1], [2, 1, 2]]
    event = Event.objects.filter(kind="feed.articles_held").first()
    assert (event.subject, event.sources) == (f"feed:{feed.pk}", ["adtraction"])
    line = next(line for line in read_log("adtraction") if "name others" in line.message)
    assert line.message == f"Feed “{feed}”: ids of 2 articles name others now. They are held."


def test_a_search_that_brings_another_article_tells_of_it(feed, monkeypatch):
    first = replace(articles()[0], feed_id=feed.external_id)
    feeds = {feed.external_id: feed}
    import_items(*feed_index.store_hits(feeds, [first]))
    feed_index.store_hits(feeds, [replace(first, title="Coffee maker", gtin=B)])
    assert Event.objects.get(kind="feed.articles_held").after["items"] == 1


def test_a_person_accepts_one_or_all_on_the_page_of_the_feed(feed, monkeypatch, admin_client):
    before = articles()
    send(monkeypatch, before, swapped(before))
    sync(feed)
    import_all(feed)
    sync(feed)
    address = reverse("importer:feed-detail", args=[feed.pk])
    page = text_of(admin_client.get(address))
    assert "Ids that name another article" in page
    assert f"<strong>Trail shoe</strong>, EAN {A}" in page
    item = FeedItem.objects.get(external_id="i0")
    accept = reverse("importer:swapped-accept", args=[feed.pk])
    assert admin_client.post(accept, {"item": "x"}).status_code == 400
    response = admin_client.post(accept, {"item": item.pk})
    assert "1 article taken over." in text_of(admin_client.get(response.url))
    apply.work(find_update(feed.pk))
    assert state()["i0"][0] == "Coffee maker"
    assert state()["i0"][2:4] == ("49.00", "Coffee maker")
    assert state()["i1"][0] == "Coffee maker"  # still as it was
    assert Event.objects.get(kind="feed.articles_accepted").after["items"] == 1
    assert accept_swapped(feed) == 1
    apply.work(find_update(feed.pk))
    assert state()["i1"][2:4] == ("99.90", "Trail shoe")
    assert accept_swapped(feed) == 0


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"title": "Trail shoe 2"}, id="another title"),
        pytest.param({"gtin": "4006381333955"}, id="another EAN"),
        pytest.param({"title": "TRAIL SHOE", "gtin": "4006381333955"}, id="the same title in capitals"),
        pytest.param({"title": "Trail shoe 2", "gtin": ""}, id="no EAN any more"),
    ],
)
def test_what_is_not_another_article_is_followed(feed, monkeypatch, change):
    before = articles()
    send(monkeypatch, before, [replace(before[0], price=Decimal("89"), **change), *before[1:]])
    sync(feed)
    import_all(feed)
    sync(feed)
    assert Offer.objects.get(source_key__endswith=":i0").price == Decimal("89")


def test_what_nobody_imported_is_indexed_as_the_feed_says(feed, monkeypatch):
    before = articles()
    send(monkeypatch, before, swapped(before))
    sync(feed)
    import_items(FeedItem.objects.get(external_id="i5"))
    sync(feed)
    assert FeedItem.objects.get(external_id="i0").title == "Coffee maker"


def test_an_id_that_was_gone_and_names_another_article_brings_nothing_back(feed, monkeypatch):
    before = articles()
    other = replace(before[0], title="Garden hose", gtin="4006381333955", price=Decimal("9"))
    send(monkeypatch, before, before[1:], [other, *before[1:]], before)
    sync(feed)
    import_all(feed)
    shown = state()
    sync(feed)
    assert state()["i0"][-1] is False
    assert sync(feed) is None
    assert state()["i0"] == (*shown["i0"][:-1], False)
    sync(feed)
    assert state() == shown


def test_a_held_article_that_goes_is_gone(feed, monkeypatch):
    before = articles()
    send(monkeypatch, before, swapped(before), before[1:])
    sync(feed)
    import_all(feed)
    sync(feed)
    sync(feed)
    assert Offer.objects.get(source_key__endswith=":i0").expired_at


def test_a_held_article_is_not_imported(feed, monkeypatch):
    before = articles()
    send(monkeypatch, before, swapped(before))
    sync(feed)
    import_all(feed)
    sync(feed)
    item = FeedItem.objects.get(external_id="i0")
    (done,) = import_items(item)
    assert done.verdict == "invalid"
    assert "names another article" in done.message
    assert Product.objects.get(gtin=A).title == "Trail shoe"
