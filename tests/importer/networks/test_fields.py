import pytest

from importer.networks.columns import is_attribute


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
