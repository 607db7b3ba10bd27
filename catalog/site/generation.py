"""The generation of the catalogue: a short text that is never the same again after any write to it.

Triggers note the id of every transaction that writes to a table of the catalogue, whoever wrote: a service,
an import, the admin, psql. The generation is the digest of the ids that are there. It never repeats: a
transaction adds an id that was never there before, at the very moment it commits, and clearing the old ids
is such a transaction too. So what was read after a generation was asked for is at least as new as it.

No write waits for another: each adds a row of its own.
"""

from django.apps import apps
from django.db import connection, models

from catalog.models import (
    CatalogueChange,
    ClickBatch,
    DailyClicks,
    NewText,
    Offer,
    OfferCheck,
    PriceAlert,
    ProductImage,
    Revision,
    SearchWord,
    StaleFacets,
    StoredImage,
    UndoItem,
    UndoRun,
)

# No page shows them.
UNWATCHED = (
    *(CatalogueChange, ClickBatch, DailyClicks, NewText, OfferCheck, PriceAlert, Revision, SearchWord),
    StaleFacets,
    StoredImage,
    *(UndoItem, UndoRun),
)
# Workers copy pictures all day long, and kept pages stay right: the old address leads to the copy.
WATCHED_COLUMNS = {
    ProductImage: ("product_id", "source_url", "alt", "position"),
    # A kept page says in coarse steps how long ago a price was checked (`OfferCheck`, as nearly all stay).
    Offer: tuple(
        field.column
        for field in Offer._meta.concrete_fields
        if field.name not in ("id", "checked_at", "source_digest")
    ),
}
# Tables of other apps that visitors see (`also_watch`).
_OTHERS: list[type[models.Model]] = []
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
    return [*(model for model in found if model not in UNWATCHED and model._meta.managed), *_OTHERS]


def also_watch(*others: type[models.Model]) -> None:
    """Let a write to a table of another app be a change, too: visitors see what is in it."""
    _OTHERS.extend(model for model in others if model not in _OTHERS)


def watch_tables(**kwargs) -> None:
    """Give every table of the catalogue the trigger it should have; after each migrate.

    One of another version (another list of watched columns) is made anew, and one that should not be there
    goes. Where all is right it only looks. Safe to run twice, also at once: the lock of the table makes them
    take turns.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regproc('note_catalogue_change') IS NOT NULL")
        if not cursor.fetchone()[0]:
            return  # migrated back to before it was there
        existing = set(connection.introspection.table_names(cursor))
        wanted = {
            model._meta.db_table: frozenset(WATCHED_COLUMNS.get(model, ()))
            for model in watched_models()
            if model._meta.db_table in existing
        }
        cursor.execute(_TRIGGERS, {"name": TRIGGER, "when": _AFTER_ANY_STATEMENT})
        found = {table: frozenset(columns) if is_ours else None for table, columns, is_ours in cursor}
        for table in found.keys() - wanted.keys():
            cursor.execute(f"DROP TRIGGER IF EXISTS {TRIGGER} ON {connection.ops.quote_name(table)}")
        # Each on its own: one transaction for all could wait for an import that waits for it.
        for table in sorted(table for table, columns in wanted.items() if found.get(table) != columns):
            columns = f"OF {', '.join(sorted(wanted[table]))}" if wanted[table] else ""
            cursor.execute(
                f"CREATE OR REPLACE TRIGGER {TRIGGER} AFTER INSERT OR UPDATE {columns} OR DELETE OR TRUNCATE "
                f"ON {connection.ops.quote_name(table)} "
                "FOR EACH STATEMENT EXECUTE FUNCTION note_catalogue_change()"
            )


# The bits of `pg_trigger.tgtype` for INSERT, DELETE, UPDATE and TRUNCATE; those of BEFORE and of ROW are 0.
_AFTER_ANY_STATEMENT = 4 | 8 | 16 | 32
_TRIGGERS = """
    SELECT class.relname,
        ARRAY(
            SELECT attname::text FROM pg_attribute WHERE attrelid = tgrelid AND attnum = ANY(tgattr::int2[])
        ),
        tgfoid = 'note_catalogue_change'::regproc AND tgtype = %(when)s AND tgenabled = 'O' AND tgqual IS NULL
    FROM pg_trigger JOIN pg_class AS class ON class.oid = tgrelid
    WHERE tgname = %(name)s AND pg_table_is_visible(tgrelid)
"""
