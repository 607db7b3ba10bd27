"""One thing in many shapes: categories, extra columns and pictures as the networks' answers hold them."""

import pytest

from importer.networks.adtraction.products import parse_file_row as adtraction_row
from importer.networks.columns import Fields
from importer.networks.contract import FeedData
from importer.networks.items import category_path
from importer.networks.tradedoubler.products import parse_product
from importer.networks.tradetracker.files import parse_file_row as tradetracker_row

FEED = FeedData(external_id="1", name="Feed", program_id="2", program_name="Shop", currency="EUR")


@pytest.mark.parametrize(
    ("category", "columns", "path"),
    [
        ("Shoes", {}, "Shoes"),
        (["Shoes", "Sale"], {}, "Shoes"),
        ([], {}, ""),
        (None, {}, ""),
        ({}, {}, ""),
        ({"Fashion > Shoes": "Shoes"}, {}, "Fashion > Shoes"),
        ({"Fashion/Shoes": "Shoes", "Sale": "Sale"}, {}, "Fashion/Shoes"),
        ({"3219>3225": "Sweatshirts"}, {}, "Sweatshirts"),
        ({"12": {"name": "Boots"}}, {}, "Boots"),
        ([{"Home > Kitchen": "Kitchen"}], {}, "Home > Kitchen"),
        ({"category": {"@path": "Home > Kitchen", "#text": "Kitchen"}}, {}, "Home > Kitchen"),
        ({"category": [{"@path": "", "#text": "Kitchen"}, "Sale"]}, {}, "Kitchen"),
        ([{"name": "Skor > Löpning", "id": 71, "tdCategoryName": "Sports shoes"}], {}, "Skor > Löpning"),
        ([{"tdCategoryName": "Sports shoes", "id": 71}], {}, "Sports shoes"),
        ([{"id": 71}], {}, ""),
        ("TOPS", {"subcategories": "Sweatshirts", "subsubcategories": ""}, "TOPS > Sweatshirts"),
        (
            ["TOPS"],
            {"subcategories": ["Sweatshirts"], "subsubcategories": ["Hoods"]},
            "TOPS > Sweatshirts > Hoods",
        ),
        ("TOPS", {"extra_subCategory": "Sweatshirts"}, "TOPS > Sweatshirts"),
        ("Fashion > TOPS", {"subcategories": "Sweatshirts"}, "Fashion > TOPS"),
        (None, {"subcategories": "Sweatshirts"}, "Sweatshirts"),
    ],
    ids=str,
)
def test_a_category_is_a_path_whatever_its_shape(category, columns, path):
    assert category_path(category, Fields(columns.items())) == path


def tradetracker(**columns):
    row = {"ID": "1", "name": "Shoe", "price": "5.00", "URL": "https://shop.example/"} | columns
    return tradetracker_row(row, "EUR", FEED)


@pytest.mark.parametrize(
    "columns",
    [
        {"categories": {"Fashion > Shoes": "Shoes"}},
        {"categories": "Fashion", "subcategories": "Shoes"},
        {"categories": ["Fashion"], "subcategories": ["Shoes"], "subsubcategories": []},
        {"categories": ["Fashion"], "properties": {"subcategories": ["Shoes"]}},
        {"categories": "Fashion", "additional": {"field": {"@name": "subcategories", "#text": "Shoes"}}},
        {"categories": "x", "categoryPath": "Fashion > Shoes"},
        {"categories": "Fashion", "categoryPath": "12>14", "subcategories": "Shoes"},
    ],
    ids=str,
)
def test_tradetracker_categories_of_every_shape_are_one_path(columns):
    item = tradetracker(**columns)
    assert item.category == "Fashion > Shoes"
    assert item.attributes == {}


@pytest.mark.parametrize(
    "changes",
    [
        {"categories": {"Fashion > Shoes": "Shoes"}},
        {"categories": [{"Fashion > Shoes": "Shoes"}]},
        {"categories": [{"name": "Fashion"}], "fields": [{"name": "subcategories", "value": "Shoes"}]},
        {"categories": [], "fields": [{"name": "subCategory", "value": "Fashion > Shoes"}]},
        {"categories": {"name": "Fashion > Shoes", "id": 4}},
    ],
    ids=str,
)
def test_tradedoubler_categories_of_every_shape_are_one_path(changes):
    (item,) = parse_product({"name": "Shoe", "offers": [{"feedId": 1}]} | changes)
    assert item.category == "Fashion > Shoes"


PICTURES = tuple(f"https://img.example/{number}.jpg" for number in range(6))


@pytest.mark.parametrize(
    "name", ["extraImage_{}", "extra_Image_{}", "image_{}", "extraimage{}", "imageURL_{}"]
)
def test_numbered_picture_columns_are_pictures_and_no_details(name):
    extra = {name.format(number): PICTURES[number + 1] for number in range(5)}

    assert tradetracker(imageURL=PICTURES[0], **extra).image_urls == PICTURES
    assert tradetracker(imageURL=PICTURES[0], **extra).attributes == {}


@pytest.mark.parametrize(
    "extras",
    [
        "{SIZE#86 92}{CONDITION#new}",
        {"Extra": [{"name": "SIZE", "value": "86 92"}, {"name": "CONDITION", "value": "new"}]},
        {"extra": [{"name": "SIZE", "value": "86 92"}, {"name": "CONDITION", "value": "new"}]},
        {"EXTRA": [{"Name": "SIZE", "Value": "86 92"}, {"NAME": "CONDITION", "VALUE": "new"}]},
        {"extra": [{"@name": "SIZE", "#text": "86 92"}, {"@name": "CONDITION", "#text": "new"}]},
        {"SIZE": "86 92", "CONDITION": "new"},
        {"extra": "{SIZE#86 92}{CONDITION#new}"},
    ],
    ids=str,
)
@pytest.mark.parametrize("column", ["Extras", "extras", "EXTRAS"])
def test_adtraction_extras_are_read_in_any_case(column, extras):
    row = {"SKU": "1", "Name": "Shoe", column: extras}
    assert adtraction_row(row, FEED).attributes == {"SIZE": "86 92", "CONDITION": "new"}


def test_adtraction_columns_are_read_in_any_case():
    item = adtraction_row(
        {"sku": "1", "NAME": "Shoe", "price": "5", "currency": "SEK", "InStock": "no"}, FEED
    )
    assert (item.external_id, item.title, item.price, item.in_stock) == ("1", "Shoe", 5, False)
