"""Narrowing lists: what each filter leaves, and what it would leave."""

import re
from decimal import Decimal
from html import unescape

import pytest
from django.utils import timezone

from catalog import services
from catalog.models import Brand, Product
from catalog.public import facets
from catalog.public.facets import Sample
from catalog.public.listing import published_products


@pytest.fixture
def shelf(make_product, make_offer, make_shop):
    """Six shoes: three brands, two shops, prices 10 to 60, one sold out, one reduced, one in kronor."""
    shoes = services.get_or_create_category("Shoes")
    trail = services.get_or_create_category("Trail", parent=shoes)
    alta, fjell = (Brand.objects.create(name=name, slug=name.lower()) for name in ("Alta", "Fjell"))
    otto, baur = make_shop("OTTO"), make_shop("Baur")
    rows = [
        ("A1", alta, trail, otto, "10", {}),
        ("A2", alta, shoes, otto, "20", {}),
        ("A3", alta, shoes, baur, "30", {"in_stock": False}),
        ("F1", fjell, trail, otto, "40", {}),
        ("F2", fjell, trail, baur, "50", {}),
        ("N1", None, shoes, baur, "60", {"currency": "SEK"}),
    ]
    for title, brand, category, shop, price, offer in rows:
        product = make_product(f"Shoe {title}", brand=brand, categories=[category])
        make_offer(product, price, shop=shop, **offer)
    Product.objects.filter(title="Shoe F1").update(
        prior_price=50, reduced_percent=20, reduced_until=timezone.now() + timezone.timedelta(days=1)
    )
    make_product("Shoe draft", brand=alta, categories=[shoes], status="draft")


def titles(response) -> set[str]:
    found = re.findall(r'class="card-title"><a href="[^"]+">([^<]+)<', response.content.decode())
    return {title.removeprefix("Shoe ") for title in found}


def choices(response, name: str) -> dict[str, int]:
    """The choices of one facet with their numbers, as shown."""
    html = (
        response.content.decode().partition(f'aria-labelledby="facet-{name}"')[2].partition("</section>")[0]
    )
    found = re.findall(r'facet-label">([^<]+)</span> <span class="facet-count">.*?([\d,]+)</span>', html)
    return {unescape(label): int(count.replace(",", "")) for label, count in found}


@pytest.mark.parametrize(
    ("address", "found"),
    [
        pytest.param("/category/shoes/", "A1 A2 A3 F1 F2 N1", id="all"),
        pytest.param("/category/shoes/?brand=alta", "A1 A2 A3", id="brand"),
        pytest.param("/category/shoes/?brand=alta&brand=fjell", "A1 A2 A3 F1 F2", id="either brand"),
        pytest.param("/category/shoes/?brand=nobody", "", id="unknown brand"),
        pytest.param("/category/shoes/?shop=baur", "A3 F2 N1", id="shop"),
        pytest.param("/category/shoes/?shop=baur&brand=fjell", "F2", id="shop and brand"),
        pytest.param("/category/shoes/?min=20&max=40", "A2 A3 F1", id="price, both ends belong"),
        pytest.param("/category/shoes/?min=50", "F2", id="other currencies are not compared"),
        pytest.param("/category/shoes/?max=19,99", "A1", id="comma"),
        pytest.param("/category/shoes/?min=abc", "A1 A2 A3 F1 F2 N1", id="no number"),
        pytest.param("/category/shoes/?available=1", "A1 A2 F1 F2 N1", id="available"),
        pytest.param("/category/shoes/?reduced=1", "F1", id="reduced"),
        pytest.param("/category/trail/", "A1 F1 F2", id="subcategory"),
        pytest.param("/search/?q=shoe&category=trail", "A1 F1 F2", id="category in a search"),
        pytest.param("/search/?q=shoe&category=shoes", "A1 A2 A3 F1 F2 N1", id="with what is below it"),
        pytest.param("/search/?q=shoe&category=nothing", "", id="unknown category"),
        pytest.param("/brand/alta/?shop=otto", "A1 A2", id="on a brand's page"),
        pytest.param("/shop/baur/?available=1", "F2 N1", id="on a shop's page"),
    ],
)
def test_filters_leave_what_they_say(client, shelf, address, found):
    response = client.get(address)
    assert response.status_code == 200
    assert titles(response) == set(found.split())


def test_each_choice_says_how_many_it_would_leave(client, shelf):
    response = client.get("/search/?q=shoe")
    assert choices(response, "brands") == {"Alta": 3, "Fjell": 2}
    assert choices(response, "shops") == {"OTTO": 3, "Baur": 3}
    assert choices(response, "category") == {"Shoes": 6}
    assert choices(response, "offer") == {"Available now": 5, "Price reduced": 1}


