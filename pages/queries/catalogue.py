"""What blocks name, looked up in the catalogue: each question once, for any number of blocks."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db.models import Q
from django.db.models.functions import Lower

from catalog.models import Brand, BrandAlias, Category, CategoryRedirect, Product
from pages.lib.blocks import MAX_BLOCKS, MAX_LISTS, Block

PROPOSED = 4


class Named(NamedTuple):
    """A product as a block names it: `stands_for` is the one to show, None where there is none."""

    title: str
    status: str
    stands_for: int | None


@dataclass(slots=True)
class Lookup:
    """The products, brands and categories that blocks name, by number and by what is written of them."""

    products: dict[int, Named] = field(default_factory=dict)
    brands: dict[str, int] = field(default_factory=dict)
    categories: dict[str, list[int]] = field(default_factory=dict)

    def problem_of(self, block: Block) -> str:
        """Return in words why a block, or a part of it, shows nothing; "" where all of it can be shown."""
        if block.fault:
            return f"{block.source}: {block.fault}. Text in brackets needs a blank behind the first one."
        found = [text for pk in block.ids if (text := self._problem_of_product(pk))]
        brand, category = (block.options.get(name, "") for name in ("brand", "category"))
        if brand and brand.casefold() not in self.brands:
            found.append(f"there is no brand “{brand}”")
        if category:
            ids = self.categories.get(category.casefold(), [])
            if not ids:
                found.append(f"there is no category “{category}”")
            elif len(ids) > 1:
                found.append(f"several categories are called “{category}”: write the end of its address")
        return f"{block.source}: {', '.join(found)}." if found else ""

    def _problem_of_product(self, pk: int) -> str:
        product = self.products.get(pk)
        if product is None:
            return f"there is no product {pk}"
        if product.status == Product.Status.TRASHED and product.stands_for is None:
            return f"product {pk} (“{product.title[:60]}”) is in the trash"
        return ""


def look_up(blocks: Collection[Block], categories: Iterable[Category]) -> Lookup:
    """Look up what blocks name, with four queries at most (two where nothing was merged).

    `categories` are all there are.
    """
    written = {
        name: {text for block in blocks if (text := block.options.get(name, "")[:140].casefold())}
        for name in ("brand", "category")
    }
    return Lookup(
        products=_find_products({pk for block in blocks for pk in block.ids}),
        brands=_find_brands(written["brand"]),
        categories=_find_categories(written["category"], categories),
    )


def propose_lists(text: str, categories: Iterable[Category]) -> list[tuple[str, str]]:
    """Return the categories and brands whose names have all words of `text`: each name, and its list."""
    words = text.replace("\0", "").casefold().split()[:10]
    if not words:
        return []
    named = [each for each in categories if all(word in each.name.casefold() for word in words)]
    brands = Brand.objects.all()
    for word in words:
        brands = brands.filter(name__icontains=word)
    found = [(each.name, f"[top category={each.slug} count=5]") for each in named[:PROPOSED]]
    return found + [(each.name, f"[top brand={each.slug} count=5]") for each in brands[:PROPOSED]]


def find_problems(blocks: Collection[Block], categories: Iterable[Category]) -> dict[str, str]:
    """Return what is wrong with blocks, by their sources."""
    lookup = look_up(blocks, categories)
    found = {block.source: text for block in blocks if (text := lookup.problem_of(block))}
    if len(blocks) > MAX_BLOCKS:
        found["too many"] = f"A text has {MAX_BLOCKS} blocks at most, and this one has {len(blocks)}."
    elif sum(block.is_live for block in blocks) > MAX_LISTS:
        found["too many"] = f"A text has {MAX_LISTS} lists from the catalogue at most."
    return found


def _find_products(ids: Collection[int]) -> dict[int, Named]:
    if not ids:
        return {}
    rows = Product.objects.filter(pk__any=list(ids)).order_by()
    names = ("pk", "title", "status", "joined_into", "joined_into__status", "joined_into__joined_into")
    return {
        pk: Named(title, status, _stands_for(pk, status, into, into_status, further))
        for pk, title, status, into, into_status, further in rows.values_list(*names)
    }


def _stands_for(pk: int, status: str, into: int | None, into_status: str | None, further: int | None):
    """A product that became part of another is shown as that one."""
    if status != Product.Status.TRASHED:
        return pk
    return further if into_status == Product.Status.TRASHED and further else into


def _find_brands(written: Collection[str]) -> dict[str, int]:
    if not written:
        return {}
    found: dict[str, int] = {}
    for model, key in ((Brand, "pk"), (BrandAlias, "brand_id")):  # a brand that is there goes before
        if missing := [text for text in written if text not in found]:
            rows = model.objects.annotate(lower=Lower("name")).order_by()
            rows = rows.filter(Q(slug__in=missing) | Q(lower__in=missing))
            for pk, slug, lower in rows.values_list(key, "slug", "lower"):
                found |= {text: pk for text in (slug, lower) if text in missing}
    return found


def _find_categories(written: Collection[str], categories: Iterable[Category]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {text: [] for text in written}
    if not written:
        return found
    by_slug: Mapping[str, int] = {category.slug: category.pk for category in categories}
    for category in categories:
        if category.name.casefold() in written:
            found[category.name.casefold()].append(category.pk)
    found |= {text: [by_slug[text]] for text in written if text in by_slug}
    if missing := [text for text, ids in found.items() if not ids]:
        moved = CategoryRedirect.objects.filter(slug__in=missing)
        found |= {slug: [pk] for slug, pk in moved.values_list("slug", "category_id")}
    return found
