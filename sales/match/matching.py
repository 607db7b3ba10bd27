"""From a sub-id to the offer that was clicked. The first of these that gives a product counts:

1. `exact`: the offer that the sub-id names, of the shop whose program the sale is of; or the only offer that
   this shop has on the product that it names.
2. `product`: the product that it names; its offer is gone, or the sale is of another shop.
3. `hint`: the offer of the product number that the network gives, known about the time of the sale.
4. `product`, by a person's rule.
5. `shop`: the shop of the program. 6. `none`.

Products that were joined are their successors, and an offer is on the product where it is now. That an offer
was on another one when the link was made is known from `OfferStay`.
"""

from collections.abc import Collection, Iterator

from django.db import connection

from catalog.clicks.subid import parse_sub_id
from catalog.lib.named_sql import read_statements
from sales.match.patterns import fits
from sales.models import MatchRule, Sale

_SQL = read_statements(__file__)
CHUNK = 5_000
HINT_DAYS = 90  # a network's product numbers are used again


def match_sales(ids: Collection[int]) -> int:
    """Match these sales anew, within the caller's transaction; return how many are matched otherwise now."""
    rules = list(MatchRule.objects.all())
    count = 0
    ordered = sorted(ids)
    for start in range(0, len(ordered), CHUNK):
        count += _match(ordered[start : start + CHUNK], rules)
    return count


def _match(ids: list[int], rules: list[MatchRule]) -> int:
    sales = Sale.objects.filter(pk__any=ids).order_by("pk")
    facts = sales.values_list("pk", "sub_id", "sub_id2", "account__network", "program_key")
    rows = [_read(rules, *row) for row in facts]
    if not rows:
        return 0
    columns = [list(column) for column in zip(*rows, strict=True)]
    names = ("ids", "products", "places", "offers", "rules")
    values = dict(zip(names, columns, strict=True)) | {"hint_days": HINT_DAYS}
    with connection.cursor() as cursor:
        cursor.execute(_SQL["match"], values)
        return cursor.rowcount


def _read(rules: list[MatchRule], pk: int, sub_id: str, other: str, network: str, program_key: str) -> tuple:
    named = parse_sub_id(sub_id) or parse_sub_id(other)
    rule = next((each.pk for each in rules if is_ruled(each, (sub_id, other), network, program_key)), None)
    if named is None:
        return pk, None, "", None, rule
    return pk, named.product_id, named.place, named.offer_id, rule


def is_ruled(rule: MatchRule, sub_ids: tuple[str, str], network: str, program_key: str) -> bool:
    """Tell whether a rule is about a sale with these sub-ids."""
    return (
        rule.network in ("", network)
        and rule.program_key in ("", program_key)
        and any(sub_id and fits(rule.pattern, sub_id) for sub_id in sub_ids)
    )


def find_astray(*, after: int, limit: int = CHUNK) -> list[int]:
    """Return ids, from `after` on, of sales that the catalogue contradicts by now, in order."""
    with connection.cursor() as cursor:
        cursor.execute(_SQL["find_astray"], {"after": after, "limit": limit})
        return [pk for (pk,) in cursor.fetchall()]


def sales_about(products: Collection[int], offers: Collection[int]) -> Iterator[list[int]]:
    """Yield ids of the sales that are on these products and offers, or whose sub-id names one."""
    with connection.cursor() as cursor:
        cursor.execute(_SQL["find_about"], {"products": list(products), "offers": list(offers)})
        ids = sorted(pk for (pk,) in cursor.fetchall())
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]
