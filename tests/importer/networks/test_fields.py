import pytest

from importer.networks import columns
from importer.networks.columns import Fields, is_attribute
from importer.networks.contract import FeedData, FeedWatch
from importer.networks.items import make_item, read_items
from importer.normalise import FeedProfile, PriceStyle


@pytest.mark.parametrize(
    "name", ["colour", "size", "SKU", "deliveryTime", "(field)Material", "condition", ""]
)
def test_properties_of_the_product_are_attributes(name):
    assert is_attribute(name)


@pytest.mark.parametrize(
    "name",
    ["EAN", "brand", "extra_stock", "currency", "deliveryCosts", "fromPrice", "custom_label_0", "image_link"],
)
def test_what_is_said_elsewhere_is_none(name):
    assert not is_attribute(name)


def test_of_several_columns_of_one_thing_the_surest_name_comes_first_and_empty_ones_never():
    found = Fields(
        [
            ("upc", "3"),
            ("(field)GTIN", "2"),
            ("EAN", ""),
            ("gtin", "4"),
            ("ean", "1"),
            ("barcode", None),
            ("colour", "red"),
            (None, "nameless"),
        ]
    )

    assert found.all(columns.GTIN) == ["1", "2", "4", "3"]
    assert found.first(columns.GTIN) == "1"
    assert found.all(columns.BRAND) == []
    assert found.first(columns.BRAND) is None


def test_the_first_rows_are_read_again_only_where_the_feed_writes_prices_otherwise_than_before():
    parsed = []

    def parse(row, feed):
        parsed.append(row)
        yield make_item(
            feed_id="1", external_id=row, title="Shoe", price=f"{row},95", link="//a.b", feed=feed
        )

    feed = FeedData(external_id="1", name="Feed", currency="EUR")
    watch = FeedWatch(profile=FeedProfile(style=PriceStyle(decimal=",")))
    items = list(read_items("123", parse, feed, watch))
    assert parsed == ["1", "2", "3"]
    assert [str(item.price) for item in items] == ["1.95", "2.95", "3.95"]
    assert watch.profile.style == PriceStyle(decimal=",")

    parsed.clear()
    assert list(read_items("123", parse, feed, FeedWatch())) == items
    assert parsed == ["1", "2", "3"] * 2
