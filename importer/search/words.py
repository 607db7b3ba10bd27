"""What a search looks for, in words."""

from django.utils.formats import date_format
from django.utils.timezone import localtime

from importer.models import Feed, NetworkAccount
from importer.networks import NETWORKS
from importer.networks.query import ItemQuery

_FLAGS = {
    "on_sale": "reduced",
    "in_stock": "in stock",
    "has_picture": "with a picture",
    "has_gtin": "with an EAN",
    "not_imported": "not imported yet",
}
_SORTS = {"price": "cheapest first", "-price": "dearest first", "discount": "biggest reduction first"}


def describe_query(query: ItemQuery, *, short: bool = False) -> str:
    """Return what the query asks for: “boot”, brand Ecco, up to 80 EUR, newest first.

    `short`: without the order.
    """
    parts = [f"“{query.keywords}”"] if query.keywords else []
    networks = [NETWORKS[slug].label if slug in NETWORKS else slug for slug in query.networks]
    parts += [" or ".join(networks)] if networks else []
    if query.account_id:
        account = NetworkAccount.objects.filter(pk=query.account_id).first()
        parts.append(f"account {account or 'that is gone'}")
    if query.feed_ids:
        feeds = Feed.objects.filter(pk__in=query.feed_ids).select_related("program")
        parts.append(f"feed {_some(list(map(str, feeds)) or ['that is gone'])}")
    for noun, values in (
        ("program", query.programs),
        ("shop", query.shops),
        ("brand", query.brands),
        ("category", query.categories),
        ("id", query.ids),
    ):
        parts += [f"{noun} {_some(values)}"] if values else []
    parts += [f"EAN {query.gtin}"] if query.gtin else []
    for word, price in (("from", query.min_price), ("up to", query.max_price)):
        parts += [f"{word} {price} {query.currency}".strip()] if price is not None else []
    if query.currency and query.min_price is None and query.max_price is None:
        parts.append(f"in {query.currency}")
    parts += [words for name, words in _FLAGS.items() if getattr(query, name)]
    if query.new_since:
        parts.append(f"new since {date_format(localtime(query.new_since), 'j M Y H:i')}")
    text = ", ".join(parts) or "Everything"
    return text if short else f"{text}, {_SORTS.get(query.sort, 'newest first')}"


def _some(values: list[str] | tuple[str, ...]) -> str:
    shown = " or ".join(values[:3])
    return f"{shown} or {len(values) - 3:,} more" if len(values) > 3 else shown
