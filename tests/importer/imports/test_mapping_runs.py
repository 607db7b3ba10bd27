"""The category map applied to products that are here: planned, carried out, killed anywhere, taken back."""

import pytest
from django.utils import timezone

from catalog import services as catalog
from catalog.lib.provenance import state_of
from catalog.models import Product, Revision
from catalog.services import taxonomy, undo
from events.models import Event
from importer.imports import mapping_runs
from importer.imports.category_map import decide_mapping, remember_choice
from importer.imports.mapping_runs import GIVEN, LEFT, SAME, apply_plan, cancel, decide, start_plan, work
from importer.models import MappingRun, NetworkAccount
from tests.importer.make import make_feed, make_item, make_items
from tests.importer.run import import_items
from tests.importer.threads import at_once
from tests.killing import lines_of

pytestmark = pytest.mark.django_db

CASES = [
    # now, what the map gave last, what it says, what becomes of it
    ([], None, [1], GIVEN),
    ([1], None, [1], SAME),
    ([2], None, [1], LEFT),
    ([2], [2], [1], GIVEN),
    ([2, 3], [2], [1], LEFT),
    ([], [2], [1], LEFT),
    ([3], [2], [1], LEFT),
    ([3, 2], [2, 3], [1], GIVEN),
    ([], [], [1], GIVEN),
    ([2], [2], [], GIVEN),
    ([2], None, [], LEFT),
    ([], None, [], SAME),
    ([2, 1], None, [1, 2], SAME),
]


@pytest.mark.parametrize(("current", "adopted", "mapped", "expected"), CASES)
def test_what_a_person_chose_stays(current, adopted, mapped, expected):
    assert decide(current, adopted, mapped) == expected


def test_a_policy_may_say_always_or_never():
    assert decide([2], None, [1], "always") == GIVEN
    assert decide([], None, [1], "never") == LEFT
    assert decide([1], None, [1], "never") == SAME


def category(name):
    return catalog.get_or_create_category(name)


def planned(**values) -> MappingRun:
    run = start_plan(**values)
    assert not work(run.pk)
    run.refresh_from_db()
    assert run.state == "planned"
    return run


def applied(run: MappingRun) -> MappingRun:
    assert apply_plan(run)
    assert not work(run.pk)
    run.refresh_from_db()
    assert run.state == "done"
    return run


def placed() -> dict[str, list[int]]:
    return {product.title: product.category_ids for product in Product.objects.order_by("pk")}


@pytest.fixture
def shelf(db):
    """Three lamps, one of them put among the sales by a person, and a chair that no line speaks of."""
    feed = make_feed()
    lamps = [
        make_item(feed, category="Lampen > Tisch", title=f"Lamp {word}") for word in ("one", "two", "three")
    ]
    chair = make_item(feed, category="Stühle", title="Chair")
    import_items(*lamps, chair)
    catalog.set_categories([Product.objects.get(title="Lamp three")], categories=[category("Sale")])
    mapping = remember_choice(lamps[0], category_ids=[category("Lamps").pk])
    return mapping


def test_a_plan_says_what_would_happen_and_changes_nothing(shelf):
    before = placed()
    run = planned()
    assert placed() == before
    lamps, sale = category("Lamps"), category("Sale")
    assert {name: run.plan[name] for name in (GIVEN, SAME, LEFT)} == {GIVEN: 2, SAME: 0, LEFT: 1}
    assert run.plan["categories"] == {str(lamps.pk): 2}
    titles = [title for _, title, _ in run.plan["samples"][str(lamps.pk)]]
    assert titles == ["Lamp one", "Lamp two"]
    assert run.plan["samples"][LEFT][0][1:] == ["Lamp three", [sale.pk]]


def test_a_plan_is_carried_out_and_leaves_what_a_person_chose(shelf):
    run = applied(planned())
    lamps, sale = category("Lamps").pk, category("Sale").pk
    assert placed() == {"Lamp one": [lamps], "Lamp two": [lamps], "Lamp three": [sale], "Chair": []}
    assert run.result[GIVEN] == 2
    assert sorted(Product.objects.get(title="Lamp one").categories.values_list("pk", flat=True)) == [lamps]
    kinds = Event.objects.filter(kind__startswith="mapping.").values_list("kind", "after__products")
    assert list(kinds) == [("mapping.started", 2), ("mapping.ended", 2)]


