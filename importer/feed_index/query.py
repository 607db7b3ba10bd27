"""What a person looks for in the index -> a tsquery and SQL conditions."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache

from django.db import connection

from catalog.lib.gtin import parse_gtin
from catalog.lib.words import config_of, words_of
from catalog.models import Offer
from importer.feed_index import lexemes as words
from importer.feed_index.blocked import Blocked
from importer.feed_index.objects import get_feeds_and_blocked
from importer.feed_index.stems import WordForms
from importer.feed_index.vocabulary import find_words
from importer.models import Feed
from importer.networks.query import ItemQuery

MIN_PREFIX = 2  # letters; a shorter beginning would be half of the index
MAX_WORDS = 30
MAX_ENDINGS = 30  # words that begin alike and are looked for one by one, which the index does much faster
LONGEST_SYNC = timedelta(days=1)  # from the draw of an item's id until the item is seen
MAX_FEED_TOKENS = 50  # more feeds are filtered by their column

_CHUNK = re.compile(r'(-?)(?:"([^"]*)"?|(\S+))')


@dataclass(slots=True)
class Condition:
    """A query for PostgreSQL: `lexemes` and `beginning` are joined with & into one tsquery, `sql` is ANDed.

    `beginning` is the part with the last word, which many lexemes may begin with; `words` are the others.
    """

    feeds: dict[int, Feed]
    words: list[str] = field(default_factory=list)
    beginning: str = ""
    lexemes: list[str] = field(default_factory=list)
    sql: list[str] = field(default_factory=list)
    params: list = field(default_factory=list)

    @property
    def text(self) -> str:
        """The part of the tsquery that ranks."""
        return " & ".join(filter(None, [*self.words, self.beginning]))

    def add(self, sql: str, *params) -> None:
        self.sql.append(sql)
        self.params += params

    def where(self, *, with_beginning: bool = True) -> tuple[str, list]:
        """Return the SQL after WHERE and its parameters, for items and samples of items alike."""
        lexemes = [
            *self.words,
            *self.lexemes,
            *([self.beginning] if with_beginning and self.beginning else []),
        ]
        if not lexemes:
            return " AND ".join(self.sql), [*self.params]
        return " AND ".join(["item.search @@ %s::tsquery", *self.sql]), [" & ".join(lexemes), *self.params]

    def source(self, *, is_beginning_read: bool = False) -> tuple[str, list]:
        """Return the SQL after FROM and its parameters: the matches as `item`.

        `is_beginning_read`: rows with all the rest are read and compared with the beginning, instead of
        asking the GIN index for every word that begins so.
        """
        where, params = self.where(with_beginning=not is_beginning_read)
        source = f"importer_feeditem AS item WHERE item.missing_at IS NULL AND {where}"
        if is_beginning_read:
            rows = f"(SELECT item.* FROM {source} OFFSET 0)"
            return f"{rows} AS item WHERE item.search @@ %s::tsquery", [*params, self.beginning]
        return source, params

    def sample(self) -> tuple[str, list]:
        """Return the same for the random samples."""
        where, params = self.where()
        return f"importer_sampleitem AS item WHERE {where}", params


def compile_query(query: ItemQuery) -> Condition:
    """Return the condition that finds what the query asks for in the mirrored feeds that were read.

    Variants are found in their feed, mirrored or not: what its network's search answered is stored here, too.
    """
    feeds, blocked = get_feeds_and_blocked(
        networks=query.networks,
        account_id=query.account_id,
        programs=query.programs,
        feed_ids=query.feed_ids,
        of_item=query.variants_of,
    )
    condition = Condition(feeds)
    condition.add("item.feed_id = ANY(%s)", list(condition.feeds))
    _add_blocked(condition, blocked, is_wanted=query.blocked)
    if query.variants_of is not None:
        same = "(SELECT {} FROM importer_feeditem WHERE id = %s)"
        condition.add(
            f"item.feed_id = {same.format('feed_id')} AND item.variant_key = {same.format('variant_key')}"
            " AND item.variant_key <> ''",
            query.variants_of,
            query.variants_of,
        )
        return condition
    _add_scope_tokens(condition, query)
    if gtin := parse_gtin(query.keywords):
        _add_ids(condition, [gtin])
    else:
        configs = {_config(feed) for feed in feeds.values()}
        condition.words, condition.beginning = _text_query(query.keywords, configs)
    _add_filters(condition, query)
    if query.gtin:
        _add_ids(condition, [query.gtin])
    if query.ids:
        _add_ids(condition, query.ids)
    if query.new_since:
        _add_new(condition, query.new_since)
    if query.not_imported:
        offer = Offer._meta.db_table
        condition.add(f"NOT EXISTS (SELECT FROM {offer} AS offer WHERE offer.source_key = item.source_key)")
    return condition


def compile_ids(ids: Sequence[str]) -> Condition:
    """Return the condition that finds what has one of these EANs or ids, blocked or not."""
    feeds, _ = get_feeds_and_blocked()
    condition = Condition(feeds)
    condition.add("item.feed_id = ANY(%s)", list(feeds))
    _add_ids(condition, ids)
    return condition


def _add_blocked(condition: Condition, blocked: Blocked, *, is_wanted: bool) -> None:
    """Leave out what is blocked, or (`is_wanted`) all else."""
    if is_wanted:
        sql, params = blocked.condition()
        condition.add(sql, *params)
        return
    if blocked.lexemes:
        condition.lexemes.append(f"!({blocked.lexemes})")
    for sql in blocked.exceptions():
        condition.add(sql)


# --- Where -------------------------------------------------------------------------------------
def _add_scope_tokens(condition: Condition, query: ItemQuery) -> None:
    """Let the index itself narrow down to few accounts or feeds."""
    feeds = condition.feeds.values()
    if (query.programs or query.feed_ids) and 0 < len(feeds) <= MAX_FEED_TOKENS:
        condition.lexemes.append(_any(words.feed_token(feed.pk) for feed in feeds))
    elif (query.networks or query.account_id) and feeds:
        condition.lexemes.append(_any({words.account_token(feed.account_id) for feed in feeds}))


def _add_filters(condition: Condition, query: ItemQuery) -> None:
    for make_token, values in ((words.shop_token, query.shops), (words.brand_token, query.brands)):
        if values:
            condition.lexemes.append(_any(map(make_token, values)))
    if query.categories:
        # The last token stands for the whole path.
        condition.lexemes.append(_any(words.category_tokens(path)[-1] for path in query.categories))
    if query.currency:
        condition.lexemes.append(_quote(words.currency_token(query.currency)))
    for wanted, token in (
        (query.on_sale, words.ON_SALE),
        (query.in_stock, words.IN_STOCK),
        (query.has_picture, words.HAS_PICTURE),
        (query.has_gtin, words.HAS_GTIN),
    ):
        if wanted:
            condition.lexemes.append(_quote(token))
    if query.min_price is not None:
        condition.add("item.price >= %s", query.min_price)
    if query.max_price is not None:
        condition.add("item.price <= %s", query.max_price)


def _add_new(condition: Condition, since: datetime) -> None:
    """Leave out what was seen before. Ids, of which there is an index, rise with the time they were drawn."""
    condition.add("item.first_seen_at > %s", since)
    with connection.cursor() as cursor:
        drawn = since - LONGEST_SYNC
        cursor.execute("SELECT max(id) FROM importer_sampleitem WHERE first_seen_at <= %s", [drawn])
        (seen_id,) = cursor.fetchone()
    if seen_id is not None:
        condition.add("item.id > %s", seen_id)


def _add_ids(condition: Condition, ids: Sequence[str]) -> None:
    condition.add(
        "(item.gtin <> '' AND item.gtin = ANY(%s) OR item.feed_id = ANY(%s) AND item.external_id = ANY(%s))",
        [gtin for value in ids if (gtin := parse_gtin(value))],
        list(condition.feeds),
        [*ids],
    )


# --- Words -------------------------------------------------------------------------------------
def _text_query(text: str, configs: set[str]) -> tuple[list[str], str]:
    """Return words as tsqueries, as written or in a form of the feeds' languages.

    The last one is apart where too many words begin so to name them.
    """
    wanted: list[tuple[bool, bool, list[str]]] = []  # is excluded, is a phrase, words
    for minus, phrase, chunk in _CHUNK.findall(text):
        if found := words_of(phrase or chunk):
            wanted.append((bool(minus), bool(phrase), found[:MAX_WORDS]))
    wanted = wanted[:MAX_WORDS]
    forms = _word_forms({word for _, _, found in wanted for word in found}, configs)
    parts, beginning = [], ""
    for place, (is_excluded, is_phrase, found) in enumerate(wanted, 1):
        if is_phrase:
            part = " <-> ".join(map(_quote, found))
        else:
            if place == len(wanted) and not is_excluded and len(found[-1]) >= MIN_PREFIX:
                *found, last = found
                endings = find_words(last, MAX_ENDINGS + 1)
                if len(endings) > MAX_ENDINGS:
                    beginning = f"({' | '.join([f'{_quote(last)}:*', *map(_quote, forms[last][1:])])})"
                else:
                    parts.append(_any({*endings, *forms[last]}))
            part = " & ".join(_any(forms[word]) for word in found)
        if part:
            parts.append(f"!({part})" if is_excluded else f"({part})")
    return parts, beginning


def _word_forms(found: set[str], configs: set[str]) -> Mapping[str, list[str]]:
    return _known_forms(frozenset(configs)).learn(found)


@lru_cache(maxsize=100)
def _known_forms(configs: frozenset[str]) -> WordForms:
    return WordForms(configs)


def _config(feed: Feed) -> str:
    return config_of(feed.language, feed.program.market if feed.program else "")


def _any(lexemes: Iterable[str]) -> str:
    return f"({' | '.join(map(_quote, sorted(lexemes)))})"


def _quote(lexeme: str) -> str:
    # Words and tokens hold neither quotes nor backslashes.
    return f"'{lexeme}'"
