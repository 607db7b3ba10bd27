"""What the owner of the site decides: colour, logo, words; and the pages beside the catalogue."""

import gzip
import re
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from catalog.lib.colour import (
    DARK_GROUND,
    LIGHT_GROUND,
    READABLE,
    WHITE,
    accent_tokens,
    contrast,
    validate_accent,
)
from catalog.models import SiteSettings

colours = st.integers(0, 0xFFFFFF).map("#{:06x}".format)
FORM = {
    "name": "Preisfuchs",
    "language": "de",
    "currency": "EUR",
    "accent": "#8a1538",
    "disclosure": "",
    "footer": "",
}


def stylesheet(client) -> str:
    html = client.get("/").content.decode()
    (address,) = re.findall(r'<link rel="stylesheet" href="([^"]+)">', html)
    response = client.get(address)
    assert "immutable" in response["Cache-Control"]
    assert response["Content-Type"].startswith("text/css")
    return response.content.decode()


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [("#ffffff", "#000000", 21), ("#ffffff", "#ffffff", 1), ("#777777", "#ffffff", 4.48)],
)
def test_contrast_is_that_of_the_guidelines(first, second, expected):
    assert contrast(first, second) == contrast(second, first) == expected


@pytest.mark.parametrize("colour", ["", "red", "#fff", "#12345g", "#ffcc00", "#ffffff", "#3b50d9;}"])
def test_unreadable_colours_are_refused(colour):
    with pytest.raises(ValidationError):
        validate_accent(colour)


def test_the_message_names_a_colour_that_works():
    with pytest.raises(ValidationError) as error:
        validate_accent("#ffcc00")
    validate_accent(re.search(r"like (#\w{6})", error.value.messages[0])[1])


@given(colours)
def test_every_colour_that_is_accepted_can_be_read_everywhere(accent):
    try:
        validate_accent(accent)
    except ValidationError:
        return
    light, dark = accent_tokens(accent)
    for tokens, ground in ((light, LIGHT_GROUND), (dark, DARK_GROUND)):
        assert contrast(tokens["link"], ground) >= READABLE
        assert contrast(tokens["link"], tokens["accent-soft"]) >= READABLE
        assert contrast(WHITE, tokens["accent"]) >= READABLE
        assert contrast(WHITE, tokens["accent-hover"]) >= READABLE


def test_the_accent_colour_is_in_the_style_sheet(client, db):
    assert "#8a1538" not in stylesheet(client)
    SiteSettings.objects.create(pk=1, accent="#8a1538")
    assert "--accent:#8a1538;" in stylesheet(client)


def test_a_page_needs_two_requests_before_it_can_be_read_and_is_light(client, make_product, make_offer):
    product = make_product(description="<p>" + "Light, warm and made to last. " * 60 + "</p>")
    for number in range(10):
        make_offer(product, str(10 + number))
    html = client.get(product.get_absolute_url()).content
    assert len(re.findall(rb'<link rel="stylesheet"|<script (?![^>]*\bdefer\b)src', html)) == 1
    assert len(gzip.compress(html)) + len(gzip.compress(stylesheet(client).encode())) < 20_000
    assert len(html) + len(stylesheet(client)) < 60_000


def test_the_style_sheet_is_compressed_for_who_understands_it(client, db):
    address = re.search(r'<link rel="stylesheet" href="([^"]+)">', client.get("/").content.decode())[1]
    response = client.get(address, headers={"accept-encoding": "gzip"})
    assert response["Content-Encoding"] == "gzip"
    assert gzip.decompress(response.content).decode() == stylesheet(client)


def test_an_old_address_of_the_style_sheet_gets_the_new_one_for_now(client, db):
    response = client.get("/style-0000.css")
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-cache"


def test_settings_are_saved_and_shown(client, admin_client, settings, tmp_path, db):
    settings.MEDIA_ROOT = tmp_path
    picture = BytesIO()
    Image.new("RGB", (120, 40), "red").save(picture, "PNG")
    logo = SimpleUploadedFile("logo.png", picture.getvalue(), "image/png")
    response = admin_client.post("/dashboard/site/", FORM | {"logo": logo})
    assert response.status_code == 302, response.context["form"].errors
    html = client.get("/about/").content.decode()
    assert '<html lang="de">' in html
    assert re.search(
        r'<img class="logo-picture" src="/media/site/[^"]+" alt="Preisfuchs" width="\d+" height="\d+"', html
    )


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param({"accent": "#ffee00"}, "accent", id="unreadable colour"),
        pytest.param({"accent": "red}body{display:none"}, "accent", id="no colour"),
        pytest.param({"language": "fr"}, "language", id="language we do not speak"),
        pytest.param({"logo": SimpleUploadedFile("x.png", b"<svg/>")}, "logo", id="no picture"),
    ],
)
def test_settings_that_cannot_be_are_refused(admin_client, changes, field):
    response = admin_client.post("/dashboard/site/", FORM | changes)
    assert response.status_code == 200
    assert field in response.context["form"].errors
    assert not SiteSettings.objects.filter(name="Preisfuchs").exists()


def test_the_about_page_says_how_offers_are_ordered_and_paid(client, db):
    html = client.get("/about/").content.decode()
    for words in ("How we earn our money", "How we order offers", "30 days before the reduction"):
        assert words in html


@pytest.mark.parametrize(
    ("address", "found"),
    [
        pytest.param("/product/trail-shoe-2019/", True, id="old slug"),
        pytest.param("/shoes/trail", True, id="another site's address"),
        pytest.param("/product/kettle/", False, id="nothing like it"),
        pytest.param("/%00%ff", False, id="garbage"),
        pytest.param("/dashboard/trail-shoe/", False, id="not in the dashboard"),
    ],
)
def test_a_missing_page_suggests_products(client, admin_client, make_product, address, found):
    make_product("Trail Shoe")
    response = admin_client.get(address)
    assert response.status_code == 404
    assert ("Did you mean" in response.content.decode()) == found


def test_home_shows_the_biggest_reductions_that_are_proven(client, make_product, make_offer):
    from django.utils import timezone

    from catalog.models import Product

    for number, percent in enumerate((5, 40, 20)):
        make_offer(make_product(f"Shoe {percent}"), "10")
        Product.objects.filter(title=f"Shoe {percent}").update(
            prior_price=20,
            reduced_percent=percent,
            reduced_until=timezone.now() + timezone.timedelta(days=number),
        )
    html = client.get("/").content.decode()
    part = html.partition('aria-labelledby="reduced"')[2].partition("</section>")[0]
    assert re.findall(r">(Shoe \d+)</a>", part) == ["Shoe 40", "Shoe 20"]
