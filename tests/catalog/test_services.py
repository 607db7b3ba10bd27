"""What the catalogue's services promise, as tables."""

import threading
from decimal import Decimal

import pytest
from django.db import connection, transaction

from catalog import services
from catalog.models import Brand, Category, Product, SiteSettings
from catalog.services.bulk import get_brand_ids, unique_slugs

D, P, T = "draft", "published", "trashed"


@pytest.mark.parametrize(
    ("door", "before", "after"),
    [
        ("publish", D, P),
        ("publish", P, P),
        ("publish", T, P),
        ("unpublish", P, D),
        ("unpublish", D, D),
        ("unpublish", T, T),
        ("trash", D, T),
        ("trash", P, T),
        ("trash", T, T),
        ("restore", T, D),
        ("restore", D, D),
        ("restore", P, P),
    ],
)
def test_doors_between_statuses(make_product, door, before, after):
    product = make_product(status=before)
    changed = getattr(services, door)([product.pk])
    assert (changed, Product.objects.get().status) == (int(before != after), after)
    assert getattr(services, door)([product.pk]) == 0, "a second time changes nothing"


def test_published_at_is_set_once(product):
    services.publish([product.pk])
    first = Product.objects.get().published_at
    services.unpublish([product.pk])
    services.publish([product.pk])
    assert first is not None
    assert Product.objects.get().published_at == first


@pytest.mark.parametrize("count", [1, 20])
def test_a_change_of_status_takes_a_queryset_and_costs_the_same_for_any_number(
    make_product, django_assert_num_queries, count
):
    for _ in range(count):
        make_product()
    # A savepoint and its end, the lock, what was before, the change, its event, and three for the revisions.
    with django_assert_num_queries(9):
        assert services.publish(Product.objects.all()) == count


def test_only_what_is_in_the_trash_can_be_deleted(make_product):
    kept, gone = make_product("Kept"), make_product("Gone", status=T)
    assert services.delete_permanently([kept.pk, gone.pk]) == 1
    assert list(Product.objects.all()) == [kept]


@pytest.mark.parametrize(
    ("offers", "expected"),
    [
        pytest.param([], (None, "", 0), id="no offers"),
        pytest.param([("9", "EUR", True), ("8", "EUR", True)], ("8.00", "EUR", 2), id="cheapest"),
        pytest.param([("9", "EUR", True), ("8", "EUR", False)], ("9.00", "EUR", 2), id="in stock first"),
        pytest.param([("9", "EUR", None), ("8", "EUR", False)], ("9.00", "EUR", 2), id="unknown before no"),
        pytest.param([("9", "EUR", True), ("8", "EUR", None)], ("9.00", "EUR", 2), id="yes before unknown"),
        pytest.param([("9", "EUR", True), ("1", "SEK", True)], ("9.00", "EUR", 2), id="own currency first"),
        pytest.param(
            [("9", "EUR", False), ("99", "SEK", None)], ("99.00", "SEK", 2), id="what can be had comes first"
        ),
        pytest.param(
            [("1", "DKK", True), ("9", "SEK", None), ("8", "SEK", True)],
            ("8.00", "SEK", 3),
            id="foreign: the most frequent currency",
        ),
        pytest.param(
            [
                ("1", "DKK", True),
                ("1", "DKK", False),
                ("1", "DKK", False),
                ("9", "SEK", True),
                ("8", "SEK", True),
            ],
            ("8.00", "SEK", 5),
            id="foreign: only those to be had are counted",
        ),
        pytest.param([("9", "EUR", False), ("8", "EUR", False)], ("8.00", "EUR", 2), id="all sold out"),
        pytest.param([("90", "SEK", True)], ("90.00", "SEK", 1), id="another currency alone"),
    ],
)
def test_refresh_prices(product, make_offer, offers, expected):
    SiteSettings.objects.create(pk=1, currency="EUR")
    for price, currency, in_stock in offers:
        make_offer(product, price, currency=currency, in_stock=in_stock)
    services.refresh_prices([product.pk])
    product.refresh_from_db()
    price, currency, count = expected
    assert product.lowest_price == (price and Decimal(price))
    assert (product.currency, product.offer_count) == (currency, count)


def test_refresh_prices_clears_what_has_no_offers_any_more(product, make_offer):
    offer = make_offer(product)
    services.refresh_prices([product.pk])
    services.remove_offers(product, offer_ids=[offer.pk])
    product.refresh_from_db()
    assert (product.lowest_price, product.currency, product.offer_count) == (None, "", 0)


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Red Shoe!", "red-shoe"),
        ("Große Töne", "grosse-tone"),
        ("鞋", "xie"),
        ("🙂", "product"),
        ("", "product"),
        ("x" * 300, "x" * 130),
    ],
)
def test_unique_slug(db, title, expected):
    assert services.unique_slug(title) == expected


