"""EANs that one feed gives to unlike articles: fillers, one code for a whole shop.

Only codes of rows that are new or renamed are looked at, and those that were shared before. Call these within
the transaction of a merge.
"""

from django.db import connection

from catalog.lib.named_sql import read_statements
from importer.models import Feed
from importer.normalise.likeness import are_alike

MAX_SHARED = 1_000  # codes kept of a feed, those of most rows
MAX_LOOKED_AT = 20_000  # codes with several rows whose titles are compared
ROWS_OF_CODE = 30  # titles compared of one code

_SQL = read_statements(__file__)


def find_repeated_codes(feed_id: int) -> list[str]:
    """Return the codes of staged rows that other rows of the feed have too; before the merge."""
    with connection.cursor() as cursor:
        cursor.execute(_SQL["repeated"], {"most": MAX_LOOKED_AT})
        codes = {code for (code,) in cursor.fetchall()}
        cursor.execute("SELECT EXISTS (SELECT FROM importer_feeditem WHERE feed_id = %s)", [feed_id])
        (has_items,) = cursor.fetchone()
        if has_items:
            cursor.execute(_SQL["repeated_in_index"], {"feed": feed_id, "most": MAX_LOOKED_AT})
            codes |= {code for (code,) in cursor.fetchall()}
    return sorted(codes)


def note_shared_codes(feed: Feed, repeated: list[str]) -> None:
    """Store which of these codes, and of those known before, are of unlike articles; after the merge."""
    codes = sorted({*repeated, *feed.shared_codes})
    shared: list[str] = []
    if codes:
        with connection.cursor() as cursor:
            cursor.execute(_SQL["titles"], {"codes": codes, "most": ROWS_OF_CODE, "feed": feed.pk})
            shared = [code for code, titles in cursor.fetchall() if not are_alike(titles)][:MAX_SHARED]
    if shared != feed.shared_codes:
        Feed.objects.filter(pk=feed.pk).update(shared_codes=shared)
        feed.shared_codes = shared
