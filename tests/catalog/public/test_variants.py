"""The picker of a product page: links that choose one variant of a model, and no page that there is not."""

import re
from html import unescape

import pytest

from affiliate_site.redis import get_redis
from catalog.models import SiteSettings
from catalog.public.variants import Picker, is_address
from catalog.site import shared
from tests.catalog.public.test_product import json_ld, page, shown_prices

pytestmark = pytest.mark.django_db
VARIANTS = [
    ("Black", "42", "80.00"),
    ("Black", "43", "81.00"),
    ("Red", "42", "90.00"),
    ("Red", "44", "91.00"),
]


@pytest.fixture
def model(make_product, make_offer, make_shop):
    """A shoe in two colours and three sizes, and another shop's offer of the black 42."""
    product = make_product(
        "Trail runner",
        gtin="4006381333931",
        attributes={"Farbe": "Black", "maat": "42", "material": "Nylon"},
    )
    otto = make_shop("OTTO")
    for number, (colour, size, price) in enumerate(VARIANTS):
        variant = {"colour": colour, "size": size}
        make_offer(
            product,
            price,
            shop=otto,
            variant=variant,
            variant_group="td:1:x",
            gtin=f"400638133393{number}",
            title=f"Trail runner, {colour}, {size}",
        )
    make_offer(
        product,
        "79.00",
        shop=make_shop("Hult"),
        variant={"colour": "Black", "size": "42"},
        gtin="4006381333930",
    )
    return product


def at(client, product, variant: str):
    return client.get(product.get_absolute_url(), {"variant": variant})


def picker_of(html: str) -> dict[str, tuple[str, bool]]:
    """Return each choice with its address and whether it is chosen."""
    nav = html.partition('<nav class="variants"')[2].partition("</nav>")[0]
    found = re.findall(r'<li><a href="([^"]+)" rel="nofollow"([^>]*)>([^<]+)</a>', nav)
    return {unescape(text): (unescape(url), "aria-current" in state) for url, state, text in found}


def test_the_page_of_a_model_lets_visitors_choose_colour_and_size(client, model):
    html = page(client, model)

    assert list(picker_of(html)) == ["Black", "Red", "42", "43", "44"]
    assert shown_prices(html) == ["€79.00", "€80.00"], "of each shop its best variant"
    assert "Black, 42" in html
    assert picker_of(html)["Red"] == (f"{model.get_absolute_url()}?variant=red.", False)


@pytest.mark.parametrize(
    ("variant", "prices"),
    [
        ("black.42", ["€79.00", "€80.00"]),
        ("black.43", ["€81.00"]),
        ("red.", ["€90.00"]),
        (".42", ["€79.00", "€80.00"]),
        (".44", ["€91.00"]),
    ],
)
def test_an_address_shows_the_offers_of_its_variant(client, model, variant, prices):
    response = at(client, model, variant)

    assert shown_prices(response.text) == prices
    canonical = re.search(r'<link rel="canonical" href="([^"]+)">', response.text)[1]
    assert canonical.endswith(model.get_absolute_url())
    assert "no-store" not in response.get("Cache-Control", "")


def test_the_price_of_a_model_is_from_the_cheapest_variant(client, model):
    model.offers.filter(price="79.00").delete()

    assert '<span class="from">from</span>' in page(client, model)
    assert '<span class="from">' not in at(client, model, "black.42").text


def test_links_keep_what_is_chosen_and_can_take_it_back(client, model):
    choices = picker_of(at(client, model, "red.42").text)
    path = model.get_absolute_url()

    assert choices["Red"] == (f"{path}?variant=.42", True)
    assert choices["42"] == (f"{path}?variant=red.", True)
    assert choices["44"] == (f"{path}?variant=red.44", False)
    assert choices["43"] == (f"{path}?variant=.43", False), "there is no red 43"
    assert picker_of(at(client, model, ".42").text)["42"] == (path, True)
    for url, _ in choices.values():
        assert "no-store" not in client.get(url).get("Cache-Control", "")


def test_details_and_structured_data_are_of_the_variant(client, model):
    whole, chosen = page(client, model), at(client, model, "red.44").text

    assert "<dd>Nylon</dd>" in whole
    assert "<dd>Black</dd>" not in whole
    assert "4006381333931" not in whole
    assert "<dd>Red</dd>" in chosen
    assert "4006381333933" in chosen
    (data,) = (each for each in json_ld(chosen) if each["@type"] == "Product")
    assert (data["gtin13"], data["offers"]["price"]) == ("4006381333933", "91.00")
    assert data["url"].endswith(model.get_absolute_url())
    assert "gtin13" not in next(each for each in json_ld(whole) if each["@type"] == "Product")


