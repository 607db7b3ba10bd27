"""Write many products and offers at once: what an import adds to or changes in the catalogue.

Rows go in by COPY under ids drawn from the sequences beforehand. Every function runs in the caller's
transaction; a row that another transaction wrote first raises IntegrityError, and the caller plans again.
"""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from operator import attrgetter

from django.db import connection
from django.db.models.functions import Lower
from psycopg.types.json import Jsonb

from catalog.lib.addresses import host_of
from catalog.lib.slugs import make_slug
from catalog.lib.source_keys import own_part
from catalog.locks import Names, reserve
from catalog.models import (
    Brand,
    BrandAlias,
    Offer,
    PricePoint,
    Product,
    ProductImage,
    Shop,
    ShopAlias,
    ShopSource,
)
from catalog.services.bulk_data import (
    OFFER_FIELDS,
    VARIANT_FIELDS,
    OfferData,
    ProductData,
    ShopData,
)
from catalog.services.prices import FROM_OFFERS, of_new_offer
from catalog.services.rows import copy_rows, draw_ids, update_rows

SLUG_LENGTH = 120
get_said, get_derived = attrgetter(*OFFER_FIELDS), attrgetter(*FROM_OFFERS)
WAITING, LINKED = ProductImage.State.WAITING.value, ProductImage.State.LINKED.value


def create_products(products: Sequence[ProductData], *, shop_ids: dict[str, int], at: datetime) -> list[int]:
    """Create the products with their offers, pictures and categories; return their ids in order."""
    ids = draw_ids(Product, len(products))
    slugs = unique_slugs([(product.title, product.offer.source_key) for product in products])
    brand_ids = get_brand_ids(product.brand for product in products)
    is_edited = any(product.provenance for product in products)
    copy_rows(
        Product,
        (
            *("id", "title", "slug", "description", "brand_id", "gtin", "status", "published_at"),
            *("created_at", "updated_at", "imported", "attributes", "category_ids", *FROM_OFFERS),
            *(("provenance",) if is_edited else ()),
        ),
        (
            (
                *(pk, product.title, slug, product.description, brand_ids.get(product.brand.lower())),
                *(product.gtin, product.status),
                at if product.status == Product.Status.PUBLISHED else None,
                *(at, at, Jsonb(product.imported), Jsonb(product.attributes), sorted(product.category_ids)),
                *get_derived(of_new_offer(product.offer, shop_ids[product.offer.shop_key])),
                *((Jsonb(product.provenance),) if is_edited else ()),
            )
            for pk, slug, product in zip(ids, slugs, products, strict=True)
        ),
    )
    add_offers(
        [(pk, product.offer) for pk, product in zip(ids, products, strict=True)], shop_ids=shop_ids, at=at
    )
    copy_rows(
        ProductImage,
        ("product_id", "source_url", "host", "state", "reason", "tries", "try_at", "alt", "position"),
        (
            (pk, url, host_of(url), LINKED if product.links_images else WAITING, "", 0, at, alt, position)
            for pk, product in zip(ids, products, strict=True)
            for position, (url, alt) in enumerate(product.images)
        ),
    )
    copy_rows(
        Product.categories.through,
        ("product_id", "category_id"),
        (
            (pk, category_id)
            for pk, product in zip(ids, products, strict=True)
            for category_id in product.category_ids
        ),
    )
    return ids


def add_offers(
    offers: Sequence[tuple[int, OfferData]], *, shop_ids: dict[str, int], at: datetime
) -> list[int]:
    """Add (product id, offer) pairs with the first point of their price log; return the offers' ids."""
    ids = draw_ids(Offer, len(offers))
    has_variants = any(offer.variant_group or offer.variant for _, offer in offers)
    copy_rows(
        Offer,
        (
            *("id", "product_id", "shop_id", "source", "source_key", *OFFER_FIELDS),
            *("checked_at", "created_at", *(VARIANT_FIELDS if has_variants else ())),
        ),
        (
            (
                *(pk, product_id, shop_ids[offer.shop_key], offer.source, offer.source_key),
                *get_said(offer),
                *(at, at),
                *((offer.variant_group, Jsonb(offer.variant), offer.gtin) if has_variants else ()),
            )
            for pk, (product_id, offer) in zip(ids, offers, strict=True)
        ),
    )
    log_prices(zip(ids, (offer for _, offer in offers), strict=True), at=at)
    return ids


