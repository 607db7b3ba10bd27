"""Clicks are counted once, without keeping anybody waiting, whatever dies meanwhile."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

import pytest
import time_machine
from crawleruseragents import CRAWLER_USER_AGENTS_DATA
from django.db import connection, transaction
from django.utils import timezone

from affiliate_site.redis import get_redis
from catalog.clicks import counting
from catalog.clicks.counting import COUNTERS, COUNTING, FLUSHING, PER_ADDRESS, SEEN, count_click, flush
from catalog.models import ClickBatch, DailyClicks, Product
from catalog.services import delete_permanently, remove_offers

HERE = "203.0.113.9"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


@pytest.fixture(autouse=True)
def nothing_counted_yet(servers_of_the_tests):
    get_redis().delete(COUNTING, FLUSHING, *get_redis().keys(f"{SEEN}:*"))


@pytest.fixture
def offer(make_product, make_offer):
    return make_offer(make_product())


def waiting() -> int:
    return sum(int(value) for value in get_redis().hgetall(COUNTING).values())


def counted() -> dict:
    return {(row.offer_id, row.day, row.place): row.count for row in DailyClicks.objects.all()}


def test_a_click_is_counted_per_offer_day_and_place(client, offer):
    for path in (f"/go/{offer.pk}/", f"/go/{offer.pk}/top/", f"/go/{offer.pk}/top/"):
        assert client.get(path, headers={"user-agent": BROWSER}).status_code == 302
    assert DailyClicks.objects.count() == 0
    assert flush() == 3
    today = timezone.localdate()
    assert counted() == {(offer.pk, today, "offer"): 1, (offer.pk, today, "top"): 2}
    kept = DailyClicks.objects.values_list("product", "shop", "source")
    assert set(kept) == {(offer.product_id, offer.shop_id, offer.source)}
    count_click(offer.pk, "top", HERE)
    assert flush() == 1
    assert counted()[(offer.pk, today, "top")] == 3
    assert flush() == 0


def test_a_place_nobody_knows_is_not_found(client, offer):
    assert client.get(f"/go/{offer.pk}/sidebar/").status_code == 404
    assert waiting() == 0


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"user-agent": ""}, id="no name"),
        pytest.param(
            {"user-agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"},
            id="Googlebot",
        ),
        pytest.param(
            {"user-agent": "Mozilla/5.0 AppleWebKit/537.36 (compatible; bingbot/2.0) Chrome/116.0 Safari"},
            id="bingbot",
        ),
        pytest.param({"user-agent": "facebookexternalhit/1.1"}, id="Facebook"),
        pytest.param({"user-agent": "WhatsApp/2.23.20.0"}, id="WhatsApp"),
        pytest.param({"user-agent": "Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/140.0"}, id="headless"),
        pytest.param({"user-agent": "curl/8.5.0"}, id="curl"),
        pytest.param({"user-agent": "python-requests/2.32"}, id="requests"),
        pytest.param({"user-agent": "AhrefsBot/7.0"}, id="AhrefsBot"),
        pytest.param({"user-agent": "GoogleOther"}, id="GoogleOther"),
        pytest.param(
            {"user-agent": "Mozilla/5.0 (compatible; Google-InspectionTool/1.0)"}, id="Google's inspection"
        ),
        pytest.param({"user-agent": "panscient.com"}, id="panscient"),
        pytest.param({"user-agent": f"GoogleOther {'x' * 5000}"}, id="endless name"),
        pytest.param({"user-agent": BROWSER, "sec-purpose": "prefetch;prerender"}, id="prerender"),
        pytest.param({"user-agent": BROWSER, "purpose": "prefetch"}, id="prefetch"),
        pytest.param({"user-agent": BROWSER, "x-moz": "prefetch"}, id="Firefox prefetch"),
    ],
)
def test_who_is_no_person_is_led_on_and_not_counted(client, offer, headers):
    assert client.get(f"/go/{offer.pk}/", headers=headers).status_code == 302
    assert waiting() == 0


@pytest.mark.parametrize(
    "agent",
    [
        BROWSER,
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
        "Version/18.5 Mobile/15E148 Safari/604.1",
        "Mozilla/5.0 (Linux; Android 15; CUBOT X90) AppleWebKit/537.36 Chrome/140.0 Mobile",
    ],
    ids=["Firefox", "iPhone", "a telephone named Cubot"],
)
def test_people_are_counted(client, offer, agent):
    client.get(f"/go/{offer.pk}/", headers={"user-agent": agent})
    assert waiting() == 1


def test_every_robot_of_the_list_is_known():
    agents = [agent for entry in CRAWLER_USER_AGENTS_DATA for agent in entry.get("instances", ())]
    assert len(agents) > 1_000
    assert [agent for agent in agents if not counting.is_robot(agent)] == []


def click(client, offer, address=HERE, times=1) -> None:
    for _ in range(times):
        response = client.get(f"/go/{offer.pk}/", headers={"user-agent": BROWSER}, REMOTE_ADDR=address)
        assert response.status_code == 302


def test_one_address_counts_a_few_times_for_an_offer_and_is_always_led_on(
    client, offer, make_product, make_offer
):
    click(client, offer, times=40)
    assert waiting() == PER_ADDRESS
    click(client, offer, "203.0.113.10")
    click(client, make_offer(make_product("Boot")))
    assert waiting() == PER_ADDRESS + 2


def test_the_addresses_of_one_ipv6_customer_are_one(client, offer):
    for number in range(20):
        click(client, offer, f"2001:db8:1:2::{number}")
    assert waiting() == PER_ADDRESS
    click(client, offer, "2001:db8:1:3::1")
    assert waiting() == PER_ADDRESS + 1


def test_many_addresses_take_no_more_room(client, offer):
    click(client, offer)
    for number in range(2_000):
        count_click(offer.pk, "top", f"203.0.{number // 256}.{number % 256}")
    (key,) = get_redis().keys(f"{SEEN}:*")
    assert get_redis().strlen(key) <= COUNTERS // 2
    assert 0 < get_redis().ttl(key) <= 86_400
    # Few share a counter, and none of them is full of it.
    assert waiting() == 2_001


def test_the_next_day_counts_anew(offer, monkeypatch):
    for day in (1, 2):
        with time_machine.travel(f"2026-03-0{day}T12:00Z", tick=False):
            for _ in range(9):
                count_click(offer.pk, "top", HERE)
    assert waiting() == 2 * PER_ADDRESS


def test_a_look_at_the_head_is_no_click(client, offer):
    client.head(f"/go/{offer.pk}/", headers={"user-agent": BROWSER})
    assert waiting() == 0


def test_who_tries_the_button_of_a_draft_is_not_counted(admin_client, make_product, make_offer):
    draft = make_offer(make_product(status="draft"))
    assert admin_client.get(f"/go/{draft.pk}/", headers={"user-agent": BROWSER}).status_code == 302
    assert waiting() == 0


def test_without_redis_the_visitor_is_led_on(client, offer, settings):
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    assert client.get(f"/go/{offer.pk}/", headers={"user-agent": BROWSER}).status_code == 302


def test_nothing_of_the_visitor_is_kept(client, offer):
    response = client.get(
        f"/go/{offer.pk}/?who=me", headers={"user-agent": BROWSER}, REMOTE_ADDR="203.0.113.9"
    )
    assert not response.cookies
    kept = repr(get_redis().hgetall(COUNTING))
    assert "203.0.113" not in kept
    assert "Firefox" not in kept
    assert "me" not in kept


class Killed(BaseException):
    """What a flusher does not survive."""


def test_a_flusher_killed_before_the_counts_are_written_loses_nothing(offer, monkeypatch):
    count_click(offer.pk, "top", HERE)

    def die(*args):
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(counting, "_add", die)
        with pytest.raises(Killed):
            flush()
    count_click(offer.pk, "offer", HERE)  # of the next batch
    assert flush() == 2
    assert sum(counted().values()) == 2


def test_a_flusher_killed_after_the_counts_are_written_doubles_nothing(offer, monkeypatch):
    count_click(offer.pk, "top", HERE)
    add = counting._add

    def add_and_die(*args):
        add(*args)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(counting, "_add", add_and_die)
        with pytest.raises(Killed):
            flush()
    count_click(offer.pk, "top", HERE)
    assert flush() == 1
    assert sum(counted().values()) == 2


def test_a_flusher_killed_between_renaming_and_naming_loses_nothing(offer):
    count_click(offer.pk, "top", HERE)
    get_redis().rename(COUNTING, FLUSHING)
    assert flush() == 1


@pytest.mark.django_db(transaction=True)
def test_several_flushers_and_clicks_at_once_lose_and_double_nothing(make_product, make_offer):
    offer = make_offer(make_product())

    def work(number: int) -> None:
        try:
            for turn in range(20):
                count_click(offer.pk, "top" if number % 2 else "offer", f"{number} {turn}")
                flush()
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(6)))
    flush()
    assert sum(counted().values()) == 120
    assert waiting() == 0


def test_clicks_on_an_offer_that_is_gone_keep_no_other_from_being_counted(offer):
    count_click(offer.pk, "top", HERE)
    count_click(offer.pk + 1, "top", HERE)
    assert flush() == 1
    assert counted() == {(offer.pk, timezone.localdate(), "top"): 1}


def test_clicks_that_wait_when_their_offer_goes_stay_with_its_product(offer):
    count_click(offer.pk, "top", HERE)
    Product.objects.update(status="trashed")
    assert delete_permanently([offer.product.pk]) == 1
    row = DailyClicks.objects.get()
    assert (row.offer, row.product, row.shop, row.count) == (None, None, offer.shop, 1)


def test_a_removal_that_is_taken_back_loses_no_click(offer):
    count_click(offer.pk, "top", HERE)
    with suppress(ZeroDivisionError), transaction.atomic():
        remove_offers(offer.product, offer_ids=[offer.pk])
        raise ZeroDivisionError
    assert flush() == 1
    assert counted() == {(offer.pk, timezone.localdate(), "top"): 1}


def test_a_product_goes_without_redis_too(offer, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    Product.objects.update(status="trashed")
    assert delete_permanently([offer.product.pk]) == 1


def test_the_names_of_old_batches_are_forgotten(offer):
    old = ClickBatch.objects.create(id="00000000-0000-4000-8000-000000000000")
    ClickBatch.objects.update(added_at=timezone.now() - timedelta(days=8))
    count_click(offer.pk, "top", HERE)
    flush()
    assert old.pk not in [str(batch.pk) for batch in ClickBatch.objects.all()]
    assert ClickBatch.objects.count() == 1


def test_a_click_waits_for_no_write(client, offer, django_assert_num_queries):
    with django_assert_num_queries(1) as captured:
        client.get(f"/go/{offer.pk}/top/", headers={"user-agent": BROWSER})
    assert captured[0]["sql"].startswith("SELECT")
    assert waiting() == 1
