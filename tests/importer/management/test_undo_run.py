"""`manage.py undo_run`."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from catalog import services
from catalog.models import Product, UndoRun
from tests.importer.make import make_items
from tests.importer.run import import_items

pytestmark = pytest.mark.django_db(transaction=True)


def undo_run(*args) -> str:
    out = StringIO()
    call_command("undo_run", *args, stdout=out)
    return out.getvalue()


@pytest.fixture
def run():
    first, _ = import_items(*make_items(count=2), status="published")
    services.update_product(first.product, title="Mine")
    return first.run


def test_the_plan_changes_nothing(run):
    result = json.loads(undo_run(str(run.pk), "--plan", "--json"))
    assert (result["state"], result["total"]) == ("planned", 2)
    assert result["counts"] == {"taken_back": 1, "kept": 1}
    assert [each["verdict"] for each in result["others"]] == ["kept"]
    assert Product.objects.filter(status="published").count() == 2
    assert UndoRun.objects.get().state == "cancelled"


def test_a_run_is_taken_back_and_so_is_its_undo(run):
    result = json.loads(undo_run(str(run.pk), "--inline", "--json"))
    assert (result["state"], result["counts"]) == ("done", {"taken_back": 1, "kept": 1})
    assert set(Product.objects.values_list("status", flat=True)) == {"published", "trashed"}
    said = undo_run(f"undo:{result['undo']}", "--inline")
    assert "1 taken back" in said
    assert set(Product.objects.values_list("status", flat=True)) == {"published"}


@pytest.mark.parametrize("key", ["999", "bulk:none"])
def test_what_nobody_knows_is_one_line_of_error(db, key):
    with pytest.raises(CommandError, match="Nothing is kept of this"):
        undo_run(key)


def test_a_worker_does_it(run, worker):
    result = json.loads(undo_run(str(run.pk), "--json"))
    assert (result["state"], result["counts"]) == ("done", {"taken_back": 1, "kept": 1})
