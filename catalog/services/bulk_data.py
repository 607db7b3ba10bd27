"""What a network says of shops, offers and products, on its way into the catalogue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopData:
    """A merchant as a network names it; `key` (`network:program`) finds the shop whatever its name here."""

    key: str
    name: str
    url: str = ""
    logo_url: str = ""
    link_domains: Sequence[str] = ()  # where its links may lead (`ShopSource.link_domains`)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferData:
    """A shop's price and link, as a network says it.

    After the first six, each is a column of `Offer` that follows what the network says (OFFER_FIELDS).
    """

    source: str
    source_key: str
    shop_key: str
    # Set once, and only of an article in several variants (`Offer.variant_group`).
    variant_group: str = ""
    variant: Mapping[str, str] = field(default_factory=dict)
    gtin: str = ""
    title: str
    tracking_url: str
    # `tracking_url` with `catalog.clicks.outbound_url.PLACEHOLDER` for the sub-id
    tracking_template: str = ""
    price: Decimal
    old_price: Decimal | None
    shipping: Decimal | None
    delivery: str = ""  # how long it takes, as the shop says
    currency: str
    in_stock: bool | None
    source_digest: int | None = None  # equal: the source still says the same (`Offer.source_digest`)


VARIANT_FIELDS = ("variant_group", "variant", "gtin")
OFFER_FIELDS = tuple(
    each.name
    for each in fields(OfferData)
    if each.name not in ("source", "source_key", "shop_key", *VARIANT_FIELDS)
)


@dataclass(slots=True, kw_only=True)
class FollowedData:
    """What a product that is there is written with, after its feed said something new.

    `said` are the fields of which it did, `visible` those that change on the page, `before` what stood there.
    The rest are columns of the product; `brand` is a name, None where it stays. `images` are its pictures in
    order, None where they stay: the address of one that came from a feed, the id of others.
    """

    said: Sequence[str]
    visible: Sequence[str]
    before: Mapping[str, Any]
    title: str
    description: str
    gtin: str
    attributes: Mapping[str, Any]
    imported: Mapping[str, Any]
    provenance: Mapping[str, Any]
    moved_fields: Sequence[str]
    brand: str | None = None
    brand_id: int | None = None  # of the product now; `bulk.follow_feeds` sets that of `brand`
    category_ids: Sequence[int] | None = None
    images: Sequence[str | int] | None = None
    links_images: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductData:
    """A new product with its first offer. `imported` is what the feed said, before any edit."""

    title: str
    description: str
    brand: str
    gtin: str
    status: str
    imported: dict
    offer: OfferData
    provenance: dict = field(default_factory=dict)
    attributes: dict = field(default_factory=dict)
    category_ids: Sequence[int] = ()
    images: Sequence[tuple[str, str]] = ()  # (address, alternative text), main first
    links_images: bool = False  # show them through our proxy instead of copying them
