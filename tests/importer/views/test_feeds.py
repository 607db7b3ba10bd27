"""The Feeds tab: what is mirrored, how syncs go, and what a person decides."""

import pytest
from django.urls import reverse
from django.utils import timezone

from importer.feeds.schedule import sync_now
from importer.models import Feed, Program, SyncRun
from importer.normalise import FeedProfile
from tests.importer.make import make_account, make_feed
from tests.importer.pages import HTMX, is_part, text_of

pytestmark = pytest.mark.django_db

ENDED = {"finished_at": timezone.now()}


@pytest.fixture
def account():
    return make_account("tradedoubler")


@pytest.fixture
def feed(account):
    """A feed that is mirrored and was read whole."""
    return make_feed(account, is_mirrored=True, synced_at=timezone.now(), name="Shoes of OTTO")


def make_sync(feed: Feed, state: str = "done", **values) -> SyncRun:
    return SyncRun.objects.create(feed=feed, state=state, **values)


def list_page(client, **query):
    return client.get(reverse("importer:network-feeds", args=["tradedoubler"]), query)


def act(client, name: str, pk: int, **data):
    return client.post(reverse(f"importer:{name}", args=[pk]), data, headers=HTMX)


# --- The list ----------------------------------------------------------------------------------
def test_the_list_shows_each_feed_with_program_language_currency_and_count(editor_client, account):
    program = Program.objects.create(account=account, external_id="p", name="OTTO shop")
    make_feed(account, name="Shoes", program=program, language="de", currency="EUR", item_count=12345)
    page = text_of(list_page(editor_client))
    for text in ("Shoes", "OTTO shop", "DE", "EUR", "12,345", "Not mirrored"):
        assert text in page


def test_the_last_sync_is_shown_with_its_counts_also_after_one_that_failed(editor_client, feed):
    make_sync(feed, new_count=1200, changed_count=34, gone_count=5, unchanged_count=7, bad_count=2)
    make_sync(feed, "failed", message="The network <is> away.")
    page = text_of(list_page(editor_client))
    assert "1,200 new, 34 changed, 5 gone, 7 unchanged" in page
    assert "2 bad" in page
    assert "The network &lt;is&gt; away." in page


@pytest.mark.parametrize(
    ("query", "names"),
    [
        pytest.param({}, ["failing", "fresh", "held", "plain", "syncing"], id="all"),
        pytest.param({"state": "mirrored"}, ["failing", "fresh", "held", "syncing"], id="mirrored"),
        pytest.param({"state": "off"}, ["plain"], id="not mirrored"),
        pytest.param({"state": "active"}, ["syncing"], id="syncing"),
        pytest.param({"state": "attention"}, ["failing", "held"], id="held or failed"),
        pytest.param({"state": "nonsense"}, ["failing", "fresh", "held", "plain", "syncing"], id="unknown"),
        pytest.param({"text": "FRE"}, ["fresh"], id="part of a name"),
        pytest.param({"text": "fre plain"}, [], id="every word"),
        pytest.param({"text": "my-id"}, ["plain"], id="id at the network"),
        pytest.param({"text": "\0"}, ["failing", "fresh", "held", "plain", "syncing"], id="no text at all"),
    ],
)
def test_the_list_is_filtered_by_state_and_text(editor_client, account, query, names):
    make_feed(account, name="plain", external_id="my-id")
    for name, state in (("fresh", "done"), ("failing", "failed"), ("held", "held"), ("syncing", "running")):
        mirrored = make_feed(account, name=name, is_mirrored=True)
        make_sync(mirrored, "failed" if name != "failing" else "done")
        make_sync(mirrored, state)
    page = list_page(editor_client, **query).context["page"]
    assert [feed.name for feed in page] == names


def test_feeds_of_other_networks_are_not_listed(editor_client, feed):
    make_feed(make_account("tradetracker"), name="Elsewhere")
    assert "Elsewhere" not in text_of(list_page(editor_client))


def test_a_thousand_feeds_take_few_queries_and_pages(editor_client, account, django_assert_max_num_queries):
    make_account("tradedoubler")
    feeds = Feed.objects.bulk_create(
        [
            Feed(account=account, external_id=str(n), name=f"Feed {n:04}", is_mirrored=True)
            for n in range(1000)
        ]
    )
    SyncRun.objects.bulk_create([SyncRun(feed=feed, state="failed", message="Away.") for feed in feeds])
    for query in ({}, {"state": "attention", "text": "feed"}, {"page": 20}):
        with django_assert_max_num_queries(12):
            assert len(list_page(editor_client, **query).context["states"]) == 50


def test_filtering_with_htmx_brings_the_list_alone(editor_client, feed):
    response = editor_client.get(reverse("importer:network-feeds", args=["tradedoubler"]), headers=HTMX)
    assert is_part(response)
    assert "Shoes of OTTO" in text_of(response)


