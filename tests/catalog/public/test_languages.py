"""The public pages speak the language of the site, whatever the browser asks for, and all of it."""

import re
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils.translation.template import templatize

from affiliate_site.run.translations import SOURCE, compile_translations
from catalog import services
from catalog.models import Brand, Product, SiteSettings
from pages import services as pages

KEYWORDS = dict.fromkeys(("gettext", "gettext_lazy", "gettext_noop", "_")) | {"ngettext": (1, 2)}
LANGUAGES = [code for code, _ in settings.LANGUAGES if code != "en"]


def used_texts() -> set[str | tuple[str, str]]:
    """Every text in the templates of visitors and in the code behind them that is to be translated."""
    templates = [
        *(settings.BASE_DIR / "templates/public").rglob("*.html"),
        *(settings.BASE_DIR / "templates/public").rglob("*.txt"),
        settings.BASE_DIR / "templates/404.html",
        settings.BASE_DIR / "templates/500.html",
        settings.BASE_DIR / "templates/503.html",
    ]
    sources = [templatize(path.read_text(), origin=str(path)).encode() for path in templates]
    for app in ("catalog", "pages"):
        sources += [path.read_bytes() for path in (settings.BASE_DIR / app).rglob("*.py")]
    return {
        text for source in sources for _, text, _, _ in extract("python", BytesIO(source), keywords=KEYWORDS)
    }


def read(language: str):
    with (SOURCE / language / "LC_MESSAGES/django.po").open("rb") as file:
        return read_po(file, locale=language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated(language):
    catalog = read(language)
    translated = {
        message.id: message.string
        for message in catalog
        if message.id
        and not message.fuzzy
        and all([message.string] if isinstance(message.string, str) else message.string)
    }
    used = used_texts()
    assert len(used) > 90
    assert used - translated.keys() == set()
    assert translated.keys() - used == set(), "no longer used"


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_keep_the_places_of_names_and_prices(language):
    def places(text: str) -> list[str]:
        return sorted(re.findall(r"%\(\w+\)s|%s|</?\w+>", text))

    for message in read(language):
        ids = [message.id] if isinstance(message.id, str) else message.id
        strings = [message.string] if isinstance(message.string, str) else message.string
        if message.id:
            for string in strings:
                assert places(string) == places(ids[0]), message.id


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Buy at OTTO", "Advertisement:", "In stock", "€1,299.90", "Price comparison")),
        ("de", ("Kaufen bei OTTO", "Werbung:", "Auf Lager", "1.299,90\xa0€", "Preisvergleich")),
        ("nl", ("Koop bij OTTO", "Advertentie:", "Op voorraad", "€\xa01.299,90", "Prijsvergelijking")),
        ("sv", ("Köp hos OTTO", "Annons:", "I lager", "1\xa0299,90\xa0€", "Prisjämförelse")),
    ],
)
def test_a_product_page_speaks_the_sites_language(
    client, make_product, make_offer, make_shop, language, words
):
    SiteSettings.objects.create(pk=1, language=language)
    product = make_product()
    make_offer(product, "1299.90", shop=make_shop("OTTO"))
    html = client.get(product.get_absolute_url(), headers={"accept-language": "fr"}).content.decode()
    assert f'<html lang="{language}">' in html
    for word in words:
        assert word in html


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_has_an_english_word_left(client, make_product, make_offer, language):
    SiteSettings.objects.create(pk=1, name="X", language=language)
    shoes = services.get_or_create_category("Xx")
    brand = Brand.objects.create(name="Xy", slug="xy")
    for number in range(30):
        make_offer(make_product(f"Xz {number}", categories=[shoes], brand=brand, gtin=""), in_stock=None)
    product = Product.objects.first()
    blocks = f"<p>[top {product.pk}]</p><p>[compare {product.pk} {product.pk + 1}]</p>"
    pages.create_post(kind="guide", title="Yz", text=blocks, author="Yx", status="published")
    pages.create_post(kind="guide", title="Yy", status="published", role="imprint")
    english = {text for text in used_texts() if isinstance(text, str) and " " in text and "%" not in text}
    for address in (
        "/",
        "/?page=2",
        "/category/xx/?available=1",
        "/brand/xy/",
        "/search/",
        "/search/?q=nothing",
        "/product/xz-1/",
        "/about/",
        "/guides/",
        "/guides/yz/",
        "/nothing/",
    ):
        html = client.get(address).content.decode()
        assert f'<html lang="{language}">' in html, address
        assert [text for text in english if text in html] == [], address


def test_the_dashboard_stays_in_its_own_language(admin_client):
    SiteSettings.objects.create(pk=1, language="de")
    assert '<html lang="en">' in admin_client.get("/dashboard/").content.decode()


def test_compiling_again_writes_nothing():
    compile_translations()
    assert compile_translations() == 0
    assert {path.parts[-3] for path in Path(settings.LOCALE_PATHS[0]).rglob("*.mo")} == set(LANGUAGES)
