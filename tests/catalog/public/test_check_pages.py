"""The command that looks at the pages as a search engine does."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from catalog import services
from catalog.models import Brand, Product
from catalog.public import checks


def run(**options) -> tuple[dict, str]:
    """Return what the command printed, and the error that it ended with."""
    out, error = StringIO(), ""
    try:
        call_command("check_pages", json=True, stdout=out, **options)
    except CommandError as failure:
        error = str(failure)
    return json.loads(out.getvalue()), error


def problems(**options) -> list[tuple[str, str]]:
    return [(each["path"], each["problem"]) for each in run(**options)[0]["problems"]]


@pytest.fixture
def catalogue(make_product, make_offer, make_shop):
    shoes = services.get_or_create_category("Shoes")
    brand = Brand.objects.create(name="Alta", slug="alta")
    otto, baur = make_shop("OTTO"), make_shop("Baur & Söhne")
    for number in range(3):
        product = make_product(
            f'Shoe </script> "{number}"',
            categories=[shoes],
            brand=brand,
            pictures=2,
            gtin=f"400638133393{number}",
            description="<p>Warm &amp; dry.</p>",
        )
        make_offer(product, "90.00", shop=otto)
        make_offer(product, "80.00", shop=baur, in_stock=number != 1)
        make_offer(product, "70.00", shop=baur, currency="SEK")
    make_product("Draft", status=Product.Status.DRAFT)


def test_nothing_is_wrong_with_the_pages_of_a_good_site(catalogue):
    result, error = run()
    assert result["problems"] == []
    assert error == ""
    assert result["pages"] == 6 + 3 + 1 + 1 + 2  # fixed, products, category, brand, shops
    assert result["links"] > 10


def test_an_empty_site_has_no_problems(db):
    assert problems() == []


def test_a_broken_link_is_reported_once_with_its_page(catalogue):
    Product.objects.update(
        description='<p><a href="/product/nothing/">x</a> <a href="https://shop.example/x">y</a></p>'
    )
    found = problems()
    assert len(found) == 1
    assert found[0][1] == "links to /product/nothing/, which is not there"
    assert "/product/" in found[0][0]


def test_two_pages_of_one_title_are_reported(catalogue):
    Product.objects.update(meta_title="The same")
    found = [problem for _, problem in problems() if "has the title of" in problem]
    assert len(found) == 1
    assert found[0].endswith(": The same – My comparison site")


def test_a_page_that_breaks_is_reported_and_the_others_are_still_checked(catalogue, monkeypatch):
    from catalog.public.views import product as view

    def broken(*args):
        raise RuntimeError("broken")

    monkeypatch.setattr(view, "compare_offers", broken)
    assert {problem for path, problem in problems() if path.startswith("/product/")} == {"answers 500"}
    assert run()[1] == "3 problems."


def test_a_limit_takes_pages_from_all_over_the_catalogue(make_product):
    for number in range(20):
        make_product(f"Shoe {number}")
    paths = [path for path in checks.sample_paths(5) if path.startswith("/product/")]
    assert len(paths) == 5
    numbers = [int(path.strip("/").split("-")[-1]) for path in paths]
    assert max(numbers) - min(numbers) >= 15


def test_people_read_lines(catalogue):
    out = StringIO()
    call_command("check_pages", stdout=out)
    assert "13 pages and " in out.getvalue()


def test_clicks_are_not_counted_by_the_check(catalogue):
    from affiliate_site.redis import get_redis
    from catalog.clicks.counting import COUNTING

    get_redis().delete(COUNTING)
    run()
    assert not get_redis().exists(COUNTING)


PRODUCT = {
    "@context": "https://schema.org",
    "@type": "Product",
    "name": "Shoe",
    "offers": {"@type": "Offer", "price": "1.00", "priceCurrency": "EUR"},
}


def aggregate(**changes) -> dict:
    offers = {"@type": "AggregateOffer", "lowPrice": "1", "highPrice": "2", "priceCurrency": "EUR"}
    return PRODUCT | {"offers": offers | {"offerCount": 1, "offers": [{}]} | changes}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        pytest.param("{", "cannot be read", id="no JSON"),
        pytest.param([], "without @context", id="a list"),
        pytest.param({"@type": "Product"}, "without @context", id="no context"),
        pytest.param(PRODUCT | {"name": ""}, "without a name", id="no name"),
        pytest.param(PRODUCT | {"brand": "Alta"}, "no Brand", id="bare brand"),
        pytest.param(PRODUCT | {"aggregateRating": {"ratingValue": 5}}, "ratings", id="invented rating"),
        pytest.param(PRODUCT | {"offers": {"price": "1"}}, "without a currency", id="no currency"),
        pytest.param(PRODUCT | {"offers": {"priceCurrency": "EUR"}}, "without a price", id="no price"),
        pytest.param(aggregate(lowPrice="3"), "from 3.0 to 2.0", id="low above high"),
        pytest.param(aggregate(offerCount=5), "counts other offers", id="count"),
        pytest.param(
            {
                "@context": "https://schema.org",
                "@type": "BreadcrumbList",
                "itemListElement": [{"position": 2}],
            },
            "positions",
            id="positions",
        ),
    ],
)
def test_structured_data_that_is_wrong_is_reported(data, words):
    text = data if isinstance(data, str) else json.dumps(data)
    assert any(words in problem for problem in checks.json_ld_problems(text))


def test_structured_data_that_is_right_is_not_reported():
    for data in (PRODUCT, aggregate()):
        assert list(checks.json_ld_problems(json.dumps(data))) == []
