"""What people who work here are written: once a day where there is something, at once for a refusal."""

import re
from datetime import datetime, time, timedelta

import pytest
import time_machine
from django.contrib.auth.models import Group, User
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from affiliate_site.encrypted import decrypt_text
from affiliate_site.roles import ADMINISTRATOR, EDITOR
from catalog import services
from catalog.models import Offer, Shop, SiteSettings
from dashboard import tasks
from dashboard.digest import collecting, daily
from dashboard.digest.collecting import collect
from dashboard.digest.daily import write_due
from dashboard.models import DigestDay, MailChoices, Notice, Refusal, Topic
from events.kinds import Kind
from events.models import Event
from events.readers import AlreadyRead
from events.record import keys, record
from importer.accounts.accounts import record_failure
from importer.freshness.promise import count_freshness
from importer.models import FeedItem, ImportRun, SyncRun
from importer.networks.contract import NetworkError
from importer.reasons import Reason
from mail import sending
from mail.models import Mail
from tests.importer.make import make_account, make_feed, make_items
from tests.importer.threads import at_once
from tests.mail.conftest import mail_by, serve  # noqa: F401

pytestmark = pytest.mark.django_db(transaction=True)


def make_user(name: str, role: str = ADMINISTRATOR, **fields) -> User:
    from affiliate_site.roles import create_roles

    create_roles()  # a test before this one may have emptied the tables
    user = User.objects.create_user(name, f"{name}@shop.example", "x", **fields)
    user.groups.add(Group.objects.get(name=role))
    return user


@pytest.fixture(autouse=True)
def at_eight():
    """It is eight in the morning: the time of the daily mail was at seven."""
    cache.delete("freshness")
    with time_machine.travel(timezone.make_aware(datetime.combine(timezone.localdate(), time(8)))):
        yield


@pytest.fixture
def ada() -> User:
    return make_user("ada")


def hold(feed, reason: str = "feed_cut") -> None:
    """Hold a feed as a sync does."""
    said = Reason(reason)
    SyncRun.objects.create(feed=feed, state="held", message=said, finished_at=timezone.now())
    record(Kind.FEED_HELD, f"feed:{feed.pk}", after={"name": str(feed), "reason": said.to_json()})


def refuse(account, code: str = "token_refused") -> None:
    record_failure(account.network, "Search", NetworkError(code, network="Adtraction"), account=account)


def tell() -> list[Mail]:
    """Do what the schedule does, and return the mails that are new."""
    before = set(Mail.objects.values_list("pk", flat=True))
    tasks.tell_people()
    return list(Mail.objects.exclude(pk__in=before).order_by("pk"))


def next_day(days: int = 1):
    return time_machine.travel(timezone.now() + timedelta(days=days))


def to(mail: Mail) -> str:
    return decrypt_text(mail.recipient)


def test_a_day_without_news_has_no_mail(ada):
    assert tell() == []


def test_a_held_feed_is_told_once_with_the_way_to_it(ada):
    feed = make_feed(make_account("adtraction"))
    hold(feed)
    (mail,) = tell()
    assert to(mail) == "ada@shop.example"
    assert f"Feed “{feed}” is held." in mail.text
    assert reverse("importer:feed-detail", args=[feed.pk]) in mail.text
    assert "1 thing to look at" in mail.subject
    assert tell() == []
    with next_day():
        assert tell() == []  # nothing new


