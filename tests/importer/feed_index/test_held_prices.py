"""A price far from what it was waits for a person, or for the feed to insist; a feed's profile is kept."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from catalog.models import Offer
from importer import feed_index
from importer.imports import follow
from importer.models import Feed
from importer.normalise import FeedProfile, PriceStyle, ProfileNotes
from tests.importer.make import item_data, make_feed
from tests.importer.pages import text_of
from tests.importer.run import import_items

pytestmark = pytest.mark.django_db(transaction=True)
PRICE = Decimal("24.99")


@pytest.fixture
def feed():
    return make_feed(is_mirrored=True, synced_at=timezone.now(), name="Shoes", max_price_factor=5)


@pytest.fixture
def row(feed):
    row = item_data(feed_id=feed.external_id, price=PRICE)
    feed_index.replace_feed(feed, [row])
    return row


def say(feed, row, price, **values):
    """Let the feed say a price; return the item."""
    feed_index.replace_feed(feed, [replace(row, price=Decimal(price), **values)])
    return feed.items.get()


@pytest.mark.parametrize("price", ["24990.00", "2499.00", "125.00", "4.99", "0.25"])
def test_a_price_far_from_what_it_was_is_held_and_the_old_one_stays(feed, row, price):
    item = say(feed, row, price, title="New name")

    assert (item.price, item.held_price, item.held_syncs) == (PRICE, Decimal(price), 1)
    assert item.title == "New name"
    assert not item.problem


@pytest.mark.parametrize("price", ["19.99", "124.95", "5.00", "49.98"])
def test_a_price_that_may_be_is_taken(feed, row, price):
    item = say(feed, row, price)

    assert (item.price, item.held_price) == (Decimal(price), None)


def test_the_third_sync_in_a_row_that_says_the_same_is_believed(feed, row):
    prices = [say(feed, row, "249.00", old_price=Decimal("300.00")).price for _ in range(3)]

    assert prices == [PRICE, PRICE, Decimal("249.00")]
    item = feed.items.get()
    assert (item.held_price, item.old_price, item.discount) == (None, Decimal("300.00"), 17)


def is_found_as_reduced(feed):
    return feed.items.extra(where=["search @@ '=sale'::tsquery"]).exists()


def test_what_is_found_as_reduced_follows_the_price_that_shows(feed, row):
    say(feed, row, "249.00", old_price=Decimal("300.00"))
    assert not is_found_as_reduced(feed)

    say(feed, row, "249.00", old_price=Decimal("300.00"))
    assert not is_found_as_reduced(feed)
    say(feed, row, "249.00", old_price=Decimal("300.00"))
    assert is_found_as_reduced(feed)

    item = say(feed, row, "2.49")
    assert (item.price, item.discount) == (Decimal("249.00"), 17)
    assert is_found_as_reduced(feed)

    feed_index.accept_held_prices(feed.pk)
    item = feed.items.get()
    assert (item.price, item.discount) == (Decimal("2.49"), 0)
    assert not is_found_as_reduced(feed)


def test_rows_that_change_beside_the_price_count_as_well(feed, row):
    prices = [say(feed, row, "249.00", title=f"Name {number}").price for number in range(3)]

    assert prices == [PRICE, PRICE, Decimal("249.00")]


def test_another_far_price_begins_anew_and_a_near_one_ends_it(feed, row):
    say(feed, row, "249.00")
    item = say(feed, row, "2490.00")
    assert (item.price, item.held_price, item.held_syncs) == (PRICE, Decimal("2490.00"), 1)

    item = say(feed, row, "25.99")
    assert (item.price, item.held_price, item.held_syncs) == (Decimal("25.99"), None, None)


def test_a_feed_may_hold_no_prices(feed, row):
    Feed.objects.update(max_price_factor=0)

    assert say(feed, row, "24990.00").price == Decimal("24990.00")


def test_another_currency_is_not_compared(feed, row):
    item = say(feed, row, "249.00", currency="SEK")

    assert (item.price, item.currency, item.held_price) == (Decimal("249.00"), "SEK", None)


def test_an_offer_takes_a_held_price_only_when_a_person_accepts_it(admin_client, feed, row):
    import_items(feed.items.get())
    say(feed, row, "249.00")
    assert follow.start_update(feed) is None
    assert Offer.objects.get().price == PRICE

    url = reverse("importer:feed-detail", args=[feed.pk])
    page = text_of(admin_client.get(url))
    assert "€24.99 → €249.00" in page
    answer = admin_client.post(
        reverse("importer:held-prices-accept", args=[feed.pk]), {"item": feed.items.get().pk}
    )

    assert answer.status_code == 302
    item = feed.items.get()
    assert (item.price, item.held_price) == (Decimal("249.00"), None)
    assert follow.find_update(feed.pk)
    assert "Held prices" not in text_of(admin_client.get(url))


def test_who_may_not_configure_may_not_accept_a_price(editor_client, feed, row):
    say(feed, row, "249.00")
    answer = editor_client.post(reverse("importer:held-prices-accept", args=[feed.pk]))

    assert answer.status_code in (302, 403)
    assert feed.items.get().price == PRICE


# --- The profile -------------------------------------------------------------------------------
def test_a_profile_survives_its_storing():
    notes = ProfileNotes()
    for price in ("24.95", "1,299.00", "8.50"):
        notes.note(price, "column", "EUR", timezone.now().replace(microsecond=0) + timedelta(days=1))
    profile = notes.profile()

    assert profile.style == PriceStyle(decimal=".", grouping=",")
    assert (profile.example, profile.currency_from, profile.currencies) == ("24.95", "column", ("EUR",))
    assert FeedProfile.from_json(profile.to_json()) == profile


@pytest.mark.parametrize("stored", [{}, None, {"reading": -1, "style": {}}])
def test_a_profile_of_an_older_reading_says_nothing(stored):
    profile = FeedProfile.from_json(stored)

    assert not profile.is_current
    assert profile.style == PriceStyle()


def test_what_is_known_of_a_feed_counts_until_its_prices_say_otherwise():
    known = PriceStyle(decimal=",", grouping=".")
    silent, other = ProfileNotes(), ProfileNotes()
    silent.note("1.299")
    other.note("24.95")

    assert silent.style(known) == known
    assert other.style(known).decimal == "."


def test_the_page_of_a_feed_says_how_its_prices_were_read(editor_client, feed):
    notes = ProfileNotes()
    notes.note("24,95 kr", "feed", "SEK")
    Feed.objects.update(profile=notes.profile().to_json())
    page = text_of(editor_client.get(reverse("importer:feed-detail", args=[feed.pk])))

    assert "24,95 kr" in page
    assert "SEK, from the program" in page
