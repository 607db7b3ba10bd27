"""Feeds composed with the oddities of recorded ones: each reads as a person would read it."""

from decimal import Decimal

import pytest

from importer.feed_files import NoFeed
from importer.networks.adtraction.products import parse_file_row as adtraction_row
from importer.networks.contract import FeedData, FeedWatch
from importer.networks.items import read_items
from importer.networks.tradedoubler.products import parse_product
from importer.networks.tradetracker.files import parse_file_row as tradetracker_row
from tests.importer.feed_files.reading import open_feed, read, read_until_failure

FEED = FeedData(external_id="1", name="Feed", program_id="2", program_name="Winkel NL", currency="EUR")
DIRECT = "http://www.winkel.nl/tracker/index.php?tt=534_251713_1_&amp;r="
PAGE = "http%3A%2F%2Fwww.winkel.nl%2Fcases%2Fart-c1-num-1399721%2F"

# TradeTracker type=xml of 2015: http everywhere, direct links, words for stock, machine columns.
XML_V1 = f"""<?xml version="1.0" encoding="utf-8"?>
<!-- Generated on 05/21/15 at 08:57:24 (http://pf.tradetracker.net) -->
<products>
<product>
<productID>merk a_c1</productID>
<name>Merk Hoesje - ROZE - S 01 (C1)</name>
<price currency="EUR">18.15</price>
<productURL>{DIRECT}{PAGE}</productURL>
<imageURL>http://www02.static.nl/low/c1.jpg</imageURL>
<description><![CDATA[Stevig materiaal.
Past in je zak & blijft heel.]]></description>
<categories>
<category path="telefoon hoesjes">telefoon hoesjes</category>
</categories>
<additional>
<field name="brand">Merk</field>
<field name="producttype">Hoesje - ROZE - S 01</field>
<field name="deliveryCosts">1.99</field>
<field name="SKU">C1</field>
<field name="stock">Niet op voorraad</field>
<field name="thumbnailURL">http://www02.static.nl/thumb/c1.jpg</field>
<field name="deliveryTime">Backorder</field>
<field name="imageURLlarge">http://www02.static.nl/high/c1.jpg</field>
<field name="categoryURL">http://www.winkel.nl/cases/</field>
<field name="EAN">5412810000012</field>
</additional>
</product>
<product>
<productID>merk b_t2</productID>
<name>Merk Doos (T2)</name>
<price currency="EUR">146.85</price>
<productURL>{DIRECT}https%3A%2F%2F</productURL>
<imageURL>http://www02.static.nl/images/pna_fo.jpg</imageURL>
<description><![CDATA[ de doos open is geweest ]]></description>
<categories>
<category path="DOZEN">DOZEN</category>
<category path="SUPER">SUPER</category>
</categories>
<additional>
<field name="brand">Merk</field>
<field name="deliveryCosts">0.00</field>
<field name="stock">Op voorraad</field>
<field name="imageURLlarge">http://www03.static.nl/images/pna_fo.jpg</field>
<field name="EAN">0000000000000</field>
</additional>
</product>
</products>
<!-- Total number of products: 2 -->
"""

# TradeTracker type=csv: sizes and stock packed into one cell, a category path of numbers.
CSV = (
    '"product ID";"name";"currency";"price";"description";"productURL";"imageURL";"categories";"fromPrice";'
    '"discount";"categoryPath";"subcategories";"subsubcategories";"gender";"size";"stock";"sizeStock";"brand";'
    '"deliveryTime";"deliveryCosts";"color"\n'
    '"SKUA1";"Sweat à capuche gris";"EUR";"14.41";"Portez ce sweat. C\'est parfait.";'
    '"https://tc.tradetracker.net/?c=23647&m=971043&a=376014&u=https%3A%2F%2Fwww.mode.fr%2Fp-1.html%3Fa%3D1%26b%3D2";'
    '"https://img.mode.fr/1.jpeg";"TOPS";"25.25";"43.00";"3219>3225";"Sweatshirts";"";"femmes";"xs|s|m";"1";'
    '"xs=1|s=1|m=2";"Yoga";"7-20 days";"2.70";"Gris"\n'
)

# Adtraction's file: single quotes, the two characters `\n`, Extras in braces, an unescaped `url=` last.
ADTRACTION = (
    "'SKU','Name','Description','Category','Price','Shipping','Currency','Instock','ProductUrl','ImageUrl',"
    "'TrackingUrl','Brand','OriginalPrice','Ean','ManufacturerArticleNumber','Extras'\n"
    "'604','Tvådelad pyjamas grön','Mjuk bomull.\\n• Sömmar<br/>Grön','barn - outlet','174','39','SEK','no',"
    "'https://www.barn.se/p?a=1&b=2','https://www.barn.se/1.jpg?ref=F5',"
    "'https://track.adtraction.com/t/t?a=14&as=10&t=2&tk=1&url=https://www.barn.se/p?a=1&b=2','Barn O. Son',"
    "'174','7325850000011','','{SIZE#86 92}{CONDITION#new}{COLOUR#Grön}'\n"
)


def values(item, *names):
    return tuple(getattr(item, name) for name in names)


