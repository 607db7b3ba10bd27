"""Products side by side, named by the address alone."""

import re

import pytest

from catalog import services
from catalog.models import SiteSettings

pytestmark = pytest.mark.django_db


@pytest.fixture
def lamps(make_product, make_offer):
    lamps = services.get_or_create_category("Lamps")
    made = [
        make_product(f"Lamp {name}", categories=[lamps], attributes={"colour": name, "material": "oak"})
        for name in ("red", "blue", "green", "black", "white")
    ]
    for number, product in enumerate(made):
        make_offer(product, f"{number + 1}0.00")
    return made


def compare(client, *products, **parameters):
    return client.get("/compare/", {"p": [product.pk for product in products], **parameters})


def columns(response) -> list[str]:
    return [product.title for product, _ in response.context["products"]]


def test_products_stand_side_by_side_in_the_order_of_the_address(client, lamps):
    response = compare(client, lamps[1], lamps[0])
    assert columns(response) == ["Lamp blue", "Lamp red"]
    lines = {line.label: (line.values, line.differs) for line in response.context["lines"]}
    assert lines == {"Colour": (["blue", "red"], True), "Material": (["oak", "oak"], False)}
    assert "€20.00" in response.text
    assert b'content="noindex, follow"' in response.content
    assert not response.cookies


def test_four_at_most_and_each_once(client, lamps):
    assert len(columns(compare(client, lamps[0], *lamps))) == 4
    assert "Add a product" not in compare(client, *lamps).text


def test_each_can_be_taken_away_and_others_added(client, lamps):
    response = compare(client, lamps[0], lamps[1], add="green")
    without = {product.title: address for product, address in response.context["products"]}
    assert without["Lamp red"] == f"?p={lamps[1].pk}"
    assert [(product.title, address) for product, address in response.context["offered"]] == [
        ("Lamp green", f"?p={lamps[0].pk}&p={lamps[1].pk}&p={lamps[2].pk}")
    ]
    assert len(compare(client, lamps[0]).context["offered"]) == 4  # others of its category


@pytest.mark.parametrize(
    "asked", ["", "?p=", "?p=x&p=-1&p=1e9", "?p=" + "9" * 400, "?p=%00", "?" + "&".join(["p=1"] * 500)]
)
def test_whatever_an_address_names_is_answered(client, lamps, asked):
    assert client.get(f"/compare/{asked}").status_code == 200


def test_drafts_and_the_trash_are_not_compared(client, lamps):
    services.change_status(lamps[0], status="draft")
    services.change_status(lamps[1], status="trashed")
    assert columns(compare(client, *lamps[:3])) == ["Lamp green"]


def test_properties_of_machines_are_not_compared(client, make_product):
    product = make_product(attributes={"productId": "7", "heel": "flat"})
    SiteSettings.objects.create(pk=1, attributes={"productid": {"shown": True}})
    assert compare(client, product).context["lines"] == []


def test_lists_offer_to_tick_and_product_pages_link(client, lamps):
    html = client.get("/category/lamps/").text
    assert len(re.findall(r'name="p" value="\d+" form="compare"', html)) == 5
    assert 'id="compare"' in html
    assert f'href="/compare/?p={lamps[0].pk}"' in client.get(lamps[0].get_absolute_url()).text


def test_comparing_asks_few_questions(client, lamps, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        compare(client, *lamps[:3])
