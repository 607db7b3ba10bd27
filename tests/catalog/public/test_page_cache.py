"""A kept page is quick, is never private, and never says what is no longer so."""

import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.utils import timezone

from affiliate_site.redis import get_redis
from catalog import services
from catalog.models import (
    Brand,
    ButtonTexts,
    CatalogueChange,
    Offer,
    Product,
    ProductImage,
    Shop,
    SiteSettings,
)
from catalog.services import bulk
from catalog.site import generation, shared

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def pages_are_kept(settings, monkeypatch, transactional_db):
    settings.PAGE_CACHE_SECONDS = 60
    monkeypatch.setattr(shared, "TRUSTED_SECONDS", 0.0)
    for key in get_redis().scan_iter("page:*"):
        get_redis().delete(key)


@pytest.fixture
def shelf(make_product, make_offer, make_shop):
    """A product with all that its page shows, beside another one."""
    shoes = services.get_or_create_category("Shoes")
    alta = Brand.objects.create(name="Alta", slug="alta")
    product = make_product(categories=[shoes], brand=alta, pictures=1, description="<p>Old words.</p>")
    make_offer(product, "90.00", shop=make_shop("OTTO"))
    other = make_product("Other Shoe", categories=[shoes], brand=alta)
    make_offer(other, "50.00", shop=make_shop("Baur"))
    return product


def keys() -> list[bytes]:
    return list(get_redis().scan_iter("page:*"))


def offer_data(offer: Offer, **changes) -> bulk.OfferData:
    values = {name: getattr(offer, name) for name in bulk.OFFER_FIELDS}
    key = f"{offer.source}:1"
    return bulk.OfferData(source=offer.source, source_key=offer.source_key, shop_key=key, **values | changes)


def change_price(product):
    Offer.objects.filter(product=product).update(price=Decimal("77.70"))
    services.refresh_prices([product])


def import_price(product):
    offer = product.offers.get()
    with transaction.atomic():
        bulk.update_offers(
            [(offer.pk, offer_data(offer, price=Decimal("77.70")))], repriced={offer.pk}, at=timezone.now()
        )
        services.refresh_prices([product])


def import_offer(product):
    offer = product.offers.get()
    data = offer_data(offer, price=Decimal("77.70"))
    with transaction.atomic():
        shop_ids = bulk.get_shop_ids([bulk.ShopData(key=data.shop_key, name="Zalando")])
        data = bulk.OfferData(
            **{name: getattr(data, name) for name in data.__dataclass_fields__} | {"source_key": "x:1:2"}
        )
        bulk.add_offers([(product.pk, data)], shop_ids=shop_ids, at=timezone.now())
        services.refresh_prices([product])


def import_product(product):
    offer = product.offers.get()
    data = offer_data(offer)
    data = bulk.OfferData(
        **{name: getattr(data, name) for name in data.__dataclass_fields__} | {"source_key": "x:1:3"}
    )
    new = bulk.ProductData(
        title="Brand New Shoe",
        description="",
        brand="Alta",
        gtin="",
        status=Product.Status.PUBLISHED,
        imported={},
        offer=data,
        category_ids=[product.categories.get().pk],
    )
    with transaction.atomic():
        bulk.create_products([new], shop_ids={data.shop_key: offer.shop_id}, at=timezone.now())


def write_sql(product):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE catalog_product SET title = 'By hand' WHERE id = %s", [product.pk])


def choose_dearer_offer(product):
    shop = Shop.objects.create(name="Zalando", slug="zalando")
    offer = Offer.objects.get(product=product)
    offer.pk, offer.shop, offer.price, offer.source_key = None, shop, offer.price + 1, "adtraction:9:9"
    offer.save()
    services.choose_main_offer(product, offer_id=offer.pk)


def rename_shop(product):
    shop = product.offers.get().shop
    shop.name = "Zalando"
    shop.save()


def rename_brand(product):
    product.brand.name = "Beta"
    product.brand.save()


def delete_brand_row(product):
    Brand.objects.all().delete()


