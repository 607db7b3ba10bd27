"""Which properties the products here have: what an editor chooses from."""

from dataclasses import dataclass, field

from django.db import connection

from catalog.lib.attributes import ATTRIBUTES, is_machine_name, split_name
from catalog.lib.named_sql import read_statements

SAMPLE = 2_000  # the newest products; all of them would take seconds
MAX_KEYS = 300
_SQL = read_statements(__file__)


@dataclass(slots=True)
class AttributeCount:
    """A property: the columns of feeds that say it, in how many of the sampled products, and one value."""

    key: str
    names: list[str] = field(default_factory=list)
    count: int = 0
    sample: str = ""


def count_attributes() -> list[AttributeCount]:
    """Return the properties of the newest `SAMPLE` products and those of the table; one query.

    The most frequent first, at most `MAX_KEYS`. What is never shown is left out.
    """
    found = {key: AttributeCount(key) for key in ATTRIBUTES}
    with connection.cursor() as cursor:
        cursor.execute(_SQL["count_attributes"], {"sample": SAMPLE})
        for name, count, sample in cursor.fetchall():
            key, _ = split_name(name)
            if is_machine_name(name) or not key:
                continue
            entry = found.setdefault(key, AttributeCount(key))
            entry.names.append(name)
            entry.count += count
            entry.sample = entry.sample or sample or ""
    return sorted(found.values(), key=lambda one: -one.count)[:MAX_KEYS]
