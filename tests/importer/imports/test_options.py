"""A run's options: one class, one JSON form."""

import pytest

from catalog.models import Category
from importer.imports.options import Options
from importer.imports.runs import start_import, start_import_of_matches
from importer.models import ImportRun
from importer.networks.query import ItemQuery

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "choices",
    [
        {},
        {"status": "published"},
        {"import_description": False},
        {"import_description": True, "status": "draft"},
    ],
)
@pytest.mark.parametrize("kind", ImportRun.Kind.values)
def test_a_run_gives_back_what_was_chosen(kind, choices):
    run = start_import([], kind=kind, **choices)
    run.refresh_from_db()
    wanted = Options(**choices, is_quick=kind == "quick", is_update=kind == "update")
    assert Options.of_run(run) == Options(
        status=wanted.status,
        import_description=wanted.import_description,
        category_ids=[],
        is_quick=wanted.is_quick,
        is_update=wanted.is_update,
    )
    assert run.options == choices


def test_a_category_that_is_gone_is_left_out():
    category = Category.objects.create(name="Shoes", slug="shoes")
    run = start_import_of_matches(ItemQuery(keywords="shoe"), category_ids=[category.pk, 10**9])
    assert Options.of_run(run).category_ids == [category.pk]


def test_a_choice_that_there_is_not_is_an_error():
    with pytest.raises(TypeError):
        start_import([], kind="bulk", colour="red")
