"""The product list as a whole: what is missing, all matches at once, and the list as a file."""

import csv
import io
import re
import zipfile

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from catalog import services
from catalog.models import Brand, ListChoice, Product
from catalog.queries.product_list import COLUMNS

LIST, BULK = "/dashboard/products/", "/dashboard/products/bulk/"


@pytest.fixture
def many(db) -> list[Product]:
    """Sixty drafts, more than a page."""
    return [services.create_product(title=f"Shoe {number:02}") for number in range(60)]


def titles(page) -> set[str]:
    return {product.title for product in page.context["page_obj"]}


def test_what_has_no_category_and_no_offer_is_found(admin_client, make_product, make_offer):
    shoes = services.get_or_create_category("Shoes")
    made = {title: make_product(title=title) for title in ("Bare", "Sold", "Sorted")}
    make_offer(made["Sold"])
    services.refresh_prices([made["Sold"].pk])
    services.set_categories([made["Sorted"].pk], categories=[shoes])
    assert titles(admin_client.get(LIST, {"category": "none"})) == {"Bare", "Sold"}
    assert titles(admin_client.get(LIST, {"shop": "none"})) == {"Bare", "Sorted"}
    assert titles(admin_client.get(LIST, {"shop": "none", "category": "none"})) == {"Bare"}
    assert titles(admin_client.get(LIST, {"category": str(shoes.pk)})) == {"Sorted"}
    for odd in ("nonsense", "-1", "9" * 30):
        assert len(titles(admin_client.get(LIST, {"category": odd, "shop": odd}))) == 3


# --- All matches -----------------------------------------------------------------------------------


def test_all_that_a_list_shows_is_changed_and_nothing_else(admin_client, many):
    services.publish([many[0].pk])
    boots = [services.create_product(title=f"Boot {number}").pk for number in range(3)]
    posted = {"action": "publish", "all_matches": "59", "query": "status=draft&q=shoe"}
    page = admin_client.post(BULK, posted | {"next": f"{LIST}?status=draft"}, follow=True)
    assert "59 products were published." in page.text
    assert set(Product.objects.filter(status="draft").values_list("pk", flat=True)) == set(boots)


@pytest.mark.parametrize("shown", ["58", "61", "0"])
def test_a_list_that_changed_meanwhile_is_not_touched(admin_client, many, shown):
    posted = {"action": "trash", "all_matches": shown, "query": "status=draft"}
    page = admin_client.post(BULK, posted, follow=True)
    assert "now, and not" in page.text or "Tick at least one" in page.text
    assert not Product.objects.filter(status="trashed").exists()


def test_the_button_of_a_row_does_not_mean_all(admin_client, many):
    posted = {"only": f"trash:{many[0].pk}", "all_matches": "60", "query": ""}
    admin_client.post(BULK, posted)
    assert [product.pk for product in Product.objects.filter(status="trashed")] == [many[0].pk]


def test_only_a_list_of_several_pages_offers_all_of_it(admin_client, many):
    assert "Select all 60 drafts" in admin_client.get(LIST, {"status": "draft"}).text
    Product.objects.filter(pk__in=[product.pk for product in many[:20]]).delete()
    assert "Select all" not in admin_client.get(LIST).text.replace("Select all on this page", "")


@pytest.mark.browser
def test_all_and_ranges_are_chosen_in_a_browser(admin_page, many):
    page = admin_page
    page.goto(f"{LIST}?status=draft&sort=title")
    boxes = page.locator("tbody .cell-check input")
    boxes.nth(2).check()
    boxes.nth(6).click(modifiers=["Shift"])
    expect(page.get_by_text("5 selected")).to_be_visible()
    boxes.nth(4).click(modifiers=["Shift"])  # up to here they go again
    expect(page.get_by_text("2 selected")).to_be_visible()
    page.get_by_label("Select all 60 drafts").check()
    expect(page.get_by_text("60 selected")).to_be_visible()
    page.get_by_label("Action").select_option("publish")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("#messages")).to_contain_text("60 products were published.")


# --- The list as a file ----------------------------------------------------------------------------


def export(client, kind: str, **query) -> bytes:
    answer = client.get(reverse("catalog:product-export", args=[kind]), query)
    assert answer.status_code == 200
    assert f'filename="products.{kind}"' in answer["Content-Disposition"]
    return b"".join(answer.streaming_content)


