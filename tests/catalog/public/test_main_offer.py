"""The offer that an editor chose leads page, structured data and feed; the comparison stays fair."""

import json
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from catalog import services
from catalog.models import Offer


@pytest.fixture
def product(make_product, make_offer, make_shop):
    """A product of two shops: Bol is dearer."""
    product = make_product("Trail Shoe")
    make_offer(product, "90.00", shop=make_shop("OTTO"))
    make_offer(product, "99.00", shop=make_shop("Bol"))
    return product


@pytest.fixture
def main(product) -> Offer:
    offer = product.offers.get(shop__name="Bol")
    services.choose_main_offer(product, offer_id=offer.pk)
    return offer


def page(client, product) -> str:
    return client.get(product.get_absolute_url()).content.decode()


def buy_box(html: str) -> str:
    return " ".join(re.search(r'<div class="buy-box">(.*?</div>.*?)</div>', html, re.S)[1].split())


def data(html: str) -> dict:
    return json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', html)[1])


def test_without_a_choice_the_cheapest_leads(client, product):
    box = buy_box(page(client, product))
    assert "€90.00" in box
    assert "at OTTO" in box
    assert "Our choice" not in box


def test_the_chosen_offer_leads_and_the_page_owns_up_to_it(client, product, main):
    html = page(client, product)
    box = buy_box(html)
    assert "€99.00" in box
    assert main.top_url in box
    assert "at Bol" in box
    assert "from" not in re.sub(r"<[^>]*>", "", box)
    assert "Our choice. Another shop has it for €9.00 less." in box
    # The comparison promises the cheapest first, and keeps it.
    assert html.index(">OTTO</a>") < html.index(">Bol</a>")


def test_the_structured_data_begin_with_it_and_stay_true(client, product, main):
    offers = data(page(client, product))["offers"]
    assert [offer["seller"]["name"] for offer in offers["offers"]] == ["Bol", "OTTO"]
    assert (offers["lowPrice"], offers["highPrice"]) == ("90.00", "99.00")


def test_cards_and_feed_say_its_price_and_no_from(client, product, main):
    assert "from" not in re.search(r'class="card-price">.*?</p>', client.get("/").content.decode(), re.S)[0]
    assert "Trail Shoe: €99.00" in client.get("/feed/").content.decode()


@pytest.mark.parametrize("change", [{"in_stock": False}, {"expired_at": timezone.now() - timedelta(days=1)}])
def test_the_cheapest_leads_again_where_it_cannot_be_had(client, product, main, change):
    Offer.objects.filter(pk=main.pk).update(**change)
    assert "at OTTO" in buy_box(page(client, product))


def test_of_a_shop_with_two_offers_the_chosen_one_speaks(client, product, main, make_offer):
    make_offer(product, "80.00", shop=main.shop)
    html = page(client, product)
    assert "€99.00" in buy_box(html)
    assert "€80.00" not in html


def test_a_choice_in_another_currency_leads(client, product, make_offer, make_shop):
    foreign = make_offer(product, "500.00", shop=make_shop("Elgiganten"), currency="SEK")
    services.choose_main_offer(product, offer_id=foreign.pk)
    html = page(client, product)
    assert "at Elgiganten" in buy_box(html)
    assert data(html)["offers"]["priceCurrency"] == "SEK"
