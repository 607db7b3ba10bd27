"""What surrounds the pages: what crawlers get, headers, error pages."""

import re
from types import SimpleNamespace

import pytest

from catalog import services
from catalog.models import Brand


def test_robots_keep_off_the_way_out_and_the_dashboard(client, settings):
    settings.SITE_URL = "https://compare.example"
    response = client.get("/robots.txt")
    lines = response.content.decode().splitlines()
    assert response["Content-Type"].startswith("text/plain")
    assert "Disallow: /go/" in lines
    assert "Disallow: /dashboard/" in lines
    assert "Sitemap: https://compare.example/sitemap.xml" in lines


def test_the_address_of_a_page_is_under_the_sites_own_name(client, make_product, settings):
    settings.SITE_URL = "https://compare.example"
    settings.ALLOWED_HOSTS = ["*"]
    product = make_product(pictures=1, description="<p>Grips.</p>")
    html = client.get(
        product.get_absolute_url() + "?utm=1", headers={"host": "evil.example"}
    ).content.decode()
    assert '<link rel="canonical" href="https://compare.example/product/trail-shoe/">' in html
    assert '<meta property="og:url" content="https://compare.example/product/trail-shoe/">' in html
    assert f'<meta property="og:image" content="https://compare.example{product.images.get().url}">' in html
    assert "evil.example" not in html


def test_sorted_lists_point_to_the_unsorted_one(client, make_product, settings):
    settings.SITE_URL = "https://compare.example"
    make_product(brand=Brand.objects.create(name="Alta", slug="alta"))
    html = client.get("/brand/alta/?sort=price").content.decode()
    assert '<link rel="canonical" href="https://compare.example/brand/alta/">' in html


@pytest.mark.parametrize(
    "address", ["/", "/product/trail-shoe/", "/search/?q=trail", "/nothing", "/robots.txt"]
)
def test_visitors_get_no_cookie_and_nothing_from_others(client, make_product, make_offer, address):
    make_offer(make_product(pictures=2, categories=[services.get_or_create_category("Shoes")]))
    response = client.get(address)
    assert not response.cookies
    html = response.content.decode()
    # Our own, for suggestions below the search field, which works without.
    ours = r"src=\"/static/js/\w+\.js\""
    assert not re.search(rf"<script(?! type=\"application/ld\+json\"| {ours})", html)
    assert not re.search(r"\sstyle=|\son\w+=", html)
    # Pictures are the only thing of another host, and it does not hear who looks.
    for tag in re.findall(r"<(?:img|link rel=\"stylesheet\"|source|iframe)[^>]*>", html):
        assert "https://" not in tag or 'referrerpolicy="no-referrer"' in tag


def test_the_site_speaks_its_own_language_whatever_the_visitors_browser_asks_for(
    client, make_product, make_offer
):
    product = make_product()
    make_offer(product, "1299.90")
    asked = client.get(product.get_absolute_url(), headers={"accept-language": "de"}).content.decode()
    assert '<html lang="en">' in asked
    assert "€1,299.90" in asked


def test_pictures_hold_their_place_and_load_late(client, make_product):
    html = client.get(make_product(pictures=3).get_absolute_url()).content.decode()
    images = re.findall(r"<img[^>]*>", html)
    assert len(images) == 6
    assert all(" width=" in image and " height=" in image for image in images)
    assert ['loading="lazy"' in image for image in images] == [False] + [True] * 5
    assert ['fetchpriority="high"' in image for image in images] == [True] + [False] * 5
    assert all(" alt=" in image for image in images)


def test_the_page_for_a_broken_site_asks_for_nothing(client, db, django_assert_num_queries, monkeypatch):
    from catalog.public.views import lists

    def broken(*args):
        raise RuntimeError("broken")

    monkeypatch.setattr(lists, "shared_tree", SimpleNamespace(of=broken))
    client.raise_request_exception = False
    with django_assert_num_queries(1):  # the site's settings, before it broke
        response = client.get("/")
    assert response.status_code == 500
    assert b"Something went wrong" in response.content


def test_a_missing_page_offers_the_search(client, db):
    response = client.get("/wp-login.php")
    assert response.status_code == 404
    html = response.content.decode()
    assert html.count('role="search"') == 1
    assert '<meta name="robots" content="noindex">' in html
