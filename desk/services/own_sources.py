"""Where an own feed's rows come from: an upload, an address, a folder, or products of this site."""

import itertools
import os
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from django.conf import settings

from catalog.models import Product
from catalog.public.structured_data import absolute, plain_text
from desk.models import OwnFeed
from desk.services.own_rows import ID, guess_columns
from importer.feed_files import BadRow, FeedFile
from importer.http.client import Http
from importer.http.errors import NetworkError

PREVIEW = 10  # rows
AHEAD = 2_000  # rows that are looked at before the first is read: how the file writes prices
AT_ONCE = 1_000  # products of the site
MAX_BYTES = 2 * 1024**3
_FOLDER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
Row = Mapping[str, Any]


@contextmanager
def open_rows(feed: OwnFeed, http: Http | None = None) -> Iterator[Iterator[Row | BadRow]]:
    """Open the rows of a feed's source. Raises NetworkError, also in the middle: then they are not whole."""
    if feed.source == OwnFeed.Source.CATALOGUE:
        yield _rows_of_catalogue(feed)
        return
    http = http or Http()
    if feed.source == OwnFeed.Source.LINK:
        with http.stream("GET", feed.url, max_bytes=MAX_BYTES) as stream:
            if stream.status_code != 200:
                raise http.failure(stream.status_code, stream.headers, host="")
            yield _rows(FeedFile(stream, http, stream.headers.get("Content-Type", "")))
        return
    try:
        file = _path(feed).open("rb")
    except OSError:
        raise NetworkError("own_file_missing") from None
    with file:
        yield _rows(FeedFile(file, http))


def _rows(file: FeedFile) -> Iterator[Row | BadRow]:
    for row in file:
        if not isinstance(row, int):
            yield row


def look_ahead(
    rows: Iterable[Row | BadRow], count: int = AHEAD
) -> tuple[list[Row | BadRow], Iterator[Row | BadRow]]:
    """Return the first rows, and all of them."""
    rows = iter(rows)
    first = list(itertools.islice(rows, count))
    return first, itertools.chain(first, rows)


def columns_of(rows: Iterable[Row | BadRow]) -> list[str]:
    """Return the names of the columns, in the order in which they come."""
    names: dict[str, None] = {}
    for row in rows:
        if not isinstance(row, BadRow):
            names.update(dict.fromkeys(row))
    return list(names)


def preview(feed: OwnFeed) -> tuple[list[str], list[Row]]:
    """Return the columns of a source and its first rows. Raises NetworkError."""
    with open_rows(feed) as rows:
        first, _ = look_ahead(rows, 50)
    good = [row for row in first if not isinstance(row, BadRow)]
    return columns_of(good), good[:PREVIEW]


# --- Files ----------------------------------------------------------------------------------------
def store_upload(feed: OwnFeed, file: Iterable[bytes]) -> None:
    """Keep an uploaded file as the feed's source, in place of the one before. Saves the feed."""
    folder = settings.DESK_DIR / "uploads"
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{feed.pk}-{secrets.token_hex(8)}"
    new = folder / f"{name}.new"
    with new.open("wb") as target:
        for piece in file:
            target.write(piece)
    new.replace(folder / name)
    old, feed.file = feed.file, name
    feed.save(update_fields=["file"])
    if old:
        with suppress(OSError):
            (folder / old).unlink()


def is_folder_name(text: str) -> bool:
    """Tell whether this may name a folder below the desk's own: no path leads out of it."""
    return bool(_FOLDER.fullmatch(text)) and ".." not in text


def _path(feed: OwnFeed) -> Path:
    root: Path = settings.DESK_DIR
    if feed.source == OwnFeed.Source.UPLOAD:
        if not feed.file:
            raise FileNotFoundError
        return root / "uploads" / feed.file
    if not is_folder_name(feed.folder):
        raise FileNotFoundError
    with os.scandir(root / feed.folder) as entries:
        # What is being written has a name that begins with a dot, or ends in ".new" or ".part".
        files = [
            entry
            for entry in entries
            if entry.is_file(follow_symlinks=False)
            and not entry.name.startswith(".")
            and not entry.name.endswith((".new", ".part", ".tmp"))
        ]
        newest = max(files, key=lambda entry: (entry.stat().st_mtime_ns, entry.name), default=None)
    if newest is None:
        raise FileNotFoundError
    return Path(newest.path)


# --- The catalogue --------------------------------------------------------------------------------
CATALOGUE_COLUMNS = {
    ID: "id",
    **{name: name for name in ("name", "description", "productUrl", "productImage", "price")},
    **{name: name for name in ("category", "availability", "brand", "ean")},
}


def _rows_of_catalogue(feed: OwnFeed) -> Iterator[Row]:
    """Yield the published products of the chosen categories, or of all, as rows.

    One without a price, or with one in another currency, comes all the same: it is refused, and says why.
    """
    last = 0
    chosen = Product.objects.filter(status=Product.Status.PUBLISHED)
    if feed.category_ids:
        chosen = chosen.filter(category_ids__overlap=feed.category_ids)
    while True:
        batch = chosen.filter(pk__gt=last).select_related("brand").order_by("pk")
        products = list(batch.prefetch_related("categories", "images__stored")[:AT_ONCE])
        if not products:
            return
        for product in products:
            yield _row_of(product)
        last = products[-1].pk


def _row_of(product: Product) -> Row:
    price = f"{product.lowest_price} {product.currency}" if product.lowest_price is not None else ""
    image = next(filter(None, (image.url for image in product.images.all())), "")
    return {
        "id": f"product-{product.pk}",
        "name": product.title,
        "description": plain_text(product.description),
        "productUrl": absolute(product.get_absolute_url()),
        "productImage": absolute(image) if image else "",
        "price": price,
        "category": next((category.name for category in product.categories.all()), ""),
        "availability": "In stock" if product.is_available else "Out of stock",
        "brand": product.brand.name if product.brand else "",
        "ean": product.gtin,
    }


def default_columns(feed: OwnFeed, names: Iterable[str]) -> dict[str, str]:
    """Return the mapping of a feed that nobody mapped yet."""
    return dict(CATALOGUE_COLUMNS) if feed.source == OwnFeed.Source.CATALOGUE else guess_columns(names)
