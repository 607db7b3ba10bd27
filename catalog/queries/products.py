"""Search in product titles as the dashboard does it: every word, the last one as far as it is typed."""

from django.contrib.postgres.search import SearchQuery
from django.db.models import Q

from catalog.lib.gtin import parse_gtin
from catalog.models import Product, Revision
from catalog.queries.search_words import split_words

PRODUCTS_OFFERED = 8


def matching(text: str) -> Q:
    """Return the products whose title has all words of `text`, or whose EAN it is. The last may be begun.

    Nothing typed is a syntax error: words are letters and digits.
    """
    words = split_words(text)[:20]
    if not words:
        return Q(pk=None) if text.strip() else Q()
    query = " & ".join(f"'{word}'" for word in words)
    found = Q(search=SearchQuery(f"{query}:*", search_type="raw", config="simple"))
    if gtin := parse_gtin(text.strip()):
        found |= Q(gtin=gtin)
    return found


def find_products(text: str, *, without: int | None = None) -> list[Product]:
    """Return a few products to choose from: with all words of `text`, each as far as it is typed.

    The trash and the product `without` are left out; nothing typed, nothing found.
    """
    words = [f"{word}:*" for word in split_words(text)]
    if not words:
        return []
    query = SearchQuery(" & ".join(words), search_type="raw", config="simple")
    found = Product.objects.filter(search=query).exclude(status=Product.Status.TRASHED)
    return list((found.exclude(pk=without) if without else found)[:PRODUCTS_OFFERED])


def count_of_cause(cause: str, *, most: int) -> tuple[int, int] | None:
    """Return how many products a run or action made or changed that are not in the trash, and the drafts.

    None where there are more than `most`: who has a million of them is not to wait for their count.
    """
    ids = Revision.objects.filter(cause=cause).order_by().values("product_id")
    rows = Product.objects.filter(pk__in=ids).exclude(status=Product.Status.TRASHED).order_by()
    statuses = list(rows.values_list("status", flat=True)[: most + 1])
    if len(statuses) > most:
        return None
    return len(statuses), statuses.count(Product.Status.DRAFT)
