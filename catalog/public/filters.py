"""What a visitor narrows a list by. All of it stands in the address, to be shared and gone back to."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from functools import cached_property

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from catalog.lib.facets import token
from catalog.models import Brand, Category, Product, Shop
from catalog.models.reduction import reduced_at
from catalog.public.category_tree import CategoryTree

MAX_VALUES = 20
MAX_PRICE = Decimal(10) ** 12


@dataclass(frozen=True)
class Filters:
    """The filters of an address, as slugs and numbers; several brands or shops mean any of them.

    Whatever an address says that is no filter is left out.
    """

    category: str = ""
    brands: tuple[str, ...] = ()
    shops: tuple[str, ...] = ()
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    available: bool = False
    reduced: bool = False
    properties: tuple[tuple[str, str], ...] = ()  # (key, slug); several of a key mean any of them

    @classmethod
    def of(cls, parameters: MultiValueDict) -> "Filters":
        return cls(
            category=next(iter(_slugs(parameters, "category")), ""),
            brands=_slugs(parameters, "brand"),
            shops=_slugs(parameters, "shop"),
            minimum=_price(parameters.get("min", "")),
            maximum=_price(parameters.get("max", "")),
            available=parameters.get("available") == "1",
            reduced=parameters.get("reduced") == "1",
            properties=_properties(parameters),
        )

    def __bool__(self) -> bool:
        return self != Filters()

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """Return the filters as they stand in an address, always in the same order."""
        found = [("category", self.category)] if self.category else []
        found += [("brand", slug) for slug in self.brands] + [("shop", slug) for slug in self.shops]
        limits = (("min", self.minimum), ("max", self.maximum))
        found += [(name, f"{price:f}") for name, price in limits if price is not None]
        found += [(name, "1") for name in ("available", "reduced") if getattr(self, name)]
        found += [("property", f"{key}.{slug}") for key, slug in self.properties]
        return found

    def only_keys(self, keys: Collection[str]) -> "Filters":
        """Return the filters without properties that the page does not offer."""
        return replace(self, properties=tuple(each for each in self.properties if each[0] in keys))

    def with_property(self, key: str, slug: str) -> "Filters":
        """Return the filters with one value of a property added, or taken away where it is there."""
        chosen = key, slug
        left = tuple(each for each in self.properties if each != chosen)
        return replace(self, properties=left if chosen in self.properties else (*left, chosen))

    def toggled(self, name: str, slug: str) -> "Filters":
        """Return the filters with one value of `brands` or `shops` added, or taken away where it is there."""
        values = getattr(self, name)
        values = tuple(each for each in values if each != slug) if slug in values else (*values, slug)
        return replace(self, **{name: values})

    def without(self, *names: str) -> "Filters":
        return replace(self, **{name: getattr(Filters, name) for name in names})

    @cached_property
    def chosen_brands(self) -> list[Brand]:
        return list(Brand.objects.filter(slug__in=self.brands)) if self.brands else []

    @cached_property
    def chosen_shops(self) -> list[Shop]:
        return list(Shop.objects.filter(slug__in=self.shops)) if self.shops else []

    def apply(
        self, products: QuerySet[Product], tree: CategoryTree, currency: str, *, but: str = ""
    ) -> QuerySet[Product]:
        """Narrow products by all filters but the one named `but`. Prices are in the site's `currency`."""
        if self.category and but != "category":
            category = tree.find(self.category)
            products = in_subtree(products, tree, category) if category else products.none()
        if self.brands and but != "brands":
            products = products.filter(brand__in=self.chosen_brands)
        if self.shops and but != "shops":
            products = products.filter(shop_ids__overlap=[shop.pk for shop in self.chosen_shops])
        if self.minimum is not None:
            products = products.filter(currency=currency, lowest_price__gte=self.minimum)
        if self.maximum is not None:
            products = products.filter(currency=currency, lowest_price__lte=self.maximum)
        if self.available and but != "available":
            products = products.filter(is_available=True)
        if self.reduced and but != "reduced":
            products = products.filter(reduced_at(timezone.now()))
        for key in dict.fromkeys(key for key, _ in self.properties):
            if but != f"property {key}":
                wanted = [token(key, slug) for each, slug in self.properties if each == key]
                # Said again, so that PostgreSQL can use the index of those that have some.
                products = products.filter(facet_values__overlap=wanted).exclude(facet_values=[])
        return products


def in_subtree(products: QuerySet[Product], tree: CategoryTree, category: Category) -> QuerySet[Product]:
    """Return those of the products that are in a category or in one below it."""
    return products.filter(category_ids__overlap=[each.pk for each in tree.subtree(category)])


def _slugs(parameters: MultiValueDict, name: str) -> tuple[str, ...]:
    values = (value.replace("\0", "")[:140] for value in parameters.getlist(name)[:MAX_VALUES])
    return tuple(dict.fromkeys(filter(None, values)))


def _properties(parameters: MultiValueDict) -> tuple[tuple[str, str], ...]:
    values = (value.replace("\0", "")[:250].rpartition(".") for value in parameters.getlist("property"))
    found = dict.fromkeys((key, slug) for key, _, slug in values if key and slug)
    return tuple(found)[:MAX_VALUES]


def _price(text: str) -> Decimal | None:
    """Return what was typed as a price, "12,50" too; None where it is none."""
    try:
        price = Decimal(text.strip()[:20].replace(",", "."))
    except InvalidOperation:
        return None
    return round(price, 2) if price.is_finite() and 0 <= price < MAX_PRICE else None
