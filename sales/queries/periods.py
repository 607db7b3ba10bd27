"""The times that earnings are shown for: some days up to today, or a month. Pure but for the clock."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone
from django.utils.dates import MONTHS

DAYS = {"1": "Today", "7": "7 days", "30": "30 days", "90": "90 days"}
MONTHS_SHOWN = 13
DEFAULT = "30"


@dataclass(frozen=True, slots=True)
class Period:
    """`first` and `last` are included. `key` is what addresses and `SpanEarnings.span` call it."""

    key: str
    label: str
    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def before(self) -> "Period":
        """The time just before it that it is compared with: as many days, or the month before."""
        last = self.first - timedelta(days=1)
        if self.key in DAYS:
            return Period("", f"{self.days} days before", last - timedelta(days=self.days - 1), last)
        return _month(last)

    @property
    def is_provisional(self) -> bool:
        """Whether networks still decide most of what happened in it."""
        return self.last > timezone.localdate() - timedelta(days=30)


def get_period(key: str) -> Period:
    """Return the period that an address names; 30 days where it names none."""
    today = timezone.localdate()
    if key not in DAYS:
        month = next((each for each in months() if each.key == key), None)
        if month:
            return month
        key = DEFAULT
    return Period(key, DAYS[key], today - timedelta(days=int(key) - 1), today)


def months() -> list[Period]:
    """Return this month and the twelve before, the newest first."""
    found = [_month(timezone.localdate())]
    while len(found) < MONTHS_SHOWN:
        found.append(_month(found[-1].first - timedelta(days=1)))
    return found


def _month(day: date) -> Period:
    first = day.replace(day=1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return Period(f"{day:%Y-%m}", f"{MONTHS[day.month]} {day.year}", first, last)
