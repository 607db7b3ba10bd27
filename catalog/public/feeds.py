"""What is new and what is reduced, for feed readers (RSS 2.0)."""

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Rss201rev2Feed
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from catalog.lib.money import format_money
from catalog.models import Product
from catalog.models.reduction import reduced_at
from catalog.public.listing import published_products, with_card
from catalog.public.structured_data import absolute, plain_text
from catalog.site.settings import get_settings

LENGTH = 50
MAX_DESCRIPTION = 300


def newest() -> str:
    """Return the feed of the products that were published last."""
    products = published_products().order_by("-published_at", "-id")
    return _feed(_("New products"), "public:feed-new", products)


def reductions() -> str:
    """Return the feed of the products that our price log proves to be reduced, the biggest first."""
    products = published_products().filter(reduced_at(timezone.now()))
    return _feed(
        _("Price reductions"), "public:feed-reductions", products.order_by("-reduced_percent", "-id")
    )


def _feed(title: str, route: str, products: QuerySet[Product]) -> str:
    site = get_settings()
    feed = Rss201rev2Feed(
        title=f"{title} – {site.name}",
        link=absolute(reverse("public:home")),
        description=site.disclosure_text,
        language=get_language(),
        feed_url=absolute(reverse(route)),
    )
    for product in with_card(products).defer(None).defer("imported", "attributes", "search")[:LENGTH]:
        address = absolute(product.get_absolute_url())
        feed.add_item(
            title=_title(product),
            link=address,
            unique_id=address,
            description=plain_text(product.description)[:MAX_DESCRIPTION],
            pubdate=product.published_at,
            updateddate=product.updated_at,
        )
    return feed.writeString("utf-8")


def _title(product: Product) -> str:
    """Return the title with what a card says of its price: none where no shop has the product."""
    if not product.is_available or product.lowest_price is None:
        return product.title
    price = format_money(product.lowest_price, product.currency)
    if not product.is_reduced or product.prior_price is None:
        return f"{product.title}: {price}"
    prior = format_money(product.prior_price, product.currency)
    return _("%(title)s: %(price)s instead of %(prior)s") % {
        "title": product.title,
        "price": price,
        "prior": prior,
    }
