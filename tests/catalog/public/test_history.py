"""Price history and reductions on the pages, from a log that is really in the database."""

import re
from datetime import timedelta
from decimal import Decimal
from html import unescape

import pytest
import time_machine
from django.utils import timezone

from catalog import services
from catalog.models import Offer, PricePoint, Product
from catalog.public.offers import compare_offers
from catalog.site.buttons import Buttons


@pytest.fixture
def log_prices(db):
    """Append (days ago, price) to the log of an offer, the last one being what it says now."""

    def log(offer: Offer, *points: tuple, currency: str = "EUR", in_stock: bool | None = True) -> None:
        now = timezone.now()
        for days, price in points:
            at = now - timedelta(days=days)
            PricePoint.objects.create(
                offer=offer, price=Decimal(price), currency=currency, in_stock=in_stock, recorded_at=at
            )
        first, last = points[0], points[-1]
        created = now - timedelta(days=first[0])
        Offer.objects.filter(pk=offer.pk).update(price=last[1], currency=currency, created_at=created)
        services.refresh_prices([offer.product_id])

    return log


def page(client, product: Product) -> str:
    return unescape(client.get(product.get_absolute_url()).content.decode())


def text(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html))


def test_a_proven_reduction_is_shown_on_the_page_and_on_cards(client, make_product, make_offer, log_prices):
    product = make_product()
    log_prices(make_offer(product), (50, "100.00"), (10, "80.00"))
    for html in (page(client, product), unescape(client.get("/").content.decode())):
        assert re.search(r'<s class="prior">.*€100.00</s>', html)
        assert "−20 %" in html
    assert "the lowest price of 30 days was €100.00" in text(page(client, product))
    product.refresh_from_db()
    assert (product.prior_price, product.reduced_percent) == (100, 20)
    assert product.is_reduced


@pytest.mark.parametrize(
    "points",
    [
        pytest.param([(20, "100.00"), (10, "80.00")], id="too short a log"),
        pytest.param([(60, "80.00"), (20, "100.00"), (10, "80.00")], id="raised before"),
        pytest.param([(90, "100.00"), (31, "80.00")], id="long ago"),
    ],
)
def test_nothing_is_struck_through_without_proof(client, make_product, make_offer, log_prices, points):
    product = make_product()
    log_prices(make_offer(product, old_price="123.00"), *points)
    for html in (page(client, product), client.get("/").content.decode()):
        assert "<s" not in re.sub(r"<(s[a-z]+)", "", html)
        assert " %</span>" not in html


def test_a_reduction_ends_by_itself(client, make_product, make_offer, log_prices):
    product = make_product()
    log_prices(make_offer(product), (50, "100.00"), (10, "80.00"))
    with time_machine.travel(timezone.now() + timedelta(days=21)):
        assert "−20 %" not in page(client, product)
        assert "−20 %" not in client.get("/").content.decode()


def test_a_dearer_shop_is_never_what_a_price_is_compared_with(client, make_product, make_offer, log_prices):
    product = make_product()
    cheap, dear = make_offer(product), make_offer(product)
    log_prices(dear, (60, "200.00"))
    log_prices(cheap, (9, "80.00"))
    assert "<s class" not in page(client, product)


def test_the_history_has_a_drawing_and_the_same_as_a_table(client, make_product, make_offer, log_prices):
    product = make_product()
    log_prices(make_offer(product), (40, "100.00"), (5, "90.00"))
    html = page(client, product)
    drawing = re.search(r'<svg class="chart-lines".*?</svg>', html, re.DOTALL)[0]
    assert "<title" in drawing
    assert "at least €90.00, at most €100.00" in drawing
    assert drawing.count('class="chart-line"') == 1
    assert "style=" not in drawing
    rows = re.findall(r"<tr><td>.*?</tr>", html)
    assert [row.count("€90.00") + 2 * row.count("€100.00") for row in rows] == [1, 2]
    assert "Lowest price of the last 30 days: €90.00" in text(html)


