"""What visitors type finds what they mean."""

import pytest
from django.db import connection

from affiliate_site.redis import get_redis
from catalog import services
from catalog.models import Brand, DailyClicks, NewText, Product, SearchWord, SiteSettings
from catalog.public.views import lists
from tests.catalog.public.test_lists import titles

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nobody_has_asked():
    for key in get_redis().scan_iter("suggest:*"):
        get_redis().delete(key)


@pytest.fixture
def german():
    SiteSettings.objects.update_or_create(pk=1, defaults={"language": "de"})


@pytest.fixture
def make_titles(make_product):
    def make(*names: str) -> None:
        for name in names:
            make_product(name)
        learn()

    return make


def learn() -> None:
    while services.learn_words():
        pass


def search(client, query: str, **parameters):
    return client.get("/search/", {"q": query, **parameters})


@pytest.mark.parametrize(
    ("query", "title"),
    [
        pytest.param("lampe", "Tischlampe Oslo", id="in a compound"),
        pytest.param("lampen", "Tischlampe Oslo", id="another form, in a compound"),
        pytest.param("uhr", "Armbanduhr Bern", id="three letters at the end of a compound"),
        pytest.param("lampe oslo", "Tischlampe Oslo", id="with another word"),
        pytest.param("tischlampe", "Tisch Lampe Rom", id="a compound that the title has as two words"),
        pytest.param("stühle", "Stuhl Wien", id="several of them"),
        pytest.param("grüner", "Grüne Jacke", id="another ending"),
        pytest.param("waldgruen", "Rucksack Waldgrün", id="umlaut spelled out"),
        pytest.param("waldgrun", "Rucksack Waldgrün", id="umlaut left out"),
        pytest.param("waldgrü", "Rucksack Waldgrün", id="begun"),
        pytest.param("schluessel", "Schlüssel", id="spelled out, whole"),
        pytest.param("kafeemaschine", "Kaffeemaschine Linz", id="a letter left out"),
        pytest.param("kaffemaschiene", "Kaffeemaschine Linz", id="two typos"),
        pytest.param("ajcke", "Grüne Jacke", id="first letters swapped"),
        pytest.param("usb", "Kabel HDMI/USB-C", id="behind a slash"),
        pytest.param("usb-c", "Kabel HDMI/USB-C", id="with a hyphen"),
        pytest.param("3,5mm", "Klinke 3.5mm", id="a number with a point"),
        pytest.param("jacke für den wald", "Jacke Wald", id="words that stand for nothing"),
        pytest.param("creme", "Crème Dose", id="an accent"),
    ],
)
def test_search_finds_what_is_meant(client, german, make_titles, query, title):
    make_titles(title, "Etwas ganz anderes", "Fahrplan")
    assert titles(search(client, query)) == [title]


@pytest.mark.parametrize(
    ("query", "title"),
    [
        pytest.param("4712", "Pinsel 4711", id="a number is no typo of another"),
        pytest.param("711", "Pinsel 4711", id="nor part of one"),
        pytest.param("ring", "Springform", id="four letters are no part in the midst"),
        pytest.param("tee", "Teppich", id="three letters have no typos"),
    ],
)
def test_search_does_not_find_everything(client, german, make_titles, query, title):
    make_titles(title)
    assert titles(search(client, query)) == []


@pytest.mark.parametrize(
    ("language", "query", "title"),
    [("en", "shoe", "Trail Shoes"), ("nl", "lampen", "Lamp Breda"), ("sv", "lampor", "Lampa Lund")],
)
def test_word_forms_are_those_of_the_sites_language(client, make_titles, language, query, title):
    SiteSettings.objects.update_or_create(pk=1, defaults={"language": language})
    make_titles(title)
    assert titles(search(client, query)) == [title]


def test_the_word_itself_stands_before_compounds(client, german, make_product, make_offer):
    for title in ("Lampe Nord", "Tischlampe", "Stehlampe"):
        make_offer(make_product(title))
    learn()
    assert titles(search(client, "lampe")) == ["Lampe Nord", "Stehlampe", "Tischlampe"]
    assert titles(search(client, "lampe", sort="newest")) == ["Stehlampe", "Tischlampe", "Lampe Nord"]


def test_a_title_is_found_before_its_words_are_learnt(client, make_product):
    make_product("Trail Shoe")
    assert titles(search(client, "trail")) == ["Trail Shoe"]


