"""Keep what products are filtered by (`Product.facet_values`) as their properties are."""

from collections.abc import Collection

from django.db import connection, transaction
from django.utils import translation

from catalog.lib.facets import facet_values, filter_keys, token
from catalog.locks import lock
from catalog.models import FacetValue, Product, StaleFacets
from catalog.services.rows import update_rows
from catalog.site.settings import get_settings

BATCH = 2  # notes of up to a thousand products each
_ALL_STALE = """
    INSERT INTO catalog_stalefacets (product_ids)
    SELECT array_agg(id) FROM (
        SELECT id, (row_number() OVER (ORDER BY id) - 1) / 1000 AS part
        FROM catalog_product WHERE attributes <> '{}'
    ) AS product GROUP BY part
"""


class _Row:
    def __init__(self, values: list[str]) -> None:
        self.facet_values = values


def read_all_facets_again() -> None:
    """Note that every product is to be read: the properties that are filters changed."""
    with connection.cursor() as cursor:
        cursor.execute(_ALL_STALE)


def refresh_facets() -> bool:
    """Read the properties of products that were noted; tell whether there may be more.

    Safe to run several times at once: each takes other notes, and products in one order.
    """
    with transaction.atomic():
        notes = list(StaleFacets.objects.order_by("pk").select_for_update(skip_locked=True)[:BATCH])
        if not notes:
            return False
        site = get_settings()
        ids = lock(Product.objects.filter(pk__any=sorted({pk for note in notes for pk in note.product_ids})))
        with translation.override(site.language):
            _write(ids, filter_keys(site.attributes))
        StaleFacets.objects.filter(pk__in=[note.pk for note in notes]).delete()
    return len(notes) == BATCH


def _write(ids: Collection[int], keys: Collection[str]) -> None:
    labels: dict[tuple[str, str], str] = {}
    rows = []
    for pk, attributes in Product.objects.filter(pk__any=list(ids)).values_list("pk", "attributes"):
        found = facet_values(attributes, keys) if keys else {}
        for key, values in found.items():
            labels.update({(key, slug): label for slug, label in values.items()})
        rows.append((pk, _Row(sorted(token(key, slug) for key, values in found.items() for slug in values))))
    FacetValue.objects.bulk_create(
        (FacetValue(key=key, slug=slug, label=label) for (key, slug), label in sorted(labels.items())),
        ignore_conflicts=True,
    )
    update_rows(Product, rows, ["facet_values"], only_changed=True)
