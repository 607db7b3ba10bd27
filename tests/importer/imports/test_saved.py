"""Saved searches: what is new, the trial, and what they add by themselves."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from catalog.models import Offer, Product
from events.models import Event
from importer.imports.matches import Candidates
from importer.imports.saved import (
    approve,
    count,
    delete_saved,
    edit_saved,
    fingerprint_of,
    list_saved,
    mark_seen,
    run_trial,
)
from importer.imports.saved_runs import find_due, look
from importer.models import FeedItem, ImportRun, SavedSearch
from importer.networks.query import ItemQuery
from importer.search.blocks import add_block
from tests.importer.make import change_item, make_account, make_feed, make_item, make_items
from tests.importer.run import import_items
from tests.importer.saved import BOOTS, appear, boots, finish, keep, said
from tests.importer.threads import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def feed():
    return make_feed(make_account("adtraction"))


# --- What is new -------------------------------------------------------------------------------
def test_what_appeared_since_the_last_look_is_new_unless_it_is_imported_or_blocked(feed):
    old, fresh, imported, blocked = boots(feed, 4)
    saved = keep(is_approved=False)
    appear([old], saved.seen_at - timedelta(hours=1))
    appear([fresh, imported, blocked], saved.seen_at + timedelta(minutes=5))
    import_items(imported)
    add_block("item", blocked.source_key)
    count(saved)
    assert (saved.new_count, saved.waiting_count) == (1, 2)
    mark_seen(saved, timezone.now() + timedelta(days=9))  # not beyond what can be seen
    assert saved.seen_at <= timezone.now()


def test_what_was_seen_is_not_new_and_waits_all_the_same(feed, transactional_db):
    saved = keep(is_approved=False)
    boots(feed, 2)
    count(saved)
    assert (saved.new_count, saved.waiting_count) == (2, 2)
    mark_seen(saved, timezone.now())
    assert (saved.new_count, saved.waiting_count) == (0, 2)
    boots(feed, 3)
    count(saved)
    assert saved.new_count == 3


def test_what_is_written_at_the_moment_of_the_look_is_new_afterwards(feed, transactional_db):
    saved = keep(is_approved=False)

    def write_slowly():
        with transaction.atomic():
            boots(feed, 1)
            at_once(lambda: mark_seen(saved, timezone.now()))

    write_slowly()
    count(saved)
    assert saved.new_count == 1


def test_a_count_of_what_is_new_ends_somewhere(feed, monkeypatch):
    monkeypatch.setattr("importer.imports.matches.MAX_COUNT", 2)
    saved = keep(is_approved=False)
    appear(boots(feed, 4), saved.seen_at + timedelta(minutes=5))
    count(saved)
    assert (saved.new_count, saved.waiting_count) == (2, 4)


# --- The trial ----------------------------------------------------------------------------------
def test_the_trial_says_what_the_first_ten_would_become_and_writes_nothing(feed):
    items = boots(feed, 12)
    change_item(items[-1], tracking_url="https://evil.example/x")
    gtin = "4006381333931"
    import_items(make_item(feed, title="gold boot", gtin=gtin))
    FeedItem.objects.filter(pk=items[-2].pk).update(gtin=gtin, title="gold boot")
    before = Product.objects.count()
    saved = keep(is_approved=False)
    trial = run_trial(saved)
    verdicts = [decision.verdict.value for decision in trial.decisions]
    assert verdicts == ["invalid", "joined", *["created"] * 8]
    assert trial.waiting == 12
    assert (Product.objects.count(), ImportRun.objects.filter(saved_search=saved).count()) == (before, 0)


def test_nothing_is_added_before_somebody_looked_at_the_trial(feed):
    boots(feed, 2)
    saved = keep(is_approved=False)
    assert look(saved.pk) is None
    assert said(saved) == "Nothing added: somebody must look at the trial first."


@pytest.mark.parametrize(
    "change", [{"query": ItemQuery(keywords="shoe").to_json()}, {"options": {"status": "published"}}]
)
def test_another_search_or_other_options_wait_for_another_trial(feed, change):
    boots(feed, 2)
    saved = keep()
    stale = fingerprint_of(saved)
    edit_saved(saved, **change)
    assert look(saved.pk, is_asked=True) is None
    assert said(saved).startswith("Nothing added: somebody must")
    assert not approve(saved, stale)
    assert look(saved.pk, is_asked=True) is None


def test_another_name_or_schedule_needs_no_other_trial(feed):
    boots(feed, 1)
    saved = keep()
    edit_saved(saved, name="Other", schedule="weekly", daily_limit=7)
    assert look(saved.pk).total_count == 1


# --- What it adds -------------------------------------------------------------------------------
def test_it_adds_the_newest_by_an_ordinary_run_that_knows_it(feed):
    items = boots(feed, 5)
    saved = keep(options={"status": "published"})
    run = finish(look(saved.pk))
    assert (run.saved_search, run.kind, run.state, run.created_count) == (saved, "bulk", "done", 3)
    taken = run.items.order_by("pk").values_list("feed_item", flat=True)
    assert list(taken) == [item.pk for item in items[:1:-1]]
    assert {product.status for product in Product.objects.all()} == {"published"}
    saved.refresh_from_db()
    assert saved.waiting_count == 2
    assert Event.objects.get(kind="run.started").after["saved_search"] == saved.pk
    assert [(each, last) for each, last in list_saved()] == [(saved, run)]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [("price", ["1.00", "2.00"]), ("-price", ["9.00", "5.00"]), ("discount", ["2.00", "9.00"])],
)
def test_the_first_of_the_order_of_the_search_are_added(feed, sort, expected):
    for price, old in (("5.00", None), ("1.00", None), ("9.00", "18.00"), ("2.00", "8.00")):
        make_item(feed, title="boot", price=Decimal(price), old_price=old and Decimal(old), gtin="")
    saved = keep(ItemQuery(keywords="boot", sort=sort), daily_limit=2)
    run = look(saved.pk)
    prices = [str(item.feed_item.price) for item in run.items.order_by("pk").select_related("feed_item")]
    assert prices == expected


def test_what_was_deleted_or_undone_is_not_added_again(feed):
    boots(feed, 2)
    saved = keep()
    finish(look(saved.pk))
    Product.objects.all().delete()
    assert Offer.objects.count() == 0
    assert look(saved.pk, is_asked=True) is None
    assert said(saved) == "Nothing to add."


def test_what_has_no_price_waits_until_it_has_one(feed):
    (boot,) = boots(feed, 1, price=None)
    saved = keep()
    assert look(saved.pk, is_asked=True) is None
    change_item(boot, price=Decimal("10"))
    assert look(saved.pk, is_asked=True).total_count == 1


def test_what_is_blocked_is_not_added(feed):
    one, two = boots(feed, 2)
    add_block("words", one.title)
    run = look(keep().pk)
    assert [item.feed_item for item in run.items.all()] == [two]


def test_feeds_that_are_mirrored_no_more_are_said(feed):
    boots(feed, 1)
    saved = keep()
    type(feed).objects.update(is_mirrored=False)
    assert look(saved.pk) is None
    assert said(saved) == "None of the feeds that it searches is mirrored here."


def test_a_search_that_nobody_can_read_any_more_is_said_and_stops_nobody(feed):
    saved = keep()
    SavedSearch.objects.update(query={"version": 9})
    assert look(saved.pk, is_asked=True) is None
    assert said(saved).startswith("The search cannot be read")
    assert find_due() == []


# --- When ---------------------------------------------------------------------------------------
def test_it_is_due_by_its_schedule_and_after_syncs(feed):
    now = timezone.now()
    saved = keep(schedule="daily")
    look(saved.pk)
    assert find_due() == []
    with time_machine.travel(now + timedelta(hours=25)):
        assert [each.pk for each in find_due()] == [saved.pk]
        look(saved.pk)
        assert find_due() == []
        type(feed).objects.update(synced_at=timezone.now())
    with time_machine.travel(now + timedelta(hours=25, minutes=11)):
        assert [each.pk for each in find_due()] == [saved.pk]
        assert look(saved.pk) is None
        assert find_due() == []


def test_one_that_only_looks_says_what_is_new(feed):
    saved = keep(keep_adding=False, is_approved=False)
    appear(boots(feed, 2), saved.seen_at + timedelta(minutes=1))
    assert look(saved.pk) is None
    assert said(saved) == "Looked, and added nothing."
    assert saved.new_count == 2


def test_what_it_added_stays_when_it_is_deleted(feed):
    boots(feed, 2)
    saved = keep()
    run = finish(look(saved.pk))
    delete_saved(saved)
    delete_saved(SavedSearch(pk=saved.pk, name="Boots"))
    run.refresh_from_db()
    assert (run.saved_search, Product.objects.count()) == (None, 2)
    assert Event.objects.filter(kind="saved_search.deleted").count() == 1
    assert look(saved.pk) is None


def test_a_name_is_taken_once(feed):
    keep()
    with pytest.raises(IntegrityError), transaction.atomic():
        keep()


# --- Many ---------------------------------------------------------------------------------------
def test_half_a_million_matches_break_neither_memory_nor_limit(feed):
    """Made by PostgreSQL of one row."""
    (boot,) = boots(feed, 1)
    columns = [f.column for f in FeedItem._meta.concrete_fields if not f.generated and f.column != "id"]
    made = {"external_id": "'x' || n", "source_key": "source_key || n"}
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO importer_feeditem ({", ".join(columns)})
            SELECT {", ".join(made.get(name, name) for name in columns)}
            FROM importer_feeditem, generate_series(1, 500000) AS n WHERE id = %s
            """,  # noqa: S608 names are ours
            [boot.pk],
        )
    saved = keep()
    run = look(saved.pk)
    saved.refresh_from_db()
    assert run.total_count == 3
    assert saved.waiting_count == 500_001 - 3
    assert (
        Candidates(BOOTS, saved.pk).first_ids(2)
        == sorted(FeedItem.objects.values_list("pk", flat=True), reverse=True)[3:5]
    )


def test_make_items_are_no_boots(feed):
    make_items(feed, 2)
    assert look(keep().pk) is None
