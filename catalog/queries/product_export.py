"""Products as rows of a table, for a spreadsheet."""

import csv
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import IO, Any

import xlsxwriter
from django.db.models import QuerySet
from django.utils import timezone

from catalog.models import Product

HEADS = (
    *("id", "title", "slug", "status", "brand", "ean", "lowest_price", "currency", "offers"),
    *("shops", "categories", "created_at", "published_at"),
)
BATCH = 1000
# A spreadsheet takes text that begins so for a formula, and runs it.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def read_rows(
    products: QuerySet[Product], order: Sequence, *, shops: Mapping[int, str], categories: Mapping[int, str]
) -> Iterator[Sequence[Any]]:
    """Yield the rows below `HEADS` in this order; their number may be large."""
    values = products.order_by(*order).values_list(
        *("id", "title", "slug", "status", "brand__name", "gtin", "lowest_price", "currency", "offer_count"),
        *("shop_ids", "category_ids", "created_at", "published_at"),
    )
    for *plain, shop_ids, category_ids, created_at, published_at in values.iterator(chunk_size=BATCH):
        yield (
            *("" if value is None else value for value in plain),
            _names(shop_ids, shops),
            _names(category_ids, categories),
            _time(created_at),
            _time(published_at),
        )


def to_csv(rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """Yield the lines of a CSV file in UTF-8 that spreadsheets know as such."""
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow(HEADS)
    for row in rows:
        yield writer.writerow([_unarmed(value) for value in row])


def to_xlsx(rows: Iterable[Sequence[Any]]) -> IO[bytes]:
    """Return a spreadsheet, as a file that is gone once it is closed."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 (the answer closes it)
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(file, options)
    sheet = book.add_worksheet("Products")
    sheet.freeze_panes(1, 0)
    sheet.write_row(0, 0, HEADS)
    for number, row in enumerate(rows, 1):
        sheet.write_row(number, 0, row)
    book.close()
    file.seek(0)
    return file


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def _names(ids: Iterable[int], names: Mapping[int, str]) -> str:
    return ", ".join(names[pk] for pk in ids if pk in names)


def _time(value: Any) -> str:
    return timezone.localtime(value).isoformat(sep=" ", timespec="seconds") if value else ""


def _unarmed(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