def test_ids_that_name_other_articles_are_told_until_somebody_decides(ada):
    feed = make_feed(make_account("adtraction"))
    items = make_items(feed, 2)
    FeedItem.objects.update(held_article={"title": "Coffee maker"})
    record(Kind.FEED_ARTICLES_HELD, f"feed:{feed.pk}", after={"name": str(feed), "items": 2})
    (mail,) = tell()
    assert f"Feed “{feed}”: 2 ids that name another article wait for a yes." in mail.text
    assert f"{reverse('importer:feed-detail', args=[feed.pk])}#swapped" in mail.text
    FeedItem.objects.filter(pk=items[0].pk).update(held_article=None)
    with next_day():
        hold(feed)
        (mail,) = tell()  # for the held feed; the other id is still open
        assert "1 id that names another article waits for a yes." in mail.text
        FeedItem.objects.update(held_article=None)
    with next_day(2):
        hold(make_feed(make_account("adtraction")))
        (mail,) = tell()
        assert "another article" not in mail.text


def test_what_is_still_open_is_said_beside_what_is_new(ada):
    first, second = (make_feed(make_account("adtraction"), name=name) for name in ("Shoes", "Bags"))
    hold(first)
    tell()
    hold(second)
    with next_day():
        (mail,) = tell()
    new, still, open_ = mail.text.partition("Still open:")
    assert "Bags" in new
    assert "Shoes" in open_
    assert "Shoes" not in new


def test_what_was_mended_before_the_mail_is_not_told(ada):
    feed = make_feed(make_account("adtraction"))
    hold(feed)
    SyncRun.objects.create(feed=feed, state="done")
    assert tell() == []


def test_before_its_time_there_is_no_daily_mail(ada):
    SiteSettings.objects.create(pk=1, digest_at=time(9))
    hold(make_feed(make_account("adtraction")))
    assert tell() == []
    with time_machine.travel(timezone.now() + timedelta(hours=1, minutes=1)):
        assert len(tell()) == 1
        hold(make_feed(make_account("adtraction")))
        assert tell() == []  # one a day
    with next_day():
        assert tell() == []
    with time_machine.travel(timezone.now() + timedelta(days=1, hours=2)):
        assert len(tell()) == 1


def test_failed_imports_and_products_gone_by_policy_are_told(ada):
    run = ImportRun.objects.create(kind="bulk", state="failed")
    record(Kind.RUN_FAILED, f"run:{run.pk}", after={"error": Reason("no_search", {"network": "X"}).to_json()})
    ids = [services.create_product(title=f"Shoe {number}").pk for number in range(12)]
    record(Kind.PRODUCT_GONE, keys("product", ids), after={"policy": "draft", "mail": True})
    silent = services.create_product(title="Silent shoe")
    record(Kind.PRODUCT_GONE, f"product:{silent.pk}", after={"policy": "mark", "mail": False})
    (mail,) = tell()
    assert f"Import {run.pk} failed. X has no product search." in mail.text
    assert "“Shoe 0” is a draft now" in mail.text
    assert "and 2 more" in mail.text
    assert "Silent" not in mail.text
    assert "13 things" in mail.subject


def test_too_many_late_prices_are_told_each_day_until_they_are_few(ada):
    product = services.create_product(title="Shoe")
    shop = Shop.objects.create(name="OTTO", slug="otto")
    for number in range(10):
        Offer.objects.create(
            product=product,
            shop=shop,
            price=9,
            currency="EUR",
            source="adtraction",
            source_key=f"adtraction:1:{number}",
            tracking_url="https://x.example/",
            checked_at=timezone.now() - timedelta(hours=30 if number < 2 else 1),
        )
    count_freshness()
    (mail,) = tell()
    assert "20 % of 10 prices were not checked within 24 hours; 10 % may be late." in mail.text
    SiteSettings.objects.create(pk=1, late_percent=20)
    with next_day():
        count_freshness()
        Offer.objects.update(checked_at=timezone.now())
        count_freshness()
        assert tell() == []


def test_a_refused_token_is_told_at_once_and_not_with_each_try(ada):
    SiteSettings.objects.create(pk=1, digest_at=time(23))
    account = make_account("adtraction")
    refuse(account)
    (mail,) = tell()
    assert f"refuses “{account.label}”" in mail.subject
    assert "refused the token" in mail.text
    for _ in range(3):
        refuse(account)
        assert tell() == []
    feed = make_feed(account)
    error = Reason("credentials_refused", {"who": "x"}).to_json()
    record(Kind.SYNC_FAILED, f"feed:{feed.pk}", after={"name": "x", "error": error})
    with next_day():
        assert [mail for mail in tell() if mail.kind == "at-once"] == []