def test_without_an_account_the_page_says_how_to_begin(admin_client, editor_client):
    assert "is not connected yet" in text_of(list_page(editor_client))


# --- Roles -------------------------------------------------------------------------------------
def test_editors_see_no_controls_that_are_not_for_them(editor_client, feed):
    make_sync(feed, "held", message="Half of it is gone.")
    page = text_of(list_page(editor_client))
    assert "Half of it is gone." in page
    assert reverse("importer:feed-sync", args=[feed.pk]) in page
    for name in ("feed-mirror", "feed-schedule"):
        assert reverse(f"importer:{name}", args=[feed.pk]) not in page
    assert "Accept</button>" not in page
    assert "Refresh feed list" not in page


def test_editors_may_sync_ticked_feeds_but_not_change_them(editor_client, feed):
    url = reverse("importer:feeds-apply", args=["tradedoubler"])
    response = editor_client.post(url, {"ids": [feed.pk], "action": "stop"}, follow=True)
    assert "Only administrators" in text_of(response)
    feed.refresh_from_db()
    assert feed.is_mirrored
    editor_client.post(url, {"ids": [feed.pk], "action": "sync"})
    assert feed.syncs.get().state == "queued"


def test_editors_may_not_save_the_settings_of_a_feed(editor_client, feed):
    url = reverse("importer:feed-detail", args=[feed.pk])
    data = {"schedule": "weekly", "max_shrink_percent": 1, "max_bad_percent": 1, "max_price_factor": 1}
    assert editor_client.post(url, data).status_code == 403
    assert "max_bad_percent" not in text_of(editor_client.get(url))


# --- Mirroring and syncing ---------------------------------------------------------------------
def test_switching_mirroring_on_starts_the_first_sync(
    admin_client, account, django_capture_on_commit_callbacks
):
    feed = make_feed(account)
    with django_capture_on_commit_callbacks() as sent:
        response = act(admin_client, "feed-mirror", feed.pk, on="1")
    assert len(sent) == 1
    assert is_part(response)
    assert 'aria-checked="true"' in text_of(response)
    assert "Waiting" in text_of(response)
    feed.refresh_from_db()
    assert (feed.is_mirrored, feed.syncs.get().state) == (True, "queued")


def test_switching_mirroring_on_twice_keeps_what_is_there(admin_client, feed):
    act(admin_client, "feed-mirror", feed.pk, on="1")
    feed.refresh_from_db()
    assert feed.synced_at
    assert not feed.syncs.exists()


def test_switching_mirroring_off_cancels_its_sync(admin_client, feed):
    run = sync_now(feed)
    page = text_of(act(admin_client, "feed-mirror", feed.pk))
    assert 'aria-checked="false"' in page
    run.refresh_from_db()
    assert run.state == "cancelled"


def test_sync_now_starts_one_sync_however_often_it_is_clicked(editor_client, feed):
    for _ in range(2):
        page = text_of(act(editor_client, "feed-sync", feed.pk))
        assert "hx-get" in page
    assert feed.syncs.count() == 1


def test_a_feed_that_is_not_mirrored_is_not_synced(editor_client, account):
    feed = make_feed(account)
    act(editor_client, "feed-sync", feed.pk)
    assert not feed.syncs.exists()


@pytest.mark.parametrize(("schedule", "kept"), [("weekly", "weekly"), ("yearly", "12h"), ("", "12h")])
def test_the_schedule_is_one_of_those_offered(admin_client, feed, schedule, kept):
    act(admin_client, "feed-schedule", feed.pk, schedule=schedule)
    feed.refresh_from_db()
    assert feed.schedule == kept


def test_without_htmx_a_click_leads_back_to_the_list_as_it_was(admin_client, feed):
    url = reverse("importer:feed-sync", args=[feed.pk])
    address = reverse("importer:network-feeds", args=["tradedoubler"]) + "?state=mirrored"
    assert admin_client.post(url, {"next": address}).headers["Location"] == address
    elsewhere = admin_client.post(url, {"next": "https://evil.example/"}).headers["Location"]
    assert elsewhere == reverse("importer:network-feeds", args=["tradedoubler"])


