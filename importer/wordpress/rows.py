"""A product of an export, cleaned; what is in doubt makes a row bad, with its reason."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlsplit

from catalog.lib.gtin import parse_gtin
from importer.normalise import CENT, clean_html, clean_images, clean_text, clean_url

MAX_CATEGORIES = 20
MAX_DEPTH = 10
_PLAIN = re.compile(r"\d{1,10}(\.\d{1,6})?")


class BadRow(ValueError):
    """Why a product is not imported, as a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What an export says of a product, as texts."""

    id: str
    title: str
    text: str = ""
    link: str = ""  # where its button leads
    address: str = ""  # where its page is
    price: str = ""
    sale_price: str = ""
    gtin: str = ""
    brand: str = ""
    status: str = ""
    kind: str = ""
    categories: Sequence[Sequence[str]] = ()
    images: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A product that can be imported. `path` is its old address without the host, "" where it is not told."""

    id: str
    title: str
    description: str
    link: str
    host: str
    path: str
    price: Decimal
    old_price: Decimal | None
    gtin: str
    brand: str
    is_published: bool
    categories: Sequence[tuple[str, ...]]
    images: Sequence[str]


def clean(written: Written) -> Row:
    """Return the row that a product of an export is. Raises BadRow."""
    if written.kind and written.kind != "external":
        raise BadRow(f"It is a {written.kind[:30]} product: only external ones lead to a shop.")
    title = clean_text(written.title)[:300]
    if not title:
        raise BadRow("It has no title.")
    link = clean_url(written.link)
    if not link.startswith("https://"):
        raise BadRow("Its link is no https address." if written.link else "It has no link to a shop.")
    price, old_price = _prices(written)
    paths = [tuple(clean_text(name)[:120] for name in path) for path in written.categories[:MAX_CATEGORIES]]
    return Row(
        id=written.id,
        title=title,
        description=clean_html(written.text),
        link=link,
        host=(urlsplit(link).hostname or "").removeprefix("www."),
        path=_path(written.address),
        price=price,
        old_price=old_price,
        gtin=parse_gtin(written.gtin),
        brand=clean_text(written.brand)[:120],
        is_published=written.status in ("publish", "1"),
        categories=[path for path in paths if path and all(path) and len(path) <= MAX_DEPTH],
        images=clean_images(*written.images),
    )


def _prices(written: Written) -> tuple[Decimal, Decimal | None]:
    regular, sale = _price(written.price), _price(written.sale_price)
    if regular is None and sale is None:
        raise BadRow("It has no price.")
    if sale is None or regular is None:
        return sale or regular or Decimal(0), None
    return (sale, regular) if sale < regular else (regular, None)


def _price(text: str) -> Decimal | None:
    if not text.strip():
        return None
    # WooCommerce writes a point; an export by hand may have a comma, which no price can be told by.
    if _PLAIN.fullmatch(text.strip()):
        price = Decimal(text.strip())
        if price > 0 and price == (exact := price.quantize(CENT)):
            return exact
    raise BadRow(f"Its price cannot be read for sure: {text[:40]}.")


def _path(address: str) -> str:
    parts = urlsplit(address.strip())
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    return path if path.startswith("/") and path != "/" and len(path) <= 300 else ""
