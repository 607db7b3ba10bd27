"""Which product an offer is on, and which offer leads: join, split, move, choose.

An offer stays where it is put: an import finds it by its `source_key` before it looks at any EAN. All of
these lock the products they change, always in the same order, and are safe to repeat.
"""

from collections.abc import Collection, Iterable

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from catalog.lib.addresses import host_of
from catalog.locks import lock, take_turn
from catalog.models import DailyClicks, Offer, Product, ProductImage
from catalog.services import status
from catalog.services.alerts import hand_over_alerts
from catalog.services.bulk import get_brand_ids
from catalog.services.clicks import hand_over_clicks
from catalog.services.errors import CatalogError, again_on_deadlock
from catalog.services.moved import hand_over_addresses
from catalog.services.prices import refresh_prices
from catalog.services.products import create_product
from catalog.services.revisions import revising
from catalog.sources import SourceItem, find_item
from events.kinds import Kind
from events.record import keys, record


def choose_main_offer(product: Product, *, offer_id: int | None) -> None:
    """Let this offer lead the product's page while it can be had; None: the cheapest leads.

    Raises CatalogError where the offer is not on the product any more.
    """
    with transaction.atomic():
        _lock(product)
        old = product.offers.filter(is_main=True).values_list("pk", flat=True).first()
        others = product.offers.filter(is_main=True)
        with revising([product.pk], "offers"):
            (others.exclude(pk=offer_id) if offer_id else others).update(is_main=False)
            if offer_id is not None and not product.offers.filter(pk=offer_id).update(is_main=True):
                raise CatalogError("The main offer is not on this product any more. Choose another.")
        refresh_prices([product.pk])
        if old != offer_id:
            record(
                Kind.PRODUCT_EDITED,
                f"product:{product.pk}",
                before={"main_offer": old},
                after={"main_offer": offer_id},
            )


@again_on_deadlock
def move_offers(product: Product, *, offer_ids: Iterable[int], into: Product) -> int:
    """Move offers to another product, with their price logs and clicks; return how many moved.

    Raises CatalogError where one is on neither of the two, or the other product is in the trash.
    """
    ids = set(offer_ids)
    with transaction.atomic():
        _lock_two(product, into)
        there = Offer.objects.filter(pk__in=ids, product__in=[product.pk, into.pk]).count()
        if there < len(ids):
            raise CatalogError("Somebody else moved or removed one of these offers. Look again.")
        with revising([product.pk, into.pk], "offers"):
            return _move(product.offers.filter(pk__in=ids), product, into)


@again_on_deadlock
def join_products(product: Product, *, into: Product) -> int:
    """Move all offers of a product to another and put it into the trash; return how many moved.

    Its address leads on to the other product (301), and items with its EAN join that one from now on.
    Raises CatalogError where one of the two is in the trash.
    """
    with transaction.atomic():
        product, into = _lock_two(product, into)
        if product.joined_into_id == into.pk:
            return 0
        if product.status == Product.Status.TRASHED:
            raise CatalogError("This product is in the trash.")
        others = product.joined_from.order_by("pk").values_list("pk", flat=True)
        with revising([product.pk, into.pk, *others]):
            count = _move(product.offers.all(), product, into)
            status.trash([product.pk])
            _hand_over(product, into)
        record(Kind.PRODUCT_JOINED, f"product:{product.pk}", after={"into": into.pk, "offers": count})
        return count


