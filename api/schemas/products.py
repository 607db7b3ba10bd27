"""Products and offers, as the API sends and takes them."""

from datetime import datetime
from typing import Any, Literal

from django.conf import settings
from django.db.models import QuerySet
from ninja import Field, Schema

from api.schemas.common import In, Money, Named, money
from catalog.forms.products import BulkForm
from catalog.models import Offer, Product
from catalog.queries.offers import get_offers_of
from catalog.queries.pictures import Pictures

MAX_PICTURES = 12


class PictureOut(Schema):
    id: int
    url: str
    source_url: str
    alt: str
    state: str


class OfferOut(Schema):
    """A shop's price on a product, as last checked; `is_old`: too long ago to be shown."""

    id: int
    product_id: int
    shop: Named
    source: str
    source_key: str
    title: str
    gtin: str
    price: Money
    old_price: Money | None
    shipping: Money | None
    in_stock: bool | None
    is_main: bool
    is_old: bool
    url: str = Field(description="Our address that leads to the shop and counts the click.")
    checked_at: datetime
    changed_at: datetime | None
    expired_at: datetime | None


class ProductOut(Schema):
    id: int
    title: str = Field(examples=["Bosch GSR 12V-15"])
    slug: str
    url: str
    status: str = Field(examples=["published"])
    brand: Named | None
    category_ids: list[int]
    gtin: str
    lowest_price: Money | None
    offer_count: int
    is_available: bool
    meta_title: str
    meta_description: str
    attributes: dict[str, Any]
    picture: PictureOut | None
    publish_at: datetime | None
    published_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: str = Field(description="Changes with each save; the ETag begins with it.")


class ProductWhole(ProductOut):
    """A product with what hangs on it."""

    description: str
    imported: dict[str, Any] = Field(description="What its feed says, before any edit.")
    policies: dict[str, Any]
    moved_fields: list[str]
    pictures: list[PictureOut]
    offers: list[OfferOut]


class ProductFilter(Schema):
    """Filters of the list, as the dashboard has them."""

    status: Literal["", "published", "draft", "trashed"] = ""
    q: str = Field("", max_length=200)
    category: str = Field("", description="An id, or `none`.", max_length=18)
    shop: str = Field("", description="An id, or `none`.", max_length=18)
    brand: str = Field("", description="A name.", max_length=120)
    picture: Literal["", "none", "failed", "waiting"] = ""
    price: Literal["", "old"] = ""
    feed: Literal["", "moved"] = ""
    gtin: str = Field("", max_length=20)
    order: Literal["newest", "oldest", "updated"] = "newest"
    updated_since: datetime | None = Field(
        None, description="With `order=updated`: what was saved since then."
    )


class OfferFilter(Schema):
    shop: int | None = None
    product: int | None = None
    source: str = Field("", max_length=30, description="A network's slug.")
    gtin: str = Field("", max_length=14)
    gone: bool = False


class ProductPatch(In):
    """What is to change; what is not named stays."""

    title: str | None = Field(None, max_length=300)
    slug: str | None = Field(None, max_length=140)
    description: str | None = Field(None, description="HTML; what is not allowed in it is taken out.")
    brand: str | None = Field(None, description="By name; a new one is made. Empty: none.")
    categories: list[int] | None = None
    new_categories: list[str] | None = Field(None, max_length=20)
    gtin: str | None = Field(None, max_length=20)
    status: Literal["draft", "published"] | None = None
    publish_at: datetime | None = None
    meta_title: str | None = None
    meta_description: str | None = None


class ProductIn(ProductPatch):
    title: str = Field(max_length=300, examples=["Bosch GSR 12V-15"])


class StatusIn(In):
    status: Literal["draft", "published", "trashed"]


class BulkIn(In):
    """One thing to do with up to 1,000 products."""

    ids: list[int] = Field(min_length=1, max_length=1000)
    action: Literal[tuple(BulkForm.ACTIONS)]  # type: ignore[valid-type]  # those of the list
    category: int | None = None
    field: str | None = Field(None, description="Of `take`.")
    brand: str | None = None
    policy: str | None = Field(None, description="`field:policy`, such as `price:never`.")


class OfferIds(In):
    offers: list[int] = Field(min_length=1, max_length=1000)


class MoveIn(OfferIds):
    into: int = Field(description="The product that gets them.")


class MainOffer(In):
    offer: int | None = Field(description="null: the best one leads.")


class FieldAction(In):
    action: Literal["take", "keep", "lock", "unlock", "feeder"]
    offer: int | None = Field(None, description="Of `feeder`: the offer whose feed fills the field.")


class Policies(In):
    policies: dict[str, str]


class PictureOrder(In):
    """The pictures in their new order; those that are not named go."""

    pictures: list[int] = Field(max_length=500)
    alts: dict[int, str] = Field(default_factory=dict, description="Alternative texts by id.")


class PricePointOut(Schema):
    offer_id: int
    price: Money
    in_stock: bool | None
    recorded_at: datetime


class RevisionOut(Schema):
    id: int
    at: datetime
    actor: str
    cause: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


# --- Rows ----------------------------------------------------------------------------------------
def product_rows(products: QuerySet[Product]) -> QuerySet[Product]:
    """Read what a list shows, in one query."""
    return (
        products.select_related("brand")
        .defer("description", "imported", "provenance", "search")
        .annotate(pictures=Pictures(1))
    )


def product_row(product: Any) -> dict[str, Any]:
    """Return a product of `product_rows` as `ProductOut` has it."""
    pictures = product.pictures
    return {
        **{name: getattr(product, name) for name in _PLAIN},
        "url": f"{settings.SITE_URL}{product.get_absolute_url()}",
        "brand": {"id": product.brand_id, "name": product.brand.name} if product.brand else None,
        "lowest_price": money(product.lowest_price, product.currency),
        "picture": picture_row(pictures[0]) if pictures else None,
        "version": product.updated_at.isoformat(),
    }


def whole_product(product: Any) -> dict[str, Any]:
    """Return a product read with `Pictures` as `ProductWhole` has it; one query more, for its offers."""
    more = {name: getattr(product, name) for name in ("description", "imported", "policies", "moved_fields")}
    pictures = [picture_row(picture) for picture in product.pictures]
    return (
        product_row(product)
        | more
        | {"pictures": pictures, "offers": [offer_row(one) for one in get_offers_of(product)]}
    )


def offer_row(offer: Offer) -> dict[str, Any]:
    """Return an offer, read with its shop, as `OfferOut` has it."""
    return {
        **{name: getattr(offer, name) for name in _OF_OFFER},
        "shop": {"id": offer.shop_id, "name": offer.shop.name},
        "price": money(offer.price, offer.currency),
        "old_price": money(offer.old_price, offer.currency),
        "shipping": money(offer.shipping, offer.currency),
        "checked_at": offer.last_checked_at,
        "url": f"{settings.SITE_URL}{offer.get_absolute_url()}",
    }


def picture_row(picture: Any) -> dict[str, Any]:
    return {name: getattr(picture, name) for name in ("id", "url", "source_url", "alt", "state")}


_PLAIN = (
    *("id", "title", "slug", "status", "category_ids", "gtin", "offer_count", "is_available", "meta_title"),
    *("meta_description", "attributes", "publish_at", "published_at", "created_at", "updated_at"),
)
_OF_OFFER = (
    *("id", "product_id", "source", "source_key", "title", "gtin", "in_stock", "is_main", "is_old"),
    *("changed_at", "expired_at"),
)