def test_a_token_that_was_accepted_and_is_refused_again_is_told_again(ada):
    account = make_account("adtraction")
    refuse(account)
    assert "at-once" in {mail.kind for mail in tell()}
    record(Kind.ACCOUNT_CONNECTED, f"account:{account.pk}", after={"label": "x"})
    refuse(account)
    assert [mail.kind for mail in tell()] == ["at-once"]


def test_other_feeds_that_work_do_not_make_a_refusal_new(ada):
    account = make_account("adtraction")
    refused, other = make_feed(account), make_feed(account)
    error = Reason("credentials_refused", {"who": "x"}).to_json()
    record(Kind.SYNC_FAILED, f"feed:{refused.pk}", after={"name": "x", "error": error})
    assert len([mail for mail in tell() if mail.kind == "at-once"]) == 1
    for _ in range(3):
        record(Kind.SYNC_ENDED, f"feed:{other.pk}", after={"name": "y"})
        record(Kind.SYNC_FAILED, f"feed:{refused.pk}", after={"name": "x", "error": error})
        assert [mail for mail in tell() if mail.kind == "at-once"] == []


@pytest.mark.parametrize("code", ["server_problem", "unreachable", "rate_limited", "address_unknown"])
def test_a_network_that_is_only_away_is_no_refusal(ada, code):
    SiteSettings.objects.create(pk=1, digest_at=time(23))
    refuse(make_account("adtraction"), code)
    assert tell() == []
    assert not Refusal.objects.exists()


def test_who_types_wrong_credentials_in_gets_no_mail(ada):
    record_failure("adtraction", "Connecting", NetworkError("token_refused", network="x"))
    assert tell() == []


def test_users_get_what_they_chose_and_editors_nothing_by_themselves(ada):
    ben = make_user("ben", EDITOR)
    cleo = make_user("cleo", EDITOR)
    MailChoices.objects.create(user=cleo, topics=[Topic.FEEDS], at_once=False)
    MailChoices.objects.create(user=make_user("dora"), topics=[Topic.RUNS], at_once=False)
    make_user("emil", is_active=False)
    outsider = User.objects.create_user("fred", "fred@shop.example")
    MailChoices.objects.create(user=outsider, topics=list(Topic.values), at_once=True)
    User.objects.create_superuser("gina", "", "x")  # nowhere to write to
    account = make_account("adtraction")
    hold(make_feed(account))
    refuse(account)
    told = sorted((to(mail), mail.kind) for mail in tell())
    assert told == [
        ("ada@shop.example", "at-once"),
        ("ada@shop.example", "digest"),
        ("cleo@shop.example", "digest"),
    ]
    assert ben.email not in {address for address, _ in told}
    cleos = next(mail for mail in Mail.objects.all() if to(mail) == "cleo@shop.example")
    assert "refuse" not in cleos.text


def test_a_user_chooses_in_the_dashboard(ada):
    client = Client()
    client.force_login(ada)
    page = reverse("dashboard:mail-settings")
    ticked = re.findall(r'name="(?:topics|at_once)"[^>]* checked[ >]', client.get(page).content.decode())
    assert len(ticked) == len(Topic.values) + 1
    client.post(page, {"topics": ["feeds"], "at_once": ""})
    assert MailChoices.objects.values_list("user", "topics", "at_once").get() == (ada.pk, ["feeds"], False)
    event = Event.objects.get(kind="user.changed")
    assert event.after == {"mail": ["feeds"], "mail_at_once": False}
    assert client.post(page, {"topics": ["secrets"]}).status_code == 200
    assert MailChoices.objects.get().topics == ["feeds"]


