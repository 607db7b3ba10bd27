"""Offers that their feed goes on confirming: visitors read when a price was checked."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from catalog.models import Offer
from importer.feeds.syncs import sync_feed
from importer.imports import stale
from tests.importer.feeds import test_syncs
from tests.importer.feeds.test_syncs import rows, send
from tests.importer.imports.test_follow import import_all, sync

pytestmark = pytest.mark.django_db(transaction=True)
feed = test_syncs.feed


@pytest.mark.parametrize("batch", [1, 2_000], ids=["many batches", "one batch"])
def test_a_feed_that_goes_on_saying_the_same_confirms_its_offers_hourly(feed, monkeypatch, batch):
    monkeypatch.setattr(stale, "CONFIRMED_AT_ONCE", batch)
    send(monkeypatch, *[rows(3)] * 2)
    sync(feed)
    import_all(feed)
    old, recent = (timezone.now() - timedelta(hours=hours) for hours in (3, 0.5))
    first, second, third = Offer.objects.order_by("id")
    Offer.objects.filter(pk=first.pk).update(checked_at=old)
    Offer.objects.filter(pk=second.pk).update(checked_at=recent)
    Offer.objects.filter(pk=third.pk).update(checked_at=old)
    assert sync(feed) is None
    first, second, third = Offer.objects.order_by("id")
    assert first.checked_at > recent
    assert second.checked_at == recent
    assert third.checked_at > recent


def test_an_offer_that_differs_is_not_confirmed(feed, monkeypatch):
    send(monkeypatch, rows(2), rows(2, price=Decimal("1.00")))
    sync(feed)
    import_all(feed)
    old = timezone.now() - timedelta(hours=30)
    Offer.objects.update(checked_at=old)
    sync_feed(feed)  # its update has not run yet
    assert set(Offer.objects.values_list("checked_at", flat=True)) == {old}
