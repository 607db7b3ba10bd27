"""Several processes import the same products at the same time; PostgreSQL's log says how they got along."""

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from decimal import Decimal

import pytest
from django.conf import settings as site_settings

from catalog.models import Offer, PricePoint, Product
from importer import feed_index, tasks
from importer.imports import apply
from importer.imports.runs import start_import
from importer.log import read_log
from importer.models import FeedItem, ImportRun
from tests.importer.make import item_data, make_account, make_feed

pytestmark = pytest.mark.django_db(transaction=True)
POSTGRES_LOG = site_settings.VAR_DIR / "log" / "postgres.log"


@contextmanager
def no_deadlock():
    """Fail when PostgreSQL wrote of a deadlock meanwhile."""
    start = POSTGRES_LOG.stat().st_size
    yield
    with POSTGRES_LOG.open("rb") as log:
        log.seek(start)
        text = log.read().decode(errors="replace")
    assert "deadlock detected" not in text, text[text.index("deadlock detected") - 200 :][:3_000]


def make_many(feed, numbers) -> list[int]:
    """Store an item for each number; the same number is the same article, whatever the feed."""
    items = [
        item_data(
            feed_id=feed.external_id,
            external_id=f"n{number}",
            image_urls=(),  # nobody is to copy them
            title=f"Trail shoe {number % 700}",  # many share a title, and so want the same address
            brand=f"Brand {number % 97}",
            shop_name=f"Shop {number % 13}",
            program_id=f"p{number % 13}",
            gtin=f"{4_000_000_000_000 + number:013}" if number % 5 else "",
        )
        for number in numbers
    ]
    return [item.pk for item in feed_index.store_hits({feed.external_id: feed}, items)]


def wait_until_ended(*runs: ImportRun, seconds: int = 240) -> None:
    deadline = time.monotonic() + seconds
    while True:
        for run in runs:
            run.refresh_from_db()
        if not any(run.is_active for run in runs):
            return
        assert time.monotonic() < deadline, [(run.state, run.done_count, run.message) for run in runs]
        time.sleep(0.1)


@pytest.mark.parametrize("order", [1, -1], ids=["in the same order", "from both ends"])
def test_two_runs_of_10_000_shared_items_never_wait_for_each_other_in_a_circle(worker, order):
    """Some are there already, so that each run leaves alone, joins and creates what the other does."""
    one, other = make_feed(make_account()), make_feed(make_account())
    numbers = range(10_000)
    of_one, of_other = make_many(one, numbers), make_many(other, numbers[::order])
    apply.work(start_import(of_one[::3], kind="bulk"))
    apply.work(start_import(of_other[1::3], kind="bulk"))
    runs = [start_import(ids, kind="bulk", status="published") for ids in (of_one, of_other)]
    with no_deadlock():
        for run in runs:
            tasks.run_import.delay(run.pk)
        wait_until_ended(*runs)
    assert [(run.state, run.failed_count, run.done_count) for run in runs] == [("done", 0, 10_000)] * 2
    assert Offer.objects.count() == PricePoint.objects.count() == 20_000
    assert Product.objects.count() == 12_000  # a fifth has no EAN to join by
    assert len([line for line in read_log() if line.type == "import"]) == 4  # a line each


def test_the_same_items_twice_at_once_and_again_with_new_prices(worker):
    feed = make_feed()
    ids = make_many(feed, range(4_000))
    with no_deadlock():
        runs = [start_import(order, kind="bulk") for order in (ids, ids[::-1])]
        for run in runs:
            tasks.run_import.delay(run.pk)
        wait_until_ended(*runs)
        assert [(run.state, run.failed_count) for run in runs] == [("done", 0)] * 2
        assert Offer.objects.count() == 4_000
        FeedItem.objects.update(price=Decimal("79.90"))
        runs = [start_import(order, kind="bulk") for order in (ids, ids[::-1], ids)]
        for run in runs:
            tasks.run_import.delay(run.pk)
        wait_until_ended(*runs)
    assert [(run.state, run.failed_count) for run in runs] == [("done", 0)] * 3
    assert set(Offer.objects.values_list("price", flat=True)) == {Decimal("79.90")}
    assert PricePoint.objects.count() == 8_000


def test_five_commands_import_the_same_items_at_once(worker_env):
    ids = make_many(make_feed(), range(1_500))
    orders = [ids, ids[::-1], ids[500:] + ids[:500], ids[1::2] + ids[::2], ids]
    with no_deadlock():
        commands = [
            subprocess.Popen(
                [sys.executable, "manage.py", "import_items", *map(str, order), "--inline", "--json"],
                cwd=site_settings.BASE_DIR,
                env={**os.environ, **worker_env},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for order in orders
        ]
        answers = [command.communicate(timeout=240) for command in commands]
    assert [command.returncode for command in commands] == [0] * 5, answers
    results = [json.loads(output) for output, _ in answers]
    assert [result["state"] for result in results] == ["done"] * 5
    assert sum(result["counts"]["created"] + result["counts"]["joined"] for result in results) == 1_500
    assert sum(result["counts"]["failed"] for result in results) == 0
    assert Offer.objects.count() == 1_500
