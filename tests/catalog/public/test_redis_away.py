"""Redis is killed or hangs: every page still comes, only slower, and is quick again once Redis is back."""

import time

import pytest
from django.core.cache import cache
from django.urls import reverse

from affiliate_site.redis import RedisError, get_redis, redis_answers
from catalog.clicks.counting import COUNTING
from catalog.tasks import clear_changes
from importer.imports.progress import worker_answers
from importer.networks import NETWORKS
from tests.own_servers import OwnServer, wait_until

pytestmark = pytest.mark.django_db(transaction=True)
# Nobody waits so long for one page; a connection without a time-out waits for ever.
PATIENCE = 10


killed_and_hung = pytest.mark.parametrize(
    ("go_away", "come_back"),
    [
        pytest.param(OwnServer.kill, OwnServer.start, id="killed"),
        pytest.param(OwnServer.hang, OwnServer.go_on, id="hung"),
    ],
)


def ask(client, path: str, status: int = 200) -> None:
    began = time.monotonic()
    response = client.get(path, headers={"user-agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/145.0"})
    assert response.status_code == status, path
    assert time.monotonic() - began < PATIENCE, path


def dashboard_pages() -> list[str]:
    names = ("dashboard:home", "importer:search-all", "dashboard:syncs", "importer:run-list")
    names += ("catalog:product-list", "catalog:product-create", "password_change")
    networks = [reverse("importer:network-feeds", args=[slug]) for slug in NETWORKS]
    return [*map(reverse, names), *networks]


@killed_and_hung
def test_every_page_of_who_is_logged_in_comes(own_redis, admin_client, go_away, come_back):
    for path in dashboard_pages():
        ask(admin_client, path)
    go_away(own_redis)
    for path in dashboard_pages():
        ask(admin_client, path)
    come_back(own_redis)
    for path in dashboard_pages():
        ask(admin_client, path)


@killed_and_hung
def test_somebody_can_log_in_and_out_and_stays_out(own_redis, client, django_user_model, go_away, come_back):
    django_user_model.objects.create_superuser("anna", password="right-Passw0rd")
    sign_in = {"username": "anna", "password": "right-Passw0rd"}
    assert client.post(reverse("login"), sign_in).status_code == 302
    ask(client, reverse("password_change"))
    session = client.cookies["sessionid"].value
    go_away(own_redis)
    assert client.post(reverse("logout")).status_code == 302
    come_back(own_redis)
    wait_until(redis_answers)
    client.cookies["sessionid"] = session
    ask(client, reverse("password_change"), 302)


@killed_and_hung
def test_every_public_page_comes_and_clicks_are_counted_again(
    own_redis, client, settings, make_product, make_offer, go_away, come_back
):
    settings.PAGE_CACHE_SECONDS = 60
    product = make_product()
    offer = make_offer(product)
    pages = ["/", product.get_absolute_url(), "/about/", "/sitemap.xml", "/feed/", "/search/?q=shoe"]
    go_away(own_redis)
    for path in pages:
        ask(client, path)
    ask(client, "/nothing/", 404)
    ask(client, f"/go/{offer.pk}/", 302)
    come_back(own_redis)
    wait_until(redis_answers)
    for path in pages:
        ask(client, path)
    ask(client, f"/go/{offer.pk}/", 302)
    assert get_redis().hlen(COUNTING) == 1


@killed_and_hung
def test_a_task_that_cannot_be_sent_keeps_nobody_waiting(own_redis, go_away, come_back):
    go_away(own_redis)
    began = time.monotonic()
    clear_changes.delay_on_commit()
    assert time.monotonic() - began < 2
    come_back(own_redis)


@killed_and_hung
def test_a_page_does_not_look_for_workers_through_a_redis_that_is_away(own_redis, go_away, come_back):
    go_away(own_redis)
    began = time.monotonic()
    assert not worker_answers()
    assert time.monotonic() - began < 2
    come_back(own_redis)


@killed_and_hung
def test_the_cache_knows_nothing_while_redis_is_away(own_redis, go_away, come_back):
    cache.set("kept", "before")
    assert cache.get("kept") == "before"
    go_away(own_redis)
    assert cache.get("kept", "default") == "default"
    assert cache.add("new", 1) is True
    assert cache.get_or_set("other", lambda: "made") == "made"
    assert cache.get_many(["kept"]) == {}
    assert cache.set_many({"a": 1}) == []
    assert (cache.touch("kept"), cache.delete("kept"), cache.has_key("kept")) == (False, False, False)
    cache.set("kept", "never")
    cache.delete_many(["kept"])
    with pytest.raises(ValueError, match="kept"):
        cache.incr("kept")
    come_back(own_redis)
    wait_until(redis_answers)
    cache.set("kept", "after")
    assert cache.get("kept") == "after"


def test_only_one_caller_a_second_waits_for_a_redis_that_hangs(own_redis):
    get_redis().ping()
    own_redis.hang()
    began = time.monotonic()
    for _ in range(200):
        with pytest.raises(RedisError):
            get_redis().ping()
    # 0.3 s for one, again for whoever tries after each second; 200 who wait take a minute.
    assert time.monotonic() - began < PATIENCE
