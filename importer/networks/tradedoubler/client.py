"""Tradedoubler Products API (tradedoubler.md): live search, and whole feeds as files prepared on request."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from operator import attrgetter
from typing import Any, ClassVar
from urllib.parse import quote

from django.conf import settings

from importer.feed_files import NoFeed, Row
from importer.http.answers import Answer, Stream
from importer.http.auth import QueryToken
from importer.http.client import retry_after
from importer.http.leases import Lease, connection
from importer.http.pages import ByNumber
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
    ProgramData,
    SearchPage,
)
from importer.networks.credentials import token_field
from importer.networks.downloads import read_kept, read_rows
from importer.networks.items import as_dict, as_dicts, read_items
from importer.networks.pages import fill_page
from importer.networks.tradedoubler.advertiser import TradedoublerManagement
from importer.networks.tradedoubler.advertiser_products import TradedoublerProducts
from importer.networks.tradedoubler.answers import error_of
from importer.networks.tradedoubler.products import parse_product, with_epi
from importer.networks.tradedoubler.reports import REPORT_FIELDS, TradedoublerReports
from importer.normalise import CENT, clean_currency, clean_text, parse_time
from importer.reasons import Reason

log = logging.getLogger(__name__)

MAX_HITS = 1_000  # per query, however paged (PF_430)
PAGE_SIZE = 100  # more is refused by some accounts
PREPARING_PAUSES = (1, 2, 4, 8, 15, 15, 15)  # seconds between looks at a file in the making
QUOTA_PAUSE = 3 * 3600.0  # the allowance of three downloads counts per day
NOT_CONNECTED = "PF_392"
DOWNLOADS, DAY = 3, 86_400  # of one version of a feed, in seconds
ORDERS = {"price": "priceAsc", "-price": "priceDesc", "newest": "modificationDateDesc"}


class Tradedoubler(Network):
    """Tradedoubler, with a publisher's token for the system PRODUCTS."""

    slug = "tradedoubler"
    label = "Tradedoubler"
    click_domains = ("tradedoubler.com",)
    click_form = re.compile(r"/click\?(?:a\(\d+\)p\(\d+\)|p\(\d+\)a\(\d+\)|a=\d+&p=\d+|p=\d+&a=\d+)")
    credential_fields: ClassVar = {
        Capability.SEARCH: {
            "token": token_field(
                "Token",
                help_text="In Tradedoubler: Settings > Management > Manage tokens, that of system PRODUCTS.",
            ),
        },
        Capability.REPORTS: REPORT_FIELDS,
    }
    reports = TradedoublerReports
    search_filters = frozenset(
        {"keywords", "programs", "categories", "min_price", "max_price", "currency", "in_stock", "gtin"}
    )
    sorts = ("relevance", *ORDERS)
    max_page_size = PAGE_SIZE
    lookup_size = 50  # ids in one address
    advertiser: ClassVar = {"products": TradedoublerProducts, "management": TradedoublerManagement}

    def check(self) -> None:
        self._feeds()

    def fetch_programs(self) -> Iterator[ProgramData]:
        """Yield the programs that have a feed: the Products API knows no others."""
        seen = set()
        for feed in self._feeds():
            for program in as_dicts(feed.get("programs")):
                external_id = str(program.get("programId") or "")
                if external_id and external_id not in seen:
                    seen.add(external_id)
                    yield ProgramData(
                        external_id=external_id,
                        name=clean_text(program.get("name"), 200) or external_id,
                        currency=clean_currency(feed.get("currencyISOCode")),
                    )

    def fetch_feeds(self) -> Iterator[FeedData]:
        for feed in self._feeds():
            program = next(iter(as_dicts(feed.get("programs"))), {})
            count = feed.get("numberOfProducts")
            yield FeedData(
                external_id=str(feed["feedId"]),
                name=clean_text(feed.get("name"), 200) or str(feed["feedId"]),
                program_id=str(program.get("programId") or ""),
                program_name=clean_text(program.get("name"), 200),
                language=clean_text(feed.get("languageISOCode"), 5).lower(),
                currency=clean_currency(feed.get("currencyISOCode")),
                item_count=count if isinstance(count, int) else None,
                network_updated_at=parse_time(feed.get("lastModifiedTime")),
            )

    def fetch_categories(self) -> list[str]:
        """Return the names in Tradedoubler's own category tree, parents before children."""
        return list(self._category_ids())

    def search(self, query: ItemQuery, page: int = 1, page_size: int = 25) -> SearchPage:
        size = min(page_size, PAGE_SIZE)
        if page * size > MAX_HITS:
            return SearchPage(items=(), total=None, has_next=False, notice=_cap_notice(None))
        keys = self._search_keys(query) | {"page": page, "pageSize": size}
        if order := ORDERS.get(query.sort):
            keys["orderBy"] = order
        if keys.get("fid") == "":
            return SearchPage(items=(), total=0, has_next=False, notice=Reason("program_without_feed"))
        if query.in_stock:
            return self._search_available(keys, page, size)
        items, total = self._products(keys)
        shown = page * size
        return SearchPage(
            items=items,
            total=total,
            has_next=shown < total and shown + size <= MAX_HITS,
            notice=_cap_notice(total) if total > MAX_HITS else None,
        )

    def _search_available(self, keys: dict[str, Any], page: int, size: int) -> SearchPage:
        """Return the page of what is in stock. `minInStock` would hide the shops that say it in words."""
        is_available = attrgetter("is_available")
        filled = fill_page(self._pages(keys), is_available, page=page, page_size=size, most=MAX_HITS)
        return filled.as_page(_cap_notice(None))

    def _pages(self, keys: dict[str, Any]) -> Iterator[Sequence[ItemData]]:
        """Yield the hits page by page, and an empty page where there are more than are given out."""
        pages = self._by_number(keys)
        yield from pages
        if pages.is_cut:
            yield ()

    def fetch_matches(self, query: ItemQuery) -> Iterator[ItemData]:
        """Yield every hit; past 1,000 by asking for ever narrower price bands.

        Hits without a price are lost there, as are those beyond 1,000 at one and the same price.
        """
        keys = self._search_keys(query)
        if keys.get("fid") == "":
            return
        low, high = query.min_price or Decimal(0), query.max_price
        seen: set[tuple[str, str]] = set()
        bands = [(low, high)]
        while bands:
            low, high = bands.pop()
            band = keys | {"minPrice": low or None, "maxPrice": high}
            pages = self._by_number(band)
            for number, items in enumerate(pages):
                is_first_of_many = not number and (pages.total or 0) > MAX_HITS
                if is_first_of_many and (halves := self._split(band, low, high)):
                    bands += reversed(halves)
                    break
                for item in items:
                    key = (item.feed_id, item.external_id)
                    if key not in seen and (item.is_available or not query.in_stock):
                        seen.add(key)
                        yield item
            if pages.is_cut:
                log.warning("Tradedoubler has %s hits at the price %s", pages.total, low)

    def look_up(self, feed: FeedData, items: Sequence[KnownItem]) -> Iterator[tuple[str, ItemData | None]]:
        """Ask for the items by `fid` and `spId`, many at once."""
        ids = [item.external_id for item in items]
        found: dict[str, ItemData | None] = dict.fromkeys(ids)
        for page in self._by_number({"fid": feed.external_id, "spId": ids}):
            # A key that is not known is ignored: then the first of everything come, and say nothing.
            if any(item.feed_id != feed.external_id or item.external_id not in found for item in page):
                raise self.http.unavailable("ids_not_obeyed")
            found |= {item.external_id: item for item in page}
        yield from found.items()

    def fetch_items(self, feed: FeedData, watch: FeedWatch | None = None) -> Iterator[ItemData | int]:
        """Yield the feed from its prepared file (tradedoubler.md 5), waiting up to a minute for it."""
        watch = watch or FeedWatch()
        version = self._version(feed)
        if version and watch.state.get("version") == version:
            raise FeedUnchanged
        if version and watch.kept and watch.kept.version == {"version": version}:
            yield from read_items(read_kept(self.http, watch.kept, watch), parse_product, feed, watch)
            watch.new_state["version"] = version
            return
        watch.version = {"version": version} if version else {}
        for pause in (*PREPARING_PAUSES, None):
            try:
                with self._allowance(feed, version) as allowance:
                    yield from self._download(feed, watch, allowance)
            except _Preparing:
                if pause:
                    watch.wait(pause, Reason("waits_for_file", {"network": self.label}))
            else:
                watch.new_state["version"] = version
                return
        raise self.http.unavailable("still_preparing", 60)

    def tracking_url(self, url: str, sub_id: str) -> str:
        return with_epi(url, sub_id)

    # --- Requests ---------------------------------------------------------------------------------
    @property
    def _token(self) -> QueryToken:
        return QueryToken("token", self.credentials["token"])

    def _url(self, path: str, **keys: object) -> str:
        """Build the address with its matrix keys; commas in a value are encoded twice (tradedoubler.md 1)."""
        given = {name: value for name, value in keys.items() if value not in (None, "")}
        matrix = "".join(f";{name}={_matrix_value(value)}" for name, value in given.items())
        return f"{settings.TRADEDOUBLER_API_URL.rstrip('/')}/{path}.json{matrix}"

    def _get(self, path: str, **keys: object) -> dict[str, Any]:
        answer = self.http.request("GET", self._url(path, **keys), auth=self._token)
        if failure := self._failure(answer):
            raise failure
        data = self.http.json(answer)
        if not isinstance(data, dict):
            raise self.http.unavailable("unknown_form")
        return data

    def _list_in(self, data: dict[str, Any], name: str) -> list[Mapping[str, Any]]:
        if not isinstance(data.get(name), list):
            raise self.http.unavailable("no_list", name=name)
        return as_dicts(data[name])

    def _feeds(self) -> list[Mapping[str, Any]]:
        feeds = self._list_in(self._get("productFeeds"), "feeds")
        return [feed for feed in feeds if feed.get("feedId") and feed.get("active") is not False]

    def _by_number(self, keys: dict[str, Any]) -> ByNumber[ItemData]:
        return ByNumber(
            lambda page: self._products(keys | {"page": page, "pageSize": PAGE_SIZE}), PAGE_SIZE, MAX_HITS
        )

    def _products(self, keys: dict[str, Any]) -> tuple[tuple[ItemData, ...], int]:
        data = self._get("products", **keys)
        products = self._list_in(data, "products")
        items = tuple(item for product in products for item in parse_product(product))
        total = as_dict(data.get("productHeader")).get("totalHits")
        return items, total if isinstance(total, int) else len(items)

    def _search_keys(self, query: ItemQuery) -> dict[str, Any]:
        """Return the matrix keys of the filters; `fid` is "" when the program has no feed."""
        keys: dict[str, Any] = {
            "q": clean_text(query.keywords),
            "minPrice": query.min_price,
            "maxPrice": query.max_price,
            "currency": query.currency,
            "ean": query.gtin,
        }
        for name in query.categories:
            category = self._category_ids().get(name)
            keys |= {"tdCategoryId": category} if category else {"category": name}
        for program_id in query.programs:
            keys["fid"] = self._feeds_of(program_id) or ""
        return keys

    def _feeds_of(self, program_id: str) -> list[str]:
        return cached(self.slug, self.credentials, "feeds", self._feeds_by_program).get(program_id, [])

    def _feeds_by_program(self) -> dict[str, list[str]]:
        feeds: dict[str, list[str]] = {}
        for feed in self._feeds():
            for program in as_dicts(feed.get("programs")):
                feeds.setdefault(str(program.get("programId")), []).append(str(feed["feedId"]))
        return feeds

    def _category_ids(self) -> dict[str, str]:
        return cached(self.slug, self.credentials, "categories", self._fetch_category_ids)

    def _fetch_category_ids(self) -> dict[str, str]:
        """Return the ids of the category tree by name, level by level; of equal names the first counts."""
        names: dict[str, str] = {}
        nodes = as_dicts(self._get("productCategories").get("categoryTrees"))
        while nodes:
            for node in nodes:
                if name := clean_text(node.get("name")):
                    names.setdefault(name, str(node.get("id") or ""))
            nodes = [child for node in nodes for child in as_dicts(node.get("subCategories"))]
        return names

    def _split(
        self, band: dict[str, Any], low: Decimal, high: Decimal | None
    ) -> list[tuple[Decimal, Decimal | None]]:
        """Halve a price band; empty when it is one cent wide."""
        if high is None:
            dearest, _ = self._products(band | {"page": 1, "pageSize": 1, "orderBy": "priceDesc"})
            high = max((item.old_price or item.price or low for item in dearest), default=low)
        # The geometric middle: most articles are cheap.
        middle = ((low + 1) * (high + 1)).sqrt().quantize(CENT) - 1
        if not low <= middle < high:
            return []
        return [(low, middle), (middle + CENT, high)]

    # --- Answers ----------------------------------------------------------------------------------
    def _version(self, feed: FeedData) -> str:
        """Return when the feed was last changed, as Tradedoubler writes it."""
        return str(
            self._get("productsUnlimited/lastUpdated", fid=feed.external_id).get("lastUpdatedTime") or ""
        )

    @contextmanager
    def _allowance(self, feed: FeedData, version: str) -> Iterator[Lease]:
        """Hold one of the three downloads that a version allows in a day, unless none was made."""
        owner = hashlib.sha256(self.credentials["token"].encode()).hexdigest()[:32]
        lease = Lease(f"tradedoubler:{owner}:{feed.external_id}:{version}", DOWNLOADS, DAY)
        if not lease.take():
            raise self.http.unavailable("downloads_spent", lease.seconds_until_free())
        try:
            yield lease
        finally:
            lease.free()

    def _download(self, feed: FeedData, watch: FeedWatch, allowance: Lease) -> Iterator[ItemData | int]:
        """Yield the items of the file; raise `_Preparing` when there is none yet."""
        url = self._url("productsUnlimited", fid=feed.external_id, compress="gz")
        with connection(self.http, url, watch) as place:
            with self.http.stream("GET", url, auth=self._token, follow=False) as stream:
                if not stream.redirect_target:
                    yield from self._read(stream, feed, watch, place, allowance)
                    return
                target = stream.redirect_target
            allowance.keep()
            # The file is elsewhere, under an address of its own that must not learn the token.
            with self.http.stream("GET", target) as stream:
                yield from self._read(stream, feed, watch, place, allowance)

    def _read(
        self, stream: Stream, feed: FeedData, watch: FeedWatch, place: Lease, allowance: Lease
    ) -> Iterator[ItemData | int]:
        if stream.status_code == 202:
            raise _Preparing
        if stream.status_code != 200:
            answer = stream.finish()
            raise self._failure(answer) or self.http.failure(answer.status_code, answer.headers)

        def products() -> Iterator[Row | int]:
            for product in read_rows(stream, self.http, watch, place):
                allowance.keep()
                yield product

        try:
            yield from read_items(products(), parse_product, feed, watch)
        except NoFeed as error:
            # "Please wait" was also seen with status 200; read as a feed it would be an empty one.
            failure = _Preparing() if error.message else self.http.unavailable(error.code, **error.params)
        else:
            return
        raise failure

    def _failure(self, answer: Answer) -> NetworkError | None:
        """Return the error an answer stands for, from any of the four envelopes (tradedoubler.md 7)."""
        code, said = error_of(answer.text)
        status = answer.status_code
        if status < 400 and not code:
            return None
        if len(code) == 1 and status < 429:
            return self.http.refused("token_refused", said=said)
        if code == NOT_CONNECTED:
            return self.http.refused("feed_not_connected", said=said)
        if status == 400 and not said:
            return self.http.refused("no_reason_given")
        if status == 429 and "quota" in said.lower():
            pause = retry_after(answer.headers) or QUOTA_PAUSE
            return self.http.unavailable("download_refused", pause, said=said)
        return self.http.failure(max(status, 400), answer.headers, said)


def _cap_notice(total: int | None) -> Reason:
    params = {"network": Tradedoubler.label, "most": MAX_HITS}
    return Reason("hits_capped_of", params | {"total": total}) if total else Reason("hits_capped", params)


def _matrix_value(value: object) -> str:
    values = value if isinstance(value, list) else [value]
    return ",".join(quote(str(one).replace(",", "%2C"), safe="") for one in values)


class _Preparing(Exception):
    """The file is still being made."""
