from urllib.parse import quote

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog import services
from catalog.models import Brand, Offer, Product, SiteSettings
from catalog.public.listing import MAX_PAGES, PAGE_SIZE


def titles(response) -> list[str]:
    return [product.title for product in response.context["listing"].page]


def make_many(count: int, **fields) -> list[Product]:
    return Product.objects.bulk_create(
        Product(
            title=f"Item {number}",
            slug=f"item-{number}",
            status=Product.Status.PUBLISHED,
            published_at=timezone.now(),
            **fields,
        )
        for number in range(count)
    )


@pytest.mark.parametrize("sort", ["", "?sort=reduced", "?sort=price", "?sort=-price"])
def test_a_product_that_no_shop_sells_never_leads(client, make_product, make_offer, sort):
    titles = ["Sold first", "Written by hand", "Sold last"]
    for title in titles:
        product = make_product(title=title)
        if title != "Written by hand":
            make_offer(product)
    page = client.get(f"/{sort}").text
    assert sorted(titles, key=page.index)[-1] == "Written by hand"


def test_home_shows_the_newest_published_products_first(client, make_product):
    make_product("First")
    make_product("Second")
    make_product("Draft", status=Product.Status.DRAFT)
    make_product("Trashed", status=Product.Status.TRASHED)
    assert titles(client.get("/")) == ["Second", "First"]


def test_a_site_without_products_says_so(client, db):
    response = client.get("/")
    assert response.status_code == 200
    assert b"Nothing here yet" in response.content


def test_a_card_shows_the_lowest_price_and_how_many_offers(client, make_product, make_offer):
    product = make_product()
    make_offer(product, "20")
    make_offer(product, "10")
    html = client.get("/").content.decode()
    assert "€10.00" in html
    assert "2 offers" in html
    assert "€20.00" not in html


def test_a_card_of_a_product_that_nobody_sells_says_so(client, make_product):
    make_product()
    assert b"Not available right now" in client.get("/").content


def test_a_card_shows_no_price_at_which_nothing_is_to_be_had(client, make_product, make_offer):
    product = make_product()
    make_offer(product, "77", in_stock=False)
    html = client.get("/").content.decode()
    assert "Not available right now" in html
    assert "€77.00" not in html


def test_a_category_shows_what_is_in_it_and_below_it_once(client, make_product):
    shoes = services.get_or_create_category("Shoes")
    trail = services.get_or_create_category("Trail", parent=shoes)
    make_product("Both", categories=[shoes, trail])
    make_product("Below", categories=[trail])
    make_product("Elsewhere", categories=[services.get_or_create_category("Tents")])
    response = client.get("/category/shoes/")
    assert titles(response) == ["Below", "Both"]
    assert [child.name for child in response.context["children"]] == ["Trail"]
    assert titles(client.get("/category/trail/")) == ["Below", "Both"]


def test_menus_leave_out_categories_with_nothing_to_show(client, make_product):
    full = services.get_or_create_category("Full")
    make_product(categories=[services.get_or_create_category("Inner", parent=full)])
    make_product(categories=[services.get_or_create_category("Drafts only")], status=Product.Status.DRAFT)
    services.get_or_create_category("Empty")
    html = client.get("/").content.decode()
    assert "Full" in html
    assert "Drafts only" not in html
    assert "Empty" not in html
    assert client.get("/category/empty/").status_code == 200


def test_brand_and_shop_pages_show_their_products(client, make_product, make_offer, make_shop):
    brand = Brand.objects.create(name="Alta", slug="alta")
    shop = make_shop("OTTO")
    make_product("Of the brand", brand=brand)
    sold = make_product("Sold there")
    make_offer(sold, shop=shop)
    make_offer(sold, shop=shop)
    assert titles(client.get("/brand/alta/")) == ["Of the brand"]
    assert titles(client.get("/shop/otto/")) == ["Sold there"]


@pytest.mark.parametrize("address", ["/category/x/", "/brand/x/", "/shop/x/", "/product/x/"])
def test_what_does_not_exist_is_not_found(client, db, address):
    response = client.get(address)
    assert response.status_code == 404
    assert b'role="search"' in response.content


def test_prices_sort_within_the_sites_currency_and_others_follow(client, make_product, make_offer):
    SiteSettings.objects.create(pk=1, currency="SEK")
    for title, price, currency in [("a", "300", "SEK"), ("b", "20", "EUR"), ("c", "100", "SEK")]:
        make_offer(make_product(title), price, currency=currency)
    make_product("none")
    assert titles(client.get("/?sort=price")) == ["c", "a", "b", "none"]
    assert titles(client.get("/?sort=-price")) == ["a", "c", "b", "none"]
    assert titles(client.get("/?sort=nonsense")) == ["c", "b", "a", "none"]


# --- Pages -------------------------------------------------------------------------------------


def test_pages_link_to_each_other_and_keep_the_sort(client, db):
    make_many(PAGE_SIZE * 2 + 1)
    response = client.get("/?page=2&sort=price")
    html = response.content.decode()
    assert len(titles(response)) == PAGE_SIZE
    assert 'href="?sort=price" rel="prev"' in html
    assert 'href="?sort=price&amp;page=3" rel="next"' in html
    assert len(titles(client.get("/?page=3"))) == 1


@pytest.mark.parametrize("page", ["0", "-1", "2", "999999999999999999999", "x", "", "1e3", "%00", "١"])
def test_a_page_that_does_not_exist_is_not_found(client, make_product, page):
    make_product()
    response = client.get(f"/?page={page}")
    # The last is a one in Arabic digits: Python reads it, so do we.
    assert response.status_code == (200 if page == "١" else 404)


