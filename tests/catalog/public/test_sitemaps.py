"""What search engines and feed readers are shown: all that is worth it, and nothing else."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from django.utils import timezone

from catalog import services
from catalog.models import Brand, Offer, Product, SiteSettings, StoredImage
from catalog.public import sitemaps
from catalog.public.structured_data import absolute
from catalog.services.bulk import OfferData, touch_offers, update_offers

NS = {
    "s": "http://www.sitemaps.org/schemas/sitemap/0.9",
    "i": "http://www.google.com/schemas/sitemap-image/1.1",
}


@pytest.fixture(autouse=True)
def own_name(settings):
    settings.SITE_URL = "https://compare.example"
    settings.ALLOWED_HOSTS = ["*"]


def read(client, address: str) -> ElementTree.Element:
    response = client.get(address.removeprefix("https://compare.example"))
    assert response.status_code == 200
    assert response["Content-Type"].startswith(("application/xml", "application/rss+xml"))
    return ElementTree.fromstring(response.getvalue())  # noqa: S314 our own


def texts(tree: ElementTree.Element, path: str) -> list[str]:
    return [element.text for element in tree.iterfind(path, NS)]


def pages(client) -> list[str]:
    """Every page that the sitemap names, found as a crawler finds them."""
    files = texts(read(client, "/sitemap.xml"), ".//s:loc")
    return [page for file in files for page in texts(read(client, file), "s:url/s:loc")]


def test_the_sitemap_lists_what_visitors_can_see(client, make_product, make_offer, make_shop):
    shoes = services.get_or_create_category("Shoes")
    services.get_or_create_category("Empty")
    Brand.objects.create(name="Nothing", slug="nothing")
    make_shop("Empty shop")
    shoe = make_product("Shoe", categories=[shoes], brand=Brand.objects.create(name="Alta", slug="alta"))
    make_offer(shoe, shop=make_shop("OTTO"))
    for status in (Product.Status.DRAFT, Product.Status.TRASHED):
        make_offer(make_product(f"Not {status}", status=status), shop=make_shop(status))
    assert pages(client) == [
        f"https://compare.example/{path}/"
        for path in ("product/shoe", "category/shoes", "brand/alta", "shop/otto")
    ]


def test_a_file_holds_a_range_of_ids_and_no_more_than_allowed(client, make_product, make_offer, monkeypatch):
    monkeypatch.setattr(sitemaps, "FILE_SIZE", 3)
    monkeypatch.setattr(sitemaps, "STEP", 2)
    products = [make_product(f"Shoe {number}", description="<p>Ours.</p>") for number in range(8)]
    services.trash(products[3:5])
    files = texts(read(client, "/sitemap.xml"), ".//s:loc")
    numbers = [int(file.split("-")[-1].removesuffix(".xml")) for file in files]
    assert numbers == sorted({product.pk // 3 + 1 for product in products[:3] + products[5:]})
    assert all(1 <= len(texts(read(client, file), "s:url/s:loc")) <= 3 for file in files)
    assert len(pages(client)) == len(set(pages(client))) == 6


def test_every_page_says_when_it_changed(client, make_product):
    category = services.get_or_create_category("Shoes")
    product = make_product(description="<p>Ours.</p>", categories=[category])
    changed_at = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
    Product.objects.update(updated_at=changed_at)
    number = product.pk // sitemaps.FILE_SIZE + 1
    for address in ("/sitemap.xml", f"/sitemap-products-{number}.xml", "/sitemap-categories-1.xml"):
        assert set(texts(read(client, address), "*/s:lastmod")) == {"2026-03-04T05:06:07+00:00"}


LONG_AGO = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


@pytest.fixture
def imported(make_product, make_offer):
    """A product with an offer, both as they were long ago."""
    product = make_product(description="<p>Ours.</p>")
    offer = make_offer(product, "99.00")
    Product.objects.update(updated_at=LONG_AGO)
    Offer.objects.update(created_at=LONG_AGO, checked_at=LONG_AGO)
    return offer


def update(offer, *, at: datetime, **changes) -> None:
    """Write what a feed says now, as an import does."""
    said = {"price": offer.price, "shipping": offer.shipping, "in_stock": offer.in_stock} | changes
    data = OfferData(
        source=offer.source,
        source_key=offer.source_key,
        shop_key="",
        title="Another word of the shop",
        tracking_url=offer.tracking_url,
        old_price=None,
        currency=offer.currency,
        **said,
    )
    update_offers([(offer.pk, data)], repriced=[], at=at)


def changed(client) -> set[str]:
    """When the index and the file say that the product's page changed."""
    (file,) = (each for each in texts(read(client, "/sitemap.xml"), ".//s:loc") if "products" in each)
    index = ElementTree.tostring(read(client, "/sitemap.xml")).decode()
    (in_index,) = re.findall(rf"{file}</[^>]*loc><[^>]*lastmod>([^<]*)", index)
    return {in_index, *texts(read(client, file), "*/s:lastmod")}


@pytest.mark.parametrize(
    "changes",
    [{"price": Decimal("89.00")}, {"in_stock": False}, {"in_stock": None}, {"shipping": Decimal("4.95")}],
    ids=["price", "sold out", "stock unknown", "shipping"],
)
def test_a_page_changed_when_an_offer_on_it_did(client, imported, changes):
    update(imported, at=LONG_AGO + timedelta(days=7), **changes)
    assert changed(client) == {"2026-03-11T05:06:07+00:00"}


def test_a_page_did_not_change_when_nothing_on_it_did(client, imported):
    update(imported, at=LONG_AGO + timedelta(days=7))
    touch_offers([imported.pk], at=LONG_AGO + timedelta(days=8))
    assert changed(client) == {"2026-03-04T05:06:07+00:00"}