def test_each_changed_product_has_a_revision_of_the_run(shelf, django_user_model):
    user = django_user_model.objects.create_user("anna")
    run = planned()
    apply_plan(run, user=user)
    work(run.pk)
    revisions = Revision.objects.filter(cause=f"mapping:{run.pk}")
    assert revisions.count() == 2
    assert {revision.actor for revision in revisions} == {f"user:{user.pk}"}
    assert {tuple(revision.after["category_ids"]) for revision in revisions} == {(category("Lamps").pk,)}


def test_another_word_of_the_map_moves_what_the_map_put_there_and_nothing_else(shelf):
    applied(planned())
    catalog.set_categories([Product.objects.get(title="Lamp two")], categories=[category("Gifts")])
    decide_mapping(shelf, category_ids=[category("Lights").pk])
    run = applied(planned())
    assert placed() == {
        "Lamp one": [category("Lights").pk],
        "Lamp two": [category("Gifts").pk],
        "Lamp three": [category("Sale").pk],
        "Chair": [],
    }
    assert (run.result[GIVEN], run.result[LEFT]) == (1, 2)


def test_what_an_import_took_from_the_map_follows_the_map(shelf):
    item = make_item(category="Lampen > Tisch", title="Lamp four")
    import_items(item)
    decide_mapping(shelf, category_ids=[])
    applied(planned())
    assert placed()["Lamp four"] == []


def test_a_category_that_was_deleted_was_taken_away_by_no_person(shelf):
    applied(planned())
    catalog.delete_category(category("Lamps"))
    decide_mapping(shelf, category_ids=[category("Lights").pk])
    applied(planned())
    assert placed()["Lamp one"] == [category("Lights").pk]


def test_a_locked_product_stays_where_it_is(shelf):
    product = Product.objects.get(title="Lamp one")
    product.provenance = {"category_ids": {"locked": True}}
    product.save()
    run = applied(planned())
    assert placed()["Lamp one"] == []
    assert run.result[LEFT] == 2


@pytest.mark.parametrize(("policy", "count"), [("always", 3), ("never", 0)])
def test_the_policy_of_the_account_holds(shelf, policy, count):
    NetworkAccount.objects.update(policies={"category_ids": policy})
    assert applied(planned()).result[GIVEN] == count


def test_a_product_that_was_adopted_follows_and_an_edit_of_it_is_seen(shelf):
    applied(planned())
    product = Product.objects.get(title="Lamp one")
    assert state_of("category_ids", product.provenance, product.imported, product.category_ids) == "follows"
    catalog.set_categories([product], categories=[category("Gifts")])
    product.refresh_from_db()
    assert state_of("category_ids", product.provenance, product.imported, product.category_ids) == "edited"


def test_twice_is_safe(shelf):
    applied(planned())
    before, revisions = placed(), Revision.objects.count()
    run = applied(planned())
    assert (placed(), Revision.objects.count()) == (before, revisions)
    assert (run.result[GIVEN], run.result[SAME]) == (0, 2)


def taken_back(run: MappingRun) -> None:
    undo_run = undo.start_undo(f"mapping:{run.pk}")
    undo.work(undo_run.pk)
    undo_run.refresh_from_db()
    assert undo.carry_out(undo_run)
    undo.work(undo_run.pk)


def test_a_run_is_taken_back_but_for_what_a_person_changed_since(shelf):
    run = applied(planned())
    catalog.set_categories([Product.objects.get(title="Lamp two")], categories=[category("Gifts")])
    taken_back(run)
    gifts, sale = category("Gifts").pk, category("Sale").pk
    assert placed() == {"Lamp one": [], "Lamp two": [gifts], "Lamp three": [sale], "Chair": []}


def test_what_was_taken_back_may_be_applied_again(shelf):
    taken_back(applied(planned()))
    assert applied(planned()).result[GIVEN] == 2
    assert placed()["Lamp one"] == [category("Lamps").pk]


def test_a_run_at_work_is_not_taken_back(shelf, monkeypatch):
    monkeypatch.setattr(mapping_runs, "CHUNK", 1)
    run = planned()
    apply_plan(run)
    assert work(run.pk, seconds=0)
    with pytest.raises(undo.StillAtWork):
        undo.start_undo(f"mapping:{run.pk}")
    cancel(run)
    taken_back(run)
    assert placed()["Lamp one"] == []


