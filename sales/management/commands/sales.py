from itertools import islice

from importer.management.output import ScriptCommand
from importer.networks import NETWORKS
from sales.models import Basis, Match, Sale
from sales.queries.export import to_csv
from sales.queries.sale_list import SALE_HEADS, find_sales, read_query, sale_row


class Command(ScriptCommand):
    help = "List sales, the newest first: as lines, as JSON, or all of them as a CSV file."

    def add_arguments(self, parser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--network", choices=sorted(NETWORKS))
        parser.add_argument("--program", help="network:program, by the network's number")
        parser.add_argument("--state", choices=Sale.State.values)
        parser.add_argument("--match", choices=Match.values)
        parser.add_argument("--product", help="its number")
        parser.add_argument("--shop", help="its number")
        parser.add_argument("--from", metavar="YYYY-MM-DD")
        parser.add_argument("--to", metavar="YYYY-MM-DD")
        parser.add_argument("--basis", choices=Basis.values, help="which of its days counts (sale)")
        parser.add_argument("--text", dest="q", help="part of a sub-id, an ID, or the end of an order number")
        parser.add_argument("--limit", type=int, default=100, help="at most so many (100)")
        parser.add_argument("--csv", action="store_true", help="print CSV")

    def run(self, **options) -> list[dict]:
        query = read_query({name: value for name, value in options.items() if isinstance(value, str)})
        found = islice(find_sales(query).iterator(chunk_size=2000), max(0, options["limit"]))
        self.as_csv = options["csv"]
        return [dict(zip(SALE_HEADS, sale_row(sale), strict=True)) for sale in found]

    def describe(self, result) -> str:
        if self.as_csv:
            return "".join(to_csv(SALE_HEADS, (list(row.values()) for row in result))).strip("\ufeff\r\n")
        lines = [
            f"{str(row['happened_at'] or '')[:16]}  {row['state']:9} {row['commission'] or '-':>12} "
            f"{row['currency']:3}  {row['match']:8} {row['product'] or row['shop'] or row['program_name']}"
            for row in result
        ]
        return "\n".join(lines) or "No sales."
