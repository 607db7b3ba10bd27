"""How old something is, in steps so coarse that a page may be kept for a while and still be true."""

from datetime import timedelta

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
IN_HOURS = timedelta(hours=36)  # what is older is told in days


def coarse_age(age: timedelta, kept: timedelta) -> timedelta | None:
    """Return the age in whole hours, of old things in whole days; None for within the last hour.

    `kept` is how long the page that says so may be shown: its middle counts, and within the last hour is
    what will be so to its end.

    >>> coarse_age(timedelta(hours=2, minutes=10), timedelta(minutes=5))
    datetime.timedelta(seconds=7200)
    """
    if age + kept <= HOUR:
        return None
    middle = age + kept / 2
    step = HOUR if middle < IN_HOURS else DAY
    return max(1, round(middle / step)) * step