def test_the_csv_has_what_the_list_shows_all_pages_of_it(admin_client, many, make_offer):
    brand = Brand.objects.create(name="Ørsted; “x”", slug="x")
    shoes, boots = services.get_or_create_category("Shoes"), services.get_or_create_category("Boots, high")
    Product.objects.filter(pk=many[3].pk).update(brand=brand, gtin="4006381333931")
    services.set_categories([many[3].pk], categories=[shoes, boots])
    make_offer(many[3], price="99.90")
    services.refresh_prices([many[3].pk])
    services.create_product(title="Other")
    text = export(admin_client, "csv", q="shoe", sort="title").decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["title"] for row in rows] == sorted(product.title for product in many)
    row = rows[3]
    assert (row["brand"], row["ean"], row["status"]) == ("Ørsted; “x”", "4006381333931", "draft")
    assert (row["lowest_price"], row["currency"], row["offers"]) == ("99.90", "EUR", "1")
    assert (
        set(row["categories"].split(", ", 1)) == {"Shoes", "Boots, high"}
        or "Boots, high" in row["categories"]
    )


@pytest.mark.parametrize("title", ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("https://evil.example")'])
def test_no_name_becomes_a_formula(admin_client, db, title):
    services.create_product(title=title)
    rows = list(csv.DictReader(io.StringIO(export(admin_client, "csv").decode("utf-8-sig"), newline="")))
    assert rows[0]["title"] == f"'{title}"
    with zipfile.ZipFile(io.BytesIO(export(admin_client, "xlsx"))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet


def test_the_spreadsheet_has_a_row_for_each(admin_client, many):
    with zipfile.ZipFile(io.BytesIO(export(admin_client, "xlsx", status="draft"))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert sheet.count("<row ") == 61
    assert "Shoe 42" in sheet


def test_another_kind_of_file_is_not_there(admin_client, db):
    assert admin_client.get(reverse("catalog:product-export", args=["pdf"])).status_code == 404


def test_who_may_not_see_products_gets_no_file(client, django_user_model, db):
    client.force_login(django_user_model.objects.create_user("nobody"))
    assert client.get(reverse("catalog:product-export", args=["csv"])).status_code == 403


# --- How a person wants it -------------------------------------------------------------------------


def heads(page) -> list[str]:
    return re.findall(r'<th scope="col"[^>]*>(?:<a [^>]*>)?(?:<span[^>]*>)?([\w ]*\w)', page.text)


def test_columns_and_rows_are_kept_for_each_user(admin_client, editor_client, many):
    usual = heads(admin_client.get(LIST))
    assert usual == ["Picture", "Title", "Shops", "Best price", "Clicks", "Categories", "Status", "Date"]
    posted = {"columns": ["ean", "offers", "status"], "rows": "25", "next": f"{LIST}?status=draft"}
    page = admin_client.post(reverse("catalog:product-columns"), posted, follow=True)
    assert page.redirect_chain == [(f"{LIST}?status=draft", 302)]
    assert heads(page) == ["Title", "Offers", "EAN", "Status"]
    assert len(titles(page)) == 25
    assert heads(editor_client.get(LIST)) == usual
    assert len(titles(editor_client.get(LIST))) == 50


@pytest.mark.parametrize(
    "posted", [{"rows": "7"}, {"rows": "1000000"}, {"columns": ["secret"], "rows": "25"}, {}]
)
def test_what_is_no_choice_changes_nothing(admin_client, many, posted):
    admin_client.post(reverse("catalog:product-columns"), posted)
    assert not ListChoice.objects.exists()


@pytest.mark.browser
def test_a_screen_of_900_pixels_has_twelve_products(admin_page, many, make_offer):
    for number, product in enumerate(many):
        title = f"Nordfjell Aster GTX {number:02}, wandelschoen voor heren"
        Product.objects.filter(pk=product.pk).update(title=title)
        make_offer(product)
    admin_page.set_viewport_size({"width": 1280, "height": 900})
    admin_page.goto(LIST)
    inside = "rows => rows.filter((row) => row.getBoundingClientRect().bottom <= innerHeight).length"
    assert admin_page.locator("tbody tr").evaluate_all(inside) >= 12
    trash = admin_page.get_by_role("button", name="Trash").first
    expect(trash).to_be_visible()
    assert trash.evaluate("element => getComputedStyle(element).opacity") == "1"


@pytest.mark.parametrize("left_out", [*COLUMNS, "all"])
def test_a_list_without_any_of_its_columns_still_says_the_state(admin_client, make_product, left_out):
    make_product("Draft shoe")
    shown = [] if left_out == "all" else [name for name in COLUMNS if name != left_out]
    admin_client.post(reverse("catalog:product-columns"), {"columns": shown, "rows": "25"})
    page = admin_client.get(LIST)
    assert page.status_code == 200
    row = page.content.decode().partition("<tbody")[2]
    assert "Draft" in row.replace("Draft shoe", "")
