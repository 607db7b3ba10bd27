"""The circle at TradeTracker: click, convert, see the sale as a publisher, validate, see it change."""

import json
import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.urls import reverse
from django.utils import timezone

from desk.models import Conversion, PendingSale
from desk.services import conversions, outbox, pending
from desk.services.decisions import send_decisions
from importer.models import NetworkAccount
from importer.sandbox.credentials import DEMO_CREDENTIALS
from sales.models import Sale
from sales.read import reader, schedule
from tests.desk.make import make_desk_account


@pytest.fixture
def publisher(transactional_db, sandbox, settings):
    settings.SALES_FIRST_DAYS = 20
    account = NetworkAccount(network="tradetracker", label="Main", currency="EUR")
    account.set_credentials(DEMO_CREDENTIALS["tradetracker"])
    account.save()
    return account


def read_sales(publisher):
    today = timezone.localdate()
    schedule.ask_for(publisher, today - timedelta(days=2), today)
    reader.work(publisher.pk)


def test_a_click_becomes_a_conversion_a_sale_and_what_the_advertiser_says(
    desk_client, client, publisher, sandbox
):
    campaign = make_desk_account("tradetracker", "conversions", programs={"20101": "OTTO"})
    merchant = make_desk_account("tradetracker", "merchant", programs={"20101": "OTTO"})
    _, key = conversions.create_key(campaign, "Shop", None)

    # A visitor follows a link of ours; the shop keeps what stands in the address of its page.
    goal = requests.utils.quote(f"{sandbox.url}/shop/otto/1", safe="")
    link = f"{sandbox.url}/tc/?c=20101&m=12&a=51000&r=p7-offer-a&u={goal}"
    landing = requests.get(link, allow_redirects=False, timeout=10).headers["Location"]
    reference = parse_qs(urlsplit(landing).query)["ttref"][0]
    assert re.fullmatch(r"12::51000::p7-offer-a::::\d+", reference)

    # The order is told from the shop's server, and the network lists it.
    body = {"tid": "N-7001", "amount": "80.00", "currency": "EUR", "reference": reference}
    told = client.post(
        "/desk/api/conversions",
        json.dumps(body),
        "application/json",
        headers={"Authorization": f"Bearer {key}"},
    )
    assert told.json()["outcome"] == "taken"
    assert outbox.send_waiting(campaign).sent == 1
    assert outbox.confirm(campaign) == 1
    assert (Conversion.objects.get().state, Conversion.objects.get().problem) == ("confirmed", "")

    # The publisher sees the sale.
    read_sales(publisher)
    sale = Sale.objects.get(order_value=80)
    assert (sale.state, sale.sub_id) == ("pending", "p7-offer-a")

    # The advertiser says yes, and the publisher sees that, too.
    pending.read_pending(merchant)
    waits = PendingSale.objects.get(order_number="N-7001")
    data = {"ids": waits.pk, "status": "approve", "confirm": "1"}
    desk_client.post(reverse("desk:pending-decide"), data)
    later = timezone.now() + timedelta(minutes=1)
    assert send_decisions(pending.TradeTrackerSales(merchant), now=later).sent == 1
    read_sales(publisher)
    sale.refresh_from_db()
    assert sale.state == "approved"
