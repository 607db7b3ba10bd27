"""What a visitor gets from the kept pages, and what is never among them."""

import pytest
from django.test import Client

from affiliate_site.redis import get_redis
from catalog import services
from tests.catalog.public import test_page_cache
from tests.catalog.public.test_page_cache import PAGE, keys

pytestmark = pytest.mark.django_db(transaction=True)
pages_are_kept, shelf = test_page_cache.pages_are_kept, test_page_cache.shelf


# --- Nothing private ---------------------------------------------------------------------------


def test_who_is_logged_in_is_never_served_from_what_is_kept(admin_client, client, shelf, settings):
    client.get(PAGE)
    (key,) = keys()
    get_redis().set(key, b'{"ETag": "x"}\nnot for you')
    assert b"Trail Shoe" in admin_client.get(PAGE).content


def test_what_somebody_who_is_logged_in_sees_is_not_kept(admin_client, shelf):
    for address in (PAGE, "/", "/dashboard/", f"/dashboard/products/{shelf.pk}/preview/"):
        admin_client.get(address)
    assert keys() == []


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        pytest.param("/search/?q=shoe", {}, id="search"),
        pytest.param(PAGE + "?utm_source=mail", {}, id="unknown parameter"),
        pytest.param("/?page=1&page=1", {}, id="parameter twice"),
        pytest.param("/?page=" + "1" * 200, {}, id="endless parameter"),
        pytest.param("/product/nothing/", {}, id="not found"),
        pytest.param("/?page=99", {}, id="page not found"),
        pytest.param("/dashboard/login/", {}, id="log in"),
        pytest.param("/wp-login.php", {}, id="no such address"),
        pytest.param(PAGE, {"authorization": "Basic eDp5"}, id="authorization"),
        pytest.param(PAGE, {"cookie": "sessionid=made-up"}, id="session that is none"),
        pytest.param("/robots.txt", {}, id="robots"),
    ],
)
def test_what_is_not_the_same_for_everybody_is_not_kept(client, shelf, address, headers):
    client.get(address, headers=headers)
    assert keys() == []


def test_a_draft_is_never_kept(client, make_product):
    make_product(status="draft")
    client.get(PAGE)
    assert keys() == []


def test_another_cookie_is_no_reason_to_render(client, shelf, django_assert_num_queries):
    client.get(PAGE)
    with django_assert_num_queries(0):
        client.get(PAGE, headers={"cookie": "theme=dark"})


def test_a_host_that_is_not_ours_gets_nothing(client, shelf):
    client.get(PAGE)
    assert client.get(PAGE, headers={"host": "evil.example"}).status_code == 400


# --- The answer --------------------------------------------------------------------------------


def test_a_kept_page_is_the_page(client, shelf, settings):
    settings.PAGE_CACHE_SECONDS = 0
    rendered = client.get(PAGE)
    settings.PAGE_CACHE_SECONDS = 60
    for _ in range(2):
        kept = client.get(PAGE)
        assert kept.content == rendered.content
        for name in rendered.headers:
            if name not in ("Vary", "X-Request-ID"):
                assert kept[name] == rendered[name]
        assert kept["Cache-Control"] == "no-cache"
        assert kept["Content-Length"] == str(len(kept.content))
        assert not kept.cookies


def test_who_can_read_gzip_gets_it(client, shelf):
    import gzip

    plain = client.get(PAGE).content
    packed = client.get(PAGE, headers={"accept-encoding": "br, gzip"})
    assert packed["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed["Vary"]
    assert gzip.decompress(packed.content) == plain


def test_who_has_the_page_hears_that_it_still_holds(client, shelf):
    etag = client.get(PAGE)["ETag"]
    same = client.get(PAGE, headers={"if-none-match": etag})
    assert same.status_code == 304
    assert not same.content
    assert same["ETag"] == etag
    services.update_product(shelf, title="New Name")
    assert client.get(PAGE, headers={"if-none-match": etag}).status_code == 200


def test_the_pages_of_a_list_are_kept_apart(client, make_product):
    for number in range(30):
        make_product(f"Shoe {number}")
    first, second = client.get("/").content, client.get("/?page=2").content
    assert first != second
    assert client.get("/?page=2").content == second
    assert client.get("/?sort=price&page=1").content == client.get("/?page=1&sort=price").content
    assert len(keys()) == 3


def test_without_redis_pages_are_rendered(client, shelf, settings):
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    assert Client().get(PAGE).status_code == 200
