import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog import services
from catalog.models import Brand, Category, Product, Revision, Shop
from tests.catalog.conftest import texts

LIST = reverse("catalog:product-list")
BULK = reverse("catalog:product-bulk")


def titles(client, **query) -> list[str]:
    return [product.title for product in client.get(LIST, query).context["page_obj"]]


@pytest.fixture
def three(make_product):
    return [
        make_product("Draft", status="draft"),
        make_product("Live", status="published"),
        make_product("Gone", status="trashed"),
    ]


@pytest.mark.parametrize(
    ("status", "expected"),
    [("", ["Live", "Draft"]), ("published", ["Live"]), ("draft", ["Draft"]), ("trashed", ["Gone"])],
)
def test_tabs_show_their_status(editor_client, three, status, expected):
    response = editor_client.get(LIST, {"status": status})
    assert [product.title for product in response.context["page_obj"]] == expected
    assert [tab["count"] for tab in response.context["tabs"]] == [2, 1, 1, 1]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("shoe", True),
        ("red sh", True),
        ("SHOE red", True),
        ("sh red", False),
        ("usb-c", True),
        ("4006381333931", True),
        ("' & | ! :* <-> \\ (", False),
        ("it's", False),
        ("& ! |", False),
    ],
)
def test_search_by_words_and_ean(editor_client, make_product, words, found):
    make_product("Red shoe USB-C 12.5", gtin="4006381333931")
    assert titles(editor_client, q=words) == (["Red shoe USB-C 12.5"] if found else [])


def test_search_pads_a_upc(editor_client, make_product):
    make_product("Red shoe", gtin="0036000291452")
    assert titles(editor_client, q="036000291452") == ["Red shoe"]


def test_filters_by_category_with_what_is_below(editor_client, make_product):
    top = Category.objects.create(name="Top", slug="top")
    low = Category.objects.create(name="Low", slug="low", parent=top)
    services.set_categories([make_product("Low one")], categories=[low])
    make_product("Other")
    assert titles(editor_client, category=top.pk) == ["Low one"]
    assert titles(editor_client, category=low.pk) == ["Low one"]


def test_filters_by_shop_and_brand(editor_client, make_product, make_offer):
    brand = Brand.objects.create(name="Acme", slug="acme")
    product = make_product("Branded", brand=brand)
    offer = make_offer(product)
    make_offer(product)
    make_product("Other")
    other = Shop.objects.create(name="Other", slug="other")
    assert titles(editor_client, shop=offer.shop_id) == ["Branded"]
    assert titles(editor_client, shop=other.pk) == []
    assert titles(editor_client, brand="ACME") == ["Branded"]


def test_sorts(editor_client, make_product):
    for title, price in (("B", 2), ("A", None), ("C", 1)):
        Product.objects.filter(pk=make_product(title).pk).update(lowest_price=price)
    assert titles(editor_client) == ["C", "A", "B"]
    assert titles(editor_client, sort="created") == ["B", "A", "C"]
    assert titles(editor_client, sort="title") == ["A", "B", "C"]
    assert titles(editor_client, sort="price") == ["C", "B", "A"]
    assert titles(editor_client, sort="-price") == ["B", "C", "A"]


@pytest.mark.parametrize(
    "query",
    [
        {"category": "x"},
        {"category": "999999999999999999999999"},
        {"shop": "-1"},
        {"sort": "nonsense"},
        {"status": "nonsense"},
        {"page": "nonsense"},
        {"page": "99999999"},
        {"brand": "\0"},
        {"q": "x" * 5000},
    ],
    ids=str,
)
def test_an_odd_address_still_shows_a_list(editor_client, product, query):
    assert editor_client.get(LIST, query).status_code == 200


def test_a_row_shows_shops_categories_and_price(editor_client, product, make_offer):
    make_offer(product, "19.90")
    services.refresh_prices([product.pk])
    services.set_categories([product.pk], categories=[services.get_or_create_category("Shoes")])
    page = editor_client.get(LIST).content.decode()
    assert "€19.90" in page
    assert "OTTO" in page
    assert "Shoes" in page


def test_at_most_twelve_queries_however_many_products(editor_client, make_product, make_offer):
    category = services.get_or_create_category("Shoes")
    for number in range(60):
        product = make_product(f"Shoe {number}", brand=services.get_or_create_brand(f"Brand {number}"))
        make_offer(product)
        services.set_categories([product.pk], categories=[category])
    query = {"q": "sho", "category": category.pk, "page": 1}
    with CaptureQueriesContext(
        connection,
    ) as queries:
        response = editor_client.get(LIST, query)
    assert len(response.context["page_obj"]) == 50
    assert len(queries) <= 12


@pytest.mark.parametrize(
    ("action", "before", "after"),
    [
        ("publish", "draft", "published"),
        ("draft", "published", "draft"),
        ("trash", "published", "trashed"),
        ("restore", "trashed", "draft"),
    ],
)
def test_bulk_actions(editor_client, make_product, action, before, after):
    products = [make_product(status=before) for _ in range(3)]
    data = {"action": action, "ids": [product.pk for product in products[:2]], "category": ""}
    response = editor_client.post(BULK, data, follow=True)
    assert [p.status for p in Product.objects.order_by("pk")] == [after, after, before]
    assert texts(response)[0].startswith("2 products were ")
    assert texts(editor_client.post(BULK, data, follow=True)) == ["Nothing had to be changed."]


