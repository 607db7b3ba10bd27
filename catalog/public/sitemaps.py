"""The sitemap: every page worth finding, with the date it last changed, in files of at most 50,000 addresses.

A file holds the rows whose ids lie in one range of 50,000. So a file stays the same file as the catalogue
grows, needs no counting, and is read in steps along the primary key: memory does not depend on its size.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from xml.sax.saxutils import escape

from django.db.models import (
    BooleanField,
    Case,
    DateTimeField,
    Exists,
    Expression,
    F,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Greatest
from django.urls import reverse

from catalog.models import Brand, Category, Offer, Product, ProductImage, Shop
from catalog.public.listing import published_products
from catalog.public.structured_data import absolute
from catalog.queries.pictures import Pictures
from catalog.site.settings import get_settings

FILE_SIZE = 50_000  # sitemaps.org: at most, and 50 MB
MAX_FILES = 2**63 // FILE_SIZE  # no id is in a later one
STEP = 1_000
MAX_PICTURES = 5
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
PICTURES_NAMESPACE = 'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'


def indexable_products() -> QuerySet[Product]:
    """Return the products whose pages search engines should know.

    Not those with neither an offer nor a text, and not the thin ones where the site's settings say so.
    """
    products = published_products().exclude(offer_count=0, description="")
    return products.filter(_is_ours()) if get_settings().hide_thin_pages else products


def _is_ours() -> Q:
    """Find what is not thin. Thin: one offer, and no word on the page that is not the feed's."""
    theirs = Q(title=KeyTextTransform("title", "imported")) & (
        Q(description="") | Q(description=KeyTextTransform("description", "imported"))
    )
    thin = theirs & Q(offer_count__lte=1, meta_title="", meta_description="", verdict="", pros="", cons="")
    # Not ~thin: a product of our own has nothing imported, and NOT NULL is not true.
    return Q(Case(When(thin, then=Value(False)), default=Value(True), output_field=BooleanField()))


# When what a page says of an offer last changed: PostgreSQL's GREATEST passes over NULL.
_OFFER_TIMES = ("created_at", "changed_at", "expired_at")


def _products() -> QuerySet[Product]:
    offers = Offer.objects.filter(product=OuterRef("pk")).order_by().values("product")
    newest = offers.values(newest=Max(Greatest(*_OFFER_TIMES)))
    return indexable_products().annotate(changed_at=Greatest("updated_at", Subquery(newest)))


def _categories() -> QuerySet[Category]:
    return _changed(Category.objects.all(), Product.objects.filter(categories=OuterRef("pk")))


def _brands() -> QuerySet[Brand]:
    return _changed(Brand.objects.all(), Product.objects.filter(brand=OuterRef("pk")))


def _changed(lists: QuerySet, inside: QuerySet[Product]) -> QuerySet:
    """Return the lists that hold something, each with the time that its newest product changed."""
    newest = inside.filter(status=Product.Status.PUBLISHED).order_by("-updated_at").values("updated_at")
    return lists.annotate(changed_at=Subquery(newest[:1])).exclude(changed_at=None)


def _shops() -> QuerySet[Shop]:
    sold = Offer.objects.filter(shop=OuterRef("pk"), product__status=Product.Status.PUBLISHED)
    return Shop.objects.filter(Exists(sold)).annotate(changed_at=Value(None, DateTimeField()))


class Page(NamedTuple):
    """A row of a section."""

    pk: int
    slug: str
    changed_at: datetime | None
    pictures: Sequence[ProductImage] = ()


@dataclass(frozen=True)
class Section:
    """A kind of page. Its rows have a slug and know when their page last changed (`changed_at`), or None."""

    rows: Callable[[], QuerySet]
    route: str
    has_pictures: bool = False
    # The same as `changed_at`, for a whole range at once: a join where `changed_at` looks into each row.
    newest: Expression = F("changed_at")

    def files(self) -> list[tuple[int, datetime | None]]:
        """Return the number of each file that is not empty, and when a page of it last changed."""
        numbered = self.rows().order_by().values(number=F("pk") / FILE_SIZE + 1)
        newest = numbered.annotate(newest=Max(self.newest)).order_by("number")
        return list(newest.values_list("number", "newest"))

    def pages(self, number: int) -> Iterator[Page]:
        """Yield the pages of a file, read a step at a time."""
        last, end = (number - 1) * FILE_SIZE - 1, number * FILE_SIZE
        rows = self.rows().order_by("pk")
        columns = Page._fields if self.has_pictures else Page._fields[:-1]
        if self.has_pictures:
            rows = rows.annotate(pictures=Pictures(MAX_PICTURES))
        while step := list(rows.filter(pk__gt=last, pk__lt=end).values_list(*columns)[:STEP]):
            yield from (Page(*row) for row in step)
            last = step[-1][0]

    def path(self, slug: str) -> str:
        return reverse(self.route, args=[slug])


SECTIONS = {
    "products": Section(
        _products,
        "public:product",
        has_pictures=True,
        newest=Greatest("updated_at", *(f"offers__{name}" for name in _OFFER_TIMES)),
    ),
    "categories": Section(_categories, "public:category"),
    "brands": Section(_brands, "public:brand"),
    "shops": Section(_shops, "public:shop"),
}


def index() -> Iterator[str]:
    """Yield the XML that names every file that is not empty."""
    yield f"{HEAD}<sitemapindex {NAMESPACE}>\n"
    for name, section in SECTIONS.items():
        for number, changed_at in section.files():
            address = absolute(reverse("public:sitemap-file", args=[name, number]))
            yield f"<sitemap><loc>{escape(address)}</loc>{_lastmod(changed_at)}</sitemap>\n"
    yield "</sitemapindex>\n"


def file(section: Section, pages: Iterator[Page]) -> Iterator[str]:
    """Yield the XML of a file with these pages."""
    # Reversed once: a slug needs no quoting, and 50,000 addresses are many.
    before, _, after = escape(absolute(section.path("slug-of-the-page"))).partition("slug-of-the-page")
    yield f"{HEAD}<urlset {NAMESPACE} {PICTURES_NAMESPACE}>\n"
    for page in pages:
        # Our own copies only: what comes through the proxy is the shop's.
        pictures = "".join(
            f"<image:image><image:loc>{escape(absolute(picture.url))}</image:loc></image:image>"
            for picture in page.pictures
            if picture.stored
        )
        yield f"<url><loc>{before}{page.slug}{after}</loc>{_lastmod(page.changed_at)}{pictures}</url>\n"
    yield "</urlset>\n"


def _lastmod(at: datetime | None) -> str:
    return f"<lastmod>{at.isoformat(timespec='seconds')}</lastmod>" if at else ""
