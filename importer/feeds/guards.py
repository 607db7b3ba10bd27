"""What keeps a feed that looks wrong out of the index until a person has looked at it."""

from importer.feed_index import Diff, Tally
from importer.models import Feed
from importer.reasons import Reason

# Below so many rows a share says little.
FEW = 10
MAX_CURRENCY_PERCENT = 80  # of the items in another currency than before


class SuspiciousFeed(Exception):
    """The feed was read whole and looks wrong; `reason` says how."""

    def __init__(self, reason: Reason, tally: Tally) -> None:
        super().__init__(reason.code)
        self.reason, self.tally = reason, tally


def check_diff(feed: Feed, tally: Tally, diff: Diff) -> None:
    """Raise SuspiciousFeed when too much is gone, unreadable or in another currency, or is cut."""
    if reason := _reason(feed, tally, diff):
        raise SuspiciousFeed(reason, tally)


def _reason(feed: Feed, tally: Tally, diff: Diff) -> Reason | None:
    if tally.doubt:
        return tally.doubt
    if not tally.rows and diff.live:
        return Reason("feed_came_empty", {"kept": diff.live})
    if tally.bad * 100 > feed.max_bad_percent * tally.rows and (tally.bad >= FEW or tally.bad == tally.rows):
        first = tally.samples[0]["reason"].rstrip(".")
        return Reason("rows_unusable", {"bad": tally.bad, "rows": tally.rows, "first": first})
    if diff.live < FEW:
        return None
    if diff.gone * 100 > feed.max_shrink_percent * diff.live:
        return Reason("products_gone", {"gone": diff.gone, "live": diff.live})
    if diff.in_other_currency * 100 > MAX_CURRENCY_PERCENT * diff.live:
        return Reason("currency_changes", {"changed": diff.in_other_currency, "live": diff.live})
    return None
