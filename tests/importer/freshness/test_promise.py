"""How far the promise is kept: counted in the background, by feed, with the reason for what is late."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from catalog.models import Offer, Product, SiteSettings
from importer import tasks
from importer.feeds.cleaning import remove_account
from importer.freshness.promise import count_freshness, explain, get_freshness
from importer.freshness.responsibility import take_responsibility
from importer.models import Feed, ItemCheck, NetworkAccount, SyncRun
from importer.reasons import Reason
from tests.importer.make import make_account, make_feed, make_item, set_checked
from tests.importer.pages import text_of
from tests.importer.run import import_items

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_was_counted():
    cache.clear()


def grow_old(*items, hours=30) -> None:
    keys = [item.source_key for item in items]
    set_checked(timezone.now() - timedelta(hours=hours), source_key__in=keys)


def why(feed) -> str:
    (line,) = [line for line in explain(count_freshness().feeds) if line.feed == feed]
    return line.why.code if line.why else ""


def test_offers_are_counted_by_feed_the_worst_first():
    few, many = make_feed(name="Few"), make_feed(name="Many")
    late, fresh = make_item(few), make_item(few)
    others = [make_item(many), make_item(many)]
    import_items(late, fresh, *others)
    grow_old(late)
    grow_old(*others, hours=24 * 9)
    assert get_freshness() is None, "a page reads no offers"
    tasks.keep_fresh()
    found = get_freshness()
    assert [(line.feed_id, line.offers, line.late, line.hidden) for line in found.feeds] == [
        (many.pk, 2, 2, 2),
        (few.pk, 2, 1, 0),
    ]
    assert (found.offers, found.fresh, found.percent, found.hidden, found.hours) == (4, 1, 25, 2, 24)
    assert timezone.now() - found.oldest > timedelta(days=8)


def test_the_promise_is_a_setting_and_a_hundred_per_cent_means_all():
    SiteSettings(pk=1, fresh_for_hours=48).save()
    feed = make_feed()
    items = [make_item(feed) for _ in range(201)]
    import_items(*items)
    grow_old(*items[1:], hours=47)
    grow_old(items[0], hours=49)
    assert (count_freshness().percent, count_freshness().late) == (99, 1)


def test_what_is_in_the_trash_or_gone_is_not_counted():
    feed = make_feed()
    trashed, gone = make_item(feed), make_item(feed)
    import_items(trashed, gone)
    grow_old(trashed, gone)
    Product.objects.filter(offers__source_key=trashed.source_key).update(status="trashed")
    Offer.objects.filter(source_key=gone.source_key).update(expired_at=timezone.now())
    assert (count_freshness().offers, count_freshness().percent) == (0, 100)


def test_offers_of_a_removed_account_belong_to_no_feed():
    item = make_item(make_feed())
    import_items(item)
    grow_old(item)
    remove_account(item.feed.account)
    (line,) = explain(count_freshness().feeds)
    assert (line.feed, line.why.code) == (None, "feed_not_here")


@pytest.mark.parametrize(
    ("network", "of_feed", "of_account", "code"),
    [
        ("adtraction", {"is_mirrored": False}, {}, "not_mirrored_not_read"),
        ("adtraction", {"schedule": "weekly"}, {}, "synced_seldom"),
        ("adtraction", {}, {}, "next_sync"),
        ("tradedoubler", {}, {}, "next_read"),
        ("tradedoubler", {"rests_for": Reason("feed_not_connected")}, {}, "feed_not_connected"),
        ("tradedoubler", {}, {"rests_for": Reason("token_refused")}, "token_refused"),
        ("tradedoubler", {}, {"rests_for": Reason("requests_spent")}, "requests_spent"),
    ],
)
def test_what_is_late_says_why(network, of_feed, of_account, code):
    feed = make_feed(make_account(network, **of_account), **of_feed)
    item = make_item(feed)
    import_items(item)
    grow_old(item)
    assert why(feed) == code


@pytest.mark.parametrize(
    ("state", "code"),
    [("held", "sync_held"), ("failed", "sync_failed"), ("running", "sync_runs"), ("done", "next_sync")],
)
def test_a_mirror_that_is_late_says_what_became_of_its_sync(state, code):
    feed = make_feed(make_account("adtraction"))
    item = make_item(feed)
    import_items(item)
    grow_old(item)
    SyncRun.objects.create(feed=feed, state=state, message=Reason("feed_came_empty", {"kept": 3}))
    assert why(feed) == code


def test_what_waits_for_its_hours_says_so():
    now = timezone.localtime()
    window = {"works_from": (now + timedelta(hours=2)).time(), "works_to": (now + timedelta(hours=3)).time()}
    feed = make_feed(make_account(**window))
    item = make_item(feed)
    import_items(item)
    take_responsibility()
    grow_old(item)
    ItemCheck.objects.update(due_at=timezone.now() - timedelta(hours=1))
    assert why(feed) == "waits_for_window"
    NetworkAccount.objects.update(works_from=None, works_to=None)
    assert why(feed) == "waits_for_turn"


def test_the_page_and_the_first_page_say_how_fresh_prices_are(admin_client, django_assert_max_num_queries):
    feeds = [make_feed(name=f"OTTO {number}") for number in range(12)]
    items = [make_item(feed) for feed in feeds]
    import_items(*items)
    grow_old(*items[:3], hours=24 * 10)
    tasks.keep_fresh()
    home = text_of(admin_client.get(reverse("dashboard:home")))
    assert "75 %</strong> of 12 prices were checked within 24 hours" in home
    assert "3 prices are too old to be shown." in home
    with django_assert_max_num_queries(14):
        page = text_of(admin_client.get(reverse("importer:freshness")))
    assert page.count("1 late") == 3
    assert "OTTO 0" in page


def test_nothing_counted_yet_is_said_and_counted(admin_client):
    assert "Nothing was counted yet" in text_of(admin_client.get(reverse("importer:freshness")))


def test_an_editor_sees_the_page_without_what_is_for_administrators(editor_client):
    item = make_item(make_feed(item_count=600_000))
    import_items(item)
    grow_old(item)
    tasks.keep_fresh()
    page = text_of(editor_client.get(reverse("importer:freshness")))
    assert "Mirror Shoes?" in page
    assert "Mirror this feed" not in page
    assert "Update now" in page


def test_one_click_mirrors_a_large_feed_or_declines(admin_client):
    for wish in ("mirror", "decline"):
        feed = make_feed(item_count=600_000)
        import_items(make_item(feed))
        take_responsibility()
        page = reverse("importer:freshness")
        assert "Mirror this feed" in text_of(admin_client.get(page))
        admin_client.post(reverse(f"importer:feed-{wish}", args=[feed.pk]), {"on": "1", "next": page})
        assert "Mirror this feed" not in text_of(admin_client.get(page))
        feed.refresh_from_db()
        assert feed.is_mirrored == (wish == "mirror")


# --- Update now --------------------------------------------------------------------------------


def test_update_now_reads_single_items_and_syncs_mirrors(editor_client):
    single, mirrored = make_item(make_feed()), make_item(make_feed(make_account("adtraction")))
    import_items(single, mirrored)
    products = [str(pk) for pk in Product.objects.values_list("pk", flat=True)]
    answer = editor_client.post(reverse("importer:products-check"), {"ids": products}, follow=True)
    assert "0 of 1 offer read." in text_of(answer)
    assert "0 of 1 feed synced." in text_of(answer)
    assert SyncRun.objects.get().feed == mirrored.feed
    check = ItemCheck.objects.get()
    assert (check.item, check.due_at.year) == (single, 2000)


def test_update_now_of_an_offer_asks_at_once_though_its_account_rests(editor_client):
    item = make_item(make_feed())
    import_items(item)
    NetworkAccount.objects.update(
        rests_until=timezone.now() + timedelta(hours=1), rests_for=Reason("unreachable")
    )
    offer = Offer.objects.get()
    editor_client.post(reverse("importer:offer-check", args=[offer.pk]))
    from importer.freshness import rereads

    assert rereads.find_due_accounts() == [item.feed.account_id]


def test_update_now_of_what_nobody_can_check_says_so(editor_client):
    item = make_item(make_feed(make_account("adtraction"), is_mirrored=False))
    import_items(item)
    url = reverse("importer:product-check", args=[Product.objects.get().pk])
    page = text_of(editor_client.post(url, follow=True))
    assert "1 offer cannot be checked: no feed here has them." in page


@pytest.mark.parametrize("ids", [[], ["x"], ["9" * 30], ["0"], ["²"]])
def test_update_now_of_nothing_is_no_error(editor_client, ids):
    answer = editor_client.post(reverse("importer:products-check"), {"ids": ids}, follow=True)
    assert "There is nothing to check." in text_of(answer)


# --- Commands ----------------------------------------------------------------------------------


def run(name, *args):
    out = StringIO()
    call_command(name, *args, "--json", stdout=out)
    return json.loads(out.getvalue())


def test_the_command_freshness_says_what_the_page_says():
    feed = make_feed(name="OTTO")
    items = [make_item(feed), make_item(feed)]
    import_items(*items)
    grow_old(items[0])
    found = run("freshness")
    assert (found["offers"], found["fresh"], found["percent"], found["target_hours"]) == (2, 1, 50, 24)
    (line,) = found["feeds"]
    assert (line["feed"], line["late"], line["code"]) == (feed.external_id, 1, "next_read")
    out = StringIO()
    call_command("freshness", stdout=out)
    assert "OTTO: 1 of 2 in time." in out.getvalue()


def test_refresh_names_what_there_is_not():
    for args in (["--product", "99"], ["--feed", "nope"]):
        with pytest.raises(CommandError, match="There is no"):
            run("refresh", "--inline", *args)


def test_the_settings_of_an_account_say_when_and_how(admin_client):
    account = make_account()
    url = reverse("importer:account-edit", args=["tradedoubler", account.pk])
    values = {"label": account.label, "currency": "EUR", "product_status": "draft"}
    values |= {"mirror_up_to": "77", "works_from": "22:00", "works_to": "06:00", "gone_after_misses": ""}
    admin_client.post(url, values)
    account.refresh_from_db()
    assert (account.mirror_up_to, account.gone_after_misses, account.mirrors_imported) == (77, 3, False)
    assert (account.works_from.hour, account.works_to.hour) == (22, 6)
    for bad in ({"works_to": ""}, {"works_to": "22:00"}, {"gone_after_misses": "1"}, {"works_from": "25:00"}):
        admin_client.post(url, values | bad)
        account.refresh_from_db()
        assert (account.works_from.hour, account.works_to.hour, account.gone_after_misses) == (22, 6, 3)


def test_a_due_feed_waits_for_the_hours_of_its_account():
    from importer.feeds.schedule import due_feeds, sync_now

    now = timezone.localtime()
    window = {"works_from": (now + timedelta(hours=2)).time(), "works_to": (now + timedelta(hours=3)).time()}
    feed = make_feed(make_account("adtraction", **window), next_sync_at=now - timedelta(hours=1))
    assert not due_feeds().exists()
    assert sync_now(feed), "a person need not wait"
    SyncRun.objects.all().delete()
    NetworkAccount.objects.update(works_from=(now - timedelta(hours=1)).time())
    assert list(due_feeds()) == [feed]
    assert Feed.objects.get().next_sync_at < now