def test_names_of_other_scripts_have_addresses_too(db):
    brands = get_brand_ids(["Żółta", "Кофе", "Zolta"])
    slugs = Brand.objects.in_bulk(brands.values())
    assert slugs[brands["żółta"]].slug.startswith("zolta")
    assert slugs[brands["кофе"]].slug == "kofe"
    assert len({brand.slug for brand in slugs.values()}) == 3
    assert unique_slugs([("Łopata", "a:1"), ("Lopata", "a:2")])[0] == "lopata"


def test_unique_slug_counts_on(make_product):
    slugs = [make_product("Red shoe").slug for _ in range(3)]
    assert slugs == ["red-shoe", "red-shoe-2", "red-shoe-3"]
    assert services.unique_slug("Red shoe", taken=["red-shoe-4"]) == "red-shoe-5"
    assert services.unique_slug("Red") == "red"


def test_set_categories_replaces_or_adds(product):
    shoes, red = (Category.objects.create(name=name, slug=name) for name in ("shoes", "red"))
    services.set_categories([product.pk], categories=[shoes])
    services.set_categories([product.pk], categories=[shoes, red], replace=False)
    services.set_categories([product.pk], categories=[shoes, red], replace=False)
    assert set(product.categories.all()) == {shoes, red}
    services.set_categories(Product.objects.all(), categories=[red])
    assert list(product.categories.all()) == [red]


def test_names_are_found_whatever_their_case(db):
    assert services.get_or_create_brand(" Acme  Inc ") == services.get_or_create_brand("ACME inc")
    assert services.get_or_create_category("Shoes") == services.get_or_create_category("shoes")
    parent = services.get_or_create_category("Sport")
    assert services.get_or_create_category("Shoes", parent=parent) != services.get_or_create_category("Shoes")


def test_a_category_never_comes_to_be_inside_itself(db):
    top = Category.objects.create(name="Top", slug="top")
    middle = Category.objects.create(name="Middle", slug="middle", parent=top)
    low = Category.objects.create(name="Low", slug="low", parent=middle)
    for parent in (top, middle, low):
        with pytest.raises(services.CatalogError, match="inside itself"):
            services.update_category(top, name="Top", parent=parent)
    services.update_category(low, name="Low", parent=top)
    assert Category.objects.get(pk=low.pk).parent == top


def test_deleting_a_category_keeps_products_and_lifts_its_categories(product):
    top = Category.objects.create(name="Top", slug="top")
    middle = Category.objects.create(name="Middle", slug="middle", parent=top)
    low = Category.objects.create(name="Low", slug="low", parent=middle)
    product.categories.add(middle)
    services.delete_category(middle)
    low.refresh_from_db()
    assert low.parent == top
    assert Product.objects.filter(pk=product.pk).exists()


def test_a_category_stays_when_its_categories_find_no_room_above(db):
    top = Category.objects.create(name="Top", slug="top")
    Category.objects.create(name="TOP", slug="top-2", parent=top)
    Category.objects.create(name="Low", slug="low", parent=top)
    Category.objects.create(name="low", slug="low-2")
    with pytest.raises(services.CatalogError):
        services.delete_category(top)
    assert Category.objects.count() == 4


def test_merging_brands_moves_the_products(make_product):
    one, other = (Brand.objects.create(name=name, slug=name) for name in ("one", "other"))
    product = make_product(brand=one)
    services.merge_brands(one, into=other)
    product.refresh_from_db()
    assert product.brand == other
    assert list(Brand.objects.all()) == [other]


def test_update_product_refuses_fields_that_have_a_door(product):
    with pytest.raises(TypeError, match="status"):
        services.update_product(product, status="published")


def test_lists_know_which_shops_have_a_product_and_whether_it_can_be_had(product, make_offer):
    first, second = make_offer(product, in_stock=False), make_offer(product, in_stock=None)
    services.refresh_prices([product.pk])
    product.refresh_from_db()
    assert product.shop_ids == sorted({first.shop_id, second.shop_id})
    assert product.is_available
    services.expire_offers([second.pk])
    product.refresh_from_db()
    assert not product.is_available


def test_refreshing_what_has_not_changed_writes_no_row(product, make_offer):
    make_offer(product)
    services.refresh_prices([product.pk])

    def version() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT xmin::text FROM catalog_product WHERE id = %s", [product.pk])
            return cursor.fetchone()

    before = version()
    assert services.refresh_prices([product.pk]) == 1
    assert version() == before


@pytest.mark.django_db(transaction=True)
def test_two_price_changes_at_once_both_count(make_product, make_offer):
    product = make_product()
    offers = [make_offer(product, "50"), make_offer(product, "60")]
    meet = threading.Barrier(2)

    def reprice(offer, price):
        try:
            with transaction.atomic():
                type(offer).objects.filter(pk=offer.pk).update(price=price)
                meet.wait(timeout=10)  # neither sees the other's price yet
                services.refresh_prices([product.pk])
        finally:
            connection.close()

    threads = [threading.Thread(target=reprice, args=pair) for pair in zip(offers, (40, 30), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    product.refresh_from_db()
    assert product.lowest_price == 30
