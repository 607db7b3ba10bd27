"""The made-up shops, and the feeds that offer them on the three networks."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from importer.sandbox.catalogue.families import FAMILIES, Family


@dataclass(frozen=True, slots=True)
class Market:
    code: str
    currency: str
    language: str
    rate: Decimal  # currency units per euro
    step: Decimal  # what prices are rounded to
    name: str


MARKETS = {
    market.code: market
    for market in (
        Market("SE", "SEK", "sv", Decimal("11.20"), Decimal("1"), "Sweden"),
        Market("DE", "EUR", "de", Decimal("1"), Decimal("0.01"), "Germany"),
        Market("GB", "GBP", "en", Decimal("0.86"), Decimal("0.01"), "United Kingdom"),
        Market("DK", "DKK", "da", Decimal("7.46"), Decimal("1"), "Denmark"),
        Market("NO", "NOK", "nb", Decimal("11.60"), Decimal("1"), "Norway"),
        Market("CH", "CHF", "de", Decimal("0.95"), Decimal("0.05"), "Switzerland"),
    )
}


@dataclass(frozen=True, slots=True)
class Shop:
    number: int  # from 1
    slug: str
    name: str
    market: Market
    departments: tuple[str, ...]
    colour: str
    weight: int

    @property
    def families(self) -> tuple[Family, ...]:
        return tuple(family for family in FAMILIES if family.department in self.departments)


@dataclass(frozen=True, slots=True)
class Feed:
    """One shop's product list on one network.

    `state` is "connected"; or "pending", "rejected", "open" (never applied for): a program without items
    for us; or "unlinked": the program is ours, the feed is not connected yet (tradedoubler.md 5).
    """

    number: int
    network: str
    feed_id: int
    program_id: int
    shop: Shop
    state: str

    @property
    def key(self) -> str:
        return f"{self.network}:{self.feed_id}"

    @property
    def weight(self) -> int:
        """Its share of the catalogue. Tradedoubler has the most: at 3,000 items its cap of 1,000 is met."""
        return self.shop.weight * (3 if self.network == "tradedoubler" else 2)


# slug | name | market | departments | colour | weight | networks (with the state where it is not "connected")
_TABLE = """
otto|OTTO|DE|sport home tech tools fashion play|#e3001b|14|tradedoubler tradetracker
werkhaus|Werkhaus Nord|DE|tools home|#1f5c99|5|adtraction tradetracker
klangstudio|Klangstudio|DE|tech|#5b2a86|4|tradedoubler adtraction
alpenpfad|Alpenpfad|DE|sport fashion|#2f6b4f|5|adtraction tradetracker
kuechenglueck|Küchenglück|DE|home|#c2571a|4|tradedoubler adtraction tradetracker
lesefuchs|Lesefuchs|DE|play|#a63d40|3|adtraction tradetracker
elektrowelt|Elektrowelt 24|DE|tech home|#0f7b8a|5|adtraction tradetracker
modehafen|Modehafen|DE|fashion|#33415c|3|tradedoubler adtraction
gartenfroh|Gartenfroh|DE|tools|#4d7c0f|2|tradetracker adtraction=pending
spielkiste|Spielkiste|DE|play|#d97706|2|tradetracker=pending adtraction
sparmarkt|Sparmarkt Direkt|DE|home tools|#be123c|2|adtraction=rejected tradetracker=rejected
neuladen|Neuladen|DE|tech fashion|#475569|1|adtraction=open tradetracker=open
fjallbutiken|Fjällbutiken|SE|sport fashion|#14532d|5|tradedoubler adtraction
hemochljus|Hem & Ljus|SE|home|#b45309|4|tradedoubler adtraction tradetracker
teknikborgen|Teknikborgen|SE|tech|#1d4ed8|4|tradedoubler adtraction
verktygsboden|Verktygsboden|SE|tools|#92400e|3|tradedoubler adtraction tradetracker
bokstugan|Bokstugan|SE|play|#7c2d12|2|adtraction
kladkammaren|Klädkammaren|SE|fashion|#831843|3|adtraction tradetracker
varuhuset|Varuhuset|SE|home tech sport|#0369a1|4|tradedoubler=unlinked adtraction
cykelverket|Cykelverket|SE|sport|#0f766e|2|tradedoubler adtraction=pending
harbourandhill|Harbour & Hill|GB|home fashion|#1e3a5f|4|tradedoubler tradetracker
gadgetlane|Gadget Lane|GB|tech|#6d28d9|4|tradedoubler adtraction tradetracker
trailhead|Trailhead Supply|GB|sport|#3f6212|3|tradedoubler adtraction
mallet|Mallet & Sons|GB|tools|#7f1d1d|2|tradedoubler tradetracker
pageturner|Pageturner Books|GB|play|#9a3412|2|tradedoubler
nordhus|Nordhus|DK|home tech|#155e75|3|tradedoubler adtraction
vaerkstedet|Værkstedet|DK|tools|#854d0e|2|adtraction
legeland|Legehulen|DK|play fashion|#be185d|2|tradedoubler
turbua|Turbua|NO|sport fashion|#166534|3|tradedoubler adtraction
hjemmeliv|Hjemmeliv|NO|home|#9f1239|2|adtraction
lydhuset|Lydhuset|NO|tech|#1e40af|2|tradedoubler
alpentechnik|Alpentechnik|CH|tech tools|#b91c1c|3|tradedoubler adtraction
hausrat|Hausrat Zürich|CH|home|#334155|2|tradedoubler
gipfelsport|Gipfelsport|CH|sport|#065f46|2|tradedoubler adtraction
"""

_FIRST_FEED_ID = {"tradedoubler": 31101, "adtraction": 501, "tradetracker": 91001}
_FIRST_PROGRAM_ID = {"tradedoubler": 290001, "adtraction": 1062000001, "tradetracker": 20101}


def _read_table() -> tuple[tuple[Shop, ...], tuple[Feed, ...]]:
    shops: list[Shop] = []
    feeds: list[Feed] = []
    counts = dict.fromkeys(_FIRST_FEED_ID, 0)
    for row in _TABLE.strip().splitlines():
        slug, name, market, departments, colour, weight, networks = row.split("|")
        shop = Shop(
            len(shops) + 1, slug, name, MARKETS[market], tuple(departments.split()), colour, int(weight)
        )
        shops.append(shop)
        for entry in networks.split():
            network, _, state = entry.partition("=")
            count = counts[network]
            counts[network] += 1
            feeds.append(
                Feed(
                    number=len(feeds),
                    network=network,
                    feed_id=_FIRST_FEED_ID[network] + count,
                    program_id=_FIRST_PROGRAM_ID[network] + 7 * count,
                    shop=shop,
                    state=state or "connected",
                )
            )
    return tuple(shops), tuple(feeds)


SHOPS, FEEDS = _read_table()


def find_shop(slug: str) -> Shop | None:
    return next((shop for shop in SHOPS if shop.slug == slug), None)


def network_feeds(network: str) -> tuple[Feed, ...]:
    return tuple(feed for feed in FEEDS if feed.network == network)