@again_on_deadlock
def split_offers(product: Product, *, offer_ids: Iterable[int]) -> Product:
    """Make a draft of some of a product's offers, with the texts and pictures that the first came with.

    Posted twice, it returns the product that was made the first time. Raises CatalogError where an offer is
    gone or none would be left.
    """
    ids = set(offer_ids)
    with transaction.atomic():
        take_turn()  # a brand and a product may be made
        _lock(product)
        offers = list(Offer.objects.filter(pk__in=ids))
        places = {offer.product_id for offer in offers}
        if len(places) == 1 and product.pk not in places and len(offers) == len(ids):
            return Product.objects.get(pk=places.pop())
        if not ids or places != {product.pk} or len(offers) < len(ids):
            raise CatalogError("Somebody else moved or removed one of these offers. Look again.")
        if product.offers.count() == len(ids):
            raise CatalogError("Leave one offer at least: all of them are this product.")
        with revising([product.pk], "offers"):
            made = _create_from(offers[0], product)
            _move(product.offers.filter(pk__in=ids), product, made)
        record(Kind.PRODUCT_SPLIT, f"product:{product.pk}", after={"made": made.pk, "offers": len(ids)})
        return made


def _lock(product: Product) -> Product:
    return Product.objects.select_for_update(no_key=True).get(pk=product.pk)


def _lock_two(product: Product, into: Product) -> tuple[Product, Product]:
    if product.pk == into.pk:
        raise CatalogError("Choose another product than this one.")
    rows = Product.objects.filter(pk__in=[product.pk, into.pk]).order_by("pk").select_for_update(no_key=True)
    found = {row.pk: row for row in rows}
    if len(found) < 2:
        raise CatalogError("This product does not exist any more.")
    if found[into.pk].status == Product.Status.TRASHED:
        raise CatalogError(f"“{found[into.pk]}” is in the trash. Choose another product.")
    return found[product.pk], found[into.pk]


def _move(offers: QuerySet[Offer], product: Product, into: Product) -> int:
    """Move offers between locked products. Who has one of the two open in an editor is told."""
    ids = lock(offers)
    count = Offer.objects.filter(pk__any=ids).update(product=into, is_main=False)
    before, after = {"product": product.pk}, {"product": into.pk}
    record(Kind.OFFER_MOVED, keys("offer", ids), before=before, after=after)
    hand_over_clicks(DailyClicks.objects.filter(offer__any=ids), product=into)
    Product.objects.filter(pk__in=[product.pk, into.pk]).update(updated_at=timezone.now())
    refresh_prices([product.pk, into.pk])
    return count


def _hand_over(product: Product, into: Product) -> None:
    """Let everything that finds a product find another one: addresses, joined products, the EAN."""
    hand_over_clicks(product.clicks.all(), product=into)  # of offers that are deleted
    hand_over_addresses(product, to=into)
    hand_over_alerts(product, to=into)
    product.joined_from.update(joined_into=into)
    Product.objects.filter(pk=product.pk).update(joined_into=into)
    if product.gtin and not into.gtin:
        # The EAN is unique: first one gives it, then the other takes it.
        Product.objects.filter(pk=product.pk).update(gtin="")
        Product.objects.filter(pk=into.pk).update(gtin=product.gtin)


def _create_from(offer: Offer, product: Product) -> Product:
    """Make a draft of what is known of an offer: its item, else what the product took over from it."""
    item = find_item(offer.source_key) or _as_imported(offer, product)
    texts = {"title": item.title, "description": item.description, "brand": item.brand}
    made = create_product(
        title=item.title,
        description=item.description,
        attributes=item.attributes,
        imported=texts | dict(item.said) | {"source_key": offer.source_key},
        brand_id=get_brand_ids([item.brand]).get(item.brand.lower()),
    )
    _add_pictures(made, item.image_urls, links=item.links_pictures)
    return made


def _as_imported(offer: Offer, product: Product) -> SourceItem:
    feed = product.imported if product.imported.get("source_key") == offer.source_key else {}
    return SourceItem(
        title=feed.get("title") or offer.title or product.title,
        description=feed.get("description", ""),
        brand=feed.get("brand", ""),
    )


def _add_pictures(product: Product, urls: Collection[str], *, links: bool) -> None:
    state = ProductImage.State.LINKED if links else ProductImage.State.WAITING
    ProductImage.objects.bulk_create(
        ProductImage(product=product, source_url=url, host=host_of(url), state=state, position=position)
        for position, url in enumerate(urls)
    )
