"""A price that was checked too long ago is not shown as a price: nowhere, until it is checked again."""

import json
import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation

from catalog.lib.ages import coarse_age
from catalog.models import Offer, Product, SiteSettings
from catalog.services import bulk, choose_main_offer, hide_old_prices, refresh_prices, show_checked_prices
from catalog.site.generation import get_generation
from catalog.templatetags.public import ago
from events.models import Event
from tests.importer.make import make_feed, make_item, set_checked
from tests.importer.pages import text_of
from tests.importer.run import import_items

pytestmark = pytest.mark.django_db
GTIN = "4006381333931"


@pytest.fixture
def product():
    """Return a published product with two offers: A for 50, B for 60."""
    for shop, price in (("A", "50"), ("B", "60")):
        item = make_item(
            make_feed(), shop_name=shop, program_id=shop, price=Decimal(price), gtin=GTIN, in_stock=True
        )
        import_items(item, status="published")
    return Product.objects.get()


def grow_old(shop, days=9) -> Offer:
    set_checked(timezone.now() - timedelta(days=days), shop__name=shop)
    return Offer.objects.get(shop__name=shop)


def page_of(client, product) -> str:
    return text_of(client.get(product.get_absolute_url()))


def structured(page) -> dict:
    found = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    return next(data for data in map(json.loads, found) if data["@type"] == "Product")


def test_an_old_price_leaves_page_lists_and_structured_data(client, product):
    grow_old("A")
    assert hide_old_prices() == 1
    product.refresh_from_db()
    assert (product.lowest_price, product.is_available) == (Decimal(60), True)
    page = page_of(client, product)
    assert "50.00" not in page
    assert page.count("Price: see shop") == 1
    assert structured(page)["offers"]["price"] == "60.00"
    assert "lowPrice" not in structured(page)["offers"]
    assert "50.00" not in text_of(client.get(reverse("public:home")))


def test_a_product_whose_prices_are_all_old_has_no_price_and_can_still_be_had(client, product):
    for shop in "AB":
        grow_old(shop)
    hide_old_prices()
    product.refresh_from_db()
    assert (product.lowest_price, product.currency, product.is_available) == (None, "", True)
    page = page_of(client, product)
    assert "50.00" not in page
    assert "60.00" not in page
    assert "offers" not in structured(page)
    assert "<title>" in page
    assert f"/go/{product.offers.first().pk}/" in page, "the shop can still be followed"
    assert "Price: see shop" in text_of(client.get(reverse("public:home")))
    feed = client.get(reverse("public:feed-new")).content.decode()
    assert f"<title>{product.title}</title>" in feed


def test_the_words_are_those_of_the_site(client, product):
    SiteSettings(pk=1, language="de").save()
    grow_old("A")
    hide_old_prices()
    assert "Preis: siehe Shop" in page_of(client, product)
    assert "geprüft" in page_of(client, product)


def test_a_price_that_is_checked_again_is_shown_again(product):
    offer = grow_old("A")
    hide_old_prices()
    bulk.touch_offers([offer.pk], at=timezone.now())
    assert show_checked_prices() == 1
    assert hide_old_prices() == 0
    product.refresh_from_db()
    assert product.lowest_price == 50
    kinds = [event.kind for event in Event.objects.order_by("id") if event.kind.startswith("offer.price_")]
    assert kinds[-2:] == ["offer.price_hidden", "offer.price_shown"]


def test_the_limit_is_the_sites(product):
    SiteSettings(pk=1, prices_shown_hours=24).save()
    grow_old("A", days=2)
    assert hide_old_prices() == 1
    SiteSettings(pk=1, prices_shown_hours=72).save()
    assert (hide_old_prices(), show_checked_prices()) == (0, 1)


def test_hiding_twice_hides_once(product):
    grow_old("A")
    assert (hide_old_prices(), hide_old_prices()) == (1, 0)


