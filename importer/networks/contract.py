"""The contract of an affiliate network, and the plain data that crosses it.

A network module knows HTTP and its network's formats; it never sees a model. Everything it answers is one of
the frozen data classes below, already normalised: text is clean and cut (`importer.normalise`), prices are
`Decimal`, and what could not be read says so in `ItemData.problem`.
"""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import ClassVar

from django import forms

from importer.feed_files import BadRow, KeptFile, KnownRows
from importer.http.client import Http
from importer.http.errors import FeedUnchanged, NetworkError, NetworkUnavailable, SearchNotSupported
from importer.networks.advertiser import Advertiser
from importer.networks.query import ItemQuery
from importer.networks.reports import Reports
from importer.normalise import UNKNOWN_STYLE, FeedProfile, PriceStyle
from importer.reasons import Reason

__all__ = [
    "BadRow",
    "Capability",
    "FeedData",
    "FeedUnchanged",
    "FeedWatch",
    "ItemData",
    "ItemQuery",
    "KnownItem",
    "Network",
    "NetworkError",
    "NetworkUnavailable",
    "ProgramData",
    "SearchNotSupported",
    "SearchPage",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramData:
    """A merchant's program that the account may promote."""

    external_id: str
    name: str
    url: str = ""
    logo_url: str = ""
    currency: str = ""
    market: str = ""
    link_domains: tuple[str, ...] = ()  # hosts of its tracking links, where the network names them


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedData:
    """A program's product list, as the network announces it."""

    external_id: str
    name: str
    program_id: str = ""
    program_name: str = ""
    language: str = ""  # ISO 639-1, lower case
    currency: str = ""  # ISO 4217
    item_count: int | None = None
    network_updated_at: datetime | None = None
    url: str = ""
    market: str = ""  # two letters, "" when not known
    style: PriceStyle = UNKNOWN_STYLE  # of its prices, as far as it is known


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemData:
    """One row of a feed or one search hit: this merchant, this price.

    Unique by (`feed_id`, `external_id`) within a network. Prices never travel without `currency`.
    `problem` is a sentence on what makes the row unfit to import (no name, unreadable price), else "".
    """

    feed_id: str
    external_id: str
    title: str
    tracking_url: str
    program_id: str = ""
    shop_name: str = ""
    description: str = ""  # clean HTML
    brand: str = ""
    category: str = ""  # path, parts joined with " > "
    price: Decimal | None = None
    old_price: Decimal | None = None  # the merchant's claim; always greater than price
    shipping: Decimal | None = None
    currency: str = ""  # ISO 4217
    gtin: str = ""  # 13 or 14 digits (8 for GTIN-8), check digit verified; "" when none
    in_stock: bool | None = None  # None: the network does not say
    product_url: str = ""  # the shop's own page, where known
    image_urls: tuple[str, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""
    # For what is learnt of the feed as a whole; not stored.
    price_text: str = field(default="", compare=False, repr=False)  # as the feed writes it; "" for a number
    currency_from: str = field(default="", compare=False, repr=False)  # "price", "column" or "feed"
    changes_at: datetime | None = field(default=None, compare=False, repr=False)  # its sale begins or ends

    @property
    def is_available(self) -> bool:
        """Does a search for what is in stock find it? The index says the same (`feed_index.rows`)."""
        return self.in_stock is not False


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownItem:
    """What is known of an item that is looked for again: its id in its feed, and how it was found last."""

    external_id: str
    title: str = ""
    price: Decimal | None = None


@dataclass(slots=True, kw_only=True)
class FeedWatch:
    """What a caller of `fetch_items` hands in, and sees while the feed is read.

    `state` is what `new_state` was after the feed was last read to its end, to find out that nothing changed.
    `on_progress` is called for every piece that is read and every second of waiting, in the thread of the
    reader; what it raises ends the reading.
    """

    state: Mapping[str, str] = field(default_factory=dict)
    on_progress: Callable[[FeedWatch], None] = lambda watch: None
    new_state: dict[str, str] = field(default_factory=dict)
    bytes_read: int = 0  # over the wire
    bytes_total: int | None = None  # None: the network does not say
    bad_count: int = 0  # rows that could not be read at all; others may have an `ItemData.problem`
    bad_rows: list[BadRow] = field(default_factory=list)  # the first `MAX_SAMPLES` of them
    bad_texts: list[str] = field(default_factory=list)  # in which the ids of the first of them are looked for
    layout: str = ""  # "XML in gzip"
    language: str = ""  # of the feed, or its country: two letters
    # The encoding that had to be found out last time; after the last item, this time. "" where none had to.
    encoding: str = ""
    doubt: Reason | None = None  # why what came may not be the whole feed, though no retry will mend it
    is_whole: bool = False  # after the last item: the feed itself said that this was all
    patience: float = 600.0  # seconds to wait for a free connection
    waiting_for: Reason | None = None  # what for, while nothing comes
    kept: KeptFile | None = None  # where the download is kept, for another try; None: nowhere
    # What the last whole pass taught of the feed; after the last item, what this one did.
    profile: FeedProfile = field(default_factory=FeedProfile)
    known: KnownRows = field(default_factory=KnownRows)  # what the rows said last time
    version: dict[str, str] = field(default_factory=dict)  # what the network calls what is being read

    def note_bad(self, row: BadRow) -> None:
        self.bad_count += 1
        if len(self.bad_rows) < MAX_SAMPLES:
            self.bad_rows.append(row)
        if row.text and len(self.bad_texts) < MAX_BAD_TEXTS:
            self.bad_texts.append(row.text)
        self.on_progress(self)

    def wait(self, seconds: float, waiting_for: Reason) -> None:
        """Sleep, and tell once a second."""
        self.waiting_for = waiting_for
        ends_at = time.monotonic() + seconds
        while (left := ends_at - time.monotonic()) > 0:
            self.on_progress(self)
            time.sleep(min(left, 1.0))
        self.waiting_for = None


def version_at(updated_at: datetime | None) -> str:
    """Return the version of a feed that was last changed at that time: the same instant, the same text."""
    return updated_at.astimezone(UTC).isoformat() if updated_at else ""


MAX_SAMPLES = 20
MAX_BAD_TEXTS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPage:
    """One page of hits. `total` is None where the network does not count."""

    items: tuple[ItemData, ...]
    total: int | None
    has_next: bool
    notice: Reason | None = None  # what to say above the hits, such as a cap that was met


class Capability(StrEnum):
    """What an account may be used for; each has credentials of its own."""

    SEARCH = "search"  # programs, feeds and search
    REPORTS = "reports"
    ADVERTISER = "advertiser"


class Network:
    """One affiliate network. Subclass it, list it in `NETWORKS`, write its sandbox: done."""

    # Templates get the class itself, for its label.
    do_not_call_in_templates: ClassVar[bool] = True

    slug: ClassVar[str]
    label: ClassVar[str]
    # Capability -> name -> form field; `help_text` says where to find a value, and secrets use PasswordInput.
    credential_fields: ClassVar[dict[str, dict[str, forms.Field]]]
    # The network's own domains in tracking links, for which it answers; `#` stands for a digit.
    click_domains: ClassVar[tuple[str, ...]]
    # What its tracking links look like, on whatever host: a shop may have one of its own for them.
    click_form: ClassVar[re.Pattern[str]]
    # Which `ItemQuery` fields its own search obeys, one value of each, and which orders.
    search_filters: ClassVar[frozenset[str]]
    sorts: ClassVar[tuple[str, ...]]
    max_page_size: ClassVar[int] = 100
    has_search: ClassVar[bool] = True  # False: its feeds are mirrored and searched here
    # How many items of a feed `look_up` takes at once; 0: the network gives out whole feeds alone.
    lookup_size: ClassVar[int] = 0
    reports: ClassVar[type[Reports] | None] = None
    # What an advertiser may sign in with, by kind; the desk's.
    advertiser: ClassVar[Mapping[str, type[Advertiser]]] = MappingProxyType({})

    def __init__(self, credentials: Mapping[str, str], http: Http | None = None) -> None:
        self.credentials = dict(credentials)
        self.http = http or Http(secrets=self.secrets(), name=self.label)

    def secrets(self) -> list[str]:
        """List the credential values that must never appear in a message or a log."""
        hidden = [
            name
            for fields in self.credential_fields.values()
            for name, field in fields.items()
            if isinstance(field.widget, forms.PasswordInput)
        ]
        return [self.credentials[name] for name in hidden if self.credentials.get(name)]

    def check(self) -> None:
        """Return when the credentials work; raise `NetworkError` with the network's reason."""
        raise NotImplementedError

    def market_currency(self) -> str:
        """Return the currency of the market that the credentials are for; "" where they name none."""
        return ""

    def fetch_programs(self) -> Iterator[ProgramData]:
        """Yield the programs that this account may promote."""
        raise NotImplementedError

    def fetch_feeds(self) -> Iterator[FeedData]:
        """Yield the product feeds of those programs."""
        raise NotImplementedError

    def known_programs(self, external_ids: Collection[str]) -> list[ProgramData]:
        """Return what a search of ours read of these programs; empty where searches read none."""
        return []

    def fetch_categories(self) -> list[str]:
        """Return category names to filter the search with; empty where the network has no such list."""
        return []

    @classmethod
    def unobeyed(cls, query: ItemQuery) -> frozenset[str]:
        """Return the names of the query's fields that the network's own search cannot obey. Pure.

        What is blocked we know ourselves.
        """
        obeyed = {name for name in cls.search_filters if not _has_several(getattr(query, name))}
        if query.sort in cls.sorts:
            obeyed.add("sort")
        if cls.slug in query.networks:
            obeyed.add("networks")
        return query.asked - obeyed - {"blocked"}

    def search(self, query: ItemQuery, page: int = 1, page_size: int = 25) -> SearchPage:
        """Return one page of hits, from 1; raise `SearchNotSupported` where the network has no search.

        What `unobeyed` names is not looked at.
        """
        raise SearchNotSupported("no_search", network=self.label)

    def fetch_matches(self, query: ItemQuery) -> Iterator[ItemData]:
        """Yield every hit of `query`, page after page, however many there are."""
        for page in itertools.count(1):
            answer = self.search(query, page, self.max_page_size)
            yield from answer.items
            if not answer.has_next:
                return

    def look_up(self, feed: FeedData, items: Sequence[KnownItem]) -> Iterator[tuple[str, ItemData | None]]:
        """Yield (external id, what the network says now) of known items of one feed, `lookup_size` at most.

        None: it was looked for, and is not listed. What could not be looked for to the end does not come.
        """
        raise SearchNotSupported("no_search", network=self.label)

    def fetch_items(self, feed: FeedData, watch: FeedWatch | None = None) -> Iterator[ItemData | int]:
        """Yield the whole feed as a stream; `watch` shows its bytes, bad rows and waits. Ids may come twice.

        In place of the item of a row that `watch.known` knows comes the row's place there.

        Raise `FeedUnchanged` before the first item when it is as `watch.state` says, `NetworkUnavailable`
        when it broke off before its own sign of completeness, so that a caller who replaces an index only
        after the last item never replaces it with half a feed.
        """
        raise NotImplementedError

    def tracking_url(self, url: str, sub_id: str) -> str:
        """Return `url` with our label in it, where this network wants it. Pure (docs/networks/README.md)."""
        raise NotImplementedError


def _has_several(value: object) -> bool:
    return isinstance(value, tuple) and len(value) > 1
