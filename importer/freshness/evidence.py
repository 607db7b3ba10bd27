"""When an item that was not found is gone. One miss, and one failure, never decides. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

LEAST_MISSES = 2  # whatever the time between them
FEW = 10  # items of a feed, below which a share says little


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What speaks for an item's being gone: misses in a row, each of them answered by the network."""

    seen_at: datetime | None  # by a re-read, ever
    misses: int
    missed_at: datetime | None  # the first of them

    def is_gone(self, now: datetime, *, misses: int, hours: int) -> bool:
        """Tell whether it was missed so often, or for so many hours.

        What no re-read ever saw cannot be found by itself: then its not being found says nothing.
        """
        if self.seen_at is None or self.missed_at is None or self.misses < LEAST_MISSES:
            return False
        return self.misses >= misses or now - self.missed_at >= timedelta(hours=hours)


def is_doubtful(missed: int, listed: int, max_percent: int) -> bool:
    """Tell whether so many items of a feed are missed at once that rather its answers are wrong."""
    return listed >= FEW and missed * 100 > max_percent * listed
