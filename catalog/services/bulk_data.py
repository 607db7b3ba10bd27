"""What a network says of shops, offers and products, on its way into the catalogue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from decimal import Decimal


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
    currency: str
    in_stock: bool | None
    source_digest: int | None = None  # equal: the source still says the same (`Offer.source_digest`)


VARIANT_FIELDS = ("variant_group", "variant", "gtin")
OFFER_FIELDS = tuple(
    each.name
    for each in fields(OfferData)
    if each.name not in ("source", "source_key", "shop_key", *VARIANT_FIELDS)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TextData:
    """The texts of a product, and what the feed said (`Product.imported`)."""

    title: str
    description: str
    imported: dict


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
    attributes: dict = field(default_factory=dict)
    category_ids: Sequence[int] = ()
    images: Sequence[tuple[str, str]] = ()  # (address, alternative text), main first
    links_images: bool = False  # show them through our proxy instead of copying them
