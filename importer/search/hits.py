"""Search a network, or the index of its feeds."""

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from django.db.models import Count, Q

from catalog.models import Product
from importer import feed_index
from importer.accounts.accounts import network_of, record_failure, upsert_programs
from importer.feed_index import FIRST_PAGE, IndexPage, Paging, find_blocks
from importer.http.errors import Busy
from importer.models import Block, Feed, FeedItem, NetworkAccount
from importer.networks import NETWORKS
from importer.networks.contract import ItemData, ItemQuery, Network, NetworkError, ProgramData
from importer.networks.query import STARTING
from importer.reasons import Reason
from importer.search.joining import Catalogue, Found
from importer.search.known import find_known, own_gtin
from importer.sentences import say

MAX_CATEGORIES = 500
LONGEST_SEARCH = 30.0  # seconds that a person waits for a network, however many requests it takes
LONGEST_NOTICE = 5.0  # seconds more to tell whether the currency hid hits
NO_BLOCKS: Mapping[int, Block] = {}


@dataclass(frozen=True, slots=True)
class Hit:
    """A search hit: the item, the product it already is, and the product that is found for it, if any.

    `block`: why no search shows it.
    """

    item: FeedItem
    product: Product | None
    found: Found | None = None
    block: Block | None = None

    @property
    def joins(self) -> Product | None:
        """The product that an import would add its offer to."""
        if self.found is None or self.found.is_apart or self.found.doubt or self.is_trashed:
            return None
        return self.found.product

    @property
    def is_trashed(self) -> bool:
        """Whether an import would refuse it, as what it is an offer of is in the trash."""
        return bool(
            self.found
            and not self.found.is_apart
            and not self.found.doubt
            and self.found.product.status == Product.Status.TRASHED
        )

    @property
    def known(self) -> Product | None:
        """The product that the catalogue has of it, whatever comes of that."""
        return self.product or (self.found.product if self.found else None)

    @property
    def makes_product(self) -> bool:
        """Whether an import of it makes a product, which takes what a person types about it."""
        return self.product is None and self.joins is None and not self.is_trashed


@dataclass(frozen=True, slots=True)
class SearchResult:
    """One page of hits. `total`: None where the network does not count; `is_live`: the network was asked,
    without the fields that are `unobeyed`. `hidden`: hits of this page that are blocked and left out.
    """

    hits: list[Hit]
    total: int | None
    has_next: bool
    notice: str
    is_live: bool
    unobeyed: frozenset[str] = frozenset()
    hidden: int = 0


@dataclass(frozen=True, slots=True)
class IndexResult:
    """A page of the search over all mirrored feeds, with what the catalogue has of its hits."""

    page: IndexPage
    hits: list[Hit]


def search(account: NetworkAccount, query: ItemQuery, page: int = 1, page_size: int = 25) -> SearchResult:
    """Return a page, from 1, of the account's products, stored as feed items so that they can be imported.

    Asks the mirror where all the feeds that the query is about are mirrored, else the network. Raises
    NetworkError, which is in the log. Its notice says when the currency hid hits.
    """
    query = replace(query.comparable, account_id=account.pk)
    try:
        if is_mirrored(account, query.programs):
            result = _search_mirror(query, page, page_size)
        else:
            result = _search_live(account, query, page, page_size)
    except Busy:
        raise
    except NetworkError as error:
        record_failure(account.network, _describe(query, page), error, account=account)
        raise
    return _with_currency_notice(account, query, result, page)


def _search_mirror(query: ItemQuery, page: int, page_size: int) -> SearchResult:
    paging = Paging(offset=(page - 1) * page_size, limit=page_size, max_facets=0)
    found = feed_index.search(query, paging)
    hits = _indexed_hits(query, found)
    return SearchResult(hits, found.total, bool(found.next_cursor), "", is_live=False)


def _search_live(account: NetworkAccount, query: ItemQuery, page: int, page_size: int) -> SearchResult:
    """Ask the network for what it can obey; for nothing, where the rest would be everything that it has.

    The network knows nothing of what is blocked here, and counts it.
    """
    network = _ask(account, LONGEST_SEARCH)
    if unobeyed := network.unobeyed(query):
        query = query.without(unobeyed)
        if not query.asked & STARTING:
            return SearchResult([], 0, False, "", is_live=True, unobeyed=unobeyed)
    answer = network.search(query, page, page_size)
    items = store_hits(account, answer.items, network)
    notice = say(answer.notice) if answer.notice else ""
    blocks = find_blocks([item.pk for item in items])
    shown = [item for item in items if (item.pk in blocks) == query.blocked]
    return SearchResult(
        get_hits(shown, blocks),
        answer.total,
        answer.has_next,
        notice,
        is_live=True,
        unobeyed=unobeyed,
        hidden=0 if query.blocked else len(items) - len(shown),
    )


def _ask(account: NetworkAccount, seconds: float) -> Network:
    """Return the account's network, which answers all requests together within so many seconds, or fails."""
    network = network_of(account)
    network.http.ends_at = time.monotonic() + seconds
    return network


def _with_currency_notice(
    account: NetworkAccount, query: ItemQuery, result: SearchResult, page: int
) -> SearchResult:
    """Say when the price range leaves out hits in other currencies than the account's."""
    if not query.currency or page > 1 or result.notice or result.unobeyed:
        return result
    in_all = query.without({"currency"})
    try:
        if result.is_live:
            answer = _ask(account, LONGEST_NOTICE).search(in_all, page_size=1)
            total, found = answer.total, bool(answer.items)
        else:
            first = feed_index.search(in_all, Paging(limit=1, max_facets=0))
            total, found = first.total, bool(first.items)
    except NetworkError:
        return result  # the hits are there all the same
    shown = result.total if result.total is not None else len(result.hits)
    if not (found and not result.hits) and not (total is not None and not result.has_next and total > shown):
        return result
    return replace(result, notice=say(Reason("currency_hides_hits", {"currency": query.currency})))


