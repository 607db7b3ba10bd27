"""Search among published products, and what to propose where there is no page or nothing was found."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from django.contrib.postgres.search import SearchQuery
from django.db import connection, transaction
from django.db.models import Q, QuerySet, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify

from catalog.lib.gtin import parse_gtin
from catalog.models import DailyClicks, Product
from catalog.models.words import SEPARATORS
from catalog.public.listing import published_products, with_card
from catalog.queries.search_words import Term, joined, understand

SUGGESTIONS = 4
POPULAR = 8
POPULAR_DAYS = 30
MAX_WORDS = 4
MAX_NAMES = 4  # categories, brands and shops shown of each
MAX_BRANDS = 20  # that one word may mean
MOST_IDS = 5_000  # of the products found: more are soon met in any order
_PLAN = "SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off"  # until its transaction ends
_NAME_VECTOR = "to_tsvector('simple'::regconfig, COALESCE(translate(name, %(from)s, %(to)s), ''))"
_BRANDS = f"""
    SELECT word.number, found.id FROM unnest(%(words)s::text[]) WITH ORDINALITY AS word (query, number),
    LATERAL (
        SELECT id FROM catalog_brand WHERE {_NAME_VECTOR} @@ to_tsquery('simple', word.query) LIMIT %(most)s
    ) AS found
"""  # noqa: S608 (constants)
_NAMES = " UNION ALL ".join(
    f"(SELECT '{kind}', name, slug FROM catalog_{kind} "  # noqa: S608 (constants)
    f"WHERE {_NAME_VECTOR} @@ to_tsquery('simple', %(query)s) ORDER BY length(name), name LIMIT %(most)s)"
    for kind in ("category", "brand", "shop")
)


@dataclass(frozen=True, slots=True)
class Name:
    """A category, brand or shop (`kind`) whose name has what was typed."""

    kind: str
    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found: `products`, and of these the `closest`, which have the words themselves.

    `names` are categories, brands and shops; `corrected` is the query as it was taken, "" where it was taken
    as it is.
    """

    products: QuerySet[Product]
    closest: QuerySet[Product]
    names: list[Name] = field(default_factory=list)
    corrected: str = ""


def find(query: str, language: str) -> Found:
    """Return what has all the words in its title, or some in its brand's name, or is of that EAN.

    A word may be a beginning, another form or spelling, part of a compound, or have a typo or two where no
    title has it (`understand`).
    """
    terms = understand(query, language)
    if not terms:
        nothing = published_products().none()
        return Found(nothing, nothing)
    brands = _brands(terms)
    wide, close = (_matching(terms, brands, wide=wide) for wide in (True, False))
    if gtin := parse_gtin(query):
        wide, close = wide | Q(gtin=gtin), close | Q(gtin=gtin)
    is_corrected = any(term.corrected for term in terms)
    products = _read(wide)
    return Found(
        products,
        _read(close) if any(term.parts for term in terms) else products,
        _names(terms),
        " ".join(term.corrected or term.word for term in terms) if is_corrected else "",
    )


def first_products(found: Found) -> list[Product]:
    """Return a few of the products found, the closest first, those that can be had before others."""
    sold = found.closest.filter(offer_count__gt=0).order_by("-published_at", "-id")
    products = list(with_card(sold)[:SUGGESTIONS])
    if len(products) < SUGGESTIONS and found.products is not found.closest:
        others = found.products.exclude(pk__in=[product.pk for product in products])
        products += with_card(others.order_by("-published_at", "-id"))[: SUGGESTIONS - len(products)]
    return products


def popular_products() -> list[Product]:
    """Return the products with most clicks of the last month; where nobody clicked, the newest."""
    since = timezone.localdate() - timedelta(days=POPULAR_DAYS)
    clicked = (
        DailyClicks.objects.filter(day__gt=since, product__status=Product.Status.PUBLISHED)
        .order_by()
        .values("product")
        .annotate(clicks=Sum("count"))
        .order_by("-clicks", "product")
        .values_list("product", flat=True)
    )
    ids = list(clicked[:POPULAR])
    sold = published_products().filter(offer_count__gt=0)
    found = {product.pk: product for product in with_card(sold.filter(pk__in=ids))} if ids else {}
    if not found:
        return list(with_card(sold.order_by("-published_at", "-id"))[:POPULAR])
    return [found[pk] for pk in ids if pk in found]


def suggest_products(path: str, language: str) -> list[Product]:
    """Return a few products whose titles have words of an address that leads nowhere."""
    words = slugify(path.rstrip("/").rpartition("/")[2][:200]).split("-")
    longest = sorted((word for word in words if len(word) > 2), key=len, reverse=True)[:MAX_WORDS]
    terms = understand(" ".join(longest), language)
    # Fewer and fewer words: "red-trail-shoe-2019" may be "Trail shoe" now. No order: the first found will do.
    for count in range(len(terms), 0, -1):
        found = _read(_matching(terms[:count], {}, wide=True), SUGGESTIONS)
        if products := list(with_card(found)):
            return products
    return []


def _matching(terms: Sequence[Term], brands: dict[int, list[int]], *, wide: bool) -> Q:
    """Return the condition for all words: in one look at the index, but for those that a brand may have."""
    found = Q()
    if plain := [term for number, term in enumerate(terms) if number not in brands]:
        found &= Q(search=_raw(joined(plain, wide=wide)))
    for number, ids in brands.items():
        found &= Q(search=_raw(terms[number].query(wide=wide))) | Q(brand__in=ids)
    return found


def _read(condition: Q, limit: int | None = None) -> QuerySet[Product]:
    """Return the published products of a condition (any `limit` of them), by their ids where these are few.

    PostgreSQL cannot know how many titles have a word with other choices. It would look through all products
    in the order of the page for the few that do; so these are found first, by the index of words.
    """
    products = published_products().filter(condition)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_PLAN)
        ids = list(products.order_by().values_list("pk", flat=True)[: limit or MOST_IDS + 1])
    if len(ids) > MOST_IDS:
        return products
    return published_products().filter(pk__any=f"{{{','.join(map(str, ids))}}}")


def _raw(query: str) -> SearchQuery:
    return SearchQuery(query, config="simple", search_type="raw")


def _brands(terms: Sequence[Term]) -> dict[int, list[int]]:
    """Return the ids of the brands that each word may mean, by its place."""
    found: dict[int, list[int]] = {}
    words = [term.query(wide=False, begun=False) for term in terms]
    for number, pk in _ask(_BRANDS, words=words, most=MAX_BRANDS):
        found.setdefault(number - 1, []).append(pk)
    return found


def _names(terms: Sequence[Term]) -> list[Name]:
    rows = _ask(_NAMES, query=joined(terms), most=MAX_NAMES)
    return [Name(kind, name, reverse(f"public:{kind}", args=[slug])) for kind, name, slug in rows]


def _ask(sql: str, **parameters: str | int | list[str]) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"from": SEPARATORS, "to": " " * len(SEPARATORS), **parameters})
        return cursor.fetchall()