def test_a_chosen_offer_whose_price_is_old_does_not_lead(client, product):
    offer = Offer.objects.get(shop__name="B")
    choose_main_offer(product, offer_id=offer.pk)
    grow_old("B")
    hide_old_prices()
    product.refresh_from_db()
    assert (product.lowest_price, product.has_cheaper_offer) == (50, False)
    assert "Our choice" not in page_of(client, product)


def test_an_old_price_is_no_cheaper_offer(product):
    choose_main_offer(product, offer_id=Offer.objects.get(shop__name="B").pk)
    product.refresh_from_db()
    assert product.has_cheaper_offer
    grow_old("A")
    hide_old_prices()
    product.refresh_from_db()
    assert (product.lowest_price, product.has_cheaper_offer) == (60, False)


def test_what_a_product_keeps_is_what_refreshing_finds(product):
    grow_old("A")
    hide_old_prices()
    before = Product.objects.filter(pk=product.pk).values().get()
    refresh_prices([product.pk])
    assert Product.objects.filter(pk=product.pk).values().get() == before


def test_an_update_shows_the_price_at_once(product):
    from importer.models import FeedItem
    from tests.importer.make import change_item

    offer = grow_old("A")
    hide_old_prices()
    import_items(change_item(FeedItem.objects.get(source_key=offer.source_key), price=Decimal("45")))
    product.refresh_from_db()
    assert product.lowest_price == 45


@pytest.mark.django_db(transaction=True)
def test_a_check_makes_no_page_anew_and_a_price_does(product):
    before = get_generation()
    with transaction.atomic():
        bulk.touch_offers([Offer.objects.first().pk], at=timezone.now())
    assert get_generation() == before
    grow_old("A")
    assert get_generation() == before
    hide_old_prices()
    assert get_generation() != before


def test_the_product_list_finds_old_prices(client, admin_client, product):
    url = f"{reverse('catalog:product-list')}?price=old"
    assert product.title not in text_of(admin_client.get(url))
    grow_old("A")
    hide_old_prices()
    assert product.title in text_of(admin_client.get(url))


@pytest.mark.parametrize(
    ("minutes", "hours"),
    [
        (0, None),
        (54, None),
        (56, 1),
        (60, 1),
        (85, 1),
        (90, 2),
        (120, 2),
        (60 * 35, 35),
        (60 * 36, 48),
        (60 * 100, 96),
    ],
)
def test_ages_are_told_in_coarse_steps(minutes, hours):
    age = coarse_age(timedelta(minutes=minutes), timedelta(minutes=5))
    assert age == (None if hours is None else timedelta(hours=hours))


def test_a_kept_page_is_never_wrong_by_more_than_half_a_step():
    kept = timedelta(minutes=5)
    for age in (timedelta(minutes=minutes) for minutes in range(0, 60 * 40, 7)):
        said = coarse_age(age, kept)
        if said is None:
            assert age + kept <= timedelta(hours=1)
            continue
        step = timedelta(hours=1) if said < timedelta(hours=36) else timedelta(days=1)
        assert all(abs(shown - said) <= step / 2 + kept / 2 for shown in (age, age + kept)), age


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "2 hours ago"), ("de", "vor 2 Stunden"), ("nl", "2 uur geleden"), ("sv", "för 2 timmar sedan")],
)
def test_the_age_is_said_in_every_language(language, words):
    with translation.override(language):
        assert ago(timezone.now() - timedelta(hours=2)) == words


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "within the last hour"), ("de", "in der letzten Stunde"), ("nl", "in het afgelopen uur")],
)
def test_the_last_hour_is_said_in_every_language(language, words):
    with translation.override(language):
        assert ago(timezone.now()) == words


def test_the_page_says_when_a_price_was_checked(client, product):
    set_checked(timezone.now() - timedelta(hours=2))
    page = page_of(client, product)
    assert len(re.findall(r'checked <time datetime="[^"]+" title="[^"]+">2 hours ago</time>', page)) == 2


def test_new_items_make_offers_that_are_not_old():
    import_items(make_item(make_feed()))
    assert not Offer.objects.get().is_old
