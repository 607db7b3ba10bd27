"""What groups as variants of one article, and what must never."""

from dataclasses import replace

import pytest

from catalog.lib.variants import variant_of
from importer.networks.contract import ItemData
from importer.networks.variants import variant_key

SHOE = ItemData(
    feed_id="f",
    external_id="1",
    title="Trail runner black 42",
    tracking_url="https://a/",
    brand="Nordfjell",
    program_id="p1",
)


def item(title="Trail runner", brand="Nordfjell", program_id="p1", **attributes):
    names = {name.replace("__", " "): value for name, value in attributes.items()}
    return replace(SHOE, title=title, brand=brand, program_id=program_id, attributes=names)


TOGETHER = [
    (item(item_group_id="G1"), item("Another title", brand="", item_group_id="G1")),
    (item(Item__Group__ID="G1"), item(extra_item_group_id="G1")),
    (item(item_group_id="G1", colour="red"), item(item_group_id="G1", colour="blue")),
    (item(parentSku="77"), item("x", parentSku="77")),
    (
        item("Trail runner black 42", colour="Black", size="42"),
        item("Trail runner red 43", colour="red", size="43"),
    ),
    (
        item("Trail runner, black, 42", colour="Black", size="42"),
        item("Trail runner - RED / 43", color="Red", size="43"),
    ),
    (item("Trail runner", size="42"), item("Trail runner", size="43")),
    (item("Trail runner 42", size="42"), item("Trail runner", size="43")),
    (
        item("Pyjamas grön 86/92", Farg="Grön", Storlek="86 92"),
        item("Pyjamas blå 98/104", Färg="Blå", Storlek="98 104"),
    ),
    (item("Jas donkerblauw", kleur="donkerblauw", maat="M"), item("Jas rood", kleur="rood", maat="L")),
    (
        item("Dark Blue shirt M", color="Dark blue", size="M"),
        item("Green shirt XL", color="Green", size="XL"),
    ),
    (item("Phone X 128GB", size="128 GB"), item("Phone X 64 GB", size="64GB")),
    (
        item("Phone X 256gb schwarz", Farbe="Schwarz", Größe="256 GB"),
        item("Phone X 64GB weiß", Farbe="Weiß", Größe="64 GB"),
    ),
    (item("Shoe 42", model="TR3 42", size="42"), item("Shoe 43", model="TR3 43", size="43")),
    (item("Blue Note shirt blue", colour="blue"), item("Blue Note shirt red", colour="red")),
    (item("Shirt", size="M", gender="male"), item("Shirt", size="L", gender="Male")),
    (item("TRAIL RUNNER", brand="NORDFJELL", size="1"), item("Trail Runner", size="2")),
    # As the details of a product know the names.
    (item("Sko 42", schoenmaat="42"), item("Sko 43", schoenmaat="43")),
    (item("Chaussure 42", Pointure="42"), item("Chaussure 43", Pointure="43")),
    (item("Майка красный M", Цвет="красный", Размер="M"), item("Майка синий L", Цвет="синий", Размер="L")),
    (item("Coat navy", maincolor="navy"), item("Coat red", maincolor="red")),
]


def test_a_name_that_groups_variants_is_one_that_a_page_shows():
    """One table says what a column is called, for feeds and for pages."""
    for name in ("kledingmaat", "Storrelse", "STØRELSE", "pa_farbe", "g:color"):
        assert variant_key(item("Shirt M", **{name: "M"})), name
        assert variant_of({name: "M"}), name


APART = [
    (item(item_group_id="G1"), item(item_group_id="G2")),
    (item(item_group_id="G1"), item(item_group_id="G1", program_id="p2")),
    (item("Trail runner", size="42"), item("Road runner", size="42")),
    (item("Trail runner", size="42"), item("Trail runner", brand="Hult", size="43")),
    (item("Trail runner", size="42"), item("Trail runner", program_id="p2", size="43")),
    (item("Runner", model="TR3", size="42"), item("Runner", model="TR4", size="43")),
    (item("Runner", model="TR3", size="3"), item("Runner", model="TR4", size="4")),
    (item("TR3", size="3"), item("TR4", size="4")),
    (item("Drill 18 V", colour="red"), item("Drill 12 V", colour="red")),
    (item("Drill 18 V", size="12"), item("Drill 12 V", size="18")),
    (item("Blue Note shirt blue", colour="blue"), item("Red Note shirt blue", colour="blue")),
    (item("Shirt M", size="M", gender="male"), item("Shirt L", size="L", gender="female")),
    (item("Phone", size="64 GB", condition="new"), item("Phone", size="64 GB", condition="used")),
    (item("Shirt", size="M", age_group="adult"), item("Shirt", size="M", age_group="kids")),
    (item("Shirt 2-pack", size="M"), item("Shirt 5-pack", size="M")),
    (item("Shirt", size="M"), item("Shirt", size="M", item_group_id="G1")),
]

ALONE = [
    SHOE,
    item("Poster"),
    item("Poster", brand="", size="A4"),
    item("", size="A4"),
    item("Poster", model="P1"),
    item("Poster", gender="male"),
    item("Poster", material="paper"),
    item("Poster", size="n/a", colour="-"),
    item("Poster", item_group_id="0"),
    item("Poster", item_group_id=""),
    item("Poster", groupingId="4006381333931"),
    item("42", size="42"),
    item("Red", colour="red"),
]


@pytest.mark.parametrize(("one", "other"), TOGETHER, ids=str)
def test_these_are_variants_of_one_article(one, other):
    assert variant_key(one) == variant_key(other) != ""


@pytest.mark.parametrize(("one", "other"), APART, ids=str)
def test_these_are_two_articles(one, other):
    assert variant_key(one) != variant_key(other)


@pytest.mark.parametrize("alone", ALONE, ids=str)
def test_what_says_nothing_of_variants_stands_alone(alone):
    assert variant_key(alone) == ""


def test_a_key_is_short_and_plain_whatever_the_row_says():
    odd = item("\ud800 é" * 100, item_group_id="\t\\N\n" * 200)
    assert variant_key(odd).isascii()
    assert len(variant_key(odd)) == 24
