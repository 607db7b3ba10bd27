"""Runs that make products go on side by side; only where they want the same does one wait for the other."""

import threading
import time

import pytest
from django.db import OperationalError, connection, transaction

from catalog.locks import Names, reserve, share_turn, take_turn
from catalog.models import Offer, Product
from importer.imports import apply
from importer.imports.runs import start_import
from importer.models import ImportRun
from tests.importer.make import make_feed, make_item
from tests.importer.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)
LONG = 30  # seconds, after which a test is hung


@pytest.fixture
def feed():
    """A feed whose shop and brand are there."""
    feed = make_feed()
    apply.work(start_import([make_item(feed).pk], kind="bulk"))
    return feed


def start(*items) -> ImportRun:
    run = start_import([item.pk for item in items], kind="bulk", status="published")
    ImportRun.objects.filter(pk=run.pk).update(state=ImportRun.State.RUNNING)
    return run


def wait_until_somebody_waits() -> None:
    """Return when another session waits for this one."""
    deadline = time.monotonic() + LONG
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE NOT granted"
                " AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
            )
            if cursor.fetchone()[0]:
                return
        assert time.monotonic() < deadline, "nobody waits"
        time.sleep(0.02)


def meanwhile(call):
    """Start the call on another connection; return what waits for its end."""
    thread = threading.Thread(target=at_once, args=(call,))
    thread.start()

    def end():
        thread.join(LONG)
        assert not thread.is_alive()

    return end


def test_a_run_does_not_wait_for_another_that_makes_other_products(feed):
    one = start(*(make_item(feed, gtin=gtin) for gtin in ("4006381333931", "")))
    other = start(*(make_item(feed, gtin=gtin) for gtin in ("5012345678900", "")))
    with transaction.atomic():
        assert apply.work_chunk(one.pk) == 2  # and has not ended
        at_once(lambda: apply.work_chunk(other.pk))
        assert Product.objects.count() == 5
    assert Offer.objects.count() == 5


def test_of_two_that_want_one_address_the_second_waits_and_takes_another(feed):
    one, other = (start(make_item(feed, title="Red shoe")) for _ in range(2))
    with transaction.atomic():
        apply.work_chunk(one.pk)
        end = meanwhile(lambda: apply.work_chunk(other.pk))
        wait_until_somebody_waits()
    end()
    first, second = Product.objects.filter(title="Red shoe").order_by("id").values_list("slug", flat=True)
    assert sorted([first, second])[0] == "red-shoe"
    assert sorted([first, second])[1].startswith("red-shoe-")
    for run in (one, other):
        run.refresh_from_db()
        assert (run.created_count, run.failed_count) == (1, 0)


def test_of_two_that_make_one_article_the_second_waits_and_joins_it(feed):
    one = start(make_item(feed, title="Red shoe", gtin="4006381333931"))
    other = start(make_item(make_feed(feed.account), title="Red shoe, leather", gtin="4006381333931"))
    with transaction.atomic():
        apply.work_chunk(one.pk)
        end = meanwhile(lambda: apply.work_chunk(other.pk))
        wait_until_somebody_waits()
    end()
    assert Product.objects.filter(gtin="4006381333931").count() == 1
    other.refresh_from_db()
    assert (other.joined_count, other.failed_count) == (1, 0)


def test_of_two_that_bring_variants_of_one_model_the_second_waits_and_joins_it(feed):
    def variant(size, gtin):
        attributes = {"item_group_id": "m1", "size": size}
        return start(make_item(feed, title=f"Red shoe {size}", attributes=attributes, gtin=gtin))

    one, other = variant("40", "4006381333931"), variant("41", "5012345678900")
    with transaction.atomic():
        apply.work_chunk(one.pk)
        end = meanwhile(lambda: apply.work_chunk(other.pk))
        wait_until_somebody_waits()
    end()
    assert Product.objects.count() == 2
    other.refresh_from_db()
    assert (other.joined_count, other.failed_count) == (1, 0)


def test_who_makes_a_shop_does_it_alone(feed):
    one = start(make_item(feed))
    other = start(make_item(feed, program_id="new", shop_name="New shop"))
    with transaction.atomic():
        apply.work_chunk(one.pk)
        end = meanwhile(lambda: apply.work_chunk(other.pk))
        wait_until_somebody_waits()
        assert Product.objects.count() == 2
    end()
    assert Product.objects.count() == 3


def test_who_merges_waits_for_all_who_share_the_turn():
    with transaction.atomic():
        assert not share_turn()
        at_once(lambda: in_transaction(share_turn))
        at_once(lambda: must_wait(take_turn))
    with transaction.atomic():
        assert not take_turn()
        at_once(lambda: must_wait(share_turn))


def test_addresses_in_any_order_make_nobody_wait_in_a_circle():
    names = [f"shoe-{number}" for number in range(200)]

    def take(order):
        for _ in range(20):
            in_transaction(lambda: reserve(Names.ADDRESSES, order))

    at_once(lambda: take(names), lambda: take(names[::-1]), lambda: take(names[100:] + names[:100]))
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM catalog_reservedname")
        assert cursor.fetchone()[0] == 0


def must_wait(take):
    with pytest.raises(OperationalError, match="lock timeout"):
        in_transaction(take, lock_timeout="100ms")


def in_transaction(call, lock_timeout="0"):
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{lock_timeout}'")
        return call()
