"""The generation of the catalogue: a short text that is never the same again after any write to it.

Triggers note the id of every transaction that writes to a table of the catalogue, whoever wrote: a service,
an import, the admin, psql. The generation is the digest of the ids that are there. It never repeats: a
transaction adds an id that was never there before, at the very moment it commits, and clearing the old ids
is such a transaction too. So what was read after a generation was asked for is at least as new as it.

No write waits for another: each adds a row of its own.
"""

from django.apps import apps
from django.db import connection, models

from catalog.models import CatalogueChange, ClickBatch, DailyClicks, ProductImage, StoredImage

# No page shows them.
UNWATCHED = (CatalogueChange, ClickBatch, DailyClicks, StoredImage)
# Workers copy pictures all day long, and kept pages stay right: the old address leads to the copy.
WATCHED_COLUMNS = {ProductImage: ("product_id", "source_url", "alt", "position")}
TRIGGER = "catalogue_change"
MAX_CHANGES = 1_000


def get_generation() -> str:
    """Return the generation that is committed now; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT md5(string_agg(transaction::text, ',' ORDER BY transaction)) FROM catalog_cataloguechange"
        )
        return cursor.fetchone()[0] or "none"


def clear_changes() -> int:
    """Forget the changes when they are many: the digest of few is quicker. Return how many went."""
    if CatalogueChange.objects.count() <= MAX_CHANGES:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH cleared AS (DELETE FROM catalog_cataloguechange RETURNING 1),
                 cleared_by AS (
                    INSERT INTO catalog_cataloguechange (transaction)
                    VALUES (pg_current_xact_id()::text::bigint) ON CONFLICT DO NOTHING
                 )
            SELECT count(*) FROM cleared
            """
        )
        return cursor.fetchone()[0]


def watched_models() -> list[type[models.Model]]:
    found = apps.get_app_config("catalog").get_models(include_auto_created=True)
    return [model for model in found if model not in UNWATCHED and model._meta.managed]


def watch_tables(**kwargs) -> None:
    """Give every table of the catalogue its triggers; after each migrate, so that a new one has them too."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = %s", [TRIGGER])
        watched = {table for (table,) in cursor.fetchall()}
        cursor.execute("SELECT to_regproc('note_catalogue_change') IS NOT NULL")
        if not cursor.fetchone()[0]:
            return  # migrated back to before it was there
        existing = set(connection.introspection.table_names(cursor))
        for model in watched_models():
            table = model._meta.db_table
            if table in existing - watched:
                name = connection.ops.quote_name(table)
                columns = f"OF {', '.join(WATCHED_COLUMNS[model])}" if model in WATCHED_COLUMNS else ""
                cursor.execute(
                    f"CREATE TRIGGER {TRIGGER} "
                    f"AFTER INSERT OR UPDATE {columns} OR DELETE OR TRUNCATE ON {name} "
                    "FOR EACH STATEMENT EXECUTE FUNCTION note_catalogue_change()"
                )
