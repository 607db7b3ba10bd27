"""The pages that join, split and move, and the main offer in the editor."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog import services
from catalog.clicks.counting import count_click
from catalog.models import DailyClicks, Offer, Place, PricePoint, Product, Shop
from tests.catalog.conftest import texts
from tests.catalog.test_product_edit import form_data, save


@pytest.fixture
def bol(db) -> Shop:
    return Shop.objects.create(name="Bol", slug="bol")


@pytest.fixture
def product(product, make_offer, bol) -> Product:
    make_offer(product, "10.00")
    make_offer(product, "12.00", shop=bol, title="Red shoe XL")
    services.refresh_prices([product.pk])
    return product


@pytest.fixture
def other(make_product) -> Product:
    return make_product("Crimson shoe")


def post(client, on: Product, **data):
    return client.post(reverse("catalog:product-offers", args=[on.pk]), data, follow=True)


def offer_of(name: str) -> Offer:
    return Offer.objects.get(shop__name=name)


def test_split_leads_to_the_new_draft_also_when_posted_twice(editor_client, product):
    data = {"action": "split", "offers": [offer_of("Bol").pk]}
    responses = [post(editor_client, product, **data) for _ in range(2)]
    made = Product.objects.get(title="Red shoe XL")
    assert Product.objects.count() == 2
    for response in responses:
        assert response.redirect_chain[-1][0] == reverse("catalog:product-edit", args=[made.pk])
        assert texts(response) == ["The ticked offers are on “Red shoe XL” now. Look over it and publish it."]


def test_move_stays_on_the_product_also_when_posted_twice(editor_client, product, other):
    data = {"action": "move", "offers": [offer_of("Bol").pk], "product": other.pk}
    for _ in range(2):
        response = post(editor_client, product, **data)
        assert texts(response) == ["The ticked offers are on “Crimson shoe” now."]
    assert offer_of("Bol").product == other
    assert offer_of("OTTO").product == product


def test_join_leads_to_the_other_product_also_when_posted_twice(editor_client, product, other):
    for _ in range(2):
        response = post(editor_client, product, action="join", product=other.pk)
        assert response.redirect_chain[-1][0] == reverse("catalog:product-edit", args=[other.pk])
        assert "is part of “Crimson shoe” now" in texts(response)[0]
    assert other.offers.count() == 2
    assert Product.objects.get(pk=product.pk).status == "trashed"


@pytest.mark.parametrize(
    ("data", "error"),
    [
        pytest.param({"action": "split"}, "Tick at least one", id="nothing ticked"),
        pytest.param({"action": "move", "product": "other"}, "Tick at least one", id="nothing to move"),
        pytest.param({"action": "join"}, "Find the other product first", id="no product"),
        pytest.param({"action": "join", "product": "999999"}, "Select a valid choice", id="unknown product"),
        pytest.param({"action": "join", "product": "x' OR 1"}, "Select a valid choice", id="no id"),
        pytest.param({"action": "join", "product": "self"}, "another product than this", id="itself"),
        pytest.param({"action": "delete"}, "Select a valid choice", id="unknown action"),
        pytest.param({}, "Choose what to do", id="no action"),
        pytest.param({"action": "split", "offers": ["9" * 30, "x", "²"]}, "Tick at least one", id="no ids"),
        pytest.param({"action": "split", "offers": ["999999"]}, "Somebody else", id="unknown offer"),
        pytest.param({"action": "split", "offers": "all"}, "Leave one offer", id="all of them"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(editor_client, product, other, data, error):
    ids = {"other": other.pk, "self": product.pk, "all": [offer.pk for offer in product.offers.all()]}
    data = {name: ids.get(value, value) if isinstance(value, str) else value for name, value in data.items()}
    before = list(Product.objects.order_by("pk").values())
    response = post(editor_client, product, **data)
    assert response.status_code == 200
    assert error in response.content.decode()
    assert list(Product.objects.order_by("pk").values()) == before


def test_finding_changes_nothing_and_keeps_what_is_ticked(editor_client, product, other):
    offer = offer_of("Bol")
    response = post(editor_client, product, find="1", product_query="shoe", offers=[offer.pk])
    assert response.context["products"] == [other]  # not the product itself
    assert f'value="{offer.pk}" aria-label="Select the offer of Bol, €12.00" checked' in (
        response.content.decode()
    )


@pytest.mark.parametrize("without", ["", "x", "9" * 40])
def test_the_search_takes_any_product_to_leave_out(editor_client, product, other, without):
    address = reverse("catalog:product-options")
    found = editor_client.get(address, {"product_query": "sho", "without": without}).context["products"]
    assert set(found) == {product, other}
    left = editor_client.get(address, {"product_query": "sho", "without": product.pk}).context["products"]
    assert left == [other]


def test_names_of_html_stay_text(editor_client, product, other):
    Product.objects.filter(pk=other.pk).update(title="<script>alert(1)</script> shoe")
    response = post(editor_client, product, action="join", product=other.pk)
    assert "<script>alert(1)" not in response.content.decode()


# --- The editor ---------------------------------------------------------------------------------


def test_the_main_offer_is_chosen_with_the_rest_of_the_form(editor_client, product):
    bol = offer_of("Bol")
    save(editor_client, product, main_offer=bol.pk)
    assert product.offers.get(is_main=True) == bol
    page = save(editor_client, product).content.decode()  # a form that does not say changes nothing
    assert product.offers.get(is_main=True) == bol
    assert page.count("Leads the page") == 1
    save(editor_client, product, main_offer="")
    assert not product.offers.filter(is_main=True).exists()


def test_an_offer_that_is_not_the_products_is_no_choice(editor_client, product, other, make_offer):
    foreign = make_offer(other)
    response = save(editor_client, product, main_offer=foreign.pk)
    assert "Select a valid choice" in response.content.decode()
    assert not Offer.objects.filter(is_main=True).exists()


def test_the_main_offer_may_go_in_the_same_save(editor_client, product):
    bol = offer_of("Bol")
    save(editor_client, product, main_offer=bol.pk, remove_offers=[bol.pk])
    assert [offer.shop.name for offer in product.offers.all()] == ["OTTO"]


def test_clicks_on_an_offer_that_the_editor_removes_are_counted(editor_client, product):
    bol = offer_of("Bol")
    count_click(bol.pk, "top", "203.0.113.9")
    save(editor_client, product, remove_offers=[bol.pk])
    row = DailyClicks.objects.get(offer=None)
    assert (row.product, row.shop, row.count) == (product, bol.shop, 1)


def test_a_join_in_the_meantime_is_a_conflict_in_an_open_editor(editor_client, product, other):
    version = other.updated_at.isoformat()
    services.join_products(product, into=other)
    response = save(editor_client, other, title="Mine", version=version)
    assert "Somebody else saved this product" in response.content.decode()
    assert Product.objects.get(pk=other.pk).title == "Crimson shoe"


def test_the_editor_shows_clicks_per_shop_and_the_price_history(editor_client, product):
    for days, count in ((0, 1), (5, 2), (20, 4)):
        day = timezone.localdate() - timezone.timedelta(days=days)
        DailyClicks.objects.create(offer=offer_of("Bol"), day=day, place=Place.TOP, count=count)
    for days in (20, 3):
        at = timezone.now() - timezone.timedelta(days=days)
        PricePoint.objects.create(
            offer=offer_of("OTTO"), price=10 + days, currency="EUR", in_stock=True, recorded_at=at
        )
    response = editor_client.get(reverse("catalog:product-edit", args=[product.pk]))
    page = response.content.decode()
    rows = [(shop.name, list(counts.values())) for shop, counts in response.context["gallery"].clicks_by_shop]
    assert rows == [("Bol", [1, 3, 7]), ("OTTO", [0, 0, 0])]
    assert 'class="chart-line"' in page
    assert "Prices as a table" in page


# --- The preview of what is typed ---------------------------------------------------------------


def preview(client, product: Product, **changes) -> str:
    data = form_data(client, product, **changes)
    response = client.post(reverse("catalog:product-preview", args=[product.pk]), data)
    assert response.status_code == 200
    return response.content.decode()


def test_the_preview_shows_what_is_typed_and_saves_nothing(editor_client, product):
    shoes = services.get_or_create_category("Shoes")
    before = Product.objects.values().get()
    page = preview(
        editor_client,
        product,
        title="Blue shoe",
        description="<p>New text</p>",
        brand="New Brand",
        categories=[shoes.pk],
        main_offer=offer_of("Bol").pk,
        remove_offers=[],
    )
    for text in ("Blue shoe</h1>", "<p>New text</p>", "New Brand", "Shoes", "Buy at Bol"):
        assert text in page
    assert Product.objects.values().get() == before
    assert not Offer.objects.filter(is_main=True).exists()
    assert "New Brand" not in editor_client.get(reverse("catalog:brand-list")).content.decode()


def test_the_preview_leaves_out_offers_that_are_to_go(editor_client, product):
    assert "Bol" not in preview(editor_client, product, remove_offers=[offer_of("Bol").pk])


def test_the_preview_keeps_what_is_saved_where_the_typed_cannot_be(editor_client, product):
    page = preview(editor_client, product, title="", slug="a b", gtin="1", main_offer="x", brand="x" * 500)
    assert "Red shoe</h1>" in page


def test_nothing_typed_runs_in_the_preview(editor_client, product):
    page = preview(
        editor_client,
        product,
        title="<script>alert(1)</script>",
        description="<p onclick=alert(1)>Hi<script>alert(1)</script><img src=x onerror=alert(1)></p>",
    )
    assert "<script>alert" not in page
    assert "onclick" not in page
    assert "onerror" not in page


def test_only_our_own_pages_may_frame_the_preview_and_nobody_keeps_it(editor_client, product):
    for method in ("get", "post"):
        response = getattr(editor_client, method)(reverse("catalog:product-preview", args=[product.pk]))
        assert response["X-Frame-Options"] == "SAMEORIGIN"
        assert "frame-ancestors 'self'" in response["Content-Security-Policy"]
        assert "default-src 'self'" in response["Content-Security-Policy"]
        assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("who", ["stranger_client", "client"])
def test_a_stranger_previews_nothing(request, product, who):
    response = request.getfixturevalue(who).post(reverse("catalog:product-preview", args=[product.pk]))
    assert response.status_code == (403 if who == "stranger_client" else 302)


@pytest.mark.parametrize("route", ["product-offers", "product-preview"])
def test_posting_from_elsewhere_is_refused(editor, product, route):
    client = Client(enforce_csrf_checks=True)
    client.force_login(editor)
    assert client.post(reverse(f"catalog:{route}", args=[product.pk])).status_code == 403


def test_a_joined_product_says_where_its_offers_are(editor_client, product, other):
    services.join_products(product, into=other)
    page = editor_client.get(reverse("catalog:product-edit", args=[product.pk])).content.decode()
    assert "This product is part of" in page
    assert f'href="{reverse("catalog:product-edit", args=[other.pk])}"' in page