def log_prices(offers: Iterable[tuple[int, OfferData]], *, at: datetime) -> None:
    """Append what (offer id, offer) pairs say to the price log."""
    copy_rows(
        PricePoint,
        ("offer_id", "price", "currency", "in_stock", "recorded_at"),
        ((pk, offer.price, offer.currency, offer.in_stock, at) for pk, offer in offers),
    )


def unique_slugs(titles: Sequence[tuple[str, str]]) -> list[str]:
    """Return a free slug for each (title, key), in order; nobody else takes it before the transaction ends.

    The title's own slug where it is free; else with a short hash of the key, which no other title shares.
    """
    slugs = [make_slug(title, SLUG_LENGTH) or "product" for title, _ in titles]
    taken = _take_slugs(slugs)
    hashed: dict[int, str] = {}  # by their place
    for place, (slug, (_, key)) in enumerate(zip(slugs, titles, strict=True)):
        if slug in taken:
            hashed[place] = f"{slug}-{hashlib.sha256(key.encode()).hexdigest()[:8]}"
        taken.add(slug)
    taken |= _take_slugs(hashed.values())
    for place, slug in hashed.items():
        candidate, number = slug, 2
        while candidate in taken:  # the item was imported, deleted by hand and its slug given to another post
            candidate, number = f"{slug}-{number}", number + 1
            taken |= _take_slugs([candidate])
        slugs[place] = candidate
        taken.add(candidate)
    return slugs


def _take_slugs(slugs: Iterable[str]) -> set[str]:
    """Reserve the slugs; return those that products have already."""
    slugs = list(slugs)
    if not slugs:
        return set()
    reserve(Names.ADDRESSES, slugs)
    return set(Product.objects.filter(slug__any=slugs).values_list("slug", flat=True))


def get_brand_ids(names: Iterable[str]) -> dict[str, int]:
    """Return the ids of the brands by lower-case name, creating those that are missing as first spelled.

    The name of a brand that became part of another finds the other one.
    """
    wanted: dict[str, str] = {}
    for name in names:
        if name:
            wanted.setdefault(name.lower(), name)
    found = _find_brand_ids(wanted)
    if unknown := wanted.keys() - found.keys():
        aliases = BrandAlias.objects.annotate(key=Lower("name")).filter(key__any=list(unknown))
        found |= dict(aliases.values_list("key", "brand_id"))
    # A slug may be taken by another spelling ("A.B" and "A-B"): the second round gives those a hashed one.
    for hashed in (False, True):
        missing = [name for key, name in wanted.items() if key not in found]
        if not missing:
            break
        brands = [Brand(name=name, slug=_slug(name, "brand", hashed=hashed)) for name in missing]
        Brand.objects.bulk_create(sorted(brands, key=attrgetter("slug")), ignore_conflicts=True)
        found |= _find_brand_ids(wanted)
    return found


def _find_brand_ids(names: Iterable[str]) -> dict[str, int]:
    lower = Lower("name")
    return dict(Brand.objects.annotate(key=lower).filter(key__any=list(names)).values_list("key", "id"))


def _slug(name: str, fallback: str, *, hashed: bool) -> str:
    slug = make_slug(name, SLUG_LENGTH) or fallback
    return f"{slug}-{hashlib.sha256(name.lower().encode()).hexdigest()[:8]}" if hashed else slug


