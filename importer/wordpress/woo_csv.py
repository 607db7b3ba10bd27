"""A product export of WooCommerce (CSV) as a stream."""

import csv
from collections.abc import Iterator
from typing import TextIO

from importer.wordpress.rows import Written
from importer.wordpress.wxr import NotWxr

# What a column is called, in English; WooCommerce writes the site's language, and imports ask for these.
COLUMNS = {"ID", "Name", "Type", "Published", "Categories", "Images", "External URL", "Regular price"}
MAX_FIELD = 2_000_000
GTINS = ("GTIN, UPC, EAN, or ISBN", "Meta: _ean", "Meta: _gtin", "Meta: _global_unique_id")


def read_csv(file: TextIO) -> Iterator[Written]:
    """Yield the products of an export. Raises NotWxr."""
    csv.field_size_limit(MAX_FIELD)
    rows = csv.DictReader(file)
    try:
        if missing := COLUMNS - set(rows.fieldnames or ()):
            names = ", ".join(sorted(missing))
            raise NotWxr(f"This is no product export of WooCommerce in English: it lacks {names}.")
        for number, row in enumerate(rows, 1):
            yield _product(number, {name: value or "" for name, value in row.items() if name})
    except (csv.Error, UnicodeDecodeError) as error:
        raise NotWxr(f"The file cannot be read as CSV: {error}.") from None


def _product(number: int, row: dict[str, str]) -> Written:
    kinds = [part.strip() for part in row["Type"].split(",")]
    paths = [
        [name.strip() for name in path.split(">")] for path in row["Categories"].split(",") if path.strip()
    ]
    return Written(
        id=row["ID"] or row.get("SKU", "") or str(number),
        title=row["Name"],
        text=row.get("Description") or row.get("Short description", ""),
        link=row["External URL"],
        price=row["Regular price"],
        sale_price=row.get("Sale price", ""),
        gtin=next((row[name] for name in GTINS if row.get(name)), ""),
        brand=row.get("Brands", ""),
        status=row["Published"],
        kind="external" if "external" in kinds else kinds[0],
        categories=paths,
        images=[url.strip() for url in row["Images"].split(",")],
    )
