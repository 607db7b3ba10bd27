"""Looks at product pages: a number for each page, bounded, and no visitor in it."""

import pytest
from django.test import Client

from affiliate_site import redis
from affiliate_site.redis import get_redis
from catalog.clicks import looks

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
GOOGLE = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


@pytest.fixture(autouse=True)
def nobody_looked(settings):
    settings.PAGE_CACHE_SECONDS = 60
    looks._counts.clear()
    get_redis().delete(looks.LOOKS, looks.FADED)


def look(product, agent=FIREFOX, times=1):
    for _ in range(times):
        assert Client(HTTP_USER_AGENT=agent).get(product.get_absolute_url()).status_code == 200


def test_looks_at_a_page_are_counted_kept_or_not_and_robots_are_not(make_product):
    shoe, hat = make_product("Shoe", status="published"), make_product("Hat", status="published")
    look(shoe, times=3)
    look(hat, GOOGLE, times=5)
    look(hat, "", times=2)
    looks.hand_on()
    assert looks.read_looks() == {shoe.slug: 3}
    looks.hand_on()
    assert looks.read_looks() == {shoe.slug: 3}


def test_only_the_pages_that_are_looked_at_most_are_remembered(monkeypatch):
    monkeypatch.setattr(looks, "MOST", 3)
    monkeypatch.setattr(looks, "PAGES", 10)
    for number in range(50):
        for _ in range(number + 1):
            looks.note_look(f"p{number}", FIREFOX)
    looks.hand_on()
    assert len(looks.read_looks()) == 3


def test_old_looks_count_less_and_fade_once_a_day():
    get_redis().zadd(looks.LOOKS, {"shoe": 100})
    looks.fade()
    looks.fade()
    assert looks.read_looks() == {"shoe": 90}


def test_a_redis_that_is_away_keeps_nobody_waiting(monkeypatch, make_product):
    product = make_product("Shoe", status="published")
    monkeypatch.setattr(looks, "HAND_ON", 0)
    monkeypatch.setattr(looks, "get_redis", away)
    look(product)
    assert looks.read_looks() == {}


def away():
    raise redis.RedisError("away")
