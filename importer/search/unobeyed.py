"""What a network's own search cannot obey, in one sentence."""

from collections.abc import Collection

from importer.networks.contract import Network

_FILTERS = {
    "keywords": "keyword",
    "networks": "network",
    "programs": "program",
    "feed_ids": "feed",
    "shops": "shop",
    "brands": "brand",
    "categories": "category",
    "min_price": "price",
    "max_price": "price",
    "currency": "currency",
    "on_sale": "reduction",
    "in_stock": "stock",
    "has_picture": "picture",
    "has_gtin": "a known EAN",
    "not_imported": "what is imported already",
    "blocked": "what is blocked",
    "new_since": "what is new",
    "gtin": "EAN",
    "ids": "a list of EANs or ids",
    "variants_of": "variants of a model",
}


def explain_unobeyed(network: type[Network], names: Collection[str]) -> str:
    """Return what the network's search cannot do with these fields of a query; "" for none."""
    words = [
        f"more than one {word}" if name in network.search_filters else word
        for name, word in _FILTERS.items()
        if name in names
    ]
    parts = [f"filter by {_either(list(dict.fromkeys(words)))}"] if words else []
    parts += ["sort that way"] if "sort" in names else []
    return f"{network.label} cannot {_either(parts)}." if parts else ""


def _either(words: list[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last
