"""The two sides of a doubt, as a person compares them."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from catalog.models import Offer, Product, ProductImage
from importer.models import FeedItem, JoinDoubt


@dataclass(frozen=True, slots=True)
class Side:
    """One side: `product` is where it is now; the texts are the shop's own where they are known."""

    title: str
    brand: str
    gtin: str
    price: Decimal | None
    currency: str
    shop: str
    picture: str
    url: str
    product: Product | None


@dataclass(frozen=True, slots=True)
class Pair:
    """A doubt with the offer and the product it is about."""

    doubt: JoinDoubt
    offer: Side
    product: Side


def sides_of(doubts: Sequence[JoinDoubt]) -> list[Pair]:
    """Return doubts, read with their products, as pairs to show. Four queries, whatever their number."""
    doubts = list(doubts)
    keys = [doubt.source_key for doubt in doubts]
    product_ids = [doubt.product_id for doubt in doubts]
    by_key = Offer.objects.select_related("shop", "product")
    offers = {offer.source_key: offer for offer in by_key.filter(source_key__any=keys)}
    items = {
        item.source_key: item
        for item in FeedItem.objects.defer("description", "attributes").filter(source_key__any=keys)
    }
    # Who leads the product: any other offer of it.
    leads: dict[int, Offer] = {}
    others = (
        Offer.objects.select_related("shop").filter(product__any=product_ids).exclude(source_key__any=keys)
    )
    for offer in others.order_by("product_id", "price"):
        leads.setdefault(offer.product_id, offer)
    images: dict[int, ProductImage] = {}
    pictures = ProductImage.objects.select_related("stored").filter(product__any=product_ids)
    for image in pictures.order_by("product_id", "position", "id"):
        images.setdefault(image.product_id, image)
    return [
        Pair(
            doubt,
            _offer_side(doubt, offers.get(doubt.source_key), items.get(doubt.source_key)),
            _product_side(doubt.product, leads.get(doubt.product_id), images.get(doubt.product_id)),
        )
        for doubt in doubts
    ]


def _offer_side(doubt: JoinDoubt, offer: Offer | None, item: FeedItem | None) -> Side:
    return Side(
        title=(item and item.title) or (offer and offer.title) or doubt.source_key,
        brand=item.brand if item else "",
        gtin=item.gtin if item else doubt.gtin,
        price=offer.price if offer else item.price if item else None,
        currency=offer.currency if offer else item.currency if item else "",
        shop=offer.shop.name if offer else item.shop_name if item else "",
        picture=item.image_urls[0] if item and item.image_urls else "",
        url=(item.product_url or item.tracking_url) if item else "",
        product=offer.product if offer else None,
    )


def _product_side(product: Product, lead: Offer | None, image: ProductImage | None) -> Side:
    return Side(
        title=product.title,
        brand=product.brand.name if product.brand else product.imported.get("brand", ""),
        gtin=product.gtin,
        price=lead.price if lead else product.lowest_price,
        currency=lead.currency if lead else product.currency,
        shop=lead.shop.name if lead else "",
        picture=image.thumb_url if image else "",
        url="",
        product=product,
    )
