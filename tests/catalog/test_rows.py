"""Many rows in one statement."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import DataError, connection
from django.test.utils import CaptureQueriesContext

from catalog.lib.arrays import text_array
from catalog.models import Offer, Product
from catalog.services.rows import update_rows

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)


@dataclass
class Values:
    title: str = "New"
    imported: dict | None = None
    lowest_price: Decimal | None = None
    shop_ids: tuple = ()
    reduced_until: datetime | None = None
    brand_id: int | None = None


COLUMNS = ("title", "imported", "lowest_price", "shop_ids", "reduced_until", "brand_id")


def test_each_kind_of_column_is_written_to_the_row_it_is_for(make_product):
    first, second, other = (make_product(title) for title in ("One", "Two", "Three"))
    rows = [
        (second.pk, Values("Zwei", {"a": 'it\'s "x" {1,2}'}, None, (), None)),
        (first.pk, Values("Eins", {}, Decimal("1.50"), (3, 1), AT)),
    ]
    assert update_rows(Product, rows, COLUMNS, also={"updated_at": AT}) == 2
    for product, (_, values) in ((second, rows[0]), (first, rows[1])):
        product.refresh_from_db()
        assert [getattr(product, name) for name in COLUMNS] == [
            list(value) if isinstance(value := getattr(values, name), tuple) else value for name in COLUMNS
        ]
        assert product.updated_at == AT
    assert Product.objects.get(pk=other.pk).title == "Three"


@pytest.mark.parametrize(
    "texts",
    [
        ["", "null", "NULL", '"', "\\", "\\\\", ",", "{}", "a b", "ü\n\t", "it's %s %(x)s", "x" * 300],
        ["plain", "NULL", None, '{"a": "\\"", "b": [null]}', None],
        [None],
    ],
)
def test_every_text_arrives_as_it_is(make_product, texts):
    products = [make_product(f"Shoe {number}") for number in range(len(texts))]
    rows = [(p.pk, Values(imported={"said": text})) for p, text in zip(products, texts, strict=True)]
    update_rows(Product, rows, ["imported"])
    found = [Product.objects.get(pk=p.pk).imported for p in products]
    assert found == [{"said": text} for text in texts]

    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::text[]", [text_array(texts)])
        assert cursor.fetchone()[0] == texts


def test_rows_that_have_the_values_are_left_alone(make_product):
    same, changed = make_product("Same"), make_product("Old")
    rows = [(changed.pk, Values("New")), (same.pk, Values("Same"))]
    assert update_rows(Product, rows, ["title"], only_changed=True) == 1
    assert update_rows(Product, rows, ["title", "shop_ids"], only_changed=True) == 0


def test_what_is_too_long_is_refused_and_not_cut(make_product, make_offer):
    offer = make_offer(make_product())

    @dataclass
    class Wrong:
        currency: str = "EURO"

    with pytest.raises(DataError):
        update_rows(Offer, [(offer.pk, Wrong())], ["currency"])


def test_no_rows_ask_nothing_and_a_column_that_is_not_there_is_an_error():
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert update_rows(Product, [], ["title"]) == 0
    assert len(queries) == 0
    with pytest.raises(ValueError, match="no column brand"):
        update_rows(Product, [(1, Values())], ["brand"])
