"""Whatever JSON a network sends in place of a product, it becomes an item or nothing, never an exception."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from importer.networks.adtraction.products import parse_row
from importer.networks.contract import FeedData, ItemData
from importer.networks.tradedoubler.products import parse_product
from importer.normalise import MAX_PRICE

FEED = FeedData(external_id="1", name="Standard", program_id="2", program_name="Hult SE")
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner)
)
NAMES = {
    "adtraction": (
        *(
            "productName",
            "productPrice",
            "oldPrice",
            "currency",
            "shipping",
            "productUrl",
            "trackingUrl",
            "sku",
        ),
        *("imageUrl", "ean", "manufacturer", "extraInfo", "inStock", "productCategory", "productDescription"),
    ),
    "product": ("name", "description", "brand", "productImage", "identifiers", "categories", "fields"),
    "offer": (
        *(
            "feedId",
            "sourceProductId",
            "programName",
            "productUrl",
            "priceHistory",
            "availability",
            "inStock",
        ),
        *("shippingCost", "id", "sourceProductUrl"),
    ),
}


def objects(names):
    return st.fixed_dictionaries({}, optional=dict.fromkeys(names, anything))


def check(item):
    assert isinstance(item, ItemData)
    assert len(item.title) <= 300
    assert len(item.external_id) <= 500
    assert item.price is None or 0 < item.price <= MAX_PRICE
    assert item.tracking_url == "" or item.tracking_url.startswith(("http", "HTTP"))
    for text in (item.title, item.description, item.brand, item.category, *item.attributes.values()):
        text.encode()
        assert "\x00" not in text


@settings(max_examples=300, suppress_health_check=list(HealthCheck), deadline=None)
@given(objects(NAMES["adtraction"]))
def test_any_adtraction_row(row):
    check(parse_row(row, FEED))


@settings(max_examples=300, suppress_health_check=list(HealthCheck), deadline=None)
@given(objects(NAMES["product"]), st.lists(objects(NAMES["offer"]), max_size=2))
def test_any_tradedoubler_product(product, offers):
    items = list(parse_product(product | {"offers": offers}))

    assert len(items) == len(offers)
    for item in items:
        check(item)


@pytest.mark.parametrize("offers", [None, [], "x", [None, 1]])
def test_a_product_without_offers_is_no_item(offers):
    assert list(parse_product({"name": "a", "offers": offers})) == []
