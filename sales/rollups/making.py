"""Make sums of sales and clicks from their rows."""

from collections.abc import Collection
from datetime import date, timedelta

from django.db import connection, transaction
from django.utils import timezone

from catalog.lib.named_sql import read_statements
from sales.models import SumsMadeOn

_PARTS = read_statements(__file__)
_SQL = {name: text.replace("/* measures */", _PARTS["measures"]) for name, text in _PARTS.items()}
_LOCK = 7_140  # first key of the advisory lock
SPANS = (1, 7, 30, 90)  # days up to today
NOW = 8  # so many touched days are no reason to let somebody wait for a worker
DAYS = 40  # made in one transaction
CLICK_DAYS = 90  # of which the clicks are summed anew each night: their products may have other categories


def rebuild(touched: Collection[date]) -> None:
    """Make the sums anew that the caller's transaction changed, where that is quick.

    `touched`: the days it is about; of many the sums are made by a worker, within seconds.
    """
    if len(touched) <= NOW:
        make_touched(days=NOW)


def make_touched(*, days: int = DAYS) -> bool:
    """Make sums of what was touched, of at most so many days; False where nothing is left.

    May run twice, also at once.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [_LOCK])
        cursor.execute(_SQL["take_touched"], {"days": days})
        touched: dict[str, list] = {}
        for kind, day, key in cursor.fetchall():
            touched.setdefault(kind, []).append(day or key)
        for kind, name in (("day", "days"), ("clicks", "clicks")):
            if taken := touched.get(kind):
                cursor.execute(_SQL[f"drop_{name}"], {"days": taken})
                cursor.execute(_SQL[f"make_{name}"], {"days": taken})
        for dimension in ("product", "offer"):
            if keys := touched.get(dimension):
                values = {"keys": keys, "dimension": dimension, "today": timezone.localdate()}
                cursor.execute(_SQL["drop_spans"], values)
                cursor.execute(_SQL[f"make_spans_of_{dimension}s"], values)
        return bool(touched)


def turn_day() -> None:
    """Touch what a new day changes: spans that end today. Does so once a day, however often it is called."""
    today = timezone.localdate()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, 1)", [_LOCK])
        made = SumsMadeOn.objects.first()
        if made and made.day >= today:
            return
        passed = min((today - made.day).days, max(SPANS) + 1) if made else max(SPANS) + 1
        new = [today - timedelta(days=number) for number in range(passed)]
        edges = {day - timedelta(days=span) for day in new for span in (0, *SPANS)}
        cursor.execute(_SQL["touch_edges"], {"days": sorted(edges)})
        cursor.execute(_SQL["touch_clicks"], {"since": today - timedelta(days=CLICK_DAYS)})
        SumsMadeOn.objects.update_or_create(pk=1, defaults={"day": today})
