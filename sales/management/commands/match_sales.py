from django.db import transaction

from importer.management.output import ScriptCommand
from sales.match.matching import CHUNK, match_sales
from sales.match.regroup import look
from sales.models import Sale
from sales.rollups import make_touched


class Command(ScriptCommand):
    help = "Match sales with products: those that the catalogue contradicts, or all of them."

    def add_arguments(self, parser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--all", action="store_true", help="match every sale anew")

    def run(self, **options) -> dict:
        changed = self.match_all() if options["all"] else look()
        while make_touched():
            pass
        return {"matched_otherwise": changed, "sales": Sale.objects.count()}

    def match_all(self) -> int:
        total, done, after, changed = Sale.objects.count(), 0, 0, 0
        while ids := list(
            Sale.objects.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:CHUNK]
        ):
            with transaction.atomic():
                changed += match_sales(ids)
            after = ids[-1]
            done += len(ids)
            self.progress(done, total)
        return changed

    def describe(self, result) -> str:
        return f"{result['matched_otherwise']} of {result['sales']} sales are matched otherwise now."
