from django.core.management.base import CommandError

from importer import services, tasks
from importer.management.output import ScriptCommand, require_worker
from importer.models import Feed, NetworkAccount
from importer.networks import NETWORKS
from importer.networks.base import NetworkError


class Command(ScriptCommand):
    help = (
        "Bring the feed index up to date: programs and feeds of every account, items of the mirrored feeds."
    )

    def add_arguments(self, parser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--network", choices=sorted(NETWORKS))
        parser.add_argument("--feed", help="the network's id of one feed")
        parser.add_argument("--inline", action="store_true", help="work in this process, without a worker")

    def run(self, *, network: str | None, feed: str | None, inline: bool, **options) -> list:
        feeds = self.get_feeds(network, feed)
        if not inline:
            require_worker()
            for mirrored in feeds:
                tasks.sync_feed.delay_on_commit(mirrored.pk)
            return [{"feed": mirrored.external_id, "state": "queued"} for mirrored in feeds]
        results = []
        for number, mirrored in enumerate(feeds, 1):
            results.append(self.sync(mirrored))
            self.progress(number, len(feeds))
        if results and all(result["state"] == "failed" for result in results):
            raise CommandError(results[0]["error"])
        return results

    def get_feeds(self, network: str | None, feed: str | None) -> list[Feed]:
        if feed:
            found = Feed.objects.filter(external_id=feed)
            found = list(found.filter(account__network=network) if network else found)
            if not found:
                raise CommandError(f"There is no feed {feed}.")
            return found
        accounts = NetworkAccount.objects.all()
        if network:
            accounts = accounts.filter(network=network)
        return [mirrored for account in accounts for mirrored in services.refresh_account(account)]

    def sync(self, feed: Feed) -> dict:
        try:
            run = services.sync_feed(feed)
        except NetworkError as error:
            return {"feed": feed.external_id, "state": "failed", "error": str(error)}
        if run is None:
            return {"feed": feed.external_id, "state": "busy"}
        return {
            "feed": feed.external_id,
            "state": run.state,
            "new": run.new_count,
            "changed": run.changed_count,
            "unchanged": run.unchanged_count,
            "gone": run.gone_count,
            "bad": run.bad_count,
            "seconds": round((run.finished_at - run.started_at).total_seconds(), 3),
        }

    def describe(self, result: list) -> str:
        return "\n".join(f"{feed['feed']}: {feed['state']}" for feed in result) or "No mirrored feeds."
