"""What keeps a feed that looks wrong out of the index until a person has looked at it."""

from importer.feed_index import Outlook, Tally
from importer.models import Feed

# Below so many rows a share says little.
FEW = 10
MAX_CURRENCY_PERCENT = 80  # of the items in another currency than before


class Held(Exception):
    """The feed was read whole and looks wrong; `reason` says how, in words for a person."""

    def __init__(self, reason: str, tally: Tally) -> None:
        super().__init__(reason)
        self.reason, self.tally = reason, tally


def check_outlook(feed: Feed, tally: Tally, outlook: Outlook) -> None:
    """Raise Held when too much is gone, unreadable, or in another currency, or the reader lost its place."""
    if reason := _reason(feed, tally, outlook):
        raise Held(reason, tally)


def _reason(feed: Feed, tally: Tally, outlook: Outlook) -> str:
    if tally.doubt:
        return tally.doubt
    if not tally.rows and outlook.live:
        return f"The feed came back empty; {outlook.live:,} products are kept."
    if tally.bad * 100 > feed.max_bad_percent * tally.rows and (tally.bad >= FEW or tally.bad == tally.rows):
        first = tally.samples[0]["reason"].rstrip(".")
        return f"{tally.bad:,} of {tally.rows:,} rows cannot be used; the first: {first}."
    if outlook.live < FEW:
        return ""
    if outlook.gone * 100 > feed.max_shrink_percent * outlook.live:
        return f"{outlook.gone:,} of {outlook.live:,} products would be gone."
    if outlook.in_other_currency * 100 > MAX_CURRENCY_PERCENT * outlook.live:
        return f"{outlook.in_other_currency:,} of {outlook.live:,} products would change their currency."
    return ""
