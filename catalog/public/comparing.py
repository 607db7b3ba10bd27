"""Products side by side: which, and what is said of each. The address names them, so nothing is stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from catalog.lib.attributes import read_details
from catalog.models import Product
from catalog.public.listing import published_products
from catalog.queries.pictures import Pictures

MOST = 4


@dataclass(frozen=True, slots=True)
class Line:
    """A property and what each product says of it; "" where it says nothing."""

    label: str
    values: list[str]

    @property
    def differs(self) -> bool:
        return len(set(self.values)) > 1


def read_ids(values: Sequence[str]) -> list[int]:
    """Return the ids that an address names, each once, at most `MOST`; what is none is left out."""
    found = (int(value) for value in values[: 10 * MOST] if value.isdecimal() and len(value) < 16)
    return list(dict.fromkeys(found))[:MOST]


def read_products(ids: Sequence[int]) -> list[Product]:
    """Return the published ones of these products in this order, with brand and first picture."""
    products = (
        published_products().filter(pk__in=ids).select_related("brand").defer("description", "imported")
    )
    by_id = {product.pk: product for product in products.annotate(pictures=Pictures(1))}
    return [by_id[pk] for pk in ids if pk in by_id]


def compare_details(products: Sequence[Product], choices: Mapping[str, dict[str, Any]]) -> list[Line]:
    """Return a line for each property that one of the products has, in the order of product pages."""
    details = [read_details(product.attributes, choices) for product in products]
    labels = {key: label for of in details for key, (label, _) in of.items()}
    return [Line(label, [of[key][1] if key in of else "" for of in details]) for key, label in labels.items()]


def propose(products: Sequence[Product], limit: int) -> list[Product]:
    """Return the newest products of a category of these that can be had, to be compared with them, too."""
    categories = sorted({pk for product in products for pk in product.category_ids})
    if not categories:
        return []
    others = published_products().filter(Q(category_ids__overlap=categories), is_available=True)
    others = others.exclude(pk__in=[product.pk for product in products])
    return list(others.only("title", "slug").order_by("-published_at", "-id")[:limit])
