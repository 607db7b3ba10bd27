"""Look for products that are probably one, in the background and in small steps; a person says whether."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from catalog.lib.attribute_names import split_name
from catalog.models import Offer, Product
from importer.imports.doubts import TRASHED, Kind, note_doubts, open_doubts
from importer.models import DoubleKey, DoubleScan, JoinDoubt
from importer.normalise.doubles import Candidate, find_reason
from importer.normalise.likeness import Article, feed_of

AT_ONCE = 200  # products in a step
MAX_WAITING = 500  # doubles that wait for a person: then nobody looks for more
MAX_BLOCK = 50  # products of one key that are compared, the newest ones: a common word finds no more
ROUND = timedelta(days=7)  # after which all are looked at again: people edit titles and brands
_NUMBERS = frozenset(
    (  # noqa: SIM905 a table of words
        "mpn model modelnumber modelno modellnummer modelnr modellnr manufacturernumber manufacturerno "
        "manufacturerpartnumber partnumber partno herstellernummer herstellerartikelnummer herstellernr "
        "fabrikantnummer "
        "tillverkarnummer tillverkarensartikelnummer referencefabricant referenciafabricante codiceproduttore"
    ).split()
)
_EANS = frozenset({"ean", "gtin", "upc", "barcode", "eancode", "gtin13", "gtin14", "ean13"})
# Of each key only the newest products: a word that many have finds no more.
_KIN = """
    SELECT wanted.key, kin.product_id
    FROM unnest(%s::bigint[]) AS wanted(key)
    CROSS JOIN LATERAL (
        SELECT product_id FROM importer_doublekey WHERE key = wanted.key ORDER BY product_id DESC LIMIT %s
    ) AS kin
