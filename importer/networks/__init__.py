"""The affiliate networks this site can speak to, by slug."""

from collections.abc import Mapping

from importer.networks.adtraction.client import Adtraction
from importer.networks.contract import Network
from importer.networks.tradedoubler.client import Tradedoubler
from importer.networks.tradetracker.client import TradeTracker

NETWORKS: dict[str, type[Network]] = {
    network.slug: network for network in (Tradedoubler, Adtraction, TradeTracker)
}


def get_network(slug: str, credentials: Mapping[str, str]) -> Network:
    """Return the network of that slug, ready to speak with these credentials. Raises KeyError."""
    return NETWORKS[slug](credentials)
