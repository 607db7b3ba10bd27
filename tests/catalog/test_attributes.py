"""What visitors read under "Details", and who decides."""

import pytest
from django.urls import reverse
from django.utils import translation

from catalog.lib.attribute_names import is_machine_name, readable_name, split_name
from catalog.lib.attributes import delivery_of, grouped_details, public_details
from catalog.models import SiteSettings
from tests.catalog.conftest import texts

PAGE = reverse("catalog:attribute-list")


def details(attributes: dict, choices: dict | None = None, language: str = "en") -> dict:
    with translation.override(language):
        return dict(public_details(attributes, choices or {}))


def shown(*keys: str) -> dict:
    return {key: {"shown": True} for key in keys}


@pytest.mark.parametrize(
    ("name", "key", "unit"),
    [
        ("COLOUR", "colour", ""),
        ("g:color", "colour", ""),
        ("Färg", "colour", ""),
        ("Цвет", "colour", ""),
        ("Μέγεθος", "size", ""),
        ("extra_size", "size", ""),
        ("Gewicht (kg)", "weight", "kg"),
        ("width_cm", "width", "cm"),
        ("age_group", "agegroup", ""),
        ("deliveryTime", "deliverytime", ""),
        ("délai de livraison", "deliverytime", ""),
        ("Rozmiar", "size", ""),
        ("sizeStock", "sizestock", ""),
        ("shoe form", "shoeform", ""),
    ],
)
def test_one_key_stands_for_all_spellings(name, key, unit):
    assert split_name(name) == (key, unit)


@pytest.mark.parametrize(
    "name",
    [
        *("extra_margin", "MARGIN", "Marge", "commission", "provisie", "costPrice", "inkoopprijs", "cpc"),
        *("productId", "product_id", "productid", "item_group_id", "ID", "sku", "EAN", "mpn", "guid"),
        *("trackingURL", "thumbnailURL", "categoryURL", "deeplink", "link", "delete", "lastModified"),
        *("updated_at", "timestamp", "custom_label_0", "", "--"),
    ],
)
def test_machine_columns_are_never_shown_whatever_an_editor_chose(name):
    assert is_machine_name(name)
    assert details({name: "C"}, shown(split_name(name)[0])) == {}


@pytest.mark.parametrize("name", ["grid", "Solid core", "Idé", "colour", "Taille", "Keyboard layout", "heel"])
def test_words_of_readers_are_not_taken_for_those_of_machines(name):
    assert not is_machine_name(name)


@pytest.mark.parametrize(
    "value",
    [
        *(
            "0",
            "0.00",
            "0,0 kg",
            "-",
            "",
            "N/A",
            "null",
            "Aucun",
            "Geen",
            "keine Angabe",
            "okänt",
            "true",
            "FALSE",
        ),
        *(
            "https://track.example/?a=1",
            "www.shop.example",
            "//cdn.example/x",
            "a@shop.example",
            "/img/a.jpg",
        ),
        *(
            "photo.jpeg",
            "shop.example/p/1",
            "4a64f74e-459f-4720-946d-27c55dd36e09",
            "1577928747325",
            "99812345",
        ),
        *("2020-01-01T09:09:03", "2020-01-01 09:09", "20200101", "d41d8cd98f00b204e9800998ecf8427e", "…"),
    ],
)
def test_values_that_say_nothing_to_a_reader_are_never_shown(value):
    assert details({"colour": value, "heel": value}, shown("heel")) == {}


@pytest.mark.parametrize(
    ("name", "value", "language", "text"),
    [
        ("COLOUR", "Grön", "sv", {"Färg": "Grön"}),
        ("CONDITION", "new", "en", {"Condition": "New"}),
        ("CONDITION", "new", "de", {"Zustand": "Neu"}),
        ("gender", "femmes", "nl", {"Voor": "Dames"}),
        ("age_group", "adult", "sv", {"Åldersgrupp": "Vuxna"}),
        ("age_group", "0", "en", {}),
        ("size", "xs|s|m", "en", {"Size": "xs, s, m"}),
        ("size", "xs=1|s=0", "en", {"Size": "xs, s"}),
        ("SIZE", "86 92", "en", {"Size": "86 92"}),
        ("size", "42", "en", {"Size": "42"}),
        ("Gewicht (kg)", "1.50", "de", {"Gewicht": "1,5\xa0kg"}),
        ("weight", "1.5 KG", "en", {"Weight": "1.5\xa0kg"}),
        ("weight", "1200", "en", {}),
        ("weight", "1.200 g", "en", {"Weight": "1.200 g"}),
        ("width", "90cm", "nl", {"Breedte": "90\xa0cm"}),
        ("energyLabel", "a++", "en", {"Energy class": "A++"}),
        ("energyLabel", "unknown", "en", {}),
        ("material", "Coton/Polyester", "en", {"Material": "Coton/Polyester"}),
        ("deliveryTime", "7-20 days", "en", {"Delivery time": "7-20 days"}),
        ("extra_margin", "C", "en", {}),
        ("somethingNew", "red", "en", {}),
    ],
)
def test_a_property_is_shown_as_a_reader_reads_it(name, value, language, text):
    assert details({name: value}, language=language) == text


def test_of_two_columns_for_one_property_the_first_that_says_something_counts():
    assert details({"color": "-", "colour": "red", "Farbe": "rot"}) == {"Colour": "red"}


def test_an_editor_hides_shows_and_names_properties():
    choices = {"colour": {"shown": False}, "heel": {"shown": True, "labels": {"de": "Absatz"}}}
    assert details({"colour": "red", "HEEL_HEIGHT": "1", "heel": "flat"}, choices, "de") == {"Absatz": "flat"}
    assert details({"heel": "flat"}, choices) == {"Heel": "flat"}


