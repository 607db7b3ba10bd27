"""The search over the mirrored feeds shows a model as one row, which opens and is imported whole."""

import re
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from catalog.models import Product
from importer.imports import apply
from importer.models import ImportRun
from tests.importer.make import make_feed, make_item
from tests.importer.pages import HTMX, text_of
from tests.importer.run import import_items

pytestmark = pytest.mark.django_db
URL = "/dashboard/search/"


@pytest.fixture
def feed():
    return make_feed(is_mirrored=True, synced_at=timezone.now())


@pytest.fixture
def shoes(feed):
    """Twelve sizes of a shoe, from 19.95, and one pair of socks."""
    make_item(feed, title="Trail socks", price=Decimal(5))
    return [
        make_item(
            feed,
            title=f"Trail runner {size}",
            attributes={"size": str(size)},
            price=Decimal("19.95") + size - 36,
            category="Shoes",
        )
        for size in range(36, 48)
    ]


def work_off() -> ImportRun:
    run = ImportRun.objects.get()
    apply.work(run)
    run.refresh_from_db()
    return run


def test_a_model_is_one_row_that_leads_to_its_variants_without_a_script(editor_client, shoes):
    page = text_of(editor_client.get(URL, {"keywords": "trail", "sort": "price"}))
    link = re.search(r'<a href="([^"]+)" data-variants.*?</a>', page, re.S)

    assert "12 variants from €19.95" in re.sub(r"<[^>]+>", "", link[0])
    assert page.count('<tr id="item-') == 2
    opened = editor_client.get(link[1].replace("&amp;", "&"))
    titles = [row.hit.item.title for row in opened.context["rows"]]
    assert titles == [item.title for item in shoes]
    assert "Variants of Trail runner 36" in text_of(opened)
    back = re.search(r'class="chip" href="([^"]+)"', text_of(opened))[1].replace("&amp;", "&")
    assert len(editor_client.get(back).context["rows"]) == 2


def test_one_click_imports_all_variants_as_one_product(editor_client, shoes):
    page = text_of(editor_client.get(URL, {"keywords": "runner", "sort": "price"}))
    action = re.search(r'formaction="([^"]+)"', page)[1]
    response = editor_client.post(action, headers=HTMX)

    assert response.status_code == 200
    assert work_off().counts["joined"] == 11
    product = Product.objects.get()
    assert (product.title, product.offer_count) == ("Trail runner", 12)


def test_the_dialog_says_how_many_become_one_and_takes_its_edits(editor_client, shoes):
    url = reverse("importer:item-import", args=[shoes[0].pk])
    dialog = text_of(editor_client.get(f"{url}?variants=1", headers=HTMX))
    assert "All 12 variants become one product" in dialog
    data = {"variants": "1", "title": "The runner", "status": "published", "brand": "Nordfjell"}
    editor_client.post(url, data, headers=HTMX)
    work_off()

    product = Product.objects.get()
    assert (product.title, product.offer_count, product.status) == ("The runner", 12, "published")


def test_all_variants_can_be_added_to_a_product_that_is_there(editor_client, shoes):
    product = import_items(make_item(make_feed(), title="Nordfjell runner"))[0].product
    ImportRun.objects.all().delete()
    url = reverse("importer:item-import", args=[shoes[0].pk])
    data = {"variants": "1", "title": "Trail runner 36", "status": "draft", "product": product.pk}
    editor_client.post(url, data, headers=HTMX)
    apply.work(ImportRun.objects.get())

    assert Product.objects.get().offer_count == 13


def test_a_ticked_row_brings_all_its_variants(editor_client, shoes):
    editor_client.post(reverse("importer:index-import"), {"groups": [shoes[0].pk]}, headers=HTMX)
    run = ImportRun.objects.get()

    assert run.total_count == 12
    apply.work(run)
    assert Product.objects.get().offer_count == 12


def test_without_variants_one_row_is_imported_alone(editor_client, shoes):
    editor_client.post(reverse("importer:item-quick", args=[shoes[3].pk]), headers=HTMX)

    assert ImportRun.objects.get().total_count == 1


@pytest.mark.parametrize("variants", ["0", "-1", "x", "9" * 30, "4611686018427387904", ""])
def test_an_odd_model_in_the_address_breaks_nothing(editor_client, shoes, variants):
    assert editor_client.get(URL, {"variants": variants}).status_code == 200


def test_names_of_variants_are_never_markup(editor_client, feed):
    for size in ("1", "2"):
        make_item(feed, title=f"<b>Evil</b> {size}", attributes={"size": size, "item_group_id": "<i>"})
    page = text_of(editor_client.get(URL))

    assert "2 variants" in page
    assert "<b>Evil" not in page


# --- What an import changes in the other rows ---------------------------------------------------
def test_rows_of_the_same_ean_hear_of_an_import_and_say_that_they_join(editor_client, feed):
    ean = "4006381333931"
    one = make_item(feed, title="Trail boot", gtin=ean)
    other = make_item(feed, title="Trail boots", gtin=ean)
    page = text_of(editor_client.get(URL, {"keywords": "boot"}))
    row = page.split(f'<tr id="item-{other.pk}"')[1].split(">")[0]
    assert f'hx-trigger="ean-{ean} from:body"' in row
    assert "joins" not in page
    editor_client.post(reverse("importer:item-quick", args=[one.pk]), headers=HTMX)
    run = ImportRun.objects.get()
    url = reverse("importer:item-row", args=[one.pk])
    assert "HX-Trigger" not in editor_client.get(f"{url}?run={run.pk}", headers=HTMX).headers
    apply.work(run)

    assert editor_client.get(f"{url}?run={run.pk}", headers=HTMX).headers["HX-Trigger"] == f"ean-{ean}"
    redrawn = text_of(editor_client.get(re.search(r'hx-get="([^"]+)"', row)[1], headers=HTMX))
    assert "joins <a" in redrawn


def test_a_row_says_of_an_unlike_article_what_its_import_will_do(editor_client, feed):
    ean = "4006381333931"
    import_items(make_item(feed, title="Red bucket", brand="Gries", gtin=ean))
    bike = make_item(feed, title="Bicycle 28 inch", brand="Cube", gtin=ean, price=Decimal(499))
    page = text_of(editor_client.get(URL, {"keywords": "bicycle"}))

    assert "joins <a" not in page
    assert "looks unlike: becomes a draft" in page
    assert import_items(bike)[0].product.status == "draft"
