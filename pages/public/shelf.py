"""What the blocks of a text show: read with a handful of queries, however many blocks there are."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from django.db.models import F, IntegerField, QuerySet, Value
from django.db.models.functions import Extract
from django.utils import timezone

from catalog.lib.attribute_names import split_name
from catalog.lib.attributes import read_details
from catalog.models import Category, Offer, Product, SiteSettings, leading
from catalog.models.reduction import reduced_at
from catalog.public.category_tree import CategoryTree
from catalog.public.filters import Filters
from catalog.public.listing import published_products, with_card
from catalog.site.buttons import Buttons
from pages.lib.blocks import MAX_BLOCKS, MAX_LISTS, Block, read_price
from pages.queries.catalogue import Lookup, look_up


@dataclass(slots=True)
class Box:
    """A product as blocks show it. `offer` leads it, None where it cannot be had; `button` is its words."""

    product: Product
    offer: Offer | None
    button: str

    @property
    def price(self) -> Decimal | None:
        """What it costs, as every card says it: None where it cannot be had or was not checked in time."""
        return self.product.lowest_price if self.product.is_available else None


class Shelf:
    """All that the blocks of one text show; `blocks` may be any number, the queries are seven at most."""

    def __init__(
        self, blocks: Collection[Block], site: SiteSettings, tree: CategoryTree, buttons: Buttons
    ) -> None:
        self._site, self._tree, self._buttons = site, tree, buttons
        blocks = [block for block in blocks if not block.fault][:MAX_BLOCKS]
        self.lookup: Lookup = look_up(blocks, tree.categories)
        self._lists = self._fill([block for block in blocks if block.is_live][:MAX_LISTS])
        picked = {self._shown(pk) for block in blocks for pk in block.ids}
        listed = {pk for pks in self._lists.values() for pk in pks}
        ids = [pk for pk in picked | listed if pk is not None]
        has_table = any(block.kind == "compare" for block in blocks)
        self._boxes = self._read(ids, with_attributes=has_table) if ids else {}

    def boxes(self, block: Block) -> list[Box]:
        """Return what a block shows, in order; products that visitors do not see are left out."""
        ids = self._lists.get(block.source, []) if block.is_live else map(self._shown, block.ids)
        return [self._boxes[pk] for pk in dict.fromkeys(ids) if pk in self._boxes]

    def details(self, block: Block, boxes: Collection[Box]) -> list[tuple[str, list[str]]]:
        """Return the rows of a table: what a property is called, and what each product says of it.

        The properties that the block names, in its order; else all that more than one product has.
        """
        chosen = [split_name(name)[0] for name in block.attributes]
        read = [read_details(box.product.attributes, self._site.attributes, also=chosen) for box in boxes]
        keys = chosen or list(dict.fromkeys(key for details in read for key in details))
        rows = []
        for key in keys:
            found = [details.get(key) for details in read]
            said = [each for each in found if each]
            if len(said) > (0 if chosen else 1):
                rows.append((said[0][0], [each[1] if each else "" for each in found]))
        return rows

    def _shown(self, pk: int) -> int | None:
        product = self.lookup.products.get(pk)
        return product.stands_for if product else None

    def _fill(self, blocks: Collection[Block]) -> dict[str, list[int]]:
        """Return the products of each list, by its source; one query for all lists."""
        by_source = {block.source: block for block in blocks}
        queries, sources = [], list(by_source)
        for number, source in enumerate(sources):
            products = self._products_of(by_source[source])
            if products is not None:
                place = Value(number, output_field=IntegerField())
                queries.append(products.annotate(place=place).values_list("place", "pk", "rank"))
        if not queries:
            return {}
        rows = queries[0].union(*queries[1:], all=True) if len(queries) > 1 else queries[0]
        found: dict[str, list[int]] = {}
        # A union promises no order: each list is sorted once more by what it was cut by.
        for number, listed in groupby(sorted(rows, key=lambda row: row[0]), key=lambda row: row[0]):
            turned = 1 if by_source[sources[number]].sort == "price" else -1
            ordered = sorted(listed, key=lambda row: (turned * row[2], -row[1]))
            found[sources[number]] = [pk for _, pk, *_ in ordered]
        return found

    def _products_of(self, block: Block) -> QuerySet[Product] | None:
        """Return the best of a list, with the number that it is sorted by (`rank`); None: it names nothing.

        What cannot be had is in no list, and prices are in the site's currency: others cannot be compared.
        """
        options, products = block.options, published_products().filter(is_available=True)
        limits = {name: read_price(options[name]) for name in ("min", "max") if name in options}
        filters = Filters(minimum=limits.get("min"), maximum=limits.get("max"))
        if "category" in options:
            ids = self.lookup.categories.get(options["category"].casefold(), [])
            categories = [each for each in self._tree.categories if each.pk in ids[:1]]
            if not categories:
                return None
            products = products.filter(category_ids__overlap=_below(self._tree, categories))
        if "brand" in options:
            brand = self.lookup.brands.get(options["brand"].casefold())
            if brand is None:
                return None
            products = products.filter(brand=brand)
        products = filters.apply(products, self._tree, self._site.currency)
        if block.sort == "newest":
            newest = products.annotate(rank=Extract("published_at", "epoch"))
            return newest.order_by("-published_at", "-pk")[: block.count]
        if block.sort == "reduced":
            reduced = products.filter(reduced_at(timezone.now())).annotate(rank=F("reduced_percent"))
            return reduced.order_by("-rank", "-pk")[: block.count]
        priced = products.filter(currency=self._site.currency, lowest_price__isnull=False)
        order = F("lowest_price").asc() if block.sort == "price" else F("lowest_price").desc()
        return priced.annotate(rank=F("lowest_price")).order_by(order, "-pk")[: block.count]

    def _read(self, ids: Collection[int], *, with_attributes: bool) -> dict[int, Box]:
        products = with_card(published_products().filter(pk__any=list(ids)).order_by())
        if with_attributes:
            products = products.defer(None).defer("description", "imported", "search")
        offers = Offer.objects.filter(product_id__any=list(ids)).best_first(self._site.currency)
        by_product = {
            pk: list(found)
            for pk, found in groupby(offers.select_related("shop"), key=lambda offer: offer.product_id)
        }
        return {product.pk: self._box(product, by_product.get(product.pk, [])) for product in products}

    def _box(self, product: Product, offers: list[Offer]) -> Box:
        lead = leading(offers)
        if lead is None or lead.gone:
            return Box(product, None, "")
        return Box(product, lead, self._buttons.text("long", lead.source, lead.shop.name))


def _below(tree: CategoryTree, categories: Iterable[Category]) -> list[int]:
    return [each.pk for category in categories for each in tree.subtree(category)]
