"""Look at public pages as a search engine does, and say what is wrong with them."""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.db.models import F, QuerySet
from django.test import Client
from django.urls import Resolver404, resolve, reverse
from lxml import html

from catalog.public import sitemaps
from catalog.public.listing import published_products

FIXED = ("home", "search", "feed-new", "feed-reductions", "robots", "sitemap")
# Nothing we know of: nobody rates anything here. A review is the editors' verdict, without stars.
INVENTED = ("aggregateRating", "reviewRating", "reviewCount", "ratingValue")


@dataclass(frozen=True, slots=True)
class Problem:
    path: str
    problem: str


@dataclass
class Checker:
    """Renders pages and collects `problems`; each link is followed once, `/go/` and all."""

    client: Client
    problems: list[Problem] = field(default_factory=list)
    statuses: dict[str, int] = field(default_factory=dict)
    titles: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    linked_from: dict[str, str] = field(default_factory=dict)

    def check_page(self, path: str) -> None:
        response = self.client.get(path)
        self.statuses[path] = response.status_code
        if response.status_code != 200:
            self._note(path, f"answers {response.status_code}")
        elif response["Content-Type"].startswith("text/html"):
            self._check_html(path, response)

    def finish(self) -> None:
        """Follow the links of all pages, and compare their titles."""
        for link, path in self.linked_from.items():
            if self._is_broken(link):
                self._note(path, f"links to {link}, which is not there")
        for title, paths in self.titles.items():
            if len(paths) > 1:
                shown = ", ".join(paths[1:4]) + (" …" if len(paths) > 4 else "")
                self._note(paths[0], f"has the title of {shown}: {title}")

    def _check_html(self, path: str, response: Any) -> None:
        page = html.fromstring(response.content.decode())
        title = " ".join((page.findtext("head/title") or "").split())
        if not title:
            self._note(path, "has no title")
        elif not page.xpath("//meta[@name='robots'][contains(@content, 'noindex')]"):
            self.titles[title].append(path)
        if len(page.findall(".//h1")) != 1:
            self._note(path, f"has {len(page.findall('.//h1'))} headings of the first level")
        for script in page.xpath("//script[@type='application/ld+json']"):
            for problem in json_ld_problems(script.text or ""):
                self._note(path, problem)
        for element in page.xpath("//a[@href]|//link[@href]|//form[@action]|//img[@src]"):
            address = element.get("href") or element.get("action") or element.get("src") or ""
            if link := internal(address, path):
                self.linked_from.setdefault(link, path)

    def _is_broken(self, link: str) -> bool:
        if link in self.statuses:
            return False  # what is wrong with it is said already
        if link.startswith(static := f"/{settings.STATIC_URL.strip('/')}/"):
            name = unquote(link.removeprefix(static))
            return not (finders.find(name) or staticfiles_storage.exists(name))
        try:
            match = resolve(link)
        except Resolver404:
            return True
        # What shows pictures would fetch them from the shops first.
        is_page = match.namespace in ("public", "guides") and "picture" not in (match.url_name or "")
        return is_page and self.client.head(link).status_code >= 400

    def _note(self, path: str, problem: str) -> None:
        self.problems.append(Problem(path, problem))


def sample_paths(limit: int) -> Iterator[str]:
    """Yield the addresses of the fixed pages and of at most `limit` of each kind, from all over the site."""
    yield from (reverse(f"public:{name}") for name in FIXED)
    yield from (product.get_absolute_url() for product in _spread(published_products(), limit))
    for name in ("categories", "brands", "shops"):
        section = sitemaps.SECTIONS[name]
        yield from (section.path(row.slug) for row in _spread(section.rows(), limit))


def _spread(rows: QuerySet, limit: int) -> QuerySet:
    step = max(rows.count() // limit, 1)
    return rows.only("slug").annotate(rest=F("pk") % step).filter(rest=0).order_by("pk")[:limit]


def internal(address: str, path: str) -> str | None:
    """Return the path that a link on the page `path` leads to; None where it leads elsewhere."""
    if not address or address.startswith(("data:", "mailto:", "tel:", "javascript:")):
        return None
    site = urlsplit(settings.SITE_URL)
    target = urlsplit(urljoin(urljoin(settings.SITE_URL, path), address))
    return target.path or "/" if (target.scheme, target.netloc) == (site.scheme, site.netloc) else None


def json_ld_problems(text: str) -> Iterator[str]:
    """Yield what is wrong with a block of structured data, as sentences about a page ("has ...")."""
    try:
        data = json.loads(text)
    except ValueError as error:
        yield f"has JSON-LD that cannot be read: {error}"
        return
    if not isinstance(data, dict) or data.get("@context") != "https://schema.org" or not data.get("@type"):
        yield "has JSON-LD without @context or @type"
        return
    if any(f'"{name}"' in text for name in INVENTED):
        yield "has JSON-LD with ratings, which nobody gave"
    match data["@type"]:
        case "Product":
            yield from _product_problems(data)
        case "BreadcrumbList" | "ItemList":
            positions = [item.get("position") for item in data.get("itemListElement", [])]
            if positions != list(range(1, len(positions) + 1)):
                yield f"has a {data['@type']} whose positions are not 1, 2, 3 …"


def _product_problems(data: dict) -> Iterator[str]:
    if not data.get("name"):
        yield "has a Product without a name"
    if isinstance(data.get("brand"), str):
        yield "has a brand that is no Brand"
    offers = data.get("offers")
    if not offers:
        return
    if not offers.get("priceCurrency"):
        yield "has a price without a currency"
    if offers.get("@type") == "AggregateOffer":
        low, high = float(offers.get("lowPrice", -1)), float(offers.get("highPrice", -1))
        if not 0 <= low <= high:
            yield f"has an AggregateOffer from {low} to {high}"
        if offers.get("offerCount") != len(offers.get("offers", [])):
            yield "has an AggregateOffer that counts other offers than it lists"
    elif float(offers.get("price", -1)) < 0:
        yield "has an Offer without a price"