def test_a_chosen_brand_still_shows_how_many_another_would_add(client, shelf):
    response = client.get("/category/shoes/?brand=alta&available=1")
    assert choices(response, "brands") == {"Alta": 2, "Fjell": 2}
    assert choices(response, "shops") == {}, "one that all share narrows nothing"


def test_every_number_is_what_a_click_on_it_leaves(client, shelf):
    for address in ("/search/?q=shoe", "/category/shoes/?available=1", "/brand/alta/"):
        html = client.get(address).content.decode()
        links = re.findall(
            r'<a href="(\?[^"]*)" rel="nofollow"><span class="facet-box".*?facet-count">(\d+)<', html
        )
        assert links
        for query, count in links:
            after = client.get(address.partition("?")[0] + unescape(query))
            assert len(titles(after)) == int(count), query


def test_a_chosen_filter_can_be_taken_away(client, shelf):
    html = client.get("/category/shoes/?brand=alta&min=5&sort=price").content.decode()
    assert '<a href="?min=5.00&amp;sort=price" rel="nofollow" aria-current="true">' in html
    assert '<a href="?sort=price" rel="nofollow">Remove all filters</a>' in html


def test_filters_stay_when_paging_and_sorting(client, make_product, make_offer, make_shop):
    shop = make_shop("OTTO")
    brand = Brand.objects.create(name="Alta", slug="alta")
    for number in range(25):
        make_offer(make_product(f"Shoe {number}", brand=brand), shop=shop)
    html = client.get("/brand/alta/?shop=otto&available=1").content.decode()
    assert 'href="?shop=otto&amp;available=1&amp;page=2"' in html
    assert 'href="?shop=otto&amp;available=1&amp;sort=price"' in html


def test_the_form_for_prices_keeps_the_other_filters(client, shelf):
    html = client.get("/search/?q=shoe&brand=alta&min=1&page=1").content.decode()
    form = html.partition('<form class="facet"')[2].partition("</form>")[0]
    assert '<input type="hidden" name="q" value="shoe">' in form
    assert '<input type="hidden" name="brand" value="alta">' in form
    assert form.count('name="min"') == 1


@pytest.mark.parametrize("query", ["?brand=alta", "?min=10", "?available=1", "?reduced=1", "?shop=otto"])
def test_filtered_lists_stay_out_of_search_engines(client, shelf, query):
    assert b'<meta name="robots" content="noindex, follow">' in client.get(f"/category/shoes/{query}").content
    assert b"noindex" not in client.get("/category/shoes/").content


def test_filters_that_leave_nothing_can_be_removed(client, shelf):
    html = client.get("/category/shoes/?min=1000").content.decode()
    assert "No product fits these filters" in html
    assert "Remove all filters" in html


def test_the_biggest_reductions_come_first_where_asked(client, shelf):
    html = client.get("/category/shoes/?sort=reduced").content.decode()
    assert re.search(r'class="card-title"><a href="[^"]+">([^<]+)<', html)[1] == "Shoe F1"


def test_what_is_in_a_category_follows_every_way_to_write_it(make_product):
    shoes, boots = (services.get_or_create_category(name) for name in ("Shoes", "Boots"))
    product = make_product()

    def stored() -> list[int]:
        return Product.objects.values_list("category_ids", flat=True).get()

    product.categories.add(shoes)
    assert stored() == [shoes.pk]
    services.set_categories([product.pk], categories=[boots], replace=False)
    assert stored() == sorted([shoes.pk, boots.pk])
    services.set_categories([product.pk], categories=[boots])
    assert stored() == [boots.pk]
    services.delete_category(boots)
    assert stored() == []


def test_a_sample_of_many_is_about_right(make_product, monkeypatch):
    brands = [Brand.objects.create(name=f"B{number}", slug=f"b{number}") for number in range(2)]
    now = timezone.now()
    Product.objects.bulk_create(
        Product(
            title=f"P{number}",
            slug=f"p{number}",
            brand=brands[number % 4 == 0],
            status="published",
            published_at=now,
            lowest_price=Decimal(number),
        )
        for number in range(4_000)
    )
    exact = Sample(published_products().filter(lowest_price__lt=facets.SAMPLE))
    assert not exact.about
    assert exact.total == 1_000
    sample = Sample(published_products())
    assert sample.about
    assert len(sample.rows) == facets.SAMPLE
    assert 3_600 <= sample.total <= 4_400
    counts = sample.count(lambda row: [row.brand_id])
    assert 2_600 <= counts[brands[0].pk] <= 3_400
    assert 800 <= counts[brands[1].pk] <= 1_200
