"""Feed items and the searches that find them."""

from datetime import datetime
from typing import Any

from ninja import Field, Schema

from api.schemas.common import In, Money, money
from importer.search.hits import Hit


class ItemOut(Schema):
    """What a feed or a network says of an article, and what the catalogue has of it."""

    id: int = Field(description="By which it is imported.")
    external_id: str
    feed_id: int
    source_key: str
    shop: str
    title: str
    description: str
    brand: str
    category: str
    gtin: str
    price: Money | None
    old_price: Money | None
    shipping: Money | None
    in_stock: bool | None
    image_urls: list[str]
    problem: str = Field(description="Why it cannot be imported; empty: it can.")
    product_id: int | None = Field(description="The product that it is already.")
    joins_product_id: int | None = Field(description="The product that an import would add its offer to.")
    is_blocked: bool


class SearchIn(In):
    """A search in the one form that all have: `docs/api.md` lists its fields."""

    query: dict[str, Any] = Field(
        examples=[{"version": 1, "keywords": "bosch akku", "max_price": "100", "currency": "EUR"}]
    )
    cursor: str = Field("", max_length=500)
    limit: int = Field(25, ge=1, le=100)


class LiveIn(In):
    query: dict[str, Any] = Field(examples=[{"version": 1, "account_id": 3, "keywords": "bosch akku"}])
    page: int = Field(1, ge=1, le=400)


class Found(Schema):
    items: list[ItemOut]
    total: int
    is_estimate: bool
    next: str


class FoundLive(Schema):
    items: list[ItemOut]
    total: int | None = Field(description="null: the network does not count.")
    has_next: bool
    is_live: bool = Field(description="The network was asked, and not the mirror.")
    notice: str
    unobeyed: list[str] = Field(description="Fields of the query that the network does not know.")
    hidden: int


class RunChoices(In):
    """What becomes of all items of an import; what is not named is as the account says."""

    status: str = Field("", pattern="^(draft|published)?$")
    import_description: bool | None = None
    category_ids: list[int] = Field(default_factory=list, max_length=50)
    uses_map: bool = True


class EditsIn(In):
    """What is to be otherwise than the feed says, of one item."""

    title: str | None = Field(None, max_length=300)
    description: str | None = Field(None, max_length=50_000)
    brand: str | None = Field(None, max_length=120)
    product_id: int | None = Field(None, description="Add the offer to this product.")


class ImportIn(RunChoices):
    """Import items by id, or all that a query finds."""

    items: list[int] = Field(default_factory=list, max_length=1000)
    query: dict[str, Any] | None = None
    edits: dict[int, EditsIn] = Field(default_factory=dict)


class RunOut(Schema):
    id: int
    kind: str
    state: str
    is_active: bool
    message: str
    user: int | None
    networks: list[str]
    query: dict[str, Any] | None
    total_count: int
    done_count: int
    counts: dict[str, int]
    cause: str = Field(description="By which all of it can be undone.")
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class RunItemOut(Schema):
    id: int
    item_id: int
    verdict: str
    message: str
    product_id: int | None


class Host(In):
    host: str = Field(max_length=255)


def item_row(hit: Hit) -> dict[str, Any]:
    """Return a hit as `ItemOut` has it."""
    item = hit.item
    joins = hit.joins
    return {
        **{name: getattr(item, name) for name in _PLAIN},
        "shop": item.shop_name,
        "price": money(item.price, item.currency),
        "old_price": money(item.old_price, item.currency),
        "shipping": money(item.shipping, item.currency),
        "product_id": hit.product.pk if hit.product else None,
        "joins_product_id": joins.pk if joins else None,
        "is_blocked": hit.block is not None,
    }


_PLAIN = (
    *("id", "external_id", "feed_id", "source_key", "title", "description", "brand", "category", "gtin"),
    *("in_stock", "image_urls", "problem"),
)
