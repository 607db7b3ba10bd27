"""Runs: the list, the progress, the verdicts, cancelling and trying again."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from catalog.models import Product
from importer.imports import apply, progress
from importer.imports.runs import start_import, start_import_of_matches
from importer.models import ImportItem, ImportRun
from importer.networks.query import ItemQuery
from importer.templatetags.importer import duration, network_label, per_second
from tests.importer.make import make_feed, make_item, make_items
from tests.importer.pages import HTMX, is_part, text_of

pytestmark = pytest.mark.django_db


def make_run(count: int = 1, **values) -> ImportRun:
    items = make_items(make_feed(), count=count)
    run = start_import([item.pk for item in items], kind="bulk")
    ImportRun.objects.filter(pk=run.pk).update(**values)
    run.refresh_from_db()
    return run


def progress_of(client, run) -> str:
    response = client.get(reverse("importer:run-progress", args=[run.pk]))
    assert is_part(response)
    return text_of(response)


def test_the_list_has_every_run_with_its_counts(editor_client):
    run = make_run(count=2)
    apply.work(run)
    page = text_of(editor_client.get(reverse("importer:run-list")))
    assert str(run) in page
    assert "2 of 2" in page
    assert "2 created" in page
    assert reverse("importer:run-detail", args=[run.pk]) in page


def test_the_list_takes_few_queries_and_pages(editor_client, django_assert_max_num_queries):
    ImportRun.objects.bulk_create([ImportRun(kind="bulk", state="done") for _ in range(30)])
    with django_assert_max_num_queries(12):
        first = editor_client.get(reverse("importer:run-list"))
    assert len(first.context["page"]) == 25
    assert len(editor_client.get(reverse("importer:run-list"), {"page": 2}).context["page"]) == 5
    assert is_part(editor_client.get(reverse("importer:run-list"), headers=HTMX))


def test_without_runs_the_list_says_where_to_begin(editor_client):
    assert "No imports yet" in text_of(editor_client.get(reverse("importer:run-list")))


def test_progress_asks_again_while_the_run_is_active_and_stops_when_it_is_done(editor_client):
    run = make_run()
    url = reverse("importer:run-progress", args=[run.pk])
    assert f'hx-get="{url}"' in progress_of(editor_client, run)
    apply.work(run)
    assert "hx-get" not in progress_of(editor_client, run)


def test_progress_tells_how_many_how_fast_and_how_long(editor_client):
    now = timezone.now()
    run = make_run(
        state="running",
        total_count=1000,
        created_count=400,
        started_at=now - timedelta(seconds=4),
        heartbeat_at=now,
    )
    part = progress_of(editor_client, run)
    assert "400 of 1,000" in part
    assert "per second" in part
    assert "seconds left" in part
    measured = progress.of_run(run)
    assert measured.percent == 40
    assert measured.rate == pytest.approx(100, rel=0.2)
    assert measured.seconds_left == pytest.approx(6, abs=2)


@pytest.mark.parametrize(
    "values",
    [
        pytest.param({"state": "queued", "total_count": 0}, id="nothing to do"),
        pytest.param({"state": "queued"}, id="not started"),
        pytest.param({"state": "collecting", "total_count": 0}, id="collecting"),
        pytest.param({"state": "failed", "message": "The account was <removed>."}, id="failed"),
        pytest.param({"state": "cancelled"}, id="cancelled"),
        pytest.param({"state": "done", "total_count": 0}, id="done with nothing"),
    ],
)
def test_every_state_can_be_shown(editor_client, values):
    run = make_run(**values)
    assert run.get_state_display() in progress_of(editor_client, run)
    assert editor_client.get(reverse("importer:run-detail", args=[run.pk])).status_code == 200
    assert editor_client.get(reverse("dashboard:home")).status_code == 200
    assert "<removed>" not in progress_of(editor_client, run)


def test_a_run_without_a_sign_of_life_is_stalled_and_says_that_no_worker_answers(editor_client):
    cache.set("importer:worker-answers", False, 10)  # that of other tests may still run
    run = make_run(state="running", heartbeat_at=timezone.now() - timedelta(seconds=90))
    part = progress_of(editor_client, run)
    assert "Stalled" in part
    assert "No worker answers" in part
    assert "Stalled" in text_of(editor_client.get(reverse("dashboard:home")))


def test_a_finished_run_is_never_stalled(editor_client):
    run = make_run(state="done", heartbeat_at=timezone.now() - timedelta(days=1))
    assert "Stalled" not in progress_of(editor_client, run)


def test_items_are_listed_with_verdict_and_message_and_filtered(editor_client):
    feed = make_feed()
    good, bad = make_item(feed, title="Good <b>boot</b>"), make_item(feed, title="Bad boot", tracking_url="")
    run = start_import([good.pk, bad.pk], kind="bulk")
    apply.work(run)
    url = reverse("importer:run-detail", args=[run.pk])
    page = text_of(editor_client.get(url))
    assert "Good &lt;b&gt;boot&lt;/b&gt;" in page
    assert "It has no link." in page
    failed = editor_client.get(url, {"verdict": "invalid"})
    assert [item.feed_item.title for item in failed.context["page"]] == ["Bad boot"]
    assert len(editor_client.get(url, {"verdict": "nonsense"}).context["page"]) == 2
    assert is_part(editor_client.get(url, headers=HTMX))


def test_what_is_still_to_do_has_a_filter_of_its_own(editor_client):
    run = make_run(count=3)
    page = editor_client.get(reverse("importer:run-detail", args=[run.pk]), {"verdict": "todo"}).context[
        "page"
    ]
    assert len(page) == page.paginator.count == 3


def test_the_last_page_of_a_big_run_counts_no_rows(editor_client, django_assert_max_num_queries):
    run = make_run(count=120)
    run.items.update(verdict="created")
    ImportRun.objects.filter(pk=run.pk).update(created_count=120, state="done")
    url = reverse("importer:run-detail", args=[run.pk])
    with django_assert_max_num_queries(12) as captured:
        page = editor_client.get(url, {"page": 3}).context["page"]
    assert len(page) == 20
    assert not any("COUNT(" in query["sql"] for query in captured.captured_queries)


def test_cancelling_keeps_what_is_done_and_twice_is_harmless(editor_client):
    run = make_run()
    url = reverse("importer:run-cancel", args=[run.pk])
    assert "Import cancelled." in text_of(editor_client.post(url, follow=True))
    run.refresh_from_db()
    assert run.state == "cancelled"
    assert "already over" in text_of(editor_client.post(url, follow=True))


def test_failed_items_are_tried_again_in_the_same_run(editor_client):
    run = make_run()
    apply.work(run)
    run.items.update(verdict=ImportItem.Verdict.FAILED)
    ImportRun.objects.filter(pk=run.pk).update(created_count=0, failed_count=1)
    url = reverse("importer:run-retry", args=[run.pk])
    assert "Try the failed items again" in text_of(
        editor_client.get(reverse("importer:run-detail", args=[run.pk]))
    )
    assert "Trying 1 item again." in text_of(editor_client.post(url, follow=True))
    assert "nothing to try again" in text_of(editor_client.post(url, follow=True))
    run.refresh_from_db()
    apply.work(run)
    run.refresh_from_db()
    assert (run.state, run.failed_count) == ("done", 0)


@pytest.mark.parametrize(
    ("rate", "words"),
    [(1234.4, "1,234 per second"), (1, "1 per second"), (0.5, "30 per minute"), (0.001, "1 per minute")],
)
def test_speed_in_words(rate, words):
    assert per_second(rate) == words


@pytest.mark.parametrize(
    ("length", "words"),
    [(0, "0 seconds"), (45, "45 seconds"), (125, "2 minutes"), (timedelta(hours=5), "5 hours")],
)
def test_length_of_time_in_words(length, words):
    assert duration(length) == words


def test_a_network_that_is_gone_is_shown_by_its_slug():
    assert (network_label("tradetracker"), network_label("zanox")) == ("TradeTracker", "zanox")


def test_a_run_is_called_what_it_imports():
    items = make_items(make_feed(), count=3)
    several = start_import([item.pk for item in items], kind="bulk")
    assert str(several) == f"{items[0].title} and 2 more"
    assert str(start_import([items[1].pk], kind="single")) == items[1].title
    assert len(str(start_import([items[1].pk], kind="single", title="x" * 500))) == 200
    assert str(start_import([], kind="bulk")).startswith("Bulk import ")
    all_matches = start_import_of_matches(ItemQuery(keywords="lampe", in_stock=True, currency="EUR"))
    assert str(all_matches) == "“lampe”, in EUR, in stock"


def test_a_run_that_is_over_leads_to_its_products_and_publishes_its_drafts(editor_client):
    run = make_run(count=3)
    detail = reverse("importer:run-detail", args=[run.pk])
    assert "View the" not in text_of(editor_client.get(detail))
    apply.work(run)
    other = start_import([make_item(make_feed()).pk], kind="bulk")
    apply.work(other)
    page = editor_client.get(detail)
    assert "View the 3 products" in text_of(page)
    assert "Publish the 3 drafts" in text_of(page)
    mine = editor_client.get(reverse("catalog:product-list"), {"cause": f"run:{run.pk}"})
    assert mine.context["page_obj"].paginator.count == 3
    posted = {"action": "publish", "all_matches": 3, "query": f"cause=run:{run.pk}&status=draft"}
    editor_client.post(reverse("catalog:product-bulk"), posted | {"next": detail})
    assert Product.objects.filter(status="published").count() == 3
    assert Product.objects.filter(status="draft").count() == 1
    assert "Publish the" not in text_of(editor_client.get(detail))


@pytest.mark.parametrize("cause", ["run:", "x", "run:1;drop", "run:\0", "RUN:1", "run:" + "9" * 60])
def test_a_cause_that_makes_no_sense_filters_nothing(editor_client, cause):
    run = make_run()
    apply.work(run)
    page = editor_client.get(reverse("catalog:product-list"), {"cause": cause})
    assert page.context["page_obj"].paginator.count == 1