def test_ticked_feeds_are_mirrored_stopped_and_scheduled_together(admin_client, account):
    feeds = [make_feed(account) for _ in range(3)]
    other = make_feed(make_account("tradetracker"))
    url = reverse("importer:feeds-apply", args=["tradedoubler"])
    ids = [feed.pk for feed in [*feeds[:2], other]]
    assert "2 feeds: mirrored" in text_of(
        admin_client.post(url, {"ids": ids, "action": "mirror"}, follow=True)
    )
    admin_client.post(url, {"ids": ids, "action": "weekly"})
    assert list(Feed.objects.filter(is_mirrored=True).values_list("schedule", flat=True)) == ["weekly"] * 2
    assert SyncRun.objects.count() == 2
    admin_client.post(url, {"ids": ids, "action": "stop"})
    assert not Feed.objects.filter(is_mirrored=True).exists()


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        pytest.param({"action": "sync"}, "Tick at least one feed first.", id="nothing ticked"),
        pytest.param({"ids": ["1"], "action": ""}, "Choose what to do", id="nothing chosen"),
        pytest.param({"ids": ["x"], "action": "sync"}, "These are not ids", id="no ids"),
        pytest.param({"ids": ["1"], "action": "explode"}, "explode", id="no action"),
    ],
)
def test_a_bulk_action_that_makes_no_sense_says_so(admin_client, account, data, answer):
    url = reverse("importer:feeds-apply", args=["tradedoubler"])
    assert answer in text_of(admin_client.post(url, data, follow=True))


def test_refreshing_reads_the_feeds_of_every_account(
    admin_client, account, django_capture_on_commit_callbacks
):
    make_account("tradedoubler")
    with django_capture_on_commit_callbacks() as sent:
        admin_client.post(reverse("importer:feeds-refresh", args=["tradedoubler"]))
    assert len(sent) == 2


# --- One feed ----------------------------------------------------------------------------------
def test_the_feeds_page_has_its_history_and_the_bad_rows(editor_client, feed):
    older = make_sync(
        feed, bad_count=1, bad_samples=[{"reason": "The price is no price.", "row": "<b>x</b>"}], **ENDED
    )
    make_sync(feed, bad_count=70, bad_samples=[{"reason": "No name.", "row": "y"}], new_count=4321, **ENDED)
    url = reverse("importer:feed-detail", args=[feed.pk])
    page = text_of(editor_client.get(url))
    assert "4,321" in page
    assert "No name." in page
    assert "The first 1 of 70" in page
    assert "The price is no price." not in page
    page = text_of(editor_client.get(url, {"run": older.pk}))
    assert "The price is no price." in page
    assert "&lt;b&gt;x&lt;/b&gt;" in page


def test_the_feeds_page_says_how_its_letters_are_read(editor_client, feed):
    url = reverse("importer:feed-detail", args=[feed.pk])
    Feed.objects.filter(pk=feed.pk).update(profile=FeedProfile(encoding="cp1250").to_json())
    page = text_of(editor_client.get(url))
    assert "Windows-1250 (Central European)" in page
    Feed.objects.filter(pk=feed.pk).update(profile=FeedProfile().to_json())
    assert "Its letters" not in text_of(editor_client.get(url))


def test_the_feeds_page_takes_few_queries(editor_client, feed, django_assert_max_num_queries):
    SyncRun.objects.bulk_create([SyncRun(feed=feed, state="done") for _ in range(50)])
    with django_assert_max_num_queries(12):
        editor_client.get(reverse("importer:feed-detail", args=[feed.pk]))


def test_the_settings_of_a_feed_are_saved_or_refused_with_the_reason(admin_client, feed):
    url = reverse("importer:feed-detail", args=[feed.pk])
    good = {"schedule": "weekly", "max_shrink_percent": 50, "max_bad_percent": 100, "max_price_factor": 9}
    assert "Settings saved." in text_of(admin_client.post(url, good, follow=True))
    page = text_of(admin_client.post(url, good | {"max_shrink_percent": 101, "schedule": "hourly"}))
    assert "less than or equal to 100" in page
    feed.refresh_from_db()
    assert (feed.schedule, feed.max_shrink_percent, feed.max_bad_percent) == ("weekly", 50, 100)


# --- The first page ----------------------------------------------------------------------------
def test_the_first_page_shows_what_needs_a_person_and_what_syncs(editor_client, account):
    for name, state in (("Calm", "done"), ("Odd", "held"), ("Gone", "failed"), ("Busy", "running")):
        make_sync(make_feed(account, name=name, is_mirrored=True), state, message=f"{name}, because.")
    recovered = make_feed(account, name="Recovered", is_mirrored=True)
    make_sync(recovered, "failed", message="Long ago.")
    make_sync(recovered, "done")
    section = text_of(editor_client.get(reverse("dashboard:syncs")))
    for text in ("Odd, because.", "Gone, because.", "Busy", "hx-get"):
        assert text in section
    for text in ("Calm", "Recovered"):
        assert text not in section
    assert section in text_of(editor_client.get(reverse("dashboard:home")))


def test_the_first_page_asks_no_more_when_nothing_syncs(editor_client, feed):
    make_sync(feed, "held")
    assert "hx-get" not in text_of(editor_client.get(reverse("dashboard:syncs")))
