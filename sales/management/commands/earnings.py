from django.core.management.base import CommandError

from importer.management.output import ScriptCommand
from sales.models import Basis, Dimension
from sales.queries.earnings import get_overview, list_earned
from sales.queries.export import HEADS, earned_rows, plain
from sales.queries.periods import DAYS, get_period, months

DIMENSIONS = [each for each in Dimension.values if each != Dimension.ALL]


class Command(ScriptCommand):
    help = "Say what was earned in a time, by currency, and by shop, product or another dimension."

    def add_arguments(self, parser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--period", default="30", help="1, 7, 30 or 90 days up to today, or 2026-11")
        parser.add_argument("--by", choices=DIMENSIONS, default=Dimension.SHOP.value)
        parser.add_argument("--basis", choices=Basis.values, default=Basis.CLICK.value)
        parser.add_argument("--currency", default="", help="of the rows; that of most sales otherwise")
        parser.add_argument("--limit", type=int, default=20, help="at most so many rows (20)")

    def run(self, **options) -> dict:
        if options["period"] not in {*DAYS, *(month.key for month in months())}:
            raise CommandError("A period is 1, 7, 30 or 90 days, or one of the last 13 months: 2026-11.")
        period = get_period(options["period"])
        found = get_overview(period, options["basis"], options["currency"])
        page = list_earned(
            options["by"],
            period,
            basis=options["basis"],
            currency=found.currency,
            page_size=max(1, options["limit"]),
        )
        return {
            "first": period.first,
            "last": period.last,
            "basis": options["basis"],
            "clicks": found.clicks,
            "totals": [
                {
                    "currency": total.currency,
                    "sales": total.now.count,
                    "commission": plain(total.now.commission),
                    "pending": plain(total.now.pending),
                    "approved": plain(total.now.approved),
                    "paid": plain(total.now.paid),
                    "rejected": plain(total.now.rejected),
                    "before": plain(total.before.commission),
                }
                for total in found.totals
            ],
            "by": options["by"],
            "rows": [
                dict(zip(HEADS, row, strict=True)) for row in earned_rows(page.object_list, found.currency)
            ],
        }

    def describe(self, result) -> str:
        lines = [f"{result['first']} to {result['last']}, {result['clicks']} clicks"]
        for total in result["totals"]:
            lines.append(
                f"{total['commission']} {total['currency'] or '(no amount)'}: {total['pending']} pending, "
                f"{total['approved']} approved, {total['paid']} paid, {total['rejected']} rejected"
            )
        for row in result["rows"]:
            lines.append(
                f"  {row['commission']:>12} {row['currency']}  {row['sales']:>6} sales  {row['name']}"
            )
        return "\n".join(lines)