def test_a_visitor_chooses_how_far_the_history_goes_back(client, make_product, make_offer, log_prices):
    product = make_product()
    log_prices(make_offer(product), (300, "150.00"), (70, "100.00"), (5, "90.00"))
    address = product.get_absolute_url()
    highest = {
        months: re.search(r"at most €(\d+\.\d\d)", client.get(f"{address}?months={months}").text)[1]
        for months in (1, 3, 6, 12)
    }
    assert highest == {1: "100.00", 3: "150.00", 6: "150.00", 12: "150.00"}
    html = client.get(f"{address}?months=12").text
    assert "3 months" in html
    assert re.search(r'months=12#history" rel="nofollow" aria-current="true"', html)
    assert re.search(rf'<link rel="canonical" href="[^"?]*{address}">', html)


def test_a_short_log_offers_no_choice(client, make_product, make_offer, log_prices):
    product = make_product()
    log_prices(make_offer(product), (7, "100.00"), (5, "90.00"))
    html = page(client, product)
    assert "chart-line" in html
    assert "history-months" not in html


@pytest.mark.parametrize(
    ("points", "days"),
    [
        pytest.param([(200, "80.00"), (100, "120.00"), (3, "80.00")], 100, id="since it last cost as little"),
        pytest.param([(90, "120.00"), (3, "80.00")], 90, id="as long as there is a log"),
        pytest.param([(90, "80.00")], 0, id="it was never dearer"),
        pytest.param(
            [(90, "120.00"), (40, "80.00"), (20, "120.00"), (3, "80.00")], 0, id="20 days say nothing"
        ),
        pytest.param([(20, "120.00"), (3, "80.00")], 0, id="a short log proves nothing"),
        pytest.param([(90, "80.00"), (3, "120.00")], 0, id="dearer now"),
    ],
)
def test_cheapest_in_so_many_days_is_what_the_log_proves(make_product, make_offer, log_prices, points, days):
    product = make_product()
    log_prices(make_offer(product), *points)
    history = compare_offers(product, "EUR", Buttons.load()).history
    assert history.cheapest_days == days


def test_times_without_stock_are_gaps(client, make_product, make_offer, log_prices):
    product = make_product()
    offer = make_offer(product)
    log_prices(offer, (40, "100.00"))
    log_prices(offer, (30, "100.00"), in_stock=False)
    log_prices(offer, (10, "100.00"))
    html = page(client, product)
    assert html.count('class="chart-line"') == 2
    assert html.count("<td>Not available</td>") == 1


def test_other_currencies_are_not_in_the_history(client, make_product, make_offer, log_prices):
    product = make_product()
    log_prices(make_offer(product), (20, "50.00"))
    log_prices(make_offer(product), (20, "9.00"), currency="SEK")
    drawing = re.search(r"<desc.*?</desc>", page(client, product))[0]
    assert "at least €50.00, at most €50.00" in drawing


def test_a_price_of_today_alone_is_no_history(client, make_product, make_offer, log_prices):
    product = make_product()
    log_prices(make_offer(product), (0, "50.00"))
    assert "chart" not in page(client, product)


def test_expired_offers_stand_below_without_a_button(client, make_product, make_offer, make_shop):
    product = make_product()
    offer = make_offer(product, "10", shop=make_shop("Nordlys"))
    kept = make_offer(product, "30", shop=make_shop("OTTO"))
    assert services.expire_offers([offer.pk]) == 1
    assert services.expire_offers([offer.pk]) == 0
    html = page(client, product)
    assert f"/go/{offer.pk}/" not in html
    assert f"/go/{kept.pk}/" in html
    assert "No longer listed" in html.partition("Not available right now")[2]
    product.refresh_from_db()
    assert product.lowest_price == 30
    assert PricePoint.objects.get(offer=offer).in_stock is False


def test_a_product_whose_offers_all_expired_says_so(client, make_product, make_offer):
    product = make_product()
    services.expire_offers([make_offer(product).pk])
    html = page(client, product)
    assert "No shop we know has this product at the moment." in html
    assert '"offers":' not in html
    assert "Not available right now" in client.get("/").content.decode()
