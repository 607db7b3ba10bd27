"""Deliveries -> receivers: several receivers at once, one delivery of each at a time, none for long.

Who takes a delivery puts off its next try by `LEASE`: a worker that dies loses nothing, and after that time
another one sends it. So it may arrive twice, with one id. What an answer says beyond its status is not read.
"""

import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from affiliate_site.encrypted import CredentialsUnreadable, decrypt_text
from api.models import Delivery, Webhook
from api.webhooks.signing import headers_of
from api.webhooks.stopping import stop
from importer.http.client import Http, retry_after
from importer.http.errors import NetworkError
from importer.reasons import Reason

DEADLINE = 10.0  # seconds for a receiver to answer
LEASE = timedelta(seconds=60)
AT_ONCE = 8  # receivers
# Before the next try of a delivery; after the last one it is given up. About three days.
PAUSES = [timedelta(seconds=seconds) for seconds in (5, 60, 300, 1800, 7200, 18_000, 36_000, 72_000, 86_400)]
LONGEST_REST = timedelta(minutes=5)  # of a receiver that failed; its other deliveries wait so long
FAILS_FOR = timedelta(days=5)  # then a webhook is turned off
GONE = 410
State = Delivery.State


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a try: the status of the answer, or why there was none."""

    status: int | None = None
    error: Reason | None = None
    retry_after: float | None = None

    @property
    def is_delivered(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def send_due(*, seconds: float) -> int:
    """Send what is due for about so many seconds; return how many were tried. Safe to run twice at once."""
    ends_at = time.monotonic() + seconds
    ids = _find_due_webhooks()
    if not ids:
        return 0
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="webhook") as pool:
        return sum(pool.map(lambda pk: _send_in_thread(pk, ends_at), ids))


def _find_due_webhooks() -> list[int]:
    now = timezone.now()
    awake = Webhook.objects.filter(Q(rests_until=None) | Q(rests_until__lte=now), is_active=True)
    due = Delivery.objects.filter(state=State.WAITING, try_at__lte=now, webhook__in=awake.values("pk"))
    return list(due.order_by().values_list("webhook", flat=True).distinct()[:1000])


def _send_in_thread(webhook_id: int, ends_at: float) -> int:
    try:
        return send_to(webhook_id, ends_at)
    finally:
        connection.close()  # that of this thread


def send_to(webhook_id: int, ends_at: float) -> int:
    """Send the deliveries of one webhook that are due, the oldest first, until one fails; return how many."""
    count = 0
    while time.monotonic() < ends_at and (delivery := _claim(webhook_id)):
        count += 1
        outcome = _post(delivery)
        if not _note(delivery, outcome):
            break
    return count


def _claim(webhook_id: int) -> Delivery | None:
    now = timezone.now()
    due = Delivery.objects.filter(
        Q(webhook__rests_until=None) | Q(webhook__rests_until__lte=now),
        **{"webhook": webhook_id, "webhook__is_active": True, "state": State.WAITING, "try_at__lte": now},
    )
    with transaction.atomic():
        delivery = due.order_by("try_at", "pk").select_for_update(skip_locked=True, of=("self",)).first()
        if delivery is None:
            return None
        delivery.claim, delivery.try_at, delivery.tries = uuid.uuid4(), now + LEASE, delivery.tries + 1
        delivery.save(update_fields=["claim", "try_at", "tries"])
    return delivery


def _post(delivery: Delivery) -> Outcome:
    webhook = delivery.webhook
    try:
        secrets = [decrypt_text(webhook.secret)]
        if webhook.old_secret and webhook.old_secret_until and webhook.old_secret_until > timezone.now():
            secrets.append(decrypt_text(webhook.old_secret))
    except CredentialsUnreadable:
        return Outcome(error=Reason("credentials_unreadable"))
    headers = headers_of(delivery.message_id, int(time.time()), delivery.body, secrets)
    headers |= {"Content-Type": "application/json", "Accept-Encoding": "identity"}
    http = Http()
    body = delivery.body.encode()
    try:
        with http.stream(
            "POST", webhook.url, deadline=DEADLINE, follow=False, data=body, headers=headers
        ) as answer:
            return Outcome(status=answer.status_code, retry_after=retry_after(answer.headers))
    except NetworkError as error:
        return Outcome(error=error.reason)
    finally:
        http.session.close()


def _note(delivery: Delivery, outcome: Outcome) -> bool:
    """Write down what became of a try; return whether the receiver may be sent more now."""
    now = timezone.now()
    mine = Delivery.objects.filter(pk=delivery.pk, claim=delivery.claim)
    webhooks = Webhook.objects.filter(pk=delivery.webhook_id)
    told = {"status": outcome.status, "error": outcome.error or "", "claim": None}
    if outcome.is_delivered:
        with transaction.atomic():
            webhooks.exclude(failures=0).update(failures=0, failing_since=None, rests_until=None)
            mine.update(state=State.DELIVERED, ended_at=now, **told)
        return True
    with transaction.atomic():
        webhook = webhooks.select_for_update(no_key=True).first()
        if webhook is None:
            return False
        rest = min(timedelta(seconds=5) * 2 ** min(webhook.failures, 10), LONGEST_REST)
        if outcome.retry_after:
            rest = max(rest, timedelta(seconds=outcome.retry_after))
        since = webhook.failing_since or now
        webhooks.update(failures=F("failures") + 1, failing_since=since, rests_until=now + rest)
        if delivery.tries > len(PAUSES):
            mine.update(state=State.FAILED, ended_at=now, **told)
        else:
            mine.update(try_at=now + max(PAUSES[delivery.tries - 1], rest), **told)
        if outcome.status == GONE:
            stop(webhook, Webhook.Off.GONE)
        elif now - since > FAILS_FOR:
            stop(webhook, Webhook.Off.FAILED)
    return False
