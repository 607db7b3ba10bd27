"""Offers that a person writes: shops and partners that no network here lists."""

import uuid
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from catalog.clicks.outbound_url import PLACEHOLDER
from catalog.lib.addresses import host_of
from catalog.locks import lock
from catalog.models import Offer, Product, ShopSource
from catalog.services.bulk import add_offers, get_shop_ids, update_offers
from catalog.services.bulk_data import OfferData, ShopData
from catalog.services.errors import CatalogError
from catalog.services.prices import refresh_prices
from catalog.services.revisions import revising
from catalog.sources import OWN
from events.kinds import Kind
from events.record import record

SUB_ID = "{subid}"  # what a person writes where our label goes
MAX_DOMAINS = 50  # of a shop, learnt from the links that people wrote


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnOffer:
    """What a person says of an offer. `url` is https, and may have SUB_ID where our label goes."""

    shop: str
    url: str
    price: Decimal
    currency: str
    title: str = ""
    old_price: Decimal | None = None
    shipping: Decimal | None = None
    in_stock: bool | None = None


def add_own_offer(product: Product, written: OwnOffer, *, token: str = "") -> int:
    """Add an offer to a product, with its shop where there is none of this name; return its id.

    The same `token` twice is the same form sent twice, and adds one.
    """
    key = f"{OWN}:{product.pk}:{token or uuid.uuid4().hex}"
    with transaction.atomic():
        lock(Product.objects.filter(pk=product.pk))
        if sent_before := Offer.objects.filter(source_key=key).values_list("pk", flat=True).first():
            return sent_before
        data = _data(key, written)
        shop_ids = _shop_ids(data.shop_key, written)
        with revising([product.pk], "offers"):
            [pk] = add_offers([(product.pk, data)], shop_ids=shop_ids, at=timezone.now())
        refresh_prices([product.pk])
        record(Kind.OFFER_ADDED, f"product:{product.pk}")
    return pk


def update_own_offer(offer: Offer, written: OwnOffer) -> None:
    """Write what a person says of their offer now; that counts as checking its price.

    Raises CatalogError where the offer is gone, or a network's.
    """
    with transaction.atomic():
        lock(Product.objects.filter(pk=offer.product_id))
        row = Offer.objects.filter(pk=offer.pk, product_id=offer.product_id, source=OWN).first()
        if row is None:
            raise CatalogError("This offer is not here any more.")
        data = _data(row.source_key, written)
        shop_id = _shop_ids(data.shop_key, written)[data.shop_key]
        before = (row.price, row.currency, row.in_stock)
        is_repriced = before != (data.price, data.currency, data.in_stock) or row.expired_at is not None
        with revising([row.product_id], "offers"):
            if shop_id != row.shop_id:
                Offer.objects.filter(pk=row.pk).update(shop_id=shop_id)
            repriced = [row.pk] if is_repriced else []
            update_offers([(row.pk, data)], repriced=repriced, at=timezone.now())
        refresh_prices([row.product_id])
        if is_repriced:
            record(
                Kind.OFFER_PRICE_CHANGED,
                f"offer:{row.pk}",
                before={"price": [before]},
                after={"price": [(data.price, data.currency, data.in_stock)]},
            )
        else:
            record(Kind.OFFER_CHANGED, f"offer:{row.pk}")


def _data(key: str, written: OwnOffer) -> OfferData:
    has_label = SUB_ID in written.url
    return OfferData(
        source=OWN,
        source_key=key,
        shop_key=f"{OWN}:{written.shop.casefold()}",
        title=written.title,
        tracking_url=written.url.replace(SUB_ID, ""),
        tracking_template=written.url.replace(SUB_ID, PLACEHOLDER) if has_label else "",
        price=written.price,
        old_price=written.old_price,
        shipping=written.shipping,
        currency=written.currency,
        in_stock=written.in_stock,
    )


def _shop_ids(key: str, written: OwnOffer) -> dict[str, int]:
    """Return the shop's id by key; from now on its links may lead to the host of this one."""
    shop_ids = get_shop_ids([ShopData(key=key, name=written.shop)])
    source = ShopSource.objects.select_for_update(no_key=True).get(key=key)
    host = host_of(written.url)
    if host not in source.link_domains:
        source.link_domains = [*source.link_domains, host][-MAX_DOMAINS:]
        source.save(update_fields=["link_domains"])
    return shop_ids
