"""The sitemap: every page worth finding, with the date it last changed."""

from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps.views import SitemapIndexItem
from django.db.models import Exists, Max, OuterRef, QuerySet
from django.urls import reverse

from catalog.models import Brand, Category, Product
from catalog.public.category_tree import Membership
from catalog.public.listing import published_products
from catalog.structured_data import absolute


class SiteSitemap(Sitemap):
    """Addresses under SITE_URL, whatever host the request named."""

    # sitemaps.org allows 50,000 a file; a file of that size takes Django's template 4 s.
    limit = 5_000

    @property
    def protocol(self) -> str:
        return urlsplit(settings.SITE_URL).scheme

    def get_domain(self, site=None) -> str:
        return urlsplit(settings.SITE_URL).netloc


class ProductSitemap(SiteSitemap):
    def items(self) -> QuerySet[Product]:
        return published_products().only("slug", "updated_at").order_by("id")

    def lastmod(self, product: Product) -> datetime:
        return product.updated_at

    def get_latest_lastmod(self) -> datetime | None:
        # Django would read every product to find the latest.
        return published_products().aggregate(latest=Max("updated_at"))["latest"]


class CategorySitemap(SiteSitemap):
    def items(self) -> QuerySet[Category]:
        inside = Membership.objects.filter(category=OuterRef("pk"), product__status=Product.Status.PUBLISHED)
        return Category.objects.filter(Exists(inside)).order_by("id")


class BrandSitemap(SiteSitemap):
    def items(self) -> QuerySet[Brand]:
        return Brand.objects.filter(Exists(published_products().filter(brand=OuterRef("pk")))).order_by("id")

    def location(self, brand: Brand) -> str:
        return reverse("public:brand", args=[brand.slug])


SITEMAPS = {"products": ProductSitemap, "categories": CategorySitemap, "brands": BrandSitemap}


def list_files() -> list[SitemapIndexItem]:
    """Return the sitemap files there are; a section of more than 5,000 pages has several."""
    files = []
    for section, sitemap_class in SITEMAPS.items():
        sitemap = sitemap_class()
        address = absolute(reverse("public:sitemap-section", args=[section]))
        changed_at = sitemap.get_latest_lastmod()
        for number in sitemap.paginator.page_range:
            files.append(SitemapIndexItem(address if number == 1 else f"{address}?p={number}", changed_at))
    return files
