"""Delete what nobody needs any more, a little at a time."""

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from events.kinds import Kind
from events.record import record
from importer import feed_index
from importer.feeds.syncs import kept_download
from importer.models import Feed, FeedItem, ImportRun, NetworkAccount, StoredTokens, SyncRun
from importer.models.runs import ACTIVE
from importer.reasons import Reason

# What other apps have of an account, each: delete some, for so many seconds; False while there is more.
ALSO_DELETED: list[Callable[[NetworkAccount, float], bool]] = []
KEPT_UPDATES = timedelta(days=30)
BATCH = 5_000  # rows of runs in a transaction


def remove_account(account: NetworkAccount) -> None:
    """Forget the account: at once for whoever looks, its credentials included.

    Its syncs stop, and nothing of it is searched, synced or shown any more. `delete_removed_accounts` deletes
    its rows, which may be millions. Products and offers stay.
    """
    now = timezone.now()
    with transaction.atomic():
        account.removed_at = now
        account.forget_credentials()
        account.save(update_fields=["removed_at", "encrypted_credentials"])
        record(
            Kind.ACCOUNT_REMOVED,
            f"account:{account.pk}",
            before={"label": account.label},
            sources=[account.network],
        )
        StoredTokens.objects.filter(account=account).delete()
        SyncRun.objects.filter(feed__account=account, state__in=ACTIVE).update(
            state=SyncRun.State.CANCELLED, finished_at=now, message=Reason("account_removed")
        )
        ImportRun.objects.filter(feed__account=account, state__in=ACTIVE).update(
            state=ImportRun.State.CANCELLED, finished_at=now, message=Reason("account_removed")
        )
        Feed.objects.filter(account=account).update(is_mirrored=False, synced_at=None, next_sync_at=None)


def has_removed_accounts() -> bool:
    return NetworkAccount.all_objects.exclude(removed_at=None).exists()


def delete_removed_accounts(*, seconds: float) -> bool:
    """Delete accounts that were removed; return False when something is left for the next time.

    May run twice, also at once. The account's row goes last: while it is there, there is something to do.
    """
    for account in NetworkAccount.all_objects.exclude(removed_at=None):
        feed_ids = list(account.feeds.values_list("pk", flat=True))
        if not feed_index.delete_items_of(feed_ids, seconds=seconds):
            return False
        if not all(delete(account, seconds) for delete in ALSO_DELETED):
            return False
        for feed in account.feeds.all():
            kept_download(feed).drop()
        if not _delete_account(account):
            return False
    return True


def _delete_account(account: NetworkAccount) -> bool:
    """Delete the account's row with its feeds; False when items were written meanwhile."""
    with transaction.atomic():
        # Whoever writes items holds their feed: from here on nobody does.
        if NetworkAccount.all_objects.select_for_update().filter(pk=account.pk).first() is None:
            return True  # another worker did it
        feeds = list(account.feeds.order_by("pk").select_for_update())
        if FeedItem.objects.filter(feed__in=feeds).exists():
            return False
        account.delete()
    return True


def delete_gone_items(*, seconds: float) -> bool:
    """Delete feed items that are gone for GONE_ITEM_DAYS and were never imported; False when time ran out.

    The rows of update runs that ended 30 days ago go, too.
    """
    now = timezone.now()
    if not feed_index.delete_gone(now - timedelta(days=settings.GONE_ITEM_DAYS), seconds=seconds):
        return False
    old = ImportRun.objects.filter(kind=ImportRun.Kind.UPDATE, finished_at__lt=now - KEPT_UPDATES)
    for run in old.exclude(state__in=ACTIVE).order_by("pk"):
        while _delete_rows(run):
            pass
        run.delete()
    return True


def _delete_rows(run: ImportRun) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM importer_importitem
            WHERE id = ANY(ARRAY(SELECT id FROM importer_importitem WHERE run_id = %s LIMIT %s))
            """,
            [run.pk, BATCH],
        )
        return cursor.rowcount
