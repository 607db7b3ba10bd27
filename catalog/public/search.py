"""Search among published products, and what to propose where there is no page."""

import re

from django.contrib.postgres.search import SearchQuery
from django.db.models import Q, QuerySet
from django.utils.text import slugify

from catalog.lib.gtin import parse_gtin
from catalog.models import Brand, Product
from catalog.public.listing import published_products, with_card

MAX_QUERY_WORDS = 10
SUGGESTIONS = 4
MAX_WORDS = 4


def find_products(query: str) -> QuerySet[Product]:
    """Return what has the words in its title (each may be a beginning), or is of that brand or EAN."""
    words = re.findall(r"\w+", query)[:MAX_QUERY_WORDS]
    if not words:
        return published_products().none()
    # Quoted, so that no word is taken for an operator; \w leaves neither quote nor backslash in it.
    terms = " & ".join(f"'{word}':*" for word in words)
    found = Q(search=SearchQuery(terms, config="simple", search_type="raw"))
    # Asked first: PostgreSQL can join the title's index with a list of brands, not with a question.
    if brands := list(Brand.objects.filter(name__iexact=query).values_list("pk", flat=True)):
        found |= Q(brand__in=brands)
    if gtin := parse_gtin(query):
        found |= Q(gtin=gtin)
    return published_products().filter(found)


def suggest_products(path: str) -> list[Product]:
    """Return a few products whose titles have words of an address that leads nowhere."""
    words = slugify(path.rstrip("/").rpartition("/")[2][:200]).split("-")
    longest = sorted((word for word in words if len(word) > 2), key=len, reverse=True)[:MAX_WORDS]
    # Fewer and fewer words: "red-trail-shoe-2019" may be "Trail shoe" now. No order: the first found will do.
    for count in range(len(longest), 0, -1):
        if found := list(with_card(find_products(" ".join(longest[:count])))[:SUGGESTIONS]):
            return found
    return []
