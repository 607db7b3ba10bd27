"""How many products each filter would leave.

Counting 100,000 products takes PostgreSQL longer than all the rest of the page. So at most `SAMPLE` of them
are looked at: those whose ids have the smallest hashes, which is a fair sample, and in the order of an index.
Where there are fewer, the numbers are exact. Where there are more, the largest hash in the sample tells how
many there are in all (Bar-Yossef et al., "Counting distinct elements in a data stream", 2002): 1,000 hashes
that reach a tenth of the way stand for 10,000 products, give or take 3 %.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import F, Func, IntegerField, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.lib.facets import token
from catalog.models import Brand, FacetValue, Product, Shop
from catalog.models.reduction import is_reduced_at
from catalog.public.category_tree import CategoryTree
from catalog.public.filters import Filters

SAMPLE = 1_000
MAX_CHOICES = 10
HASHES = 2**32  # PostgreSQL's hashint8 has 32 bits, half of them negative


@dataclass(frozen=True, slots=True)
class Choice:
    """One filter: `query` switches it on, or off where it is `chosen`. `count` may be about (see Sample)."""

    label: str
    count: int
    query: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Facet:
    """The choices of one kind, the most frequent first."""

    name: str
    label: str
    choices: list[Choice]
    about: bool


class Sample:
    """A fair sample of products, with what is filtered by. `about`: there are more than were looked at."""

    def __init__(self, products: QuerySet[Product], *columns: str) -> None:
        rows = (
            products.annotate(hash=Func(F("pk"), function="hashint8", output_field=IntegerField()))
            .order_by("hash")
            .values_list(
                *("hash", "brand_id", "shop_ids", "is_available", "reduced_until", "category_ids"),
                *columns,
                named=True,
            )
        )
        self.rows: list[Any] = list(rows[: SAMPLE + 1])
        self.about = len(self.rows) > SAMPLE
        self.scale = 1.0
        if self.about:
            reach = self.rows.pop().hash + HASHES // 2
            self.scale = HASHES / max(reach, 1)

    def count(self, value_of: Callable[[Any], Iterable[Any]]) -> Counter:
        """Return how many products have each value, the most frequent first."""
        counted = Counter(value for row in self.rows for value in value_of(row))
        return Counter({value: self._scaled(count) for value, count in counted.most_common()})

    @property
    def total(self) -> int:
        return self._scaled(len(self.rows))

    def _scaled(self, count: int) -> int:
        """Return the number for all products; two digits of it are true where it is about."""
        if not self.about:
            return count
        number = round(count * self.scale)
        unit = 10 ** max(len(str(number)) - 2, 0)
        return round(number / unit) * unit


@dataclass(frozen=True, slots=True)
class FacetSource:
    """Where facets come from: the unfiltered products of a page, its filters, and how it writes addresses."""

    products: QuerySet[Product]
    filters: Filters
    tree: CategoryTree
    currency: str
    write: Callable[[Filters], str]
    properties: Mapping[str, str] = field(default_factory=dict)  # that are filters here: key -> label

    def list_facets(self, *, leave_out: str = "") -> list[Facet]:
        """Return the facets that have something to choose; `leave_out` is what the page itself is about.

        Each is counted over what the other filters leave: one query, and one more per kind that is in use.
        """
        common = self._sample()
        makers = {
            "category": self._categories,
            "brands": self._brands,
            "shops": self._shops,
            "offer": self._switches,
        }
        facets = [
            make(self._sample(but=name) if getattr(self.filters, name, None) else common)
            for name, make in makers.items()
            if name != leave_out
        ]
        facets += self._properties(common)
        return [facet for facet in facets if facet.choices]

    def _sample(self, but: str = "") -> Sample:
        columns = ["facet_values"] if self.properties else []
        return Sample(self.filters.apply(self.products, self.tree, self.currency, but=but), *columns)

    def _properties(self, common: Sample) -> list[Facet]:
        """Return the facets of properties: of each the values chosen, then the most frequent."""
        chosen = {
            key: [slug for each, slug in self.filters.properties if each == key] for key in self.properties
        }
        samples = {key: self._sample(f"property {key}") if slugs else common for key, slugs in chosen.items()}
        counts: dict[str, Counter] = {}
        for key, sample in samples.items():
            prefix = token(key, "")
            found = sample.count(
                lambda row, prefix=prefix: [
                    value.removeprefix(prefix) for value in row.facet_values if value.startswith(prefix)
                ]
            )
            slugs = list(dict.fromkeys([*chosen[key], *found]))[: max(MAX_CHOICES, len(chosen[key]))]
            counts[key] = Counter({slug: found[slug] for slug in slugs})
        wanted = Q()
        for key, of in counts.items():
            wanted |= Q(key=key, slug__in=list(of))
        labels = {}
        if any(counts.values()) or self.filters.properties:
            labels = {(each.key, each.slug): each.label for each in FacetValue.objects.filter(wanted)}
        facets = []
        for number, (key, of) in enumerate(counts.items()):
            choices = [
                Choice(
                    labels[key, slug],
                    count,
                    self.write(self.filters.with_property(key, slug)),
                    slug in chosen[key],
                )
                for slug, count in of.items()
                if (key, slug) in labels
            ]
            narrows = len(choices) > 1 or chosen[key]
            facets.append(
                Facet(
                    f"property-{number}", self.properties[key], choices if narrows else [], samples[key].about
                )
            )
        return facets

    def _categories(self, sample: Sample) -> Facet:
        above = {
            category.pk: {each.pk for each in self.tree.path(category)} for category in self.tree.categories
        }
        counts = sample.count(lambda row: set().union(*(above.get(pk, ()) for pk in row.category_ids)))
        chosen = self.tree.find(self.filters.category) if self.filters.category else None
        choices = []
        if chosen:
            query = self.write(self.filters.without("category"))
            choices.append(Choice(chosen.name, counts[chosen.pk], query, chosen=True))
        choices += [
            Choice(each.name, counts[each.pk], self.write(replace(self.filters, category=each.slug)))
            for each in self.tree.children(chosen)
            if counts[each.pk]
        ]
        return Facet("category", _("Category"), choices, sample.about)

    def _brands(self, sample: Sample) -> Facet:
        counts = sample.count(lambda row: [row.brand_id] if row.brand_id else [])
        return self._named("brands", _("Brand"), Brand, counts, self.filters.chosen_brands, sample.about)

    def _shops(self, sample: Sample) -> Facet:
        counts = sample.count(lambda row: row.shop_ids)
        return self._named("shops", _("Shop"), Shop, counts, self.filters.chosen_shops, sample.about)

    def _named(
        self, name: str, label: str, model: type, counts: Counter, chosen: list[Any], about: bool
    ) -> Facet:
        """Return the facet of a kind that has many values: those chosen, then the most frequent."""
        first = [each.pk for each in chosen]
        ids = list(dict.fromkeys([*first, *counts]))[: max(MAX_CHOICES, len(first))]
        known = model.objects.only("name", "slug").in_bulk(ids)
        choices = [
            Choice(
                label=known[pk].name,
                count=counts[pk],
                query=self.write(self.filters.toggled(name, known[pk].slug)),
                chosen=pk in first,
            )
            for pk in ids
            if pk in known
        ]
        # One that all products share narrows nothing.
        return Facet(name, label, choices if len(choices) > 1 or first else [], about)

    def _switches(self, sample: Sample) -> Facet:
        now = timezone.now()
        counts = {
            "available": sample.count(lambda row: [row.is_available])[True],
            "reduced": sample.count(lambda row: [is_reduced_at(row, now)])[True],
        }
        labels = {"available": _("Available now"), "reduced": _("Price reduced")}
        choices = []
        for name, label in labels.items():
            chosen = getattr(self.filters, name)
            query = self.write(replace(self.filters, **{name: not chosen}))
            if chosen or counts[name]:
                choices.append(Choice(label, counts[name], query, chosen))
        return Facet("offer", _("Offer"), choices, sample.about)
