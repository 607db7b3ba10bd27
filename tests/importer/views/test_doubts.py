"""The page where a person says whether two things are the same: it works without JavaScript."""

import re
from decimal import Decimal

import pytest
from django.urls import reverse

from catalog import services as catalog
from catalog.models import Offer, Product
from events.models import Event
from importer.imports.doubles import scan_doubles
from importer.models import JoinDoubt
from tests.importer.make import make_feed, make_item
from tests.importer.pages import HTMX, is_part, text_of
from tests.importer.run import import_items

pytestmark = pytest.mark.django_db
EAN = "4006381333931"
LIST = "/dashboard/doubts/"


def make_pair(number=0, ean=EAN):
    """Import two unlike articles of one EAN; return their doubt."""
    feed = make_feed()
    red = make_item(feed, title=f"Red bucket {number}", brand="Gries", price=Decimal("19.95"), gtin=ean)
    bike = make_item(
        feed,
        title=f"Bicycle {number}",
        brand="Cube",
        price=Decimal("499"),
        gtin=ean,
        shop_name="Radhaus",
        program_id="9",
    )
    import_items(red, bike, status="published")
    return JoinDoubt.objects.latest("pk")


def make_wrong_join():
    """Put a bicycle on the page of a bucket, as imports of before did; return its doubt."""
    red = make_item(title="Red bucket", brand="Gries", price=Decimal("19.95"))
    bike = make_item(title="Bicycle", brand="Cube", price=Decimal("499"))
    first, second = import_items(red, bike)
    catalog.join_products(second.product, into=first.product)
    return JoinDoubt.objects.create(
        kind="split",
        source_key=bike.source_key,
        product=first.product,
        reason="The brands are Gries and Cube.",
    )


def make_double(title="Walking boots Terra") -> JoinDoubt:
    """Import one article of two shops, without an EAN; return their doubt."""
    named = {"title": title, "brand": "Ecco"}
    items = [make_item(make_feed(), **named, shop_name=name, program_id=name) for name in ("OTTO", "BAUR")]
    import_items(*items, status="published")
    scan_doubles(seconds=60)
    return JoinDoubt.objects.latest("pk")


def decide(client, doubt, decision, **headers):
    return client.post(reverse("importer:doubt-decide", args=[doubt.pk]), {"decision": decision}, **headers)


def counts_of(response) -> dict[str, str]:
    """Return the tabs of the page with their counts."""
    return dict(re.findall(r">([\w ]+) <span class=\"count\">(\d+)</span>", text_of(response)))


def offer_of(doubt) -> Offer:
    return Offer.objects.get(source_key=doubt.source_key)


def test_both_sides_stand_next_to_each_other(editor_client):
    make_pair()
    response = editor_client.get(LIST)
    page = text_of(response)

    for said in ("Red bucket 0", "Bicycle 0", "Gries", "Cube", "€19.95", "€499.00", "OTTO", "Radhaus", EAN):
        assert said in page, said
    assert "the brands are Cube and Gries" in page
    assert counts_of(response) == {
        **{"All": "1", "Not joined": "1", "Probably one": "0", "Joined before": "0", "Decided": "0"}
    }


def test_a_page_without_doubts_says_so(editor_client):
    assert "No doubts" in text_of(editor_client.get(LIST))
    assert "Nothing decided yet" in text_of(editor_client.get(LIST, {"show": "decided"}))


def test_join_puts_the_offer_on_the_product(editor_client):
    doubt = make_pair()
    own = offer_of(doubt).product
    response = decide(editor_client, doubt, "same")

    assert response.status_code == 302
    assert offer_of(doubt).product == doubt.product
    own.refresh_from_db()
    assert (own.status, own.joined_into) == ("trashed", doubt.product)
    doubt.refresh_from_db()
    assert (doubt.decision, doubt.decided_by.is_active) == ("same", True)
    assert "No doubts" in text_of(editor_client.get(LIST))


def test_not_the_same_is_remembered_and_moves_nothing(editor_client):
    doubt = make_pair()
    own = offer_of(doubt).product
    decide(editor_client, doubt, "apart")

    assert offer_of(doubt).product == own
    response = editor_client.get(LIST, {"show": "decided"})
    assert "Not the same" in text_of(response)
    assert counts_of(response)["Decided"] == "1"


def test_split_gives_the_offer_a_draft_of_its_own(editor_client):
    doubt = make_wrong_join()
    assert "Split off" in text_of(editor_client.get(LIST, {"show": "split"}))
    decide(editor_client, doubt, "apart")

    made = offer_of(doubt).product
    assert (made.title, made.status) == ("Bicycle", "draft")
    assert Product.objects.get(pk=doubt.product_id).offer_count == 1


def test_keep_together_leaves_a_join_alone(editor_client):
    doubt = make_wrong_join()
    decide(editor_client, doubt, "same")

    assert offer_of(doubt).product == doubt.product
    assert "No doubts" in text_of(editor_client.get(LIST))


def test_products_that_are_probably_one_stand_in_the_same_list(editor_client):
    make_pair()
    doubt = make_double()
    page = text_of(editor_client.get(LIST, {"show": "double"}))
    for said in ("Walking boots Terra", "nearly the same title", "Newer product", "OTTO", "BAUR", "Join"):
        assert said in page, said
    assert "Red bucket" not in page
    decide(editor_client, doubt, "same")
    assert Product.objects.get(pk=doubt.product_id).offer_count == 2
    assert offer_of(doubt).product == doubt.product


