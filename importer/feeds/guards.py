"""What keeps a feed that looks wrong out of the index until a person has looked at it."""

from importer.feed_index import Diff, Tally
from importer.models import Feed

# Below so many rows a share says little.
FEW = 10
MAX_CURRENCY_PERCENT = 80  # of the items in another currency than before


class SuspiciousFeed(Exception):
    """The feed was read whole and looks wrong; `reason` says how, in words for a person."""

    def __init__(self, reason: str, tally: Tally) -> None:
        super().__init__(reason)
        self.reason, self.tally = reason, tally


def check_diff(feed: Feed, tally: Tally, diff: Diff) -> None:
    """Raise SuspiciousFeed when too much is gone, unreadable or in another currency, or is cut."""
    if reason := _reason(feed, tally, diff):
        raise SuspiciousFeed(reason, tally)


def _reason(feed: Feed, tally: Tally, diff: Diff) -> str:
    if tally.doubt:
        return tally.doubt
    if not tally.rows and diff.live:
        return f"The feed came back empty; {diff.live:,} products are kept."
    if tally.bad * 100 > feed.max_bad_percent * tally.rows and (tally.bad >= FEW or tally.bad == tally.rows):
        first = tally.samples[0]["reason"].rstrip(".")
        return f"{tally.bad:,} of {tally.rows:,} rows cannot be used; the first: {first}."
    if diff.live < FEW:
        return ""
    if diff.gone * 100 > feed.max_shrink_percent * diff.live:
        return f"{diff.gone:,} of {diff.live:,} products would be gone."
    if diff.in_other_currency * 100 > MAX_CURRENCY_PERCENT * diff.live:
        return f"{diff.in_other_currency:,} of {diff.live:,} products would change their currency."
    return ""
