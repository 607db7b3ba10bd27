"""TradeTracker affiliate SOAP service, literal binding (tradetracker.md): search, feeds in pages of 250."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import partial
from itertools import chain
from typing import Any, ClassVar

from django import forms

from catalog.lib.addresses import host_of
from importer.feed_files import Row
from importer.http.client import Http
from importer.http.pages import ByOffset
from importer.networks.cached import cached
from importer.networks.contract import (
    Capability,
    FeedData,
    FeedUnchanged,
    FeedWatch,
    ItemData,
    ItemQuery,
    KnownItem,
    Network,
    NetworkError,
    NetworkUnavailable,
    ProgramData,
    SearchPage,
    version_at,
)
from importer.networks.credentials import number_field
from importer.networks.downloads import download_rows
from importer.networks.items import read_items
from importer.networks.pages import fill_page
from importer.networks.tradetracker.advertiser import TradeTrackerConversions, TradeTrackerMerchant
from importer.networks.tradetracker.affiliate import AffiliateService
from importer.networks.tradetracker.files import parse_file_row
from importer.networks.tradetracker.lookup import look_up
from importer.networks.tradetracker.products import LOCALE_CURRENCIES, parse_product, with_reference
from importer.networks.tradetracker.reports import TradeTrackerReports
from importer.normalise import clean_text, clean_url, parse_time
from importer.reasons import Reason

PAGE_SIZE = 250  # the most that is known to be given at once
MOST_FILTERED = 5_000  # hits looked through where the filter is ours
CUT_NOTICE = Reason("hits_not_looked_through", {"most": MOST_FILTERED})
MAX_CATEGORY_FEEDS = 40  # feeds asked for their categories: one call each


class TradeTracker(Network):
    """TradeTracker, with a customer's access key for one country and one affiliate site."""

    slug = "tradetracker"
    label = "TradeTracker"
    click_domains = ("tradetracker.net",)
    click_form = re.compile(r"[?&](?:c=\d+&m=\d+&a=\d+|tt=\d+_\d+_\d+)")
    credential_fields: ClassVar = {
        Capability.SEARCH: {
            "customer_id": number_field(
                "Customer ID", "A customer ID", help_text="In TradeTracker: Creatives > Web services."
            ),
            "passphrase": forms.CharField(
                label="Passphrase",
                max_length=200,
                widget=forms.PasswordInput,
                help_text="In TradeTracker: Creatives > Web services, the access key of this country.",
            ),
            "affiliate_site_id": number_field(
                "Affiliate site ID",
                "An affiliate site ID",
                help_text="In TradeTracker: Account > Sites, the number beside your site.",
            ),
            "locale": forms.ChoiceField(
                label="Locale",
                choices=[
                    (code, f"{code} ({currency})") for code, currency in sorted(LOCALE_CURRENCIES.items())
                ],
                initial="nl_NL",
                help_text="The account's country. It decides the currency where a shop does not name one.",
            ),
        },
    }
    search_filters = frozenset(
        {"keywords", "programs", "categories", "min_price", "max_price", "currency", "in_stock"}
    )
    sorts = ("relevance",)
    reports = TradeTrackerReports
    lookup_size = 10  # each takes a request or two
    advertiser: ClassVar = {"merchant": TradeTrackerMerchant, "conversions": TradeTrackerConversions}

    def __init__(self, credentials: Any, http: Http | None = None) -> None:
        super().__init__(credentials, http)
        self._service = AffiliateService(self.credentials, self.http)

    def check(self) -> None:
        """Log in and find the affiliate site among the account's own."""
        site_id = self.credentials["affiliate_site_id"]
        sites = {str(site.ID): clean_text(site.name, 60) for site in self._call("getAffiliateSites", None)}
        if site_id not in sites:
            if not sites:
                raise self.http.refused("no_site", site=site_id)
            own = ", ".join(f"{number} ({name})" for number, name in list(sites.items())[:10])
            raise self.http.refused("site_unknown", site=site_id, own=own)

    def fetch_programs(self) -> Iterator[ProgramData]:
        for campaign in chain.from_iterable(self._pages("getCampaigns", {"assignmentStatus": "accepted"})):
            info = getattr(campaign, "info", None)
            yield ProgramData(
                external_id=str(campaign.ID),
                name=clean_text(campaign.name, 200) or str(campaign.ID),
                url=clean_url(campaign.URL),
                logo_url=clean_url(getattr(campaign, "logoURL", None) or getattr(info, "imageURL", None)),
                currency=self._currency,
                market=self.credentials["locale"][-2:],
                link_domains=tuple(filter(None, [host_of(clean_url(getattr(info, "trackingURL", None)))])),
            )

    def fetch_feeds(self) -> Iterator[FeedData]:
        site = int(self.credentials["affiliate_site_id"])
        for feed in self._call("getFeeds", site, {"assignmentStatus": "accepted"}):
            yield FeedData(
                external_id=str(feed.ID),
                name=clean_text(feed.name, 200) or str(feed.ID),
                program_id=str(getattr(feed.campaign, "ID", "") or ""),
                program_name=clean_text(getattr(feed.campaign, "name", ""), 200),
                language=self.credentials["locale"][:2],
                currency=self._currency,
                item_count=feed.productCount,
                network_updated_at=parse_time(feed.updateDate),
                url=clean_url(feed.URL),
            )

    def fetch_categories(self) -> list[str]:
        """Return the categories of the first 40 feeds: each feed has its own."""
        site = int(self.credentials["affiliate_site_id"])
        names: set[str] = set()
        for feed, _ in zip(self.fetch_feeds(), range(MAX_CATEGORY_FEEDS), strict=False):
            categories = self._call("getFeedProductCategories", site, int(feed.external_id))
            names |= {clean_text(category.name) for category in categories}
        return sorted(filter(None, names), key=str.casefold)

    @classmethod
    def unobeyed(cls, query: ItemQuery) -> frozenset[str]:
        """The service finds no EAN; among what it finds by words, we do."""
        return super().unobeyed(query) - ({"gtin"} if query.keywords else set())

    def search(self, query: ItemQuery, page: int = 1, page_size: int = 25) -> SearchPage:
        size = min(page_size, self.max_page_size)
        program_id = next(iter(query.programs), "")
        if program_id and not program_id.isdecimal():
            return SearchPage(items=(), total=0, has_next=False)
        options = {
            "query": clean_text(query.keywords) or None,
            "campaignID": int(program_id) if program_id else None,
            "feedCategoryName": next(iter(query.categories), None),
            "priceFrom": query.min_price,
            "priceTo": query.max_price,
        }
        if query.in_stock or query.gtin or query.currency:
            batches, passes = self._search_batches(options), partial(_passes, query)
            filled = fill_page(batches, passes, page=page, page_size=size, most=MOST_FILTERED)
            return filled.as_page(CUT_NOTICE)
        offset = (page - 1) * size
        # One more than shown tells whether there is a next page.
        products = self._products(options | {"limit": size + 1, "offset": offset})
        items = tuple(self._items(products[:size], None, self._campaign_names() if products else {}))
        has_next = len(products) > size
        is_last = not has_next and (bool(items) or page == 1)
        return SearchPage(items=items, total=offset + len(items) if is_last else None, has_next=has_next)

    def _search_batches(self, options: dict[str, Any]) -> Iterator[list[ItemData]]:
        """Yield the hits in batches of 250, each identifier of a batch once."""
        for products in self._pages("getFeedProducts", options):
            yield list(self._items(products, None, self._campaign_names() if products else {}))

    def look_up(self, feed: FeedData, items: Sequence[KnownItem]) -> Iterator[tuple[str, ItemData | None]]:
        """Ask for each item by its title, else by its price: the service finds no ids."""
        return look_up(self._find_in_feed, feed, items)

    def _find_in_feed(self, feed: FeedData, **options: Any) -> tuple[list[ItemData], bool]:
        """Return what a filter finds in a feed, and whether that is all."""
        products = self._products({"feedID": int(feed.external_id), **options, "limit": PAGE_SIZE})
        return list(self._items(products, feed, {})), len(products) < PAGE_SIZE

    def fetch_items(self, feed: FeedData, watch: FeedWatch | None = None) -> Iterator[ItemData | int]:
        """Yield the feed from its file, and from the service where the file cannot be had."""
        watch = watch or FeedWatch()
        count, version = 0, self._version(feed, watch)
        if version and watch.state.get("version") == version:
            raise FeedUnchanged

        def rows() -> Iterator[Row | int]:
            nonlocal count
            for row in download_rows(self.http, feed.url, watch):
                count += 1
                yield row

        if feed.url:
            try:
                yield from read_items(rows(), self._parse_row, feed, watch, self._currency)
                watch.new_state["version"] = version
                return
            except NetworkUnavailable:
                raise
            except NetworkError:
                if count:
                    raise
        yield from self._page_items(feed, watch)
        watch.new_state["version"] = version

    def _parse_row(self, row: Row, feed: FeedData) -> tuple[ItemData]:
        return (parse_file_row(row, self._currency, feed),)

    def _version(self, feed: FeedData, watch: FeedWatch) -> str:
        """Return when the feed was last changed; asked for only where that may spare the download."""
        if "version" not in watch.state:
            return version_at(feed.network_updated_at)
        site = int(self.credentials["affiliate_site_id"])
        for known in self._call("getFeeds", site, {"ID": int(feed.external_id)}):
            if str(known.ID) == feed.external_id:
                return version_at(parse_time(known.updateDate))
        return ""

    def _page_items(self, feed: FeedData, watch: FeedWatch) -> Iterator[ItemData]:
        """Yield the feed from the service, page by page."""
        for products in self._pages("getFeedProducts", {"feedID": int(feed.external_id)}):
            watch.on_progress(watch)
            yield from self._items(products, feed, {})

    def tracking_url(self, url: str, sub_id: str) -> str:
        return with_reference(url, sub_id)

    def market_currency(self) -> str:
        return self._currency

    # --- Requests ---------------------------------------------------------------------------------
    @property
    def _currency(self) -> str:
        return LOCALE_CURRENCIES.get(self.credentials["locale"], "EUR")

    def _call(self, method: str, *arguments: Any) -> list[Any]:
        """Return the objects of a list."""
        return self._service.call(method, *arguments)

    def _pages(self, method: str, options: dict[str, Any]) -> ByOffset[Any]:
        """Return the objects page by page; a short page is the end, the service gives no other sign."""
        site = int(self.credentials["affiliate_site_id"])
        given = {name: value for name, value in options.items() if value is not None}
        page = {"limit": PAGE_SIZE}
        return ByOffset(lambda offset: self._call(method, site, given | page | {"offset": offset}), PAGE_SIZE)

    def _products(self, options: dict[str, Any]) -> list[Any]:
        given = {name: value for name, value in options.items() if value is not None}
        return self._call("getFeedProducts", int(self.credentials["affiliate_site_id"]), given)

    def _items(
        self, products: Iterable[Any], feed: FeedData | None, names: dict[str, str]
    ) -> Iterator[ItemData]:
        """Yield the items of one page, each identifier of a feed once (docs/networks/tradetracker.md 5)."""
        seen = set()
        for product in products:
            item = parse_product(product, self._currency, feed, names)
            key = (item.feed_id, item.external_id)
            if not item.external_id or key not in seen:
                seen.add(key)
                yield item

    def _campaigns(self) -> dict[str, ProgramData]:
        """Return the programs by id: products carry no more than the id, inside their link."""
        return cached(
            self.slug,
            self.credentials,
            "programs",
            lambda: {program.external_id: program for program in self.fetch_programs()},
        )

    def _campaign_names(self) -> dict[str, str]:
        return {program_id: program.name for program_id, program in self._campaigns().items()}

    def known_programs(self, external_ids: Collection[str]) -> list[ProgramData]:
        """Return the programs whose names the last search read."""
        known = self._campaigns()
        return [known[program_id] for program_id in external_ids if program_id in known]


def _passes(query: ItemQuery, item: ItemData) -> bool:
    """Apply the filters that the service does not have."""
    return (
        (not query.in_stock or item.is_available)
        and query.gtin in ("", item.gtin)
        and query.currency in ("", item.currency)
    )