def test_a_page_changed_when_an_offer_came_went_and_came_back(client, imported, make_offer):
    for number in (1, 2):
        make_offer(imported.product, "120.00", source="adtraction")
        Offer.objects.exclude(pk=imported.pk).update(created_at=LONG_AGO + timedelta(days=number))
        assert changed(client) == {f"2026-03-0{4 + number}T05:06:07+00:00"}
    services.expire_offers([imported.pk])
    Offer.objects.filter(pk=imported.pk).update(expired_at=LONG_AGO + timedelta(days=3))
    assert changed(client) == {"2026-03-07T05:06:07+00:00"}
    update(imported, at=LONG_AGO + timedelta(days=4))
    assert changed(client) == {"2026-03-08T05:06:07+00:00"}


def test_our_own_pictures_are_listed_with_their_page(client, make_product):
    product = make_product(description="<p>Ours.</p>", pictures=2)
    copied = product.images.first()
    copied.stored = StoredImage.objects.create(digest="ab" * 32, widths=[320, 640], width=640, height=480)
    copied.save()
    tree = read(client, f"/sitemap-products-{product.pk // sitemaps.FILE_SIZE + 1}.xml")
    assert texts(tree, ".//i:loc") == [absolute(copied.url)]


# Imported as {"title": "Trail Shoe", "description": "<p>Feed.</p>"}, with one offer.
NOT_THIN = [
    pytest.param({"title": "A better title"}, 1, id="own title"),
    pytest.param({"description": "<p>Tried on wet rock.</p>"}, 1, id="own description"),
    pytest.param({"meta_title": "The best shoe"}, 1, id="own title for search engines"),
    pytest.param({}, 2, id="two shops"),
    pytest.param({"imported": {}}, 1, id="written by hand"),
]


@pytest.fixture
def make_imported(make_product, make_offer, make_shop):
    def make(offers: int = 1, **changes) -> Product:
        texts = {"title": "Trail Shoe", "description": "<p>Feed.</p>"}
        product = make_product(**{"imported": texts, **texts, **changes})
        for number in range(offers):
            make_offer(product, shop=make_shop(f"Shop {number}"))
        return product

    return make


@pytest.mark.parametrize("changes", [{}, {"description": ""}], ids=["all imported", "no description"])
def test_thin_pages_are_kept_out(client, make_imported, changes):
    make_imported(**changes)
    assert not any("/product/" in page for page in pages(client))


@pytest.mark.parametrize(("changes", "offers"), NOT_THIN)
def test_what_adds_something_is_listed(client, make_imported, changes, offers):
    make_imported(offers, **changes)
    assert any("/product/" in page for page in pages(client))


def test_the_setting_lets_thin_pages_in(client, make_imported):
    make_imported()
    SiteSettings.objects.create(pk=1, hide_thin_pages=False)
    assert any("/product/" in page for page in pages(client))


def test_a_page_with_neither_text_nor_offer_is_not_for_search_engines(client, make_product):
    product = make_product()
    assert pages(client) == []
    assert b'content="noindex' in client.get(product.get_absolute_url()).content


@pytest.mark.parametrize(
    "address",
    [
        "/sitemap-products-2.xml",
        "/sitemap-products-0.xml",
        f"/sitemap-products-{'9' * 30}.xml",
        f"/sitemap-products-{2**63 // 50_000}.xml",
        "/sitemap-people-1.xml",
        "/sitemap-categories-1.xml",
        "/sitemap-products.xml",
    ],
)
def test_a_file_that_would_be_empty_is_not_found(client, db, address):
    assert client.get(address).status_code == 404


def test_a_file_is_read_in_steps(client, make_product, django_assert_num_queries, monkeypatch):
    product = make_product(description="<p>Ours.</p>")
    address = f"/sitemap-products-{product.pk // sitemaps.FILE_SIZE + 1}.xml"
    response = client.get(address)
    assert response.streaming
    with django_assert_num_queries(3):  # settings, the first step, the step that finds no more
        client.get(address).getvalue()


# --- Feeds -------------------------------------------------------------------------------------


def test_the_newest_products_are_in_the_feed(client, make_product, make_offer):
    make_product("Draft", status=Product.Status.DRAFT)
    old = make_product("Old <Shoe>", description="<p>Light &amp; warm</p>")
    Product.objects.filter(pk=old.pk).update(published_at=timezone.now() - timedelta(days=1))
    make_offer(make_product("New Shoe"), "99.00")
    tree = read(client, "/feed/")
    assert texts(tree, "channel/item/title") == ["New Shoe: €99.00", "Old <Shoe>"]
    assert texts(tree, "channel/item/link") == [
        "https://compare.example/product/new-shoe/",
        "https://compare.example/product/old-shoe/",
    ]
    assert texts(tree, "channel/item/description")[1] == "Light & warm"


def test_only_proven_reductions_are_in_their_feed(client, make_product, make_offer):
    soon, now = timezone.now() + timedelta(days=1), timezone.now()
    for title, percent, until in (
        ("Small", 10, soon),
        ("Big", 40, soon),
        ("Over", 50, now),
        ("None", 0, None),
    ):
        product = make_product(title)
        make_offer(product, "60.00", old_price=Decimal(500))
        Product.objects.filter(pk=product.pk).update(
            prior_price=Decimal(100), reduced_percent=percent, reduced_until=until
        )
    titles = texts(read(client, "/feed/reductions/"), "channel/item/title")
    assert titles == ["Big: €60.00 instead of €100.00", "Small: €60.00 instead of €100.00"]


def test_pages_name_the_feeds(client, db):
    html = client.get("/").content.decode()
    for address in ("/feed/", "/feed/reductions/"):
        assert f'type="application/rss+xml" href="{address}"' in html
