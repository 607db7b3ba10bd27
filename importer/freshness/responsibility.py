"""Who looks after an imported item: the mirror of its feed, else itself, read again and again."""

from collections.abc import Collection
from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from affiliate_site.redis import RedisError
from catalog.clicks.looks import fade, read_looks
from catalog.lib.named_sql import read_statements
from catalog.site.settings import get_settings
from events.kinds import Kind
from importer.feeds.schedule import set_mirrored
from importer.feeds.syncs import record_sync
from importer.freshness.schedule import CLICKS, LOOKS_A_CLICK, interval_of, intervals
from importer.models import Feed, ImportRun, SyncRun
from importer.networks import NETWORKS

_SQL = read_statements(__file__)
CLICK_DAYS = 30


def feeds_of_run(run_id: int) -> list[int]:
    """Return the feeds whose items the run imported."""
    run = ImportRun.objects.filter(pk=run_id).first()
    if run is None or run.kind == ImportRun.Kind.UPDATE:
        return []
    return list(run.items.order_by().values_list("feed_item__feed", flat=True).distinct())


def take_responsibility(feed_ids: Collection[int] | None = None) -> list[SyncRun]:
    """See that somebody checks every imported item of these feeds, or of all; return syncs to enqueue.

    Its feed is mirrored where the account says so; a feed that is larger than the account says, a person is
    asked about (`Feed.mirror_wish`). Until a mirror stands, and where there is none, its items are read by
    themselves. Safe to repeat, also at once.
    """
    feeds = None if feed_ids is None else list(feed_ids)
    runs = [run for feed in _feeds_in_use(feeds) if (run := _mirror(feed))]
    target = timedelta(hours=get_settings().fresh_for_hours)
    networks = [slug for slug, network in NETWORKS.items() if network.lookup_size]
    params: dict[str, Any] = {"feeds": feeds, "networks": networks, "now": timezone.now()}
    with connection.cursor() as cursor:
        cursor.execute(_SQL["add_checks"], params | {"interval": interval_of(1, target)})
    return runs


def review_checks() -> None:
    """Forget the checks that nobody needs any more, and read oftener what is looked at and clicked."""
    target = timedelta(hours=get_settings().fresh_for_hours)
    now = timezone.now()
    looks = {slug: clicks for slug, count in read_looks().items() if (clicks := count // LOOKS_A_CLICK)}
    with suppress(RedisError):
        fade()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_SQL["drop_checks"])
        cursor.execute(
            _SQL["weigh"],
            {
                "since": timezone.localdate() - timedelta(days=CLICK_DAYS),
                "clicks": list(CLICKS),
                "slugs": list(looks),
                "looks": list(looks.values()),
                "now": now,
                "intervals": intervals(target),
            },
        )


def decline_mirror(feed: Feed) -> None:
    """Note that a person does not want the feed mirrored: its imported items are read by themselves."""
    Feed.objects.filter(pk=feed.pk, is_mirrored=False).update(mirror_wish=Feed.MirrorWish.DECLINED)


def feeds_to_ask_about() -> list[Feed]:
    """Return the feeds that a person is asked whether to mirror."""
    asked = Feed.objects.filter(
        mirror_wish=Feed.MirrorWish.ASKED, is_mirrored=False, account__removed_at=None
    )
    return list(asked.select_related("account", "program"))


def _feeds_in_use(feed_ids: list[int] | None) -> list[Feed]:
    with connection.cursor() as cursor:
        cursor.execute(_SQL["find_feeds_in_use"], {"feeds": feed_ids})
        ids = [pk for (pk,) in cursor.fetchall()]
    return list(Feed.objects.filter(pk__in=ids).select_related("account", "program").order_by("pk"))


def _mirror(feed: Feed) -> SyncRun | None:
    """Mirror a feed that items were imported from, or ask; of one of unknown size its items are read."""
    account = feed.account
    if not account.mirrors_imported or feed.mirror_wish == Feed.MirrorWish.DECLINED or not feed.item_count:
        return None
    if feed.item_count <= account.mirror_up_to:
        return set_mirrored(feed, True)
    with transaction.atomic():
        asked = Feed.objects.filter(pk=feed.pk, mirror_wish="").update(mirror_wish=Feed.MirrorWish.ASKED)
        if asked:
            record_sync(Kind.FEED_MIRROR_ASKED, feed, products=feed.item_count)
    return None