def publish_another(product):
    draft = Product.objects.create(title="Brand New Shoe", slug="brand-new", publish_at=timezone.now())
    services.set_categories([draft], categories=product.categories.all())
    services.publish_due()


def other(product) -> Product:
    return Product.objects.exclude(pk=product.pk).get()


PAGE = "/product/trail-shoe/"
# What is changed, where it shows, and what shows it: (text before, text after; None: not on the page).
CHANGES = [
    ("title", lambda p: services.update_product(p, title="New Name"), PAGE, "New Name"),
    (
        "title, on a list",
        lambda p: services.update_product(p, title="New Name"),
        "/category/shoes/",
        "New Name",
    ),
    ("description", lambda p: services.update_product(p, description="<p>Hi.</p>"), PAGE, "<p>Hi.</p>"),
    ("EAN", lambda p: services.update_product(p, gtin="4006381333931"), PAGE, "4006381333931"),
    ("brand", lambda p: services.update_product(p, brand=services.get_or_create_brand("Beta")), PAGE, "Beta"),
    ("brand's name", rename_brand, PAGE, "Beta"),
    (
        "brands merged",
        lambda p: services.merge_brands(p.brand, into=services.get_or_create_brand("Beta")),
        PAGE,
        "Beta",
    ),
    ("price", change_price, PAGE, "€77.70"),
    ("price, on home", change_price, "/", "€77.70"),
    ("imported price", import_price, PAGE, "€77.70"),
    ("imported price, on a list", import_price, "/brand/alta/", "€77.70"),
    ("imported offer", import_offer, PAGE, "Zalando"),
    ("imported product, on home", import_product, "/", "Brand New Shoe"),
    ("imported product, beside another", import_product, PAGE, "Brand New Shoe"),
    ("offer removed", lambda p: services.remove_offers(p, offer_ids=[p.offers.get().pk]), PAGE, "No shop we"),
    ("stock", lambda p: Offer.objects.update(in_stock=False), PAGE, "Out of stock"),
    (
        "category",
        lambda p: services.set_categories([p], categories=[services.get_or_create_category("Boots")]),
        PAGE,
        "Boots",
    ),
    (
        "category's name",
        lambda p: services.update_category(p.categories.get(), name="Footwear", parent=None),
        PAGE,
        "Footwear",
    ),
    ("picture's text", lambda p: p.images.update(alt="From the side"), PAGE, "From the side"),
    (
        "picture",
        lambda p: ProductImage.objects.create(
            product=p, source_url="https://img.example/n.jpg", alt="From above", position=1
        ),
        PAGE,
        "From above",
    ),
    ("shop's name", rename_shop, PAGE, "Zalando"),
    (
        "shops merged",
        lambda p: services.merge_shops(
            p.offers.get().shop, into=Shop.objects.create(name="Zalando", slug="zalando")
        ),
        PAGE,
        "Zalando",
    ),
    ("main offer", choose_dearer_offer, PAGE, "Our choice."),
    ("joined with another", lambda p: services.join_products(other(p), into=p), PAGE, "2 offers"),
    ("site's name", lambda p: SiteSettings.objects.create(pk=1, name="Renamed"), PAGE, "Renamed"),
    ("site's name, on home", lambda p: SiteSettings.objects.create(pk=1, name="Renamed"), "/", "Renamed"),
    (
        "button",
        lambda p: ButtonTexts.objects.create(source="", long="Get it at %s"),
        PAGE,
        "Get it at OTTO",
    ),
    ("a write past Django", write_sql, PAGE, "By hand"),
    ("another product", lambda p: services.update_product(other(p), title="Renamed"), PAGE, "Renamed"),
    ("publishing on time", publish_another, "/category/shoes/", "Brand New Shoe"),
]


