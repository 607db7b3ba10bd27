"""TradeTracker's products and links: pure functions (docs/networks/tradetracker.md 1, 4, 5, 8)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

from catalog.lib.addresses import host_of
from importer.networks import columns as names
from importer.networks.columns import Fields
from importer.networks.contract import FeedData, ItemData
from importer.networks.items import category_path, find_sale_dates, make_item, unquoted
from importer.normalise import clean_currency

# Products carry no currency: this is what the account's country pays with.
LOCALE_CURRENCIES = {
    **dict.fromkeys(("nl_BE", "fr_BE", "de_DE", "et_EE", "es_ES", "fr_FR", "it_IT", "nl_NL"), "EUR"),
    **dict.fromkeys(("de_AT", "fi_FI"), "EUR"),
    **{"cs_CZ": "CZK", "da_DK": "DKK", "en_GB": "GBP", "hu_HU": "HUF", "nb_NO": "NOK", "pl_PL": "PLN"},
    **{"sv_SE": "SEK", "ru_RU": "RUB", "pt_BR": "BRL", "ar_AE": "AED", "es_MX": "MXN"},
}
REFERENCE_LENGTH = 255
DEEP_LINK = "12"  # the material id that stands for "any page", not a feed


@dataclass(frozen=True, slots=True)
class Link:
    """What a tracking link says about its product."""

    campaign_id: str = ""
    feed_id: str = ""
    shop_url: str = ""


def parse_link(url: str) -> Link:
    """Read a tc link (`c= m= u=`) or a direct link (`tt=campaign_material_site_reference`, `r=` the shop)."""
    parts = url.partition("?")[2].partition("#")[0].split("&")
    query = {name: value for name, _, value in (part.partition("=") for part in parts)}
    if "tt" in query:
        campaign, feed, *_ = (*query["tt"].split("_"), "", "")
        target = unquoted(query.get("r", "").replace("+", " "))
    else:
        campaign, feed, target = (
            query.get("c", ""),
            query.get("m", ""),
            unquoted(query.get("u", "").replace("+", " ")),
        )
    return Link(
        campaign_id=campaign if campaign.isdecimal() else "",
        feed_id=feed if feed.isdecimal() and feed != DEEP_LINK else "",
        shop_url=target if target.startswith("http") else unquote(target) if "%3A" in target else "",
    )


def parse_product(
    product: Any, currency: str, feed: FeedData | None = None, campaign_names: Mapping[str, str] | None = None
) -> ItemData:
    """Return the item of a `FeedProduct`; `currency` is the one of the account's locale."""
    return make_product(
        [(extra.name, extra.value) for extra in _extras(product)],
        external_id=product.identifier,
        title=product.name,
        description=product.description,
        category=product.productCategoryName,
        price=product.price,
        link=product.productURL or "",
        images=[product.imageURL],
        locale_currency=currency,
        feed=feed,
        campaign_names=campaign_names,
    )


def make_product(
    pairs: list[tuple[object, object]],
    *,
    external_id: object,
    title: object,
    description: object,
    category: object,
    price: object,
    link: str,
    images: list[object],
    locale_currency: str,
    currency: object = "",
    feed: FeedData | None = None,
    campaign_names: Mapping[str, str] | None = None,
) -> ItemData:
    """Return the item; `pairs` are the shop's own columns, and fill in for what the network's leave open."""
    columns = Fields(pairs)
    said = parse_link(link)
    campaign = said.campaign_id or (feed.program_id if feed else "")
    shop = (campaign_names or {}).get(campaign) or (feed.program_name if feed else "")
    return make_item(
        feed_id=feed.external_id if feed else said.feed_id or campaign,
        external_id=external_id,
        program_id=campaign,
        shop_name=shop or host_of(said.shop_url),
        title=title,
        description=description or columns.first(names.DESCRIPTION),
        brand=columns.first(names.BRAND),
        category=category_path(category or columns.first(names.CATEGORY), columns),
        price=price,
        currency=_currency(currency, *columns.all(names.CURRENCY)),
        default_currency=locale_currency,
        feed=feed,
        sale_price=columns.first(names.SALE_PRICE),
        sale_dates=find_sale_dates(columns),
        old_prices=columns.all(names.OLD_PRICE),
        shipping=columns.first(names.SHIPPING),
        gtins=columns.all(names.GTIN),
        stock=columns.first(names.STOCK),
        link=link,
        product_url=said.shop_url,
        images=[*columns.all(names.LARGE_IMAGES), *images, *columns.all(names.IMAGES)],
        attributes=pairs,
    )


def _currency(*said: object) -> object:
    """Return the first that is a code, else the first of all."""
    for value in said:
        if code := clean_currency(value):
            return code
    return next(filter(None, said), "")


def _extras(product: Any) -> list[Any]:
    """Return the list in `additional`, whatever its container is called; empty when nil."""
    container = product.additional
    while container is not None and not isinstance(container, list):
        container = next((container[name] for name in container), None)
    return [extra for extra in container or () if extra is not None]


def clean_reference(sub_id: str) -> str:
    """Return `sub_id` in the characters of a reference; an underscore would cut it short on direct links."""
    return re.sub(r"[^A-Za-z0-9~:.,|*-]", "-", sub_id)[:REFERENCE_LENGTH]


def with_reference(url: str, sub_id: str) -> str:
    """Return the link with `sub_id` as reference: `r=` on tc links, the end of `tt=` on direct ones."""
    head, mark, query = url.partition("?")
    if not mark:
        return url
    reference = quote(clean_reference(sub_id), safe="~:.,|*-")
    if found := re.search(r"(?:^|&)tt=([^&#]*)", query):
        parts = [*found[1].split("_"), "", "", ""][:3]
        return f"{head}?{query[: found.start(1)]}{'_'.join(parts)}_{reference}{query[found.end(1) :]}"
    if not re.search(r"(?:^|&)c=\d", query):
        return url  # a bare shop link: nobody would read it
    if found := re.search(r"(?:^|&)r=([^&#]*)", query):
        return f"{head}?{query[: found.start(1)]}{reference}{query[found.end(1) :]}"
    before, target_mark, target = query.partition("&u=")
    return f"{head}?{before}&r={reference}{target_mark}{target}"
