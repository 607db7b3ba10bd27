"""What the pages say to search engines, as schema.org JSON-LD.

The pages are product snippets, not merchant listings: nobody buys here. Everything said is on the page too,
and nothing is invented: no ratings, no stock that a shop did not state. The editors' verdict is a
review by the site, without a rating.
"""

import json
from collections.abc import Iterable, Sequence
from html import unescape
from typing import NamedTuple
from urllib.parse import urljoin

from django.conf import settings
from django.urls import reverse
from django.utils.html import strip_tags
from django.utils.safestring import SafeString, mark_safe

from catalog.models import Offer, Product, SiteSettings

MAX_DESCRIPTION = 5_000
AVAILABILITY = {True: "https://schema.org/InStock", False: "https://schema.org/OutOfStock"}


class Crumb(NamedTuple):
    """One step of the way from the home page to the page; `url` is a path."""

    name: str
    url: str


def absolute(path: str) -> str:
    """Return the address of a path under SITE_URL, whatever host the request named."""
    return urljoin(settings.SITE_URL, path)


def plain_text(html: str) -> str:
    """Return what a reader sees of clean HTML, in one line.

    >>> plain_text("<p>Light &amp; tough.</p><p>Red.</p>")
    'Light & tough. Red.'
    """
    return " ".join(unescape(strip_tags(html.replace("<", " <"))).split())


def website(site: SiteSettings) -> dict:
    """Describe the site and its search (WebSite, SearchAction)."""
    return {
        "@context": "https://schema.org",
        "@type": "WebSite",
        "name": site.name,
        "url": absolute(reverse("public:home")),
        "potentialAction": {
            "@type": "SearchAction",
            "target": f"{absolute(reverse('public:search'))}?q={{search_term_string}}",
            "query-input": "required name=search_term_string",
        },
    }


def breadcrumbs(crumbs: Sequence[Crumb]) -> dict:
    return {
        "@context": "https://schema.org",
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": position, "name": crumb.name, "item": absolute(crumb.url)}
            for position, crumb in enumerate(crumbs, start=1)
        ],
    }


def item_list(products: Iterable[Product]) -> dict:
    """Describe a page of a list: which products, in which order."""
    return {
        "@context": "https://schema.org",
        "@type": "ItemList",
        "itemListElement": [
            {"@type": "ListItem", "position": position, "url": absolute(product.get_absolute_url())}
            for position, product in enumerate(products, start=1)
        ],
    }


def product(product: Product, offers: Sequence[Offer], gtin: str, site: SiteSettings | None = None) -> dict:
    """Describe a product with its offers. `gtin` is "" where they are of several articles.

    `site` is whose editors wrote what speaks for and against it; None: that is left out.

    `offers` share one currency and stand in the order of the page; `product.pictures` are its pictures.
    """
    data = {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": product.title,
        "url": absolute(product.get_absolute_url()),
    }
    if description := plain_text(product.description):
        data["description"] = description[:MAX_DESCRIPTION]
    if images := [absolute(url) for url in (picture.url for picture in product.pictures) if url]:
        data["image"] = images
    if product.brand:
        data["brand"] = {"@type": "Brand", "name": product.brand.name}
    if len(gtin) in (8, 12, 13, 14):
        data[f"gtin{len(gtin)}"] = gtin
    if review := _review(product, site):
        data["review"] = review
    if offers:
        data["offers"] = _aggregate(product, offers) if len(offers) > 1 else _offer(product, offers[0])
    return data


def _review(product: Product, site: SiteSettings | None) -> dict:
    """Describe the editors' verdict where it has pros or cons, two in all at least; never a rating."""
    if site is None or len(product.pros_list) + len(product.cons_list) < 2:
        return {}
    data: dict = {"@type": "Review", "author": {"@type": "Organization", "name": site.name}}
    if product.verdict:
        data["reviewBody"] = product.verdict
    for name, notes in (("positiveNotes", product.pros_list), ("negativeNotes", product.cons_list)):
        if notes:
            items = [
                {"@type": "ListItem", "position": position, "name": note}
                for position, note in enumerate(notes, start=1)
            ]
            data[name] = {"@type": "ItemList", "itemListElement": items}
    return data


def _aggregate(product: Product, offers: Sequence[Offer]) -> dict:
    prices = [offer.price for offer in offers]
    return {
        "@type": "AggregateOffer",
        "lowPrice": str(min(prices)),
        "highPrice": str(max(prices)),
        "priceCurrency": offers[0].currency,
        "offerCount": len(offers),
        "offers": [_offer(product, offer) for offer in offers],
    }


def _offer(product: Product, offer: Offer) -> dict:
    data = {
        "@type": "Offer",
        "price": str(offer.price),
        "priceCurrency": offer.currency,
        "url": absolute(product.get_absolute_url()),
        "seller": {"@type": "Organization", "name": offer.shop.name},
    }
    if offer.in_stock is not None:
        data["availability"] = AVAILABILITY[offer.in_stock]
    return data


def script(data: dict) -> SafeString:
    """Return JSON-LD as a script element that no title can break out of."""
    text = json.dumps(data, ensure_ascii=False)
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return mark_safe(f'<script type="application/ld+json">{text}</script>')  # noqa: S308 (escaped above)
