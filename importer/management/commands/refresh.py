import time
from contextlib import suppress
from typing import Any

from django.core.management.base import CommandError

from catalog.models import Product
from importer import tasks
from importer.feeds.schedule import start_due_syncs
from importer.feeds.syncs import work_on_sync
from importer.freshness import rereads
from importer.freshness.asking import Asked, check_feed, check_product
from importer.freshness.responsibility import take_responsibility
from importer.imports import apply
from importer.imports.follow import find_update, find_updates
from importer.management.commands.sync_feeds import as_dict, as_line
from importer.management.output import ScriptCommand, require_worker
from importer.models import ASKED, Feed, ItemCheck, NetworkAccount, SyncRun
from importer.networks import NETWORKS
from importer.networks.contract import NetworkError
from importer.sentences import say

LOOK_EVERY = 0.5  # seconds


class Command(ScriptCommand):
    help = "Check prices: those that are due, or at once those of a product or a feed."

    def add_arguments(self, parser) -> None:
        super().add_arguments(parser)
        what = parser.add_mutually_exclusive_group()
        what.add_argument(
            "--due", action="store_true", help="what is due: feeds and single products (default)"
        )
        what.add_argument("--product", type=int, help="the number of a product: all its offers")
        what.add_argument("--feed", help="the network's id of a feed: all its offers")
        parser.add_argument("--network", choices=sorted(NETWORKS), help="of the feed")
        parser.add_argument("--inline", action="store_true", help="work in this process, without a worker")

    def run(self, **options: Any) -> dict:
        inline = options["inline"]
        if not inline:
            require_worker()
        asked = self.ask(options["product"], options["feed"], options["network"])
        before = dict(ItemCheck.objects.values_list("item_id", "seen_at"))
        rests = self.work_here(asked) if inline else self.wait_for_workers(asked)
        syncs = SyncRun.objects.select_related("feed").in_bulk([run.pk for run in asked.syncs])
        seen = [pk for pk, at in ItemCheck.objects.values_list("item_id", "seen_at") if at != before.get(pk)]
        return {
            "read": len(seen),
            "feeds": [
                as_dict(feed, next((run for run in syncs.values() if run.feed_id == feed.pk), None))
                for feed in asked.feeds
            ],
            "unable": asked.unable,
            "rests": rests,
        }

    def ask(self, product: int | None, feed: str | None, network: str | None) -> Asked:
        if product is not None:
            if not Product.objects.filter(pk=product).exists():
                raise CommandError(f"There is no product {product}.")
            return check_product(product)
        if feed:
            feeds = Feed.objects.select_related("account").filter(external_id=feed, account__removed_at=None)
            found = feeds.filter(account__network=network) if network else feeds
            # Of several accounts' the one that is mirrored.
            if not (first := found.order_by("-is_mirrored", "pk").first()):
                raise CommandError(f"There is no feed {feed}.")
            return check_feed(first)
        syncs = [*take_responsibility(), *start_due_syncs()]
        due = Feed.objects.filter(pk__in=[run.feed_id for run in syncs]).select_related("program")
        return Asked(syncs=syncs, feeds=list(due), accounts=rereads.find_due_accounts())

    def work_here(self, asked: Asked) -> list[dict]:
        for number, run in enumerate(asked.syncs, 1):
            with suppress(NetworkError):  # it is on the run
                work_on_sync(run)
            if update := find_update(run.feed_id):
                apply.work(update)
            self.progress(number, len(asked.syncs))
        rests = []
        for account in NetworkAccount.objects.filter(pk__in=asked.accounts):
            tally = rereads.work(account)
            for update in find_updates(account):
                apply.work(update)
            if tally.rests_for:
                rests.append(
                    {"account": account.label, "code": tally.rests_for.code, "why": say(tally.rests_for)}
                )
        return rests

    def wait_for_workers(self, asked: Asked) -> list[dict]:
        for run in asked.syncs:
            tasks.sync_feed.delay_on_commit(run.pk)
        for account_id in asked.accounts:
            tasks.reread_items.delay_on_commit(account_id)
        while self.is_active(asked):
            time.sleep(LOOK_EVERY)
        resting = NetworkAccount.objects.filter(pk__in=asked.accounts).exclude(rests_for="")
        said: dict[str, Any] = {each.label: each.rests_for for each in resting}
        return [{"account": label, "code": why.code, "why": say(why)} for label, why in said.items()]

    @staticmethod
    def is_active(asked: Asked) -> bool:
        if any(run.is_active for run in SyncRun.objects.in_bulk([run.pk for run in asked.syncs]).values()):
            return True
        due = set(rereads.find_due_accounts()) & set(asked.accounts)
        if not asked.item_ids:
            return bool(due)
        return ItemCheck.objects.filter(account__in=due, due_at__lte=ASKED).exists()

    def describe(self, result: dict) -> str:
        lines = [f"{result['read']:,} products read.", *map(as_line, result["feeds"])]
        if result["unable"]:
            lines.append(f"{result['unable']:,} offers cannot be checked: no feed here has them.")
        return "\n".join([*lines, *(f"{rest['account']}: {rest['why']}" for rest in result["rests"])])
