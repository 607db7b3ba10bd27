"""The catalogue's writes. Verb first, safe to repeat, and the only doors to a product's status and prices."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Case, Count, F, IntegerField, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.text import slugify

from catalog.models import Brand, Category, Offer, Product
from catalog.site import get_settings

Ids = Iterable[int] | QuerySet[Product]


def refresh_prices(product_ids: Ids) -> int:
    """Recompute `lowest_price`, `currency` and `offer_count` of these products, in one UPDATE.

    The best offer has the site's currency, then is in stock (yes, unknown, no), then is the cheapest.
    Returns how many products there were.
    """
    stock = Case(
        When(in_stock=True, then=Value(0)),
        When(in_stock=None, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    foreign = Case(
        When(currency=get_settings().currency, then=Value(0)), default=Value(1), output_field=IntegerField()
    )
    offers = Offer.objects.filter(product=OuterRef("pk")).order_by()
    best = offers.order_by(foreign, stock, "price", "id")
    count = offers.values("product").annotate(count=Count("pk")).values("count")
    return Product.objects.filter(pk__in=_ids(product_ids)).update(
        lowest_price=Subquery(best.values("price")[:1]),
        currency=Coalesce(Subquery(best.values("currency")[:1]), Value("")),
        offer_count=Coalesce(Subquery(count), Value(0)),
    )


def publish(products: Ids) -> int:
    """Publish these products; return how many were not published before. `published_at` is set once."""
    now = timezone.now()
    return (
        Product.objects.filter(pk__in=_ids(products))
        .exclude(status=Product.Status.PUBLISHED)
        .update(
            status=Product.Status.PUBLISHED,
            published_at=Coalesce(F("published_at"), Value(now)),
            updated_at=now,
        )
    )


def unpublish(products: Ids) -> int:
    """Make drafts of published products; return how many. Trashed ones stay in the trash."""
    return _move(products, Product.Status.DRAFT, came_from=[Product.Status.PUBLISHED])


def trash(products: Ids) -> int:
    """Put products into the trash; return how many. The rows stay, so that no import brings them back."""
    return _move(products, Product.Status.TRASHED, came_from=[Product.Status.DRAFT, Product.Status.PUBLISHED])


def restore(products: Ids) -> int:
    """Take products out of the trash, as drafts; return how many."""
    return _move(products, Product.Status.DRAFT, came_from=[Product.Status.TRASHED])


def delete_permanently(products: Ids) -> int:
    """Delete those of the products that are in the trash; return how many."""
    _, counts = Product.objects.filter(pk__in=_ids(products), status=Product.Status.TRASHED).delete()
    return counts.get("catalog.Product", 0)


def unique_slug(title: str, *, model: type = Product, taken: Iterable[str] = ()) -> str:
    """Return a free slug of at most 140 characters made from `title` ("red-shoe", "red-shoe-2", ...).

    `taken` are slugs that are promised already but not saved.
    """
    base = slugify(title)[:130].strip("-") or model._meta.model_name
    used = set(taken) | set(
        model.objects.filter(slug__startswith=base, slug__regex=rf"^{base}(-\d+)?$").values_list(
            "slug", flat=True
        )
    )
    if base not in used:
        return base
    number = 2
    while f"{base}-{number}" in used:
        number += 1
    return f"{base}-{number}"


def set_categories(products: Ids, *, categories: Iterable[Category], replace: bool = True) -> None:
    """Give products exactly these categories, or add them where `replace` is off."""
    ids = _ids(products)
    through = Product.categories.through
    categories = list(categories)
    with transaction.atomic():
        if replace:
            through.objects.filter(product_id__in=ids).exclude(category__in=categories).delete()
        through.objects.bulk_create(
            [
                through(product_id=pk, category_id=category.pk)
                for pk in Product.objects.filter(pk__in=ids).values_list("pk", flat=True)
                for category in categories
            ],
            ignore_conflicts=True,
            batch_size=5_000,
        )


def get_or_create_category(name: str, *, parent: Category | None = None) -> Category:
    """Return the category of this name below `parent`, whatever its case; make it where there is none."""
    return _get_or_create(Category, name.strip()[:120], parent=parent)


def get_or_create_brand(name: str) -> Brand:
    """Return the brand of this name, whatever its case; make it where there is none."""
    return _get_or_create(Brand, name.strip()[:120])


def _get_or_create(model: type, name: str, **where):
    found = model.objects.filter(name__iexact=name, **where).first()
    return found or model.objects.create(name=name, slug=unique_slug(name, model=model), **where)


def _move(products: Ids, status: str, *, came_from: list[str]) -> int:
    return Product.objects.filter(pk__in=_ids(products), status__in=came_from).update(
        status=status, updated_at=timezone.now()
    )


def _ids(products: Ids):
    if isinstance(products, QuerySet):
        return products.order_by().values("pk")
    return [product.pk if isinstance(product, Product) else product for product in products]