def test_bulk_delete_is_for_the_trash_only(editor_client, three):
    editor_client.post(BULK, {"action": "delete", "ids": [product.pk for product in three]})
    assert set(Product.objects.values_list("title", flat=True)) == {"Draft", "Live"}


def test_bulk_adds_a_category(editor_client, product):
    old, new = services.get_or_create_category("Old"), services.get_or_create_category("New")
    product.categories.add(old)
    editor_client.post(BULK, {"action": "category", "ids": [product.pk], "category": new.pk})
    assert set(product.categories.all()) == {old, new}


def test_the_button_of_a_row_goes_before_what_is_ticked(editor_client, make_product):
    one, ticked = make_product("One"), make_product("Ticked")
    editor_client.post(BULK, {"action": "publish", "ids": [ticked.pk], "only": f"trash:{one.pk}"})
    assert dict(Product.objects.values_list("title", "status")) == {"One": "trashed", "Ticked": "draft"}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"action": "publish"}, "Tick at least one product first."),
        ({"action": "publish", "ids": ["x", "-1", "²", "9" * 30]}, "Tick at least one product first."),
        ({"action": "explode", "ids": ["1"]}, "Select a valid choice"),
        ({"action": "category", "ids": ["1"]}, "Choose the category first."),
        ({"action": "category", "ids": ["1"], "category": "77777"}, "Select a valid choice"),
        ({"action": "publish", "ids": [str(n) for n in range(1001)]}, "Tick no more than 1000"),
    ],
    ids=["nothing", "not ids", "no such action", "no category", "no such category", "too many"],
)
def test_bulk_says_what_is_wrong(editor_client, product, data, message):
    response = editor_client.post(BULK, data, follow=True)
    assert message in texts(response)[0]
    assert Product.objects.get().status == "draft"


def test_after_a_bulk_action_the_list_is_as_it_was(editor_client, product):
    address = f"{LIST}?status=draft&page=2"
    data = {"action": "publish", "ids": [product.pk]}
    assert editor_client.post(BULK, data | {"next": address}).url == address
    for foreign in ("https://evil.example/", "//evil.example", "javascript:alert(1)"):
        assert editor_client.post(BULK, data | {"next": foreign}).url == LIST


def bulk(client, action: str, products, **choices):
    ids = [product.pk for product in products]
    return client.post(BULK, {"action": action, "ids": ids, **choices}, follow=True)


def test_many_products_get_one_brand_and_it_can_be_taken_back(editor_client, make_product):
    acme = Brand.objects.create(name="Acme", slug="acme")
    two = [make_product("A", brand=acme), make_product("B")]
    said = bulk(editor_client, "brand", two, brand=" acme ")
    assert "1 product was given the brand." in texts(said)  # A had it already
    assert set(Product.objects.values_list("brand__name", flat=True)) == {"Acme"}
    [revision] = Revision.objects.filter(before__has_key="brand")
    assert revision.product_id == two[1].pk
    assert revision.cause.startswith("bulk:")


def test_a_new_brand_is_made_for_many(editor_client, make_product):
    bulk(editor_client, "brand", [make_product("A"), make_product("B")], brand="Neu & Söhne")
    assert set(Product.objects.values_list("brand__name", flat=True)) == {"Neu & Söhne"}


def test_many_products_leave_a_category_and_keep_their_others(editor_client, make_product):
    top, other = (Category.objects.create(name=name, slug=name.lower()) for name in ("Top", "Other"))
    inside, outside = make_product("In"), make_product("Out")
    services.set_categories([inside], categories=[top, other])
    services.set_categories([outside], categories=[other])
    said = bulk(editor_client, "uncategory", [inside, outside], category=top.pk)
    assert "1 product was removed from the category." in texts(said)
    for product in (inside, outside):
        product.refresh_from_db()
        assert product.category_ids == [other.pk]


def test_many_products_get_a_price_policy_and_give_it_back(editor_client, make_product, make_offer):
    product = make_product("A", policies={"title": "never"})
    offer = make_offer(product, source_digest=7)
    bulk(editor_client, "policy", [product], policy="price:never")
    product.refresh_from_db()
    offer.refresh_from_db()
    assert product.policies == {"title": "never", "price": "never"}
    assert offer.source_digest is None  # the next sync looks at it again
    bulk(editor_client, "policy", [product], policy="price:")
    product.refresh_from_db()
    assert product.policies == {"title": "never"}


@pytest.mark.parametrize(
    ("action", "choices", "sentence"),
    [
        ("brand", {"brand": "  "}, "Write the brand first."),
        ("uncategory", {}, "Choose the category first."),
        ("policy", {"policy": ""}, "Choose what feeds may change first."),
        ("policy", {"policy": "price:sometimes"}, "Select a valid choice"),
        ("policy", {"policy": "colour:never"}, "Select a valid choice"),
        ("brand", {"brand": "x" * 121}, "at most 120 characters"),
    ],
)
def test_a_bulk_edit_without_its_value_changes_nothing(
    editor_client, make_product, action, choices, sentence
):
    product = make_product("A")
    said = bulk(editor_client, action, [product], **choices)
    assert any(sentence in text for text in texts(said))
    product.refresh_from_db()
    assert (product.brand, product.category_ids, product.policies) == (None, [], {})
