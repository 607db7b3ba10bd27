"""Rows -> products: planned with the same eyes as carried out, chunk by chunk, all with one cause.

A chunk is one transaction. The same file again makes nothing twice: an offer is known by the id that its
product had in WordPress.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from catalog.locks import take_turn
from catalog.models import Category, Offer, OldAddress, Product
from catalog.services import get_or_create_category
from catalog.services.bulk import create_products, get_shop_ids
from catalog.services.bulk_data import OfferData, ProductData, ShopData
from catalog.services.revisions import note_created
from catalog.sources import OWN
from events.actor import cause
from events.kinds import Kind
from events.record import keys, record
from importer.wordpress.rows import BadRow, Row, Written, clean
from importer.wordpress.woo_csv import read_csv
from importer.wordpress.wxr import read_wxr

CHUNK = 200
SAMPLES = 20


@dataclass(slots=True)
class Report:
    """What became, or would become, of the products: counts by "new", "known" and "bad"; some bad ones."""

    counts: Counter[str] = field(default_factory=Counter)
    bad: list[tuple[str, str]] = field(default_factory=list)  # (title, reason)


def read_file(path: Path) -> Iterator[Written]:
    """Yield the products of an export: WXR where it is XML, else CSV. Raises NotWxr, OSError."""
    with path.open("rb") as file:
        is_xml = file.read(100).lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<")
        if is_xml:
            yield from read_wxr(file)
            return
    with path.open(encoding="utf-8-sig", newline="") as text:
        yield from read_csv(text)


def import_products(
    found: Iterable[Written], *, currency: str, site: str, key: str = "", status: str = ""
) -> Report:
    """Import products of the WordPress site `site`; without a `key` (a cause) only say what would be done.

    `status`: of all of them; empty: published where they were.
    """
    report = Report()
    rows = _clean(found, report)
    while chunk := list(islice(rows, CHUNK)):
        with transaction.atomic():
            if key:
                take_turn()
            known = _known(chunk, site)
            new = [row for row in chunk if row.id not in known]
            report.counts["known"] += len(chunk) - len(new)
            report.counts["new"] += len(new)
            if key and new:
                with cause(key):
                    _make(new, currency=currency, site=site, status=status)
    return report


def _clean(found: Iterable[Written], report: Report) -> Iterator[Row]:
    for written in found:
        try:
            yield clean(written)
        except BadRow as error:
            report.counts["bad"] += 1
            if len(report.bad) < SAMPLES:
                report.bad.append((written.title[:100], str(error)))


def _source_key(site: str, pk: str) -> str:
    return f"{OWN}:wordpress-{site}:{pk}"


def _known(chunk: list[Row], site: str) -> set[str]:
    """Return the ids of rows that are here: by where they came from, by EAN, or twice in the chunk."""
    of_key = {_source_key(site, row.id): row.id for row in chunk}
    found = Offer.objects.filter(source_key__in=of_key).values_list("source_key", flat=True)
    known = {of_key[key] for key in found}
    gtins = {row.gtin for row in chunk if row.gtin}
    taken = set(Product.objects.filter(gtin__in=gtins).values_list("gtin", flat=True))
    for row in chunk:
        if row.gtin and row.gtin in taken:
            known.add(row.id)
        taken.add(row.gtin)
    return known


def _make(rows: list[Row], *, currency: str, site: str, status: str) -> None:
    now = timezone.now()
    hosts = {row.host for row in rows}
    shops = [ShopData(key=f"{OWN}:{host}", name=host, link_domains=[host]) for host in sorted(hosts)]
    shop_ids = get_shop_ids(shops)
    paths: dict[tuple[str, ...], int] = {}
    unique = {row.id: row for row in rows}.values()
    products = [_product(row, currency, site, status, paths) for row in unique]
    ids = create_products(products, shop_ids=shop_ids, at=now)
    note_created(ids)
    for each in sorted({product.status for product in products}):
        made = [pk for pk, product in zip(ids, products, strict=True) if product.status == each]
        record(Kind.PRODUCT_CREATED, keys("product", made), after={"status": each})
    OldAddress.objects.bulk_create(
        [OldAddress(path=row.path, product_id=pk) for pk, row in zip(ids, unique, strict=True) if row.path],
        ignore_conflicts=True,
    )


def _product(
    row: Row, currency: str, site: str, status: str, paths: dict[tuple[str, ...], int]
) -> ProductData:
    published = Product.Status.PUBLISHED if row.is_published else Product.Status.DRAFT
    return ProductData(
        title=row.title,
        description=row.description,
        brand=row.brand,
        gtin=row.gtin,
        status=status or published.value,
        imported={},
        category_ids=sorted({_category(path, paths) for path in row.categories}),
        images=[(url, "") for url in row.images],
        offer=OfferData(
            source=OWN,
            source_key=_source_key(site, row.id),
            shop_key=f"{OWN}:{row.host}",
            title=row.title,
            tracking_url=row.link,
            price=row.price,
            old_price=row.old_price,
            shipping=None,
            currency=currency,
            in_stock=None,
        ),
    )


def _category(path: tuple[str, ...], known: dict[tuple[str, ...], int]) -> int:
    if path not in known:
        parent: Category | None = None
        for name in path:
            parent = get_or_create_category(name, parent=parent)
        assert parent
        known[path] = parent.pk
    return known[path]