@pytest.mark.parametrize("kind", ["digest", "at-once"])
def test_the_link_of_a_mail_stops_its_kind_and_no_other(ada, kind):
    account = make_account("adtraction")
    refuse(account)
    mail = next(mail for mail in tell() if mail.kind == kind)
    assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    url = re.fullmatch(r"<(.+)>", mail.headers["List-Unsubscribe"])[1]
    assert url in mail.text
    path, stranger = "/" + url.split("/", 3)[3], Client(enforce_csrf_checks=True)
    assert stranger.get(path).status_code == 200
    assert not MailChoices.objects.exists()  # programs follow links
    assert stranger.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    choices = MailChoices.objects.get()
    assert (choices.topics == [], choices.at_once) == (kind == "digest", kind == "digest")
    assert not stranger.cookies
    assert stranger.post(path[:-4] + "abc/").status_code == 404


def test_workers_at_once_write_each_mail_once(ada):
    for _ in range(5):
        hold(make_feed(make_account("adtraction")))
    refuse(make_account("adtraction"))

    def read() -> None:
        while True:
            try:
                return collect(seconds=10)
            except AlreadyRead:
                continue

    at_once(*[read] * 4)
    assert [mail.kind for mail in Mail.objects.all()] == ["at-once"]
    assert set(Notice.objects.values_list("count", flat=True)) == {1}
    at_once(*[write_due] * 4)
    (mail,) = Mail.objects.filter(kind="digest")
    assert mail.text.count("is held") == 5


def test_a_worker_killed_before_its_commit_loses_and_doubles_nothing(ada, monkeypatch):
    hold(make_feed(make_account("adtraction")))
    refuse(make_account("adtraction"))

    def die(*args) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(collecting, "put", die)
        with pytest.raises(SystemExit):
            tasks.tell_people()
    assert not Notice.objects.exists()
    with monkeypatch.context() as patch:
        patch.setattr(daily, "forget", die)
        with pytest.raises(SystemExit):
            tasks.tell_people()
    assert not DigestDay.objects.exists()
    assert [mail.kind for mail in Mail.objects.all()] == ["at-once"]
    assert [mail.kind for mail in tell()] == ["digest"]


def test_many_events_are_one_line_and_few_rows(ada):
    feed = make_feed(make_account("adtraction"))
    for _ in range(30):
        hold(feed)
    ids = [services.create_product(title="Shoe").pk]
    for first in range(0, 5_000, 1_000):
        subjects = keys("product", [*ids, *range(10**6 + first, 10**6 + first + 999)])
        record(Kind.PRODUCT_GONE, subjects, after={"policy": "hide", "mail": True})
    collect(seconds=10)
    assert Notice.objects.count() == 2
    assert Notice.objects.get(topic="products").count == 5_000
    assert write_due() == 1
    assert len(Mail.objects.get().text) < 5_000


def test_what_is_older_than_a_week_is_no_news(ada):
    hold(make_feed(make_account("adtraction")))
    Event.objects.update(at=timezone.now() - timedelta(days=8))
    assert tell() == []


def test_a_name_from_a_feed_is_harmless_in_a_mail(ada):
    hold(make_feed(make_account("adtraction"), name="<script>alert(1)</script>\nBcc: x@y.example"))
    (mail,) = tell()
    assert "<script>" not in mail.html
    assert "\n" not in mail.subject


def test_a_mail_server_that_is_down_keeps_no_news_back(ada, mail_by, serve):  # noqa: F811
    mail_by("smtp://127.0.0.1:9")
    hold(make_feed(make_account("adtraction")))
    (mail,) = tell()
    sending.send_due(seconds=5)
    server = serve()
    Mail.objects.update(try_at=timezone.now())
    assert sending.send_due(seconds=5) == 1
    assert mail.message_id in server.messages[0]
