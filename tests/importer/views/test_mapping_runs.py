"""The category map applied to the products: a plan to read, a run to watch."""

import pytest
from django.urls import reverse

from catalog import services as catalog
from catalog.models import Product
from importer.imports import mapping_runs
from importer.imports.category_map import remember_choice
from importer.models import MappingRun
from tests.importer.make import make_item
from tests.importer.pages import HTMX, is_part, text_of
from tests.importer.run import import_items
from tests.own_servers import wait_until

pytestmark = pytest.mark.django_db


@pytest.fixture
def mapping(db):
    item = make_item(category="Lampen > Tisch", title="Lamp one")
    other = make_item(item.feed, category="Lampen > Tisch", title="Lamp two")
    import_items(item, other)
    sale = catalog.get_or_create_category("Sale")
    catalog.set_categories([Product.objects.get(title="Lamp two")], categories=[sale])
    return remember_choice(item, category_ids=[catalog.get_or_create_category("Lamps").pk])


def plan(client, **data) -> MappingRun:
    response = client.post(reverse("importer:mapping-plan"), data)
    run = MappingRun.objects.get()
    assert response.url == run.get_absolute_url()
    mapping_runs.work(run.pk)
    return run


def test_the_plan_is_read_before_anything_changes(editor_client, mapping):
    run = plan(editor_client)
    page = text_of(editor_client.get(run.get_absolute_url()))
    for said in ("Nothing is changed yet.", "Change 1 product", "Lamps", "Lamp one", "Lamp two", "Sale"):
        assert said in page, said
    assert Product.objects.get(title="Lamp one").category_ids == []


def test_a_plan_is_applied_and_its_run_says_what_was_done(editor_client, mapping):
    run = plan(editor_client, mapping=mapping.pk)
    assert MappingRun.objects.get().mapping == mapping
    response = editor_client.post(reverse("importer:mapping-apply", args=[run.pk]))
    assert response.url == run.get_absolute_url()
    part = text_of(editor_client.get(run.get_absolute_url(), headers=HTMX))
    assert 'hx-trigger="load delay:1s"' in part
    mapping_runs.work(run.pk)
    response = editor_client.get(run.get_absolute_url(), headers=HTMX)
    assert is_part(response)
    assert "hx-trigger" not in text_of(response)
    assert "<strong>1</strong> product changed" in text_of(response)
    assert Product.objects.get(title="Lamp one").category_ids == mapping.category_ids
    editor_client.post(reverse("importer:mapping-apply", args=[run.pk]))
    assert "was carried out already" in text_of(editor_client.get(run.get_absolute_url()))


def test_a_plan_can_be_discarded(editor_client, mapping):
    run = plan(editor_client)
    editor_client.post(reverse("importer:mapping-cancel", args=[run.pk]))
    run.refresh_from_db()
    assert run.state == "cancelled"
    editor_client.post(reverse("importer:mapping-cancel", args=[run.pk]))
    assert "already over" in text_of(editor_client.get(run.get_absolute_url()))


@pytest.mark.parametrize("wanted", ["77", "x", "9" * 30])
def test_what_is_no_line_of_the_map_is_not_planned_by(editor_client, mapping, wanted):
    response = editor_client.post(reverse("importer:mapping-plan"), {"mapping": wanted})
    assert response.status_code == 404
    assert not MappingRun.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_worker_plans_and_applies(admin_client, worker):
    item = make_item(category="Lampen > Tisch", title="Lamp one")
    import_items(item)
    lamps = catalog.get_or_create_category("Lamps")
    remember_choice(item, category_ids=[lamps.pk])
    admin_client.post(reverse("importer:mapping-plan"))
    run = MappingRun.objects.get()
    wait_until(lambda: MappingRun.objects.get().state == "planned")
    admin_client.post(reverse("importer:mapping-apply", args=[run.pk]))
    wait_until(lambda: MappingRun.objects.get().state == "done")
    assert Product.objects.get().category_ids == [lamps.pk]
