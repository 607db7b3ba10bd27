"""The advertiser of the sandbox: a shop with a program in two markets, whose desk the demo has a login to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OwnFeed:
    """A feed that the shop fills by itself; empty until it does."""

    feed_id: int
    program_id: int
    name: str
    currency: str
    language: str


SHOP = "Kontor & Kraut"
PROGRAMS = {295001: f"{SHOP} DE", 295002: f"{SHOP} SE"}
OWN_FEEDS = (
    OwnFeed(41001, 295001, f"{SHOP} DE products", "EUR", "de"),
    OwnFeed(41002, 295002, f"{SHOP} SE products", "SEK", "sv"),
)