def test_not_the_same_is_undone_with_one_click(editor_client):
    doubt = make_double()
    page = text_of(decide(editor_client, doubt, "apart", headers=HTMX))
    assert "data-undo" in page
    assert "Kept apart for good." in page
    page = text_of(decide(editor_client, doubt, "undo", headers=HTMX))
    assert "It waits again." in page
    assert "data-undo" not in page
    assert counts_of(editor_client.get(LIST))["Probably one"] == "1"


def test_a_join_and_a_split_are_undone_with_one_click(editor_client):
    for doubt, decision in ((make_double(), "same"), (make_wrong_join(), "apart")):
        before = offer_of(doubt).product
        assert "data-undo" in text_of(decide(editor_client, doubt, decision, headers=HTMX))
        assert offer_of(doubt).product != before
        decide(editor_client, doubt, "undo")
        assert offer_of(doubt).product == before
        doubt.refresh_from_db()
        assert doubt.decision == ""
        before.refresh_from_db()
        assert before.status != "trashed"


def test_a_decision_is_an_event(editor_client):
    doubt = make_double()
    decide(editor_client, doubt, "apart")
    decide(editor_client, doubt, "ask")
    decide(editor_client, doubt, "ask")
    events = Event.objects.filter(kind="doubt.decided", subjects=[f"joindoubt:{doubt.pk}"]).order_by("pk")
    assert [(event.before["decision"], event.after["decision"]) for event in events] == [
        ("", "apart"),
        ("apart", ""),
    ]


@pytest.mark.parametrize("decision", ["same", "apart"])
def test_a_click_twice_does_it_once(editor_client, decision):
    doubt = make_wrong_join()
    for _ in range(2):
        assert decide(editor_client, doubt, decision).status_code == 302
    assert Product.objects.filter(offers__isnull=False).distinct().count() == (
        2 if decision == "apart" else 1
    )


def test_it_can_be_asked_again(editor_client):
    doubt = make_pair()
    decide(editor_client, doubt, "apart")
    decide(editor_client, doubt, "ask")

    assert counts_of(editor_client.get(LIST))["All"] == "1"


def test_htmx_gets_the_list_without_the_pair(editor_client):
    first = make_pair(1)
    make_pair(2, "0036000291452")
    response = decide(editor_client, first, "apart", headers=HTMX)

    assert is_part(response)
    page = text_of(response)
    assert "Bicycle 2" in page
    assert "Bicycle 1" not in page
    assert "Kept apart for good." in response.headers["HX-Trigger"]


def test_what_was_settled_elsewhere_is_not_asked(editor_client):
    doubt = make_pair()
    catalog.join_products(offer_of(doubt).product, into=doubt.product)
    assert "No doubts" in text_of(editor_client.get(LIST))


@pytest.mark.parametrize("side", ["offer", "product"])
def test_what_lies_in_the_trash_is_not_asked(editor_client, side):
    doubt = make_pair()
    catalog.trash([doubt.product_id if side == "product" else offer_of(doubt).product_id])
    assert "No doubts" in text_of(editor_client.get(LIST))


def test_a_product_that_went_to_the_trash_meanwhile_is_told(editor_client):
    doubt = make_pair()
    catalog.trash([doubt.product_id])
    decide(editor_client, doubt, "same")

    doubt.refresh_from_db()
    assert doubt.decision == ""
    assert "is in the trash" in text_of(editor_client.get(LIST))


def test_an_unknown_decision_decides_nothing(editor_client):
    doubt = make_pair()
    decide(editor_client, doubt, "maybe")

    assert "Say whether the two are the same." in text_of(editor_client.get(LIST))
    assert JoinDoubt.objects.get().decision == ""


def test_markup_of_a_feed_stays_text(editor_client):
    doubt = make_pair()
    JoinDoubt.objects.filter(pk=doubt.pk).update(reason="<script>alert(1)</script>")
    assert "<script>alert(1)" not in editor_client.get(LIST).content.decode()


def test_a_page_asks_the_same_for_any_number_of_pairs(editor_client, django_assert_max_num_queries):
    eans = (EAN, "0036000291452", "4000000000006", "5012345678900", "7350053850019")
    for number, ean in enumerate(eans):
        make_pair(number, ean)
    assert JoinDoubt.objects.count() == 5
    with django_assert_max_num_queries(14):
        assert "Bicycle 4" in text_of(editor_client.get(LIST))


def test_the_menu_counts_nothing_for_who_may_not_decide(outsider_client):
    assert outsider_client.get(LIST).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_pairs_are_decided_by_keyboard(admin_page):
    make_pair(1)
    make_pair(2, "0036000291452")
    admin_page.goto(LIST)
    admin_page.keyboard.press("j")
    admin_page.keyboard.press("n")
    admin_page.locator("nav.tabs a", has_text="All 1").wait_for()
    admin_page.locator("[data-decide]:focus").wait_for()
    assert "Kept apart for good." in admin_page.locator("#toasts").inner_text()
    admin_page.keyboard.press("u")
    admin_page.locator("nav.tabs a", has_text="All 2").wait_for()
    admin_page.locator("[data-decide]:focus").wait_for()
    admin_page.keyboard.press("k")
    admin_page.keyboard.press("n")
    admin_page.locator("nav.tabs a", has_text="All 1").wait_for()
    admin_page.locator("[data-decide]:focus").wait_for()
    admin_page.keyboard.press("y")
    admin_page.get_by_text("No doubts").wait_for()

    assert list(JoinDoubt.objects.order_by("pk").values_list("decision", flat=True)) == ["apart", "same"]