def search_index(query: ItemQuery, paging: Paging = FIRST_PAGE) -> IndexResult:
    """Return a page of the search over every mirrored feed of every network; asks no network."""
    page = feed_index.search(query, paging)
    return IndexResult(page, _indexed_hits(query, page))


def _indexed_hits(query: ItemQuery, page: IndexPage) -> list[Hit]:
    """Return the hits of a page of the mirror, which has what is blocked only where it was asked for."""
    return get_hits(page.items, find_blocks([item.pk for item in page.items]) if query.blocked else {})


def count_blocked(query: ItemQuery) -> tuple[int, bool]:
    """Return how many mirrored items the query would find if they were not blocked; if that is an estimate.

    One small query where nothing is blocked.
    """
    if not feed_index.read_blocked():
        return 0, False
    page = feed_index.search(replace(query, blocked=True), Paging(limit=1, max_facets=0))
    return page.total, page.is_estimate


def is_mirrored(account: NetworkAccount, programs: Collection[str] = ()) -> bool:
    """Is what a search of the account (or of some of its programs) is about mirrored here whole?

    A network without a search of its own is always searched here, as far as it was read.
    """
    if not NETWORKS[account.network].has_search:
        return True
    feeds = account.feeds.filter(program__external_id__in=programs) if programs else account.feeds.all()
    counts = feeds.aggregate(known=Count("pk"), here=Count("pk", filter=Q(is_searchable=True)))
    return 0 < counts["known"] == counts["here"]


def find_unobeyed(account: NetworkAccount, query: ItemQuery) -> frozenset[str]:
    """Return the query's fields that a search of the account cannot obey now; none where it is mirrored."""
    names = NETWORKS[account.network].unobeyed(query.comparable)
    return frozenset() if not names or is_mirrored(account, query.programs) else names


def store_hits(account: NetworkAccount, items: Sequence[ItemData], network: Network) -> list[FeedItem]:
    """Store what a search of the network answered, with feeds and programs it names for the first time."""
    feeds = account.feeds.select_related("program")
    known = {feed.external_id: feed for feed in feeds.filter(external_id__in={i.feed_id for i in items})}
    missing = {item.feed_id: item for item in items if item.feed_id not in known}
    _store_programs(account, items, known.values(), network)
    if missing:
        # Another search may just have stored the same feed: then its row is as good.
        program_ids = dict(account.programs.values_list("external_id", "pk"))
        Feed.objects.bulk_create(
            [
                Feed(
                    account=account,
                    external_id=feed_id,
                    name=item.shop_name or feed_id,
                    program_id=program_ids.get(item.program_id),
                    currency=item.currency,
                )
                for feed_id, item in missing.items()
            ],
            ignore_conflicts=True,
        )
        known |= {feed.external_id: feed for feed in feeds.filter(external_id__in=missing)}
    stored = feed_index.store_hits(known, items)
    by_id = {feed.pk: feed for feed in known.values()}
    for item in stored:
        item.feed = by_id[item.feed_id]
    return stored


def _store_programs(
    account: NetworkAccount, items: Sequence[ItemData], feeds: Collection[Feed], network: Network
) -> None:
    """Store the programs that the items name for the first time, with all that the search read of them."""
    named = {item.program_id: item for item in items if item.program_id}
    stored = {feed.program.external_id: feed.program.url for feed in feeds if feed.program}
    if unknown := named.keys() - stored.keys():
        stored |= account.programs.filter(external_id__in=unknown).values_list("external_id", "url")
    news = named.keys() - {program_id for program_id, url in stored.items() if url}
    known = {
        data.external_id: data
        for data in (network.known_programs(news) if news else ())
        if data.url != stored.get(data.external_id)
    }
    made = [
        ProgramData(external_id=program_id, name=named[program_id].shop_name or program_id)
        for program_id in news - known.keys() - stored.keys()
    ]
    if made or known:
        upsert_programs(account, [*known.values(), *made])


def get_hits(items: Sequence[FeedItem], blocks: Mapping[int, Block] = NO_BLOCKS) -> list[Hit]:
    """Return the items, read with their feeds, as hits in order, with what the catalogue has of them.

    One query. `blocks`: what is blocked of them, by their ids.
    """
    known = find_known(items)
    return [_hit(item, known, blocks.get(item.pk)) for item in items]


def _hit(item: FeedItem, known: Catalogue, block: Block | None) -> Hit:
    product = known.product_of(item)
    return Hit(item, product, None if product else known.find(item, own_gtin(item)), block)


def fetch_categories(account: NetworkAccount) -> list[str]:
    """Return the category names that the account's search can filter by; empty where it has none."""
    if not is_mirrored(account):
        return network_of(account).fetch_categories()
    page = feed_index.search(ItemQuery(account_id=account.pk), Paging(limit=1, max_facets=MAX_CATEGORIES))
    return sorted(str(facet.value) for facet in page.facets.get("category", []))


def _describe(query: ItemQuery, page: int) -> str:
    what = query.keywords or query.gtin or " or ".join(query.categories) or "everything"
    return f"Search for “{what}”" + (f", page {page}" if page > 1 else "")