"""


@dataclass(frozen=True, slots=True)
class Known:
    """A product to compare, and the offer that stands for it in a doubt."""

    id: int
    candidate: Candidate
    source_key: str
    source_keys: frozenset[str]


def scan_doubles(*, seconds: float, at_once: int = AT_ONCE) -> bool:
    """Look at the products that came since the last time; True when none is left, or enough doubles wait.

    After the last one it begins anew once a round is over. A step is a transaction: it may run twice.
    """
    ends_at = time.monotonic() + seconds
    while (room := MAX_WAITING - open_doubts().filter(kind=Kind.DOUBLE).count()) > 0:
        with transaction.atomic():
            DoubleScan.objects.get_or_create(pk=1)
            scan = DoubleScan.objects.select_for_update().get(pk=1)
            if not _step(scan, at_once, room):
                return True
        if time.monotonic() > ends_at:
            return False
    return True


def _step(scan: DoubleScan, at_once: int, room: int) -> bool:
    """Look at the next products; False when there are none. Not more than `room` doubts are made of them."""
    products = Product.objects.exclude(status=TRASHED).filter(offer_count__gt=0).order_by("pk")
    ids = list(products.filter(pk__gt=scan.last_product_id).values_list("pk", flat=True)[:at_once])
    if ids:
        doubts = find_doubles(ids)
        note_doubts(doubts[:room])
        if len(doubts) <= room:  # else the same again, once a person has made room
            scan.last_product_id = ids[-1]
    elif scan.began_at is None or scan.began_at < timezone.now() - ROUND:
        is_first = scan.began_at is None
        scan.last_product_id, scan.began_at = (scan.last_product_id if is_first else 0), timezone.now()
    scan.save()
    return bool(ids)


def find_doubles(ids: Sequence[int]) -> list[JoinDoubt]:
    """Return doubts about these products and others that may be the same; their keys are kept for later ones.

    A pair that was asked about is not asked again, whatever was said.
    """
    mine = {known.id: known for known in read_products(ids)}
    keys = [(pk, key) for pk, known in mine.items() for key in known.candidate.keys]
    DoubleKey.objects.filter(product_id__any=list(ids)).delete()
    DoubleKey.objects.bulk_create((DoubleKey(product_id=pk, key=key) for pk, key in keys), batch_size=2_000)
    kin = _read_kin({key for _, key in keys})
    pairs = {
        (min(pk, other), max(pk, other)) for pk, key in keys for other in kin.get(key, ()) if other != pk
    }
    others = {known.id: known for known in read_products({pk for pair in pairs for pk in pair} - mine.keys())}
    known = mine | others
    doubles = [
        (known[older], known[newer], reason)
        for older, newer in sorted(pairs)
        if older in known and newer in known
        if (reason := find_reason(known[older].candidate, known[newer].candidate))
    ]
    asked = _asked([pair[:2] for pair in doubles])
    return [
        JoinDoubt(
            kind=Kind.DOUBLE,
            source_key=newer.source_key,
            product_id=older.id,
            gtin=min(newer.candidate.gtins, default=""),
            reason=reason,
        )
        for older, newer, reason in doubles
        if (older.id, newer.id) not in asked
    ]


def _read_kin(keys: Iterable[int]) -> dict[int, list[int]]:
    kin: dict[int, list[int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_KIN, [sorted(keys), MAX_BLOCK])
        for key, product_id in cursor.fetchall():
            kin.setdefault(key, []).append(product_id)
    return kin


def _asked(pairs: Sequence[tuple[Known, Known]]) -> set[tuple[int, int]]:
    """Return the pairs (by id) of which an offer of the one and the other were asked about."""
    about: dict[str, list[tuple[int, int]]] = {}
    for older, newer in pairs:
        for side, other in ((older, newer), (newer, older)):
            for key in side.source_keys:
                about.setdefault(f"{key} {other.id}", []).append((older.id, newer.id))
    keys = {key for pair in pairs for side in pair for key in side.source_keys}
    ids = {side.id for pair in pairs for side in pair}
    asked = JoinDoubt.objects.filter(source_key__any=list(keys), product_id__any=list(ids)).order_by()
    rows = asked.values_list("source_key", "product_id")
    return {pair for key, product_id in rows for pair in about.get(f"{key} {product_id}", ())}


def read_products(ids: Iterable[int]) -> Iterator[Known]:
    """Yield the products that have offers and are not in the trash, as they are compared; two queries."""
    ids = list(ids)
    if not ids:
        return
    offers: dict[int, list[tuple[str, str]]] = {}
    rows = Offer.objects.filter(product__any=ids).order_by("id")
    for product_id, source_key, gtin in rows.values_list("product_id", "source_key", "gtin"):
        offers.setdefault(product_id, []).append((source_key, gtin))
    products = Product.objects.filter(pk__any=ids).exclude(status=TRASHED).order_by("pk")
    for pk, title, brand, price, currency, gtin, imported, attributes in products.values_list(
        *("pk", "title", "brand__name", "lowest_price", "currency", "gtin", "imported", "attributes")
    ):
        if pk not in offers:
            continue
        source_keys = [key for key, _ in offers[pk]]
        founder = imported.get("source_key", "")
        numbers, eans = read_codes(attributes)
        yield Known(
            pk,
            Candidate(
                Article(title, brand or imported.get("brand", ""), price, currency, feed_of(founder)),
                gtins=frozenset({gtin, *(code for _, code in offers[pk]), *eans} - {""}),
                numbers=numbers,
                feeds=frozenset(map(feed_of, source_keys)) - {""},
            ),
            founder if founder in source_keys else source_keys[0],
            frozenset(source_keys),
        )


def read_codes(attributes: Mapping[str, object]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the manufacturer's numbers and the EANs, right or wrong, that properties name."""
    numbers, eans = set(), set()
    for name, value in attributes.items():
        key, _ = split_name(name)
        if key in _NUMBERS:
            numbers.add(str(value)[:60])
        elif key in _EANS and (digits := str(value).strip()).isdecimal() and 12 <= len(digits) <= 14:
            eans.add(digits)
    return frozenset(numbers), frozenset(eans)
