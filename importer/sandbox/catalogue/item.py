"""One row of one feed, as the catalogue computes it."""

from __future__ import annotations

from dataclasses import dataclass, field

from importer.sandbox.catalogue.families import Family
from importer.sandbox.catalogue.shops import Feed


@dataclass(slots=True)
class Item:
    """One row of one feed. Texts are as the shop delivers them, oddities included."""

    number: int
    feed: Feed
    index: int
    family: Family
    article: int
    brand: str
    colour: int
    model: str
    sku: str
    title: str | None
    description: str | None
    category: str | None
    gtin: str
    price: str | None  # as the shop writes it
    cents: int  # what it means
    old_cents: int | None
    stock: int
    modified_ms: int
    images: list[str] = field(default_factory=list)  # paths on this server
    link: str = ""  # path on this server, or what the shop wrote instead
    oddity: str = ""
    stock_words: str = ""  # the shop's own, in place of the network's
    group_id: str = ""  # what the shop calls the article of which this is a variant

    @property
    def currency(self) -> str:
        return self.feed.shop.market.currency


def format_cents(cents: int) -> str:
    sign, cents = ("-", -cents) if cents < 0 else ("", cents)
    return f"{sign}{cents // 100}.{cents % 100:02d}"
