"""Read the outbox for what people should hear of, and write at once where it cannot wait."""

import time
from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from dashboard.digest.letters import refused
from dashboard.digest.people import people
from dashboard.models import Notice, Refusal, Topic
from events.kinds import Kind
from events.models import Event
from events.readers import read
from importer.models import Feed, NetworkAccount
from mail.outbox import put

READER = "digest"
BATCH = 500
# Of a site whose workers rested for long, what is older is no news.
FORGOTTEN_AFTER = timedelta(days=7)
PRODUCTS_NAMED = 10
# What says that the account is refused, and not one address of its network.
REFUSED = {
    *("credentials_refused", "token_refused", "passphrase_refused", "sign_in_again", "login_page"),
    *("credentials_missing", "credentials_unreadable"),
}
FAILURES = {Kind.ACCOUNT_FAILED, Kind.SYNC_FAILED}
ACCEPTED = {Kind.ACCOUNT_CONNECTED, Kind.ACCOUNT_REFRESHED, Kind.SYNC_ENDED}
TOLD = {Kind.FEED_HELD: Topic.FEEDS, Kind.SYNC_FAILED: Topic.FEEDS, Kind.RUN_FAILED: Topic.RUNS}
PAY_LESS = {Kind.COMMISSION_DROPPED, Kind.PROGRAM_CLOSED}
READ = {*PAY_LESS, *FAILURES, *ACCEPTED, *TOLD, Kind.PRODUCT_GONE, Kind.FEED_ARTICLES_HELD}


def collect(*, seconds: float) -> None:
    """Note what happened, for about so many seconds. May run twice, also at once: nothing is noted twice."""
    ends_at = time.monotonic() + seconds
    while _collect_batch() and time.monotonic() < ends_at:
        pass


def _collect_batch() -> bool:
    batch = read(READER, limit=BATCH, fields=("kind",))
    if not batch.events:
        return False
    ids = [event.pk for event in batch.events if event.kind in READ]
    oldest = timezone.now() - FORGOTTEN_AFTER
    with transaction.atomic():
        batch.done()  # first: who is late undoes nothing but this
        for event in Event.objects.filter(pk__in=ids, at__gt=oldest).defer("before").order_by("pk"):
            _note(event)
    return True


def _note(event: Event) -> None:
    kind = Kind(event.kind)
    if kind == Kind.PRODUCT_GONE:
        if event.after.get("mail"):
            _note_products(event)
    elif kind == Kind.FEED_ARTICLES_HELD:
        _add(Topic.FEEDS, f"articles:{event.subject}", event.after["items"], {}, event)
    elif kind in PAY_LESS:
        detail = {"name": event.after["name"], "kind": kind.value, "rates": event.after["rates"]}
        _add(Topic.EARNINGS, event.subject, 1, detail, event)
    elif kind in ACCEPTED:
        _note_accepted(event)
    elif kind in FAILURES and event.after.get("error", {}).get("code") in REFUSED:
        _note_refusal(event)
    elif kind in TOLD:
        detail = {name: event.after[name] for name in ("name", "reason", "error") if name in event.after}
        _add(TOLD[kind], event.subject, 1, detail, event)


def _note_products(event: Event) -> None:
    policy = str(event.after.get("policy", ""))
    notice = Notice.objects.filter(topic=Topic.PRODUCTS, subject=policy).first()
    named = (notice.detail["ids"] if notice else []) + [_id(subject) for subject in event.subjects]
    _add(Topic.PRODUCTS, policy, len(event.subjects), {"ids": named[:PRODUCTS_NAMED]}, event)


def _add(topic: Topic, subject: str, count: int, detail: dict, event: Event) -> None:
    Notice.objects.bulk_create([Notice(topic=topic, subject=subject, at=event.at)], ignore_conflicts=True)
    notices = Notice.objects.filter(topic=topic, subject=subject)
    notices.update(count=F("count") + count, detail=detail, at=event.at)


def _note_refusal(event: Event) -> None:
    """Tell people of a refusal, unless they were told and nothing was accepted since."""
    account = _account_of(event.subject)
    if account is None:
        return  # somebody types credentials in, and sees it
    detail = {"error": event.after["error"]}
    refusal = Refusal(account_id=account.pk, subject=event.subject, detail=detail, at=event.at)
    if Refusal.objects.filter(pk=account.pk).exists():
        return
    Refusal.objects.bulk_create([refusal], ignore_conflicts=True)
    _add(Topic.ACCOUNTS, f"account:{account.pk}", 1, detail, event)
    told = [user for user, choices in people() if choices.at_once]
    put([refused(user, account, event) for user in told])


def _note_accepted(event: Event) -> None:
    """Forget a refusal: of an account that was accepted, or of the very feed that was refused."""
    if event.kind == Kind.SYNC_ENDED:
        Refusal.objects.filter(subject=event.subject).delete()
    elif event.subject.startswith("account:"):
        Refusal.objects.filter(pk=_id(event.subject)).delete()


def _account_of(subject: str) -> NetworkAccount | None:
    kind, _, pk = subject.partition(":")
    if kind == "feed":
        feed = Feed.objects.filter(pk=pk).select_related("account").first()
        return feed.account if feed else None
    return NetworkAccount.objects.filter(pk=pk).first() if kind == "account" else None


def _id(subject: str) -> int:
    return int(subject.partition(":")[2])


def forget(notices: Iterable[Notice]) -> None:
    """Delete notices that were told."""
    Notice.objects.filter(pk__in=[notice.pk for notice in notices]).delete()