def test_one_line_is_applied_alone(shelf):
    chair = make_item(category="Stühle")
    remember_choice(chair, category_ids=[category("Chairs").pk])
    applied(planned(mapping=shelf))
    assert placed()["Chair"] == []
    assert placed()["Lamp one"] == [category("Lamps").pk]


def test_what_lies_in_the_trash_stays_as_it_is(shelf):
    catalog.trash(list(Product.objects.filter(title="Lamp one").values_list("pk", flat=True)))
    applied(planned())
    assert placed()["Lamp one"] == []


def test_a_product_that_a_person_made_follows_its_oldest_offer(shelf):
    own = catalog.create_product(title="Mine")
    imported = Product.objects.get(title="Lamp one")
    catalog.move_offers(imported, offer_ids=[imported.offers.get().pk], into=own)
    applied(planned())
    assert placed()["Mine"] == [category("Lamps").pk]


def test_a_plan_is_carried_out_once(shelf):
    run = planned()
    assert apply_plan(run)
    assert not apply_plan(run)


def test_a_cancelled_run_does_nothing_more(shelf, monkeypatch):
    monkeypatch.setattr(mapping_runs, "CHUNK", 1)
    run = planned()
    apply_plan(run)
    assert work(run.pk, seconds=0)
    assert cancel(run)
    assert not cancel(run)
    assert not work(run.pk)
    assert placed()["Lamp one"] != []
    assert placed()["Lamp two"] == []
    run.refresh_from_db()
    assert run.state == "cancelled"


def test_a_silent_run_is_found_again(shelf):
    run = start_plan()
    assert mapping_runs.find_silent() == []
    MappingRun.objects.update(created_at=timezone.now() - 2 * mapping_runs.SILENCE)
    assert mapping_runs.find_silent() == [run]
    work(run.pk)
    assert mapping_runs.find_silent() == []


def test_a_chunk_asks_the_same_for_any_number_of_products(django_assert_max_num_queries):
    items = make_items(count=60, category="Lampen > Tisch")
    remember_choice(items[0], category_ids=[category("Lamps").pk])
    import_items(*items, uses_map=False)
    run = planned()
    apply_plan(run)
    with django_assert_max_num_queries(32):
        work(run.pk)
    assert Product.objects.filter(category_ids=[category("Lamps").pk]).count() == 60


# --- Killed, and side by side ----------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_at_any_line_loses_nothing_and_does_nothing_twice(monkeypatch):
    monkeypatch.setattr(mapping_runs, "CHUNK", 2)
    items = make_items(count=3, category="Lampen > Tisch")
    lamps, lights = category("Lamps"), category("Lights")
    mapping = remember_choice(items[0], category_ids=[lamps.pk])
    import_items(*items)

    def begin(target) -> MappingRun:
        decide_mapping(mapping, category_ids=[target.pk])
        run = planned()
        apply_plan(run)
        return run

    run = begin(lights)
    total = lines_of(lambda: work(run.pk), (mapping_runs, taxonomy))
    assert total > 100
    targets = [lamps, lights]
    for stop_at in range(1, total, 7):
        target = targets[0]
        targets.reverse()
        run = begin(target)
        lines_of(lambda run=run: work(run.pk), (mapping_runs, taxonomy), stop_at=stop_at)
        work(run.pk)
        run.refresh_from_db()
        assert (run.state, run.result[GIVEN], run.seen_count) == ("done", 3, 3), stop_at
        assert set(map(tuple, placed().values())) == {(target.pk,)}, stop_at
        assert Revision.objects.filter(cause=f"mapping:{run.pk}").count() == 3, stop_at
        assert Event.objects.filter(kind="mapping.ended", subjects=[f"mapping:{run.pk}"]).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_of_one_run_do_each_product_once(monkeypatch):
    monkeypatch.setattr(mapping_runs, "CHUNK", 2)
    items = make_items(count=9, category="Lampen > Tisch")
    import_items(*items)
    remember_choice(items[0], category_ids=[category("Lamps").pk])
    run = planned()
    apply_plan(run)
    at_once(lambda: work(run.pk), lambda: work(run.pk))
    work(run.pk)
    run.refresh_from_db()
    assert (run.state, run.result[GIVEN]) == ("done", 9)
    assert Revision.objects.filter(cause=f"mapping:{run.pk}").count() == 9