ODD = [
    "blue.42",
    "red.43",
    "red",
    "42",
    "red.42.",
    ".",
    "a" * 90,
    "red.42&x=1",
    "RED.42",
    "<b>",
    "\0",
    "é.",
    "-",
]


@pytest.mark.parametrize("variant", ODD)
def test_a_variant_that_there_is_not_is_the_page_of_the_model_and_is_not_kept(
    client, model, variant, settings, monkeypatch
):
    settings.PAGE_CACHE_SECONDS = 60
    monkeypatch.setattr(shared, "TRUSTED_SECONDS", 0.0)
    before = set(get_redis().scan_iter("page:*"))
    response = at(client, model, variant)

    assert response.status_code == 200
    assert shown_prices(response.text) == ["€79.00", "€80.00"]
    assert "aria-current" not in response.text.partition('<nav class="variants"')[2].partition("</nav>")[0]
    assert response["Cache-Control"] == "no-store"
    assert set(get_redis().scan_iter("page:*")) == before


@pytest.mark.django_db(transaction=True)
def test_pages_of_variants_are_kept(client, model, settings, monkeypatch):
    settings.PAGE_CACHE_SECONDS = 60
    monkeypatch.setattr(shared, "TRUSTED_SECONDS", 0.0)
    before = len(list(get_redis().scan_iter("page:*")))
    first = at(client, model, "red.42")
    assert len(list(get_redis().scan_iter("page:*"))) == before + 1
    assert at(client, model, "red.42").content == first.content


def test_a_product_without_variants_has_no_picker_and_ignores_the_address(client, make_product, make_offer):
    product = make_product()
    make_offer(product, variant={"colour": "Black"}, variant_group="g")
    response = at(client, product, "black")

    assert "variants" not in response.text
    assert response["Cache-Control"] == "no-store"


def test_a_sold_out_variant_says_so(client, model):
    model.offers.filter(variant__colour="Red").update(in_stock=False)
    html = page(client, model)

    assert re.search(r'data-state="unavailable"[^>]*>Red<', html)
    assert "Not available right now" in at(client, model, "red.42").text


def test_an_editors_choice_leads_the_variant_that_it_is_of(client, model):
    offer = model.offers.get(price="90.00")
    offer.is_main = True
    offer.save()

    assert "€90.00" in at(client, model, "red.").text
    assert shown_prices(at(client, model, "black.43").text) == ["€81.00"]


def test_variants_of_a_shops_group_that_only_titles_tell_apart_can_be_chosen(
    client, make_product, make_offer
):
    product = make_product("Phone X")
    for size, gtin in (("64 GB", "4006381333931"), ("128 GB", "0036000291452")):
        make_offer(product, variant_group="g", title=f"Phone X {size} black", gtin=gtin)
    make_offer(product, "5.00", title="X-Phone, kleine Version", gtin="4006381333931")
    html = page(client, product)

    assert list(picker_of(html)) == ["64", "128"]
    assert shown_prices(at(client, product, "64").text) == ["€5.00", "€99.00"]


def test_hostile_names_of_variants_are_text_and_can_be_chosen(client, make_product, make_offer):
    product = make_product()
    names = ['"><script>alert(1)</script>', "42.5", "42 1/2", "红色", "💥", "…", "425"]
    for name in names:
        make_offer(product, variant={"colour": name}, variant_group="g")
    html = page(client, product)
    choices = picker_of(html)

    assert set(choices) == set(names)
    assert "<script>alert(1)" not in html
    assert len({url for url, _ in choices.values()}) == len(names)
    for name, (url, _) in choices.items():
        assert picker_of(client.get(url).text)[name][1], name


def test_labels_are_the_sites(client, model):
    SiteSettings.objects.update_or_create(
        pk=1, defaults={"language": "de", "attributes": {"size": {"labels": {"de": "Schuhgröße"}}}}
    )
    html = page(client, model)

    assert "Schuhgröße" in html
    assert "Farbe" in html


@pytest.mark.parametrize(
    "sizes", [["S", "M", "XL", "3XL"], ["38", "38.5", "39", "100"], ["L", "42", "One size"]]
)
def test_sizes_stand_in_the_order_of_shops(make_product, make_offer, sizes):
    product = make_product()
    for size in reversed(sizes):
        make_offer(product, variant={"size": size}, variant_group="g")
    offers = list(product.offers.all())
    for offer in offers:
        offer.gone = False
    (dimension,) = Picker.of(offers, "", "/", {}).dimensions

    assert [choice.text for choice in dimension.choices] == sizes


def test_an_address_is_short_and_plain():
    assert all(map(is_address, ["red.42", "red.", ".42", "a"]))
    assert not any(map(is_address, ["", "Red", "red 42", "a" * 91, "a.b.c.d.e.f", "é", "\n", "a\n"]))
