"""How often an item is read by itself. Pure.

The one that is due longest is read first. What people click is due sooner, by a factor that is bounded: so
whoever waits is passed only so often, and whatever the budget, nothing is left out for ever.
"""

from bisect import bisect_right
from datetime import timedelta

# Clicks in 30 days from which an item is read twice, three and four times as often as one that nobody clicks.
CLICKS = (1, 10, 100)
# Looks at a product's page that count as one click.
LOOKS_A_CLICK = 20
HEAVIEST = len(CLICKS) + 1
# Of the promised time: the rest is for waiting one's turn.
SHARE = 0.75
# A miss is looked into sooner, yet not before the network may have put its own house in order.
MISSED_AGAIN = timedelta(hours=4)
# What is gone may come back; nobody waits for it.
GONE_AGAIN = timedelta(days=1)


def weigh(clicks: int) -> int:
    """Return the weight of an item whose button was followed so often in 30 days: 1 to `HEAVIEST`."""
    return bisect_right(CLICKS, clicks) + 1


def interval_of(weight: int, target: timedelta) -> timedelta:
    """Return the time between two looks at an item, for every price to be checked within `target`."""
    return target * SHARE / weight


def intervals(target: timedelta) -> list[timedelta]:
    """Return the interval of each weight from 1, as a statement reads them."""
    return [interval_of(weight, target) for weight in range(1, HEAVIEST + 1)]
