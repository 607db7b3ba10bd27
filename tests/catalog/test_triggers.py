"""The triggers that note each change of the catalogue, in a database that has other ones."""

import pytest
from django.core.management import call_command
from django.db import connection

from catalog.models import Product, ProductImage, StoredImage
from catalog.site import generation
from tests.importer.threads import at_once

TABLE = "catalog_productimage"


def run(sql: str, *params: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params or None)
        return cursor.fetchall() if cursor.description else []


def definitions() -> dict[str, str]:
    return dict(
        run(
            "SELECT tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname = %s",
            generation.TRIGGER,
        )
    )


def identities() -> list[tuple]:
    """Return what is different after a trigger was made anew."""
    return run("SELECT oid, xmin::text FROM pg_trigger WHERE tgname = %s ORDER BY oid", generation.TRIGGER)


@pytest.fixture
def right(db):
    return definitions()


OLD = f"""
    DROP TRIGGER {generation.TRIGGER} ON {TABLE};
    CREATE TRIGGER {generation.TRIGGER} {{}} ON {TABLE} {{}} EXECUTE FUNCTION {{}}()
"""


@pytest.mark.parametrize(
    ("events", "each", "function"),
    [
        (
            "AFTER INSERT OR UPDATE OF alt OR DELETE OR TRUNCATE",
            "FOR EACH STATEMENT",
            "note_catalogue_change",
        ),
        ("AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE", "FOR EACH STATEMENT", "note_catalogue_change"),
        (
            "AFTER UPDATE OF product_id, source_url, alt, position",
            "FOR EACH STATEMENT",
            "note_catalogue_change",
        ),
        ("BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE", "FOR EACH STATEMENT", "note_catalogue_change"),
        ("AFTER INSERT OR UPDATE OR DELETE", "FOR EACH ROW", "note_catalogue_change"),
        ("AFTER INSERT", "FOR EACH STATEMENT", "follow_categories"),
    ],
)
def test_a_trigger_of_an_older_version_is_renewed_by_migrate(right, events, each, function):
    run(OLD.format(events, each, function))
    assert definitions() != right
    call_command("migrate", verbosity=0)
    assert definitions() == right


def test_a_trigger_that_was_switched_off_is_on_again(right):
    run(f"ALTER TABLE {TABLE} DISABLE TRIGGER {generation.TRIGGER}")
    generation.watch_tables()
    enabled = run("SELECT DISTINCT tgenabled FROM pg_trigger WHERE tgname = %s", generation.TRIGGER)
    assert enabled == [("O",)]


def test_a_missing_trigger_is_made_and_one_on_an_unwatched_table_goes(right):
    run(f"DROP TRIGGER {generation.TRIGGER} ON {TABLE}")
    run(
        f"CREATE TRIGGER {generation.TRIGGER} AFTER INSERT ON {StoredImage._meta.db_table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION note_catalogue_change()"
    )
    generation.watch_tables()
    assert definitions() == right


def test_a_changed_list_of_watched_columns_reaches_the_database_and_works(db, monkeypatch):
    image = ProductImage.objects.create(product=Product.objects.create(title="Shoe", slug="shoe"))
    monkeypatch.setitem(generation.WATCHED_COLUMNS, ProductImage, ("alt", "host"))
    generation.watch_tables()
    assert "UPDATE OF host, alt" in definitions()[TABLE] or "UPDATE OF alt, host" in definitions()[TABLE]
    run("DELETE FROM catalog_cataloguechange")
    ProductImage.objects.filter(pk=image.pk).update(tries=1)
    assert generation.get_generation() == "none"
    ProductImage.objects.filter(pk=image.pk).update(host="img.example")
    assert generation.get_generation() != "none"


def test_nothing_is_made_anew_where_all_is_right(right, django_assert_max_num_queries):
    before = identities()
    with django_assert_max_num_queries(3):
        generation.watch_tables()
    assert identities() == before


@pytest.mark.django_db(transaction=True)
def test_two_migrations_at_once_renew_the_same_trigger():
    right = definitions()
    run(OLD.format("AFTER INSERT", "FOR EACH STATEMENT", "note_catalogue_change"))
    at_once(*[generation.watch_tables] * 4)
    assert definitions() == right