def get_shop_ids(shops: Iterable[ShopData]) -> dict[str, int]:
    """Return the ids of the shops by key, creating those that are missing.

    A key seen for the first time joins the shop that already has its name, or that the shop of this name
    became part of: one shop, several networks.
    """
    wanted = {shop.key: shop for shop in shops}
    found = _hold_shops(list(wanted)) if wanted else {}
    for key in sorted(wanted.keys() - found.keys()):
        data = wanted[key]
        name = data.name or own_part(key)
        shop = Shop.objects.filter(name__iexact=name).order_by("id").first()
        if shop is None and (alias := ShopAlias.objects.filter(name__iexact=name).first()):
            shop = alias.shop
        if shop is None:
            slug = _slug(name, "shop", hashed=False)
            if Shop.objects.filter(slug=slug).exists():
                slug = _slug(name, "shop", hashed=True)
            shop = Shop.objects.create(name=name, slug=slug, url=data.url, logo_url=data.logo_url)
        ShopSource.objects.create(shop=shop, key=key, link_domains=list(data.link_domains))
        found[key] = shop.pk
    return found


def lacks_shops(shops: Iterable[ShopData]) -> bool:
    """Tell whether one of the shops, or its key, is to be made."""
    keys = {shop.key for shop in shops}
    return bool(keys) and ShopSource.objects.filter(key__any=list(keys)).count() < len(keys)


def _hold_shops(keys: list[str]) -> dict[str, int]:
    """Return the ids of the known shops by key. None of them is merged with another until we are done."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT source.key, shop.id
            FROM catalog_shopsource AS source JOIN catalog_shop AS shop ON shop.id = source.shop_id
            WHERE source.key = ANY(%s) ORDER BY shop.id FOR KEY SHARE OF shop
            """,
            [keys],
        )
        return dict(cursor.fetchall())


def update_offers(
    offers: Sequence[tuple[int, OfferData]],
    *,
    repriced: Collection[int],
    unconfirmed: Collection[int] = (),
    at: datetime,
) -> None:
    """Bring (offer id, what the network says now) pairs up to date; whoever had expired is back.

    The offers in `repriced` (price, currency or stock changed, or they are back) are appended to the log.
    Those in `unconfirmed` keep a price that their network does not say any more: they were not checked.
    """
    confirmed = [(pk, data) for pk, data in offers if pk not in unconfirmed] if unconfirmed else offers
    back = {"expired_at": None, "gone_policy": ""}
    checked, changed_at = {"checked_at": at, "is_old": False}, {"changed_at": _CHANGED_AT}
    update_rows(Offer, confirmed, OFFER_FIELDS, also=checked | back, computed=changed_at)
    if unconfirmed:
        others = [(pk, data) for pk, data in offers if pk in unconfirmed]
        update_rows(Offer, others, OFFER_FIELDS, also=back)
    log_prices(((pk, data) for pk, data in offers if pk in repriced), at=at)


_CHANGED_AT = """
    CASE
        WHEN old.expired_at IS NOT NULL
            OR (old.price, old.shipping, old.currency, old.in_stock)
            IS DISTINCT FROM (new.price, new.shipping, new.currency, new.in_stock)
        THEN %(checked_at)s ELSE old.changed_at
    END
"""


def touch_offers(ids: Sequence[int], *, at: datetime) -> None:
    """Note that the networks still say of these offers what we have. Waits for whoever notes one of them."""
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(_TOUCH, {"offers": list(ids), "at": at})


# In order, so that two who note the same offers do not wait in a circle.
_TOUCH = """
    INSERT INTO catalog_offercheck AS noted (offer_id, checked_at)
    SELECT id, %(at)s FROM unnest(%(offers)s::bigint[]) AS id ORDER BY id
    ON CONFLICT (offer_id) DO UPDATE SET checked_at = excluded.checked_at
    WHERE noted.checked_at < excluded.checked_at
"""


def note_digests(offers: Sequence[tuple[int, OfferData]]) -> None:
    """Note (offer id, what the network says now) where that is worded otherwise and changes nothing."""
    wanted = dict(offers)
    if wanted:  # whoever holds one of them is writing what it says
        free = Offer.objects.filter(pk__any=list(wanted)).select_for_update(skip_locked=True, no_key=True)
        ids = free.order_by("pk").values_list("pk", flat=True)
        update_rows(Offer, [(pk, wanted[pk]) for pk in ids], ["source_digest"])
