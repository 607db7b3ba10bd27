import time
from collections import Counter

from django.core.management.base import CommandError

from catalog.models import Product
from importer import tasks
from importer.imports import apply
from importer.imports.options import Options
from importer.imports.plan import plan
from importer.imports.planned import PlannedItem
from importer.imports.runs import start_import
from importer.management.output import ScriptCommand, require_worker
from importer.models import FeedItem, ImportItem, ImportRun

POLL = 0.2  # seconds
VERDICTS = [verdict.value for verdict in ImportItem.Verdict if verdict != ImportItem.Verdict.EXPIRED]


class Command(ScriptCommand):
    help = "Import feed items as products. Ids are those that `search` prints."

    def add_arguments(self, parser) -> None:
        super().add_arguments(parser)
        parser.add_argument("ids", nargs="+", type=int, metavar="ID")
        parser.add_argument("--status", choices=[Product.Status.DRAFT, Product.Status.PUBLISHED], default="")
        parser.add_argument("--quick", action="store_true")
        description = parser.add_mutually_exclusive_group()
        description.add_argument("--description", action="store_true", default=None)
        description.add_argument("--no-description", dest="description", action="store_false")
        parser.add_argument("--plan", action="store_true", help="say what would happen and write nothing")
        parser.add_argument("--inline", action="store_true", help="work in this process, without a worker")

    def run(self, *, ids: list[int], **options) -> dict:
        items = FeedItem.objects.select_related("feed__account").in_bulk(ids)
        if missing := [str(pk) for pk in ids if pk not in items]:
            raise CommandError(f"There is no item {', '.join(missing)}.")
        if options["plan"]:
            return self.plan(list(items.values()), options)
        if not options["inline"]:
            require_worker()
        kind = ImportRun.Kind.QUICK if options["quick"] else ImportRun.Kind.BULK
        run = start_import(
            ids, kind=kind, status=options["status"], import_description=options["description"]
        )
        if options["inline"]:
            apply.work(run)
        else:
            tasks.run_import.delay_on_commit(run.pk)
            self.wait(run)
        run.refresh_from_db()
        return {
            "run": run.pk,
            "state": run.state,
            "counts": {verdict: run.counts[verdict] for verdict in VERDICTS},
        }

    def plan(self, items: list[FeedItem], options: dict) -> dict:
        decisions = plan(
            [PlannedItem(item=item, account=item.feed.account) for item in items],
            Options(
                status=options["status"], import_description=options["description"], is_quick=options["quick"]
            ),
        )
        counts = Counter(decision.verdict.value for decision in decisions)
        return {
            "run": None,
            "state": "planned",
            "counts": {verdict: counts[verdict] for verdict in VERDICTS},
        }

    def wait(self, run: ImportRun) -> None:
        while run.is_active:
            time.sleep(POLL)
            run.refresh_from_db()
            self.progress(run.done_count, run.total_count)

    def describe(self, result: dict) -> str:
        counts = ", ".join(f"{count} {verdict}" for verdict, count in result["counts"].items() if count)
        return f"Run {result['run'] or '-'} {result['state']}: {counts or 'nothing'}"
