"""What the keys of sums are called."""

from collections.abc import Callable, Sequence

from django.db.models import Value
from django.db.models.functions import Concat

from catalog.models import Category, Offer, Place, Product, Shop
from importer.models import ImportRun, Program, SavedSearch
from importer.networks import NETWORKS
from sales.models import Dimension, MatchRule

# What stands where a sale has no key.
NOBODY = {
    Dimension.SHOP: "Shop not known",
    Dimension.PROGRAM: "Program not known",
    Dimension.CATEGORY: "Without a category",
    Dimension.PLACE: "Not known",
    Dimension.TEXT: "All texts",
    Dimension.RUN: "Not from an import that is remembered",
    Dimension.SAVED_SEARCH: "Not from a saved search",
    Dimension.RULE: "Without a rule",
}


def name_keys(dimension: str, keys: Sequence[str]) -> dict[str, str]:
    """Return the names of keys of a dimension; one query. What is deleted has its number for a name."""
    dimension = Dimension(dimension)
    wanted = [key for key in keys if key not in ("", "0")]
    named = _NAMERS[dimension](wanted) if wanted else {}
    nobody = NOBODY.get(dimension, "Not known")
    return {key: named.get(key, f"Deleted ({key})") if key in wanted else nobody for key in keys}


def _networks(keys: Sequence[str]) -> dict[str, str]:
    return {key: NETWORKS[key].label if key in NETWORKS else key for key in keys}


def _programs(keys: Sequence[str]) -> dict[str, str]:
    key = Concat("account__network", Value(":"), "external_id")
    found = Program.objects.annotate(key=key).filter(key__in=keys).order_by("pk")
    named = dict(found.values_list("key", "name"))
    return {key: named.get(key) or f"Program {key.partition(':')[2] or 'not known'}" for key in keys}


def _places(keys: Sequence[str]) -> dict[str, str]:
    return {key: str(Place(key).label) if key in Place.values else key for key in keys}


def _offers(keys: Sequence[str]) -> dict[str, str]:
    found = Offer.objects.filter(pk__in=keys).values_list("pk", "shop__name", "product__title")
    return {str(pk): f"{shop}: {title}" for pk, shop, title in found}


def _runs(keys: Sequence[str]) -> dict[str, str]:
    return {str(run.pk): str(run) for run in ImportRun.objects.filter(pk__in=keys)}


def _rules(keys: Sequence[str]) -> dict[str, str]:
    rules = MatchRule.objects.filter(pk__in=keys).select_related("product")
    return {str(rule.pk): rule.target or rule.pattern for rule in rules}


def _by_name(model: type, field: str = "name") -> Callable[[Sequence[str]], dict[str, str]]:
    def names(keys: Sequence[str]) -> dict[str, str]:
        found = model.objects.filter(pk__in=keys).values_list("pk", field)  # type: ignore[attr-defined]
        return {str(pk): name for pk, name in found}

    return names


_NAMERS: dict[Dimension, Callable[[Sequence[str]], dict[str, str]]] = {
    Dimension.ALL: lambda keys: {},
    Dimension.NETWORK: _networks,
    Dimension.PROGRAM: _programs,
    Dimension.SHOP: _by_name(Shop),
    Dimension.CATEGORY: _by_name(Category),
    Dimension.PRODUCT: _by_name(Product, "title"),
    Dimension.OFFER: _offers,
    Dimension.PLACE: _places,
    Dimension.TEXT: lambda keys: {},
    Dimension.RUN: _runs,
    Dimension.SAVED_SEARCH: _by_name(SavedSearch),
    Dimension.RULE: _rules,
}
