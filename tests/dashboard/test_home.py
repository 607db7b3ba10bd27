"""The first page."""

import pytest
from django.urls import reverse
from django.utils import timezone

from catalog.models import DailyClicks, Offer, Product, SiteSettings
from events.kinds import Kind
from events.record import record
from importer.imports.runs import cancel_run, start_import
from importer.models import ImportRun, NetworkAccount, SyncRun
from pages.services import create_post
from tests.importer.make import make_account, make_feed, make_item
from tests.importer.pages import is_part, text_of
from tests.importer.run import import_items

pytestmark = pytest.mark.django_db


def test_a_new_site_says_how_to_begin(admin_client):
    page = text_of(admin_client.get(reverse("dashboard:home")))
    assert page.count("Not connected") == 3
    assert reverse("importer:network-settings", args=["tradetracker"]) in page
    assert "Nothing has happened yet." in page


def test_a_new_site_shows_first_steps_that_tick_themselves_and_no_zeros(admin_client):
    home = reverse("dashboard:home")
    page = admin_client.get(home)
    assert 'class="tile"' not in text_of(page)
    assert [step.is_done for step in page.context["steps"]] == [False] * 5
    make_account("adtraction")
    import_items(make_item(make_feed()), status="draft")
    SiteSettings.objects.update_or_create(pk=1, defaults={"name": "Lamps"})
    page = admin_client.get(home)
    assert [step.is_done for step in page.context["steps"]] == [True, True, False, True, False]
    assert 'class="tile"' in text_of(page)
    Product.objects.update(status="published", published_at=timezone.now())
    create_post(kind="page", title="Imprint", role="imprint", status="published")
    assert "First steps" not in text_of(admin_client.get(home))


def test_an_editor_sees_no_step_that_is_not_for_editors(editor_client):
    labels = [step.label for step in editor_client.get(reverse("dashboard:home")).context["steps"]]
    assert labels == ["Find products and import them", "Publish them", "Write the imprint"]


def test_what_went_well_by_itself_is_no_news(admin_client):
    feed = make_feed()
    for _ in range(12):
        record(Kind.SYNC_ENDED, f"feed:{feed.pk}", sources=["tradedoubler"], after={"name": "Shoes"})
    record(
        Kind.SYNC_FAILED, f"feed:{feed.pk}", sources=["tradedoubler"], after={"name": "Shoes", "error": "x"}
    )
    lines = admin_client.get(reverse("dashboard:home")).context["lines"]
    assert [line.message for line in lines] == ["Feed “Shoes” not read: x"]


def test_the_page_counts_what_is_there(editor_client):
    feed = make_feed()
    import_items(make_item(feed), status="published")
    import_items(make_item(feed), make_item(feed), status="draft")
    counts = editor_client.get(reverse("dashboard:home")).context["counts"]
    known = {"published": 1, "drafts": 2, "offers": 3, "shops": 1, "imported_today": 3, "imprints": 0}
    assert counts == known


def test_the_state_of_each_account_is_shown_with_the_reason(admin_client):
    make_account("adtraction", check_error="The token <expired>.")
    make_account("tradedoubler")
    page = text_of(admin_client.get(reverse("dashboard:home")))
    assert "The token &lt;expired&gt;." in page
    account = NetworkAccount.objects.get(network="adtraction")
    assert reverse("importer:account-edit", args=["adtraction", account.pk]) in page


def test_running_imports_are_a_part_that_asks_again_until_none_is_left(editor_client):
    run = start_import([make_item().pk], kind="bulk")
    url = reverse("dashboard:active-runs")
    response = editor_client.get(url)
    assert is_part(response)
    assert f'hx-get="{url}"' in text_of(response)
    assert str(run.pk) in text_of(response)
    cancel_run(run)
    assert "hx-get" not in text_of(editor_client.get(url))


def test_the_page_takes_few_queries(editor_client, django_assert_max_num_queries):
    feed = make_feed()
    import_items(*[make_item(feed) for _ in range(15)])
    DailyClicks.objects.create(offer=Offer.objects.first(), day=timezone.localdate(), place="top", count=3)
    with django_assert_max_num_queries(13):
        editor_client.get(reverse("dashboard:home"))


def test_feeds_of_one_name_are_told_apart_by_their_program(admin_client):
    account = make_account("adtraction")
    for name in ("Hult SE", "Kniv & Form"):
        program = account.programs.create(external_id=name, name=name)
        feed = make_feed(account, name="Standard", program=program)
        SyncRun.objects.create(feed=feed, state=SyncRun.State.HELD, message="It came empty.")
        ImportRun.objects.create(kind=ImportRun.Kind.UPDATE, feed=feed, total_count=1)
    page = text_of(admin_client.get(reverse("dashboard:home")))
    for name in ("Hult SE", "Kniv &amp; Form"):
        assert page.count(f"{name}, Standard") == 2
        assert f"Update from feed {name}, Standard" in page


@pytest.mark.parametrize(
    ("program", "name", "shown"),
    [("Otto", "Otto DE", "Otto DE"), ("Hult SE", "Standard", "Hult SE, Standard"), ("", "Shoes", "Shoes")],
)
def test_a_feed_is_called_by_its_program_unless_its_name_says_it(program, name, shown):
    feed = make_feed(name=name)
    feed.program = program and feed.account.programs.create(external_id="1", name=program) or None
    assert str(feed) == shown
