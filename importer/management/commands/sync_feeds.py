import time

from django.core.management.base import CommandError

from importer import tasks
from importer.accounts.accounts import refresh_account
from importer.feeds.schedule import due_feeds, sync_now
from importer.feeds.syncs import work_on_sync
from importer.imports import apply
from importer.imports.follow import find_update
from importer.management.output import ScriptCommand, require_worker
from importer.models import Feed, NetworkAccount, SyncRun
from importer.networks import NETWORKS
from importer.networks.contract import NetworkError

LOOK_EVERY = 0.5  # seconds
BAD_ENDS = {SyncRun.State.FAILED, SyncRun.State.HELD}


class Command(ScriptCommand):
    help = (
        "Bring the feed index up to date: programs and feeds of every account, items of the mirrored feeds."
    )

    def add_arguments(self, parser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--network", choices=sorted(NETWORKS))
        parser.add_argument("--feed", help="the network's id of one feed")
        parser.add_argument("--due", action="store_true", help="only mirrored feeds whose time has come")
        parser.add_argument("--inline", action="store_true", help="work in this process, without a worker")

    def run(self, *, network: str | None, feed: str | None, due: bool, inline: bool, **options) -> list:
        if not inline:
            require_worker()
        feeds = self.get_feeds(network, feed, due)
        results = self.sync_here(feeds) if inline else self.sync_with_workers(feeds)
        if results and all(result["state"] in BAD_ENDS for result in results):
            raise CommandError("; ".join(f"{result['feed']}: {result['message']}" for result in results))
        return results

    def get_feeds(self, network: str | None, feed: str | None, due: bool) -> list[Feed]:
        if feed or due:
            feeds = due_feeds() if due else Feed.objects.filter(account__removed_at=None)
            feeds = feeds.filter(external_id=feed) if feed else feeds
            found = list(feeds.filter(account__network=network) if network else feeds)
            if feed and not found and not due:
                raise CommandError(f"There is no feed {feed}.")
            return found
        accounts = NetworkAccount.objects.all()
        if network:
            accounts = accounts.filter(network=network)
        return [mirrored for account in accounts for mirrored in refresh_account(account)]

    def sync_here(self, feeds: list[Feed]) -> list[dict]:
        results = []
        for number, feed in enumerate(feeds, 1):
            run = sync_now(feed)
            if run is not None:
                try:
                    run = work_on_sync(run)
                    if update := find_update(feed.pk):
                        apply.work(update)
                except NetworkError:
                    run.refresh_from_db()  # it says why
            results.append(as_dict(feed, run))
            self.progress(number, len(feeds))
        return results

    def sync_with_workers(self, feeds: list[Feed]) -> list[dict]:
        runs = {feed.pk: sync_now(feed) for feed in feeds}
        for run in filter(None, runs.values()):
            tasks.sync_feed.delay_on_commit(run.pk)
        while True:
            ended = SyncRun.objects.in_bulk([run.pk for run in runs.values() if run])
            active = [run for run in ended.values() if run.is_active]
            self.progress(len(feeds) - len(active), len(feeds))
            if not active:
                break
            time.sleep(LOOK_EVERY)
        return [as_dict(feed, (run := runs[feed.pk]) and ended.get(run.pk)) for feed in feeds]

    def describe(self, result: list) -> str:
        return "\n".join(map(as_line, result)) or "No feeds to sync."


def as_dict(feed: Feed, run: SyncRun | None) -> dict:
    """Return what a script learns of the sync of a feed; without a run somebody else is at it."""
    if run is None:
        return {"feed": feed.external_id, "state": "busy"}
    result = {
        "feed": feed.external_id,
        "state": run.state,
        "new": run.new_count,
        "changed": run.changed_count,
        "unchanged": run.unchanged_count,
        "gone": run.gone_count,
        "bad": run.bad_count,
        "seconds": None if run.seconds is None else round(run.seconds, 3),
    }
    return result | ({"message": run.message} if run.message else {})


def as_line(result: dict) -> str:
    counts = [
        f"{result[name]:,} {name}" for name in ("new", "changed", "unchanged", "gone") if name in result
    ]
    return f"{result['feed']}: {', '.join([result['state'], *counts])} {result.get('message', '')}".rstrip()
