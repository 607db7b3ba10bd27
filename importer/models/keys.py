"""The keys that tie the catalogue to networks: of an offer, and of a program, which finds the shop.

`catalog.lib.source_keys` reads them.
"""


def source_key(network: str, feed_id: str, external_id: str) -> str:
    """Return the key of an item and of the offer made of it: `network:feed:id`, by the network's own ids."""
    return f"{network}:{feed_id}:{external_id}"


def program_key(network: str, program_id: str, feed_id: str = "") -> str:
    """Return the key of a program: `network:program`. An item without a program has its feed for one."""
    return f"{network}:{program_id or f'feed-{feed_id}'}"


def all_of(network: str) -> str:
    """Return what every key of the network begins with, and no other."""
    return f"{network}:"