def test_nobody_pages_deeper_than_the_limit(client, db):
    make_many(PAGE_SIZE * MAX_PAGES + 5)
    response = client.get(f"/?page={MAX_PAGES}")
    assert response.status_code == 200
    assert b"1,200" in response.content
    assert client.get(f"/?page={MAX_PAGES + 1}").status_code == 404


def test_a_page_may_hold_the_end_of_one_currency_and_the_start_of_another(client, db):
    make_many(PAGE_SIZE + 3, currency="EUR", lowest_price=5)
    for number in range(4):
        Product.objects.create(
            title=f"Foreign {number}",
            slug=f"foreign-{number}",
            status=Product.Status.PUBLISHED,
            published_at=timezone.now(),
            currency="SEK",
            lowest_price=number,
        )
    assert "Foreign 0" not in titles(client.get("/?sort=price"))
    second = titles(client.get("/?sort=price&page=2"))
    assert second == ["Item 2", "Item 1", "Item 0", "Foreign 0", "Foreign 1", "Foreign 2", "Foreign 3"]


def test_a_list_needs_eight_queries_however_long_it_is(
    client, make_product, make_offer, make_shop, django_assert_max_num_queries
):
    shoes = services.get_or_create_category("Shoes")
    brand = Brand.objects.create(name="Alta", slug="alta")
    shop = make_shop("OTTO")
    for number in range(30):
        make_offer(
            make_product(f"Shoe {number}", brand=brand, categories=[shoes], pictures=2), "10", shop=shop
        )
    for address in (
        "/",
        "/?page=2",
        "/?sort=price",
        "/category/shoes/",
        "/brand/alta/",
        "/shop/otto/",
    ):
        with django_assert_max_num_queries(8):
            assert client.get(address).status_code == 200
    with django_assert_max_num_queries(17):  # finding included
        assert client.get("/search/?q=shoe").status_code == 200


# --- Search ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param("trail", ["Trail Shoe Älg"], id="word"),
        pytest.param("SHOE tra", ["Trail Shoe Älg"], id="any case, any order, beginnings"),
        pytest.param("älg", ["Trail Shoe Älg"], id="other letters"),
        pytest.param("trail & !shoe | (", ["Trail Shoe Älg"], id="operators are no operators"),
        pytest.param("'trail'", ["Trail Shoe Älg"], id="quotes"),
        pytest.param("4006381333931", ["Pencil"], id="EAN"),
        pytest.param("alta", ["Tent"], id="brand"),
        pytest.param("boat", [], id="nothing"),
        pytest.param("", [], id="empty"),
        pytest.param("!!! ---", [], id="no word"),
        pytest.param("\0trail", ["Trail Shoe Älg"], id="NUL"),
        pytest.param("x" * 5000, [], id="5,000 characters"),
        pytest.param("trail " * 1000, ["Trail Shoe Älg"], id="1,000 words"),
        pytest.param("安い \U0001f45f", [], id="other scripts"),
    ],
)
def test_search_finds_words_and_eans(client, make_product, query, found):
    make_product("Trail Shoe Älg")
    make_product("Pencil", gtin="4006381333931")
    make_product("Tent", brand=Brand.objects.create(name="Alta", slug="alta"))
    make_product("Trail draft", status=Product.Status.DRAFT)
    response = client.get("/search/", {"q": query})
    assert response.status_code == 200
    assert titles(response) == found


def test_search_results_stay_out_of_search_engines(client, make_product):
    make_product("Trail Shoe")
    assert b'<meta name="robots" content="noindex, follow">' in client.get("/search/?q=trail").content


# --- Whatever comes ----------------------------------------------------------------------------

slugs = st.text(max_size=200).map(lambda text: quote(text, safe=""))
paths = st.one_of(
    st.just("/"),
    st.just("/search/"),
    st.builds("/{}/{}/".format, st.sampled_from(["product", "category", "brand", "shop", "go"]), slugs),
    st.builds("/{}".format, slugs),
    st.builds("/sitemap-{}.xml".format, slugs),
    st.sampled_from(
        ["/category/shoes/", "/brand/alta/", "/shop/otto/", "/product/shoe/", "/sitemap-products-1.xml"]
    ),
)
parameters = st.dictionaries(
    st.sampled_from(["q", "page", "sort", "p", "x"]), st.text(max_size=300), max_size=4
)


@pytest.fixture
def small_catalogue(make_product, make_offer, make_shop):
    shoes = services.get_or_create_category("Shoes")
    brand = Brand.objects.create(name="Alta", slug="alta")
    make_offer(make_product("Shoe", brand=brand, categories=[shoes]), shop=make_shop("OTTO"))
    assert Offer.objects.count() == 1


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=paths, parameters=parameters)
def test_no_address_breaks_the_site(client, small_catalogue, path, parameters):
    response = client.get(path, parameters)
    assert response.status_code in (200, 301, 302, 404)


@pytest.mark.parametrize(
    "query", ["q=%ff%fe", "q=%00", "page=%00", "q=%ED%A0%80", "q[]=1&q[]=2", "sort=%27--", "&&==&"]
)
def test_broken_query_strings_break_nothing(client, small_catalogue, query):
    for path in ("/", "/search/", "/category/shoes/", "/product/shoe/"):
        assert client.get(f"{path}?{query}").status_code in (200, 404)