def test_names_are_written_as_words():
    assert [readable_name(name) for name in ("BAND_WIDTH", "sizeStock", "g:heel-type", "Absatzhöhe")] == [
        "Band width",
        "Size stock",
        "Heel type",
        "Absatzhöhe",
    ]


def form_data(response, **changes) -> dict:
    """The page's form as a browser would send it; `changes` are `{key: (shown, label)}`."""
    forms = response.context["forms"]
    data = {f"form-{name}": len(forms) for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
    for form in forms:
        key = form["key"].value()
        is_shown, label = changes.get(key, (form["shown"].value(), form["label"].value()))
        data |= {f"{form.prefix}-key": key, f"{form.prefix}-label": label}
        if is_shown:
            data[f"{form.prefix}-shown"] = "on"
    return data


def test_the_page_lists_what_products_have_and_stores_only_what_differs(admin_client, make_product):
    make_product("Boot", attributes={"HEEL": "flat", "colour": "red", "extra_margin": "C", "productId": "7"})
    make_product("Shoe", attributes={"heel": "high", "Farbe": "rot"})
    page = admin_client.get(PAGE)
    counts = {count.key: (count.count, count.names) for _, _, count in page.context["rows"]}
    assert counts["colour"] == (2, ["Farbe", "colour"])
    assert counts["heel"][0] == 2
    assert not {"margin", "productid"} & counts.keys()

    changes = {"heel": (True, "Heel type"), "colour": (False, "")}
    assert texts(admin_client.post(PAGE, form_data(page, **changes), follow=True)) == ["Details saved."]
    assert SiteSettings.objects.get().attributes == {
        "heel": {"shown": True, "labels": {"en": "Heel type"}},
        "colour": {"shown": False},
    }
    back = {"heel": (False, ""), "colour": (True, "")}
    admin_client.post(PAGE, form_data(admin_client.get(PAGE), **back))
    assert SiteSettings.objects.get().attributes == {}


def test_a_label_stays_with_its_language(admin_client, make_product):
    make_product("Boot", attributes={"heel": "flat"})
    SiteSettings.objects.create(pk=1, language="sv", attributes={"heel": {"labels": {"de": "Absatz"}}})
    admin_client.post(PAGE, form_data(admin_client.get(PAGE), heel=(True, "Klack")))
    assert SiteSettings.objects.get().attributes["heel"]["labels"] == {"de": "Absatz", "sv": "Klack"}


def test_every_language_has_a_label_of_its_own_and_a_property_may_be_a_filter(admin_client, make_product):
    make_product("Boot", attributes={"heel": "flat"})
    data = form_data(admin_client.get(PAGE), heel=(True, "Heel type"))
    row = next(name.removesuffix("-key") for name, value in data.items() if value == "heel")
    admin_client.post(PAGE, data | {f"{row}-label_de": "Absatz", f"{row}-filters": "on"})
    assert SiteSettings.objects.get().attributes == {
        "heel": {"shown": True, "filter": True, "labels": {"en": "Heel type", "de": "Absatz"}}
    }
    page = admin_client.get(PAGE).content.decode()
    assert 'value="Absatz"' in page
    admin_client.post(PAGE, data | {f"{row}-label_de": ""})
    assert SiteSettings.objects.get().attributes["heel"]["labels"] == {"en": "Heel type"}


def test_many_details_stand_in_groups_and_few_do_not():
    few = {"colour": "red", "weight": "2 kg", "author": "Ada"}
    many = few | {"power": "5 W", "material": "oak", "width": "90 cm"}
    assert [group.heading for group in grouped_details(few, {})] == [""]
    assert [(group.heading, dict(group.details).keys()) for group in grouped_details(many, {})] == [
        ("Looks", {"Colour", "Material"}),
        ("Size and weight", {"Weight", "Width"}),
        ("Technical data", {"Power"}),
        ("General", {"Author"}),
    ]


@pytest.mark.parametrize(
    ("attributes", "text"),
    [
        ({"Lieferzeit": "1-3 Werktage"}, "1-3 Werktage"),
        ({"deliveryTime": "3"}, ""),
        ({"levertijd": "binnen 2 dagen besteld" * 5}, ""),
        ({"colour": "red"}, ""),
        ({"shippingtime": "https://x.example/"}, ""),
    ],
)
def test_a_delivery_time_is_what_a_shop_says_in_words(attributes, text):
    assert delivery_of(attributes) == text


def test_a_label_that_is_too_long_is_refused(admin_client, make_product):
    make_product("Boot", attributes={"heel": "flat"})
    response = admin_client.post(PAGE, form_data(admin_client.get(PAGE), heel=(True, "x" * 61)))
    assert response.status_code == 200
    assert "at most 60" in response.content.decode()


def test_visitors_read_what_the_editor_chose_from_the_next_page_on(admin_client, client, make_product):
    product = make_product(
        "Boot", status="published", attributes={"HEEL": "flat", "CONDITION": "new", "extra_margin": "C"}
    )
    path = product.get_absolute_url()
    html = client.get(path).content.decode()
    assert "<dt>Condition</dt><dd>New</dd>" in html
    assert "flat" not in html
    admin_client.post(PAGE, form_data(admin_client.get(PAGE), heel=(True, "")))
    html = client.get(path).content.decode()
    assert "<dt>Heel</dt><dd>flat</dd>" in html
    assert "margin" not in html.lower().partition('<dl class="attributes">')[2].partition("</dl>")[0]
