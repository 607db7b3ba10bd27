"""The whole way, with a real worker: a price falls, and the mail is a file of the demo."""

import time
from decimal import Decimal
from pathlib import Path

from django.conf import settings as site_settings
from django.db import transaction
from django.utils import timezone

from catalog.models import Offer
from catalog.tasks import watch_prices
from events.kinds import Kind
from events.record import record
from mail.models import Mail
from mail.tasks import send_due


def test_a_price_falls_and_the_worker_sends_the_mail(worker, make_alert, product):
    make_alert("79")
    with transaction.atomic():
        Offer.objects.update(price=Decimal(75), checked_at=timezone.now())
        record(Kind.OFFER_PRICE_CHANGED, f"offer:{product.offers.get().pk}")
    deadline = time.monotonic() + 60
    while not Mail.objects.filter(state=Mail.State.SENT).exists():
        assert time.monotonic() < deadline, list(Mail.objects.values("state", "error"))
        watch_prices.delay()
        send_due.delay()
        time.sleep(0.5)
    mail = Mail.objects.get()
    (path,) = Path(site_settings.VAR_DIR, "mail").glob(f"{mail.message_id.strip('<>')}*")
    assert "75.00" in path.read_text()
    assert (mail.recipient, mail.text) == ("", "")