def test_a_correction_is_told(client, german, make_titles):
    make_titles("Lampe Nord")
    response = search(client, "lanpe")
    assert titles(response) == ["Lampe Nord"]
    assert response.context["found"].corrected == "lampe"
    assert "Lampe" not in search(client, "lampe").context["found"].corrected


def test_words_may_be_the_brands(client, make_product):
    alta = Brand.objects.create(name="Alta Sport", slug="alta-sport")
    make_product("Tent", brand=alta)
    make_product("Boat", brand=alta)
    learn()
    assert titles(search(client, "alta tent")) == ["Tent"]
    assert titles(search(client, "sport")) == ["Boat", "Tent"]


def test_categories_brands_and_shops_are_hits(client, german, make_product, make_shop):
    services.get_or_create_category("Lampen")
    make_shop("Lampenwelt")
    Brand.objects.create(name="Grüne Lampe", slug="gruene-lampe")
    learn()
    names = {(name.kind, name.text) for name in search(client, "lampe").context["found"].names}
    assert names == {("category", "Lampen"), ("shop", "Lampenwelt"), ("brand", "Grüne Lampe")}
    assert b'href="/category/lampen/"' in search(client, "lampe").content


def test_where_nothing_is_found_stand_the_most_clicked(client, make_product, make_offer, settings):
    from django.utils import timezone

    seldom, often, draft = (
        make_product("Seldom"),
        make_product("Often"),
        make_product("Draft", status="draft"),
    )
    for product, clicks in ((seldom, 1), (often, 5), (draft, 9)):
        DailyClicks.objects.create(
            offer=make_offer(product), day=timezone.localdate(), place="top", count=clicks
        )
    assert [product.title for product in search(client, "zzzz").context["popular"]] == ["Often", "Seldom"]


def test_words_of_new_titles_and_names_are_learnt_once(make_product):
    product = make_product("Tischlampe Oslo")
    services.get_or_create_category("Leuchten")
    learn()
    product.title = "Stehlampe Oslo"
    product.save()
    Product.objects.filter(pk=product.pk).update(description="No title")
    assert NewText.objects.count() == 1
    learn()
    assert not NewText.objects.exists()
    assert set(SearchWord.objects.values_list("text", flat=True)) == {
        "tischlampe",
        "oslo",
        "leuchten",
        "stehlampe",
    }


@pytest.mark.parametrize(
    "query",
    [
        "a " * 100,
        "x" * 200,
        "'a' | !b",
        "\\",
        "%_%",
        "ß" * 100,
        "a:* & b",
        "ſ İ ﬃ",
        "tisch" * 30,
        "\u0301 ä\u0308",
    ],
)
def test_whatever_is_typed_asks_a_bounded_number_of_questions(
    client, make_titles, query, django_assert_max_num_queries
):
    make_titles("Tischlampe")
    with django_assert_max_num_queries(20):
        assert search(client, query).status_code == 200
    assert client.get("/search/suggest/", {"q": query}).status_code in (200, 204)


# --- While one types -------------------------------------------------------------------------------


def test_suggestions_are_links_to_what_is_found(client, make_product, make_offer, make_shop):
    make_offer(make_product("Trail Shoe"), "12.50", shop=make_shop("Trail Hut"))
    learn()
    response = client.get("/search/suggest/", {"q": "tra"})
    assert b'href="/product/trail-shoe/"' in response.content
    assert b'href="/shop/trail-hut/"' in response.content
    assert b"<html" not in response.content
    assert not response.cookies


@pytest.mark.parametrize("query", ["", "t", " t ", "\0"])
def test_too_little_suggests_nothing(client, query):
    assert client.get("/search/suggest/", {"q": query}).status_code == 204


def test_who_asks_too_often_gets_no_suggestions_and_can_search_on(client, make_product, monkeypatch):
    monkeypatch.setattr(lists, "SUGGESTS_PER_NETWORK", 2)
    make_product("Trail Shoe")
    answers = [client.get("/search/suggest/", {"q": "trail"}).status_code for _ in range(3)]
    assert answers == [200, 200, 204]
    assert titles(search(client, "trail")) == ["Trail Shoe"]
    assert all(get_redis().ttl(key) > 0 for key in get_redis().scan_iter("suggest:*"))


def test_suggestions_cost_few_questions(client, make_titles):
    make_titles("Trail Shoe")
    before = len(connection.queries_log)
    client.get("/search/suggest/", {"q": "trail"})
    assert len(connection.queries_log) - before <= 8