def test_a_tradetracker_xml_of_2015_reads_as_a_person_reads_it():
    case, box = (tradetracker_row(row, "EUR", FEED) for row in read(XML_V1.encode(), "text/xml"))

    assert values(case, "external_id", "title", "brand", "category") == (
        "merk a_c1",
        "Merk Hoesje - ROZE - S 01 (C1)",
        "Merk",
        "telefoon hoesjes",
    )
    assert values(case, "price", "currency", "old_price", "shipping", "gtin", "in_stock") == (
        *(Decimal("18.15"), "EUR", None, Decimal("1.99"), "5412810000012", False),
    )
    assert case.product_url == "http://www.winkel.nl/cases/art-c1-num-1399721/"
    assert case.program_id == "534"
    assert case.image_urls == ("http://www02.static.nl/high/c1.jpg",)
    assert case.attributes == {"SKU": "C1", "deliveryTime": "Backorder"}
    assert "blijft heel" in case.description
    assert values(box, "gtin", "in_stock", "image_urls", "product_url", "shipping", "problem") == (
        *("", True, (), "", 0, ""),
    )
    assert box.category == "DOZEN"


def test_a_tradetracker_csv_with_packed_cells_reads_as_a_person_reads_it():
    (row,) = read(CSV.encode(), "text/csv")
    item = tradetracker_row(row, "EUR", FEED)

    assert values(item, "external_id", "title", "brand", "category", "program_id") == (
        *("SKUA1", "Sweat à capuche gris", "Yoga", "TOPS > Sweatshirts", "23647"),
    )
    assert values(item, "price", "old_price", "shipping", "in_stock", "gtin") == (
        *(Decimal("14.41"), Decimal("25.25"), Decimal("2.70"), True, ""),
    )
    assert item.product_url == "https://www.mode.fr/p-1.html?a=1&b=2"
    assert item.attributes["color"] == "Gris"
    assert "subcategories" not in item.attributes
    assert "categoryPath" not in item.attributes


def test_an_adtraction_csv_in_single_quotes_reads_as_a_person_reads_it():
    (row,) = read(ADTRACTION.encode(), "text/csv")
    item = adtraction_row(row, FEED)

    assert values(item, "external_id", "title", "brand", "category") == (
        *("604", "Tvådelad pyjamas grön", "Barn O. Son", "barn > outlet"),
    )
    assert values(item, "price", "old_price", "shipping", "currency", "in_stock", "gtin") == (
        *(Decimal(174), None, Decimal(39), "SEK", False, "7325850000011"),
    )
    assert item.description == "Mjuk bomull.<br>• Sömmar<br>Grön"
    assert item.attributes == {"SIZE": "86 92", "CONDITION": "new", "COLOUR": "Grön"}
    assert item.tracking_url.endswith("&url=https://www.barn.se/p?a=1&b=2")


def test_the_page_in_place_of_a_feed_that_cannot_be_made_is_no_feed():
    page = (
        b"<html><head><title>pf</title></head><body><h1>An error has occured.</h1><p>The feed "
        b"could not be generated:<br/><br/><code>No suitable product feeds found</code></p></body></html>"
    )
    rows, error = read_until_failure(open_feed(page, "text/html"))
    assert rows == []
    assert isinstance(error, NoFeed)
    assert "No suitable product feeds found" in str(error)


def test_the_largest_of_a_pictures_sizes_comes_first_and_alone():
    row = {"ID": "1", "name": "x", "price": "1", "imageURL": "https://i.example/low/a.jpg"}
    row |= {"imageURLlarge": "https://i.example/large/a.jpg", "image_2": "https://i.example/low/b.jpg"}
    images = tradetracker_row(row, "EUR", FEED).image_urls
    assert images == ("https://i.example/large/a.jpg", "https://i.example/low/b.jpg")


@pytest.mark.parametrize(
    ("brand", "title", "expected"),
    [
        ("Azuri", "Azuri AZURI TASJE - ROZE", "AZURI TASJE - ROZE"),
        ("Le Creuset", "Le Creuset Le Creuset pan", "Le Creuset pan"),
        ("Azuri", "Azuri Tasje", "Azuri Tasje"),
        ("Max", "Max Maxi jurk", "Max Maxi jurk"),
        ("", "Walla Walla", "Walla Walla"),
    ],
)
def test_a_brand_that_stands_twice_before_a_name_stands_there_once(brand, title, expected):
    row = {"ID": "1", "name": title, "price": "1", "brand": brand}
    assert tradetracker_row(row, "EUR", FEED).title == expected


def test_what_is_no_product_is_a_bad_row_and_not_passed_over():
    vouchers = [{"id": number, "programId": 5, "code": "X"} for number in range(3)]
    watch = FeedWatch()
    items = list(read_items(iter(vouchers), parse_product, FEED, watch))
    assert (items, watch.bad_count) == ([], 3)
    assert watch.bad_rows[0].reason == "has no offer, as every product has"
    assert '"programId": 5' in watch.bad_rows[0].sample


@pytest.mark.parametrize("name", ["categoryURL", "thumbnailURL", "extra_Shop_Url", "deeplink", "mobile_link"])
def test_addresses_are_no_details(name):
    row = {"ID": "1", "name": "x", "price": "1", name: "https://shop.example/x"}
    assert tradetracker_row(row, "EUR", FEED).attributes == {}
