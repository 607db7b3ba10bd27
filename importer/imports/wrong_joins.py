"""Find offers that were joined by their EAN and are unlike their product."""

import time
from collections.abc import Iterator, Mapping, Sequence

from django.utils import timezone

from catalog.models import Offer, Product
from importer.imports.doubts import TRASHED, Kind, note_doubts
from importer.models import DoubtScan, FeedItem, JoinDoubt
from importer.normalise.likeness import Article, Likeness, feed_of, likeness
from importer.search.joining import articles_of_product


def scan_joins(*, seconds: float, at_once: int = 500) -> bool:
    """Look for offers that are unlike the product they are on and ask about them; True when all were seen.

    Goes on where it stopped, product after product, and begins anew after the last one. May run twice.
    """
    ends_at = time.monotonic() + seconds
    scan, _ = DoubtScan.objects.get_or_create(pk=1)
    while True:
        products = list(
            Product.objects.filter(pk__gt=scan.last_product_id, offer_count__gt=1)
            .exclude(status=TRASHED)
            .select_related("brand")
            .only("id", "title", "gtin", "imported", "lowest_price", "currency", "brand__name")
            .order_by("pk")[:at_once]
        )
        note_doubts(_unlike_offers(products))
        scan.last_product_id = products[-1].pk if products else 0
        if not products:
            scan.finished_at = timezone.now()
        scan.save()
        if not products:
            return True
        if time.monotonic() > ends_at:
            return False


def _unlike_offers(products: Sequence[Product]) -> Iterator[JoinDoubt]:
    ids = [product.pk for product in products]
    offers: dict[int, list[Offer]] = {pk: [] for pk in ids}
    for offer in Offer.objects.filter(product__any=ids).order_by("id"):
        offers[offer.product_id].append(offer)
    keys = [offer.source_key for of_product in offers.values() for offer in of_product]
    items = FeedItem.objects.filter(source_key__any=keys).values_list("source_key", "title", "brand")
    named = {key: (title, brand) for key, title, brand in items}
    for product in products:
        first = product.imported.get("source_key")
        sides = {offer: _article_of_offer(offer, named) for offer in offers[product.pk]}
        founder = next((offer for offer in sides if offer.source_key == first), None)
        # As the product is named, and as each shop calls what is surely it: variant by variant.
        alike = {_variant_of(founder): [sides[founder]]} if founder else {(): articles_of_product(product)}
        rest = [offer for offer in sides if offer is not founder]
        unlike: list[tuple[Offer, Likeness]] = []
        for offer in rest:
            known = alike.setdefault(_variant_of(offer), [])
            if not known:  # the first of its variant came with its group, not by an EAN
                known.append(sides[offer])
                continue
            found = max((likeness(sides[offer], side) for side in known), key=lambda found: found.points)
            if found.is_doubtful:
                unlike.append((offer, found))
            else:
                known.append(sides[offer])
        for offer, found in unlike:
            yield JoinDoubt(
                kind=Kind.SPLIT,
                source_key=offer.source_key,
                product=product,
                gtin=product.gtin,
                reason=found.reason,
            )


def _variant_of(offer: Offer) -> tuple:
    return tuple(sorted(offer.variant.items()))


def _article_of_offer(offer: Offer, named: Mapping[str, tuple[str, str]]) -> Article:
    title, brand = named.get(offer.source_key, (offer.title, ""))
    return Article(title or offer.title, brand, offer.price, offer.currency, feed_of(offer.source_key))
