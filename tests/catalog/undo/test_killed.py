"""Undo beside others, and undo that is killed: nothing is lost, nothing is done twice."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from catalog import services, tasks
from catalog.models import Offer, PricePoint, Product, Revision, UndoRun
from catalog.services import thinning, undo, writing_back
from events.actor import cause
from events.models import Event
from importer.imports import apply
from importer.imports.follow import start_update
from importer.models import FeedItem, ImportRun
from tests.catalog.undo.run import plan_undo, take_back, verdicts
from tests.importer.make import make_feed, make_items
from tests.importer.run import import_items
from tests.importer.threads import at_once
from tests.killing import lines_of

pytestmark = pytest.mark.django_db(transaction=True)


def update_all(feed) -> str:
    """Let the feed say other prices and titles; return the cause of the update."""
    for item in FeedItem.objects.filter(feed=feed):
        item.price += 1
        item.title += " new"
        item.save()
    run = start_update(feed)
    apply.work(run)
    return f"run:{run.pk}"


def test_a_worker_killed_at_any_line_loses_nothing_and_does_nothing_twice(monkeypatch):
    monkeypatch.setattr(undo, "CHUNK", 2)
    feed = make_feed()
    import_items(*make_items(feed, count=3))
    joined, target = services.create_product(title="A"), services.create_product(title="B")
    modules = (undo, writing_back)

    def begin() -> tuple[UndoRun, int]:
        """Change everything in one cause; return what takes it back."""
        with cause(key := f"test:{UndoRun.objects.count()}"):
            products = list(Product.objects.filter(status="draft").order_by("pk"))
            for product in products:
                services.update_product(product, title=f"{product.title}!")
            services.publish([product.pk for product in products])
            services.join_products(joined, into=target)
        run = plan_undo(key)
        assert undo.carry_out(run)
        return run, len(products)

    before = titles()
    run, _ = begin()
    total = lines_of(lambda: undo.work(run.pk), modules)
    assert total > 150
    assert titles() == before
    for stop_at in range(1, total, 23):
        run, count = begin()
        lines_of(lambda run=run: undo.work(run.pk), modules, stop_at=stop_at)
        undo.work(run.pk)
        run.refresh_from_db()
        assert (run.state, run.done_count, run.total_count) == ("done", count, count), stop_at
        assert set(verdicts(run).values()) == {"taken_back"}, (stop_at, verdicts(run))
        assert titles() == before, stop_at
        assert Event.objects.filter(kind="undo.ended", subjects=[f"undo:{run.pk}"]).count() == 1


def titles() -> list[tuple]:
    return list(Product.objects.order_by("pk").values_list("pk", "title", "status", "offer_count"))


def test_two_workers_of_one_run_take_each_product_back_once(monkeypatch):
    monkeypatch.setattr(undo, "CHUNK", 2)
    feed = make_feed()
    import_items(*make_items(feed, count=9))
    key = update_all(feed)
    run = plan_undo(key)
    undo.carry_out(run)
    at_once(lambda: undo.work(run.pk), lambda: undo.work(run.pk))
    undo.work(run.pk)
    run.refresh_from_db()
    assert (run.state, run.done_count) == ("done", 9)
    assert set(verdicts(run).values()) == {"taken_back"}
    assert Revision.objects.filter(cause=run.own_cause).count() == 9
    assert PricePoint.objects.count() == 27


def test_two_editors_an_update_and_an_undo_on_the_same_products():
    """Whoever comes second sees what the first wrote: no price without its log, no text lost in between."""
    feed = make_feed()
    import_items(*make_items(feed, count=6))
    key = update_all(feed)
    run = plan_undo(key)
    undo.carry_out(run)
    for item in FeedItem.objects.filter(feed=feed):
        item.price += 5
        item.save()
    update = start_update(feed)
    first, second = Product.objects.order_by("pk")[:2]
    version = first.updated_at

    def edit(title: str) -> None:
        from django.db import transaction

        try:
            with transaction.atomic():
                product = services.lock_product(first.pk, version=version)
                services.update_product(product, title=title)
        except services.EditConflict:
            pass

    at_once(
        lambda: undo.work(run.pk),
        lambda: apply.work(update),
        lambda: edit("Mine"),
        lambda: edit("Yours"),
        lambda: services.publish([second.pk]),
    )
    run.refresh_from_db()
    assert run.state == "done"
    for offer in Offer.objects.all():
        assert offer.price == offer.price_points.order_by("-recorded_at", "-id").first().price
        assert offer.product.lowest_price == offer.price
    # A title is the one that was imported, the updated one, or one editor's; and the last revision knows it.
    for product in Product.objects.all():
        newest = next(
            (each.after["title"] for each in product.revisions.all() if each.after and "title" in each.after),
            product.title,
        )
        assert product.title == newest


def test_a_worker_killed_for_good_is_followed_by_another(worker, monkeypatch):
    feed = make_feed()
    import_items(*make_items(feed, count=20))
    run = undo.start_undo(update_all(feed))
    UndoRun.objects.update(created_at=timezone.now() - timedelta(minutes=1))  # its message was lost
    assert undo.find_silent_undos() == [run.pk]
    tasks.resume_undos()
    wait_for(run, "planned")
    undo.carry_out(run)
    UndoRun.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=1))
    tasks.resume_undos()
    wait_for(run, "done")
    assert set(verdicts(run).values()) == {"taken_back"}


def wait_for(run: UndoRun, state: str) -> None:
    ends_at = time.monotonic() + 60
    while run.state != state:
        assert time.monotonic() < ends_at, run.state
        time.sleep(0.05)
        run.refresh_from_db()


def test_a_run_that_is_cancelled_keeps_what_it_took_back(monkeypatch):
    import_items(*make_items(count=4))
    run = plan_undo(f"run:{ImportRun.objects.get().pk}")
    undo.carry_out(run)
    UndoRun.objects.update(state="running")
    assert undo.work_chunk(run.pk, 2) == 2
    assert undo.cancel_undo(run)
    assert not undo.cancel_undo(run)
    assert undo.work_chunk(run.pk) == 0
    assert Product.objects.filter(status="trashed").count() == 2
    again = take_back(run.cause)
    assert sorted(verdicts(again).values()) == ["nothing", "nothing", "taken_back", "taken_back"]


def test_one_product_that_cannot_be_written_costs_only_itself(monkeypatch):
    first, second = (services.create_product(title=title) for title in ("One", "Two"))
    with cause("mapping:1"):
        services.update_product(first, title="A")
        services.update_product(second, title="B")
    written = writing_back.write_plans

    def refuse(plans, now):
        written(plans, now)
        if any(plan.product_id == first.pk for plan in plans):
            Product.objects.filter(pk=first.pk).update(slug=second.slug)  # breaks a constraint

    monkeypatch.setattr(undo, "write_plans", refuse)
    run = take_back("mapping:1")
    assert verdicts(run) == {first.pk: "impossible", second.pk: "taken_back"}
    assert dict(Product.objects.values_list("pk", "title")) == {first.pk: "A", second.pk: "Two"}


def test_old_revisions_are_forgotten_and_with_them_what_could_be_taken_back(settings, monkeypatch):
    monkeypatch.setattr(thinning, "BATCH", 2)
    products = [services.create_product(title=f"Boot {number}") for number in range(5)]
    with cause("bulk:1"):
        services.publish([product.pk for product in products])
    run = take_back("bulk:1")
    Revision.objects.filter(cause="bulk:1").update(at=timezone.now() - timedelta(days=89))
    Revision.objects.filter(cause="").update(at=timezone.now() - timedelta(days=91))
    assert thinning.thin(seconds=60)
    assert Revision.objects.filter(cause="").count() == 0
    assert Revision.objects.filter(cause="bulk:1").count() == 5
    Revision.objects.update(at=timezone.now() - timedelta(days=91))
    UndoRun.objects.update(created_at=timezone.now() - timedelta(days=91))
    while not thinning.thin(seconds=0):
        pass
    assert not Revision.objects.exists()
    assert not UndoRun.objects.filter(pk=run.pk).exists()
    with pytest.raises(services.CatalogError, match="Nothing is kept"):
        undo.start_undo("bulk:1")


def test_a_plan_whose_revisions_are_forgotten_meanwhile_says_so():
    product = services.create_product(title="Boot")
    with cause("bulk:1"):
        services.publish([product.pk])
    run = plan_undo("bulk:1")
    Revision.objects.all().delete()
    undo.carry_out(run)
    undo.work(run.pk)
    assert verdicts(run) == {product.pk: "impossible"}
    product.refresh_from_db()
    assert product.is_published