@pytest.mark.parametrize(
    ("change", "address", "text"), [pytest.param(*case[1:], id=case[0]) for case in CHANGES]
)
def test_a_change_is_seen_on_every_page_that_shows_it(
    client, shelf, django_assert_num_queries, change, address, text
):
    Offer.objects.update(checked_at=timezone.now() - timezone.timedelta(days=3))
    before = client.get(address).content.decode()
    assert text not in before
    with django_assert_num_queries(0):  # a thread of its own asks for the generation
        assert client.get(address).content.decode() == before
    change(shelf)
    assert text in client.get(address).content.decode()


@pytest.mark.parametrize(
    ("door", "status"), [(services.unpublish, 404), (services.trash, 410)], ids=["unpublished", "trashed"]
)
def test_what_is_no_longer_published_is_gone_from_every_page(client, shelf, door, status):
    addresses = ("/", "/category/shoes/", "/brand/alta/", "/shop/otto/", "/product/other-shoe/")
    for address in (*addresses, PAGE):
        assert "Trail Shoe" in client.get(address).content.decode()
    door([shelf])
    for address in addresses:
        assert "Trail Shoe" not in client.get(address).content.decode()
    assert client.get(PAGE).status_code == status
    services.restore([shelf])
    services.publish([shelf])
    assert client.get(PAGE).status_code == 200


def test_a_change_that_is_undone_leaves_no_trace(client, shelf):
    client.get(PAGE)
    with transaction.atomic():
        services.update_product(shelf, title="Never")
        transaction.set_rollback(True)
    assert "Never" not in client.get(PAGE).content.decode()


def test_a_change_is_seen_within_two_seconds(client, shelf, monkeypatch):
    monkeypatch.undo()  # the real time that a generation is trusted
    client.get(PAGE)
    services.update_product(shelf, title="New Name")
    changed_at = time.monotonic()
    while "New Name" not in client.get(PAGE).content.decode():
        assert time.monotonic() - changed_at < 5
        time.sleep(0.02)


def test_a_page_that_was_rendered_while_the_catalogue_changed_is_not_found_afterwards(
    client, shelf, monkeypatch
):
    """The page is read before a commit and kept after it: the worst moment there is."""
    from catalog.public.views import product as view

    compare = view.compare_offers

    def change_after_reading(product, *args):
        found = compare(product, *args)
        with ThreadPoolExecutor(1) as pool:
            pool.submit(_rename_and_close, product.pk).result()
        return found

    with monkeypatch.context() as patched:
        patched.setattr(view, "compare_offers", change_after_reading)
        assert "Trail Shoe" in client.get(PAGE).content.decode()
    assert "New Name" in client.get(PAGE).content.decode()


def _rename_and_close(pk: int) -> None:
    try:
        Product.objects.filter(pk=pk).update(title="New Name")
    finally:
        connection.close()


def test_a_transaction_that_ends_late_is_a_change_of_its_own(shelf):
    """Two write at once; the one that began first commits last."""
    seen = [generation.get_generation()]
    with transaction.atomic():
        Product.objects.filter(pk=shelf.pk).update(title="Late")
        with ThreadPoolExecutor(1) as pool:
            pool.submit(_touch_other, shelf.pk).result()
            seen.append(pool.submit(_read).result())
    seen.append(generation.get_generation())
    generation.clear_changes()
    assert len(set(seen)) == 3


def _touch_other(pk: int) -> None:
    Product.objects.exclude(pk=pk).update(title="Quick")


def _read() -> str:
    try:
        return generation.get_generation()
    finally:
        connection.close()


def test_forgetting_old_changes_is_a_change(shelf, monkeypatch):
    monkeypatch.setattr(generation, "MAX_CHANGES", 2)
    before = generation.get_generation()
    assert CatalogueChange.objects.count() > 2
    assert generation.clear_changes() > 2
    assert CatalogueChange.objects.count() == 1
    assert generation.get_generation() != before
    assert generation.clear_changes() == 0


def test_every_table_that_pages_show_is_watched():
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'catalogue_change'")
        watched = {table for (table,) in cursor.fetchall()}
    assert watched == {model._meta.db_table for model in generation.watched_models()}
    assert {"catalog_product", "catalog_offer", "catalog_product_categories"} <= watched
