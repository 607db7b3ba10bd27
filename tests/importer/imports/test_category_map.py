"""The category map: counted, proposed, remembered, used by imports, and true when our categories change."""

import pytest
from django.utils import timezone

from catalog import services as catalog
from catalog.models import Product
from events.models import Event
from importer.imports import category_counts
from importer.imports.category_counts import count_categories, count_feed
from importer.imports.category_follow import follow_categories
from importer.imports.category_map import decide_mapping, forget_mapping, remember_choice
from importer.imports.category_proposals import propose_categories
from importer.imports.options import Options
from importer.imports.plan import plan
from importer.imports.planned import PlannedItem
from importer.models import CategoryMapping, FeedItem
from tests.importer.make import change_item, make_account, make_feed, make_item, make_items
from tests.importer.run import import_items

pytestmark = pytest.mark.django_db
EAN = "4006381333931"


@pytest.fixture
def lamps():
    return catalog.get_or_create_category("Table lamps")


def line(name="Lampen > Tisch", **values) -> CategoryMapping:
    return CategoryMapping.objects.get(name=name, **values)


def counted(*items: FeedItem) -> None:
    for feed in {item.feed for item in items}:
        count_feed(feed)


def categories_of(*items: FeedItem, **choices) -> list[list[int]]:
    return [done.product.category_ids for done in import_items(*items, **choices)]


# --- Counts ----------------------------------------------------------------------------------------
def test_each_category_of_a_program_is_a_line_with_its_count():
    feed = make_feed()
    make_items(feed, 3, category="Lampen > Tisch")
    make_items(feed, 2, category="LAMPEN > tisch")
    make_items(feed, 1, category="Stühle")
    make_items(feed, 1, category="")
    make_items(feed, 1, category="Lampen > Tisch", program_id="p2", shop_name="BAUR")
    assert count_categories(seconds=60) == 1
    rows = CategoryMapping.objects.values_list("program_key", "name", "shop_name", "item_count")
    assert list(rows) == [
        ("tradedoubler:p1", "Lampen > Tisch", "OTTO", 5),
        ("tradedoubler:p1", "Stühle", "OTTO", 1),
        ("tradedoubler:p2", "Lampen > Tisch", "BAUR", 1),
    ]


def test_feeds_of_one_program_are_counted_together():
    account = make_account()
    feeds = [make_feed(account), make_feed(account)]
    for feed in feeds:
        make_items(feed, 2, category="Stühle")
    assert count_categories(seconds=60) == 2
    assert line("Stühle").item_count == 4


def test_a_feed_is_counted_again_once_it_was_read_again():
    item = make_item(category="Stühle")
    assert count_categories(seconds=60) == 1
    assert count_categories(seconds=60) == 0
    feed = item.feed
    feed.synced_at = timezone.now()
    feed.save()
    assert count_categories(seconds=60) == 1


def test_a_category_that_is_gone_goes_unless_somebody_decided_it(lamps):
    feed = make_feed()
    kept, lost = make_item(feed, category="Lampen > Tisch"), make_item(feed, category="Stühle")
    count_feed(feed)
    decide_mapping(line(), category_ids=[lamps.pk])
    change_item(kept, category="Neu")
    change_item(lost, category="Neu")
    count_feed(feed)
    assert dict(CategoryMapping.objects.values_list("name", "item_count")) == {"Lampen > Tisch": 0, "Neu": 2}


def test_items_that_are_gone_do_not_count():
    feed = make_feed()
    make_items(feed, 2, category="Stühle")
    FeedItem.objects.filter(pk=FeedItem.objects.first().pk).update(missing_at=timezone.now())
    count_feed(feed)
    assert line("Stühle").item_count == 1


def test_a_feed_with_a_category_for_each_item_fills_no_table(monkeypatch):
    monkeypatch.setattr(category_counts, "MAX_PER_FEED", 3)
    feed = make_feed()
    for number in range(6):
        make_items(feed, number + 1, category=f"Category {number}")
    count_feed(feed)
    names = CategoryMapping.objects.values_list("name", flat=True)
    assert list(names) == ["Category 5", "Category 4", "Category 3"]


# --- Imports ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["bulk", "quick", "single"])
def test_an_import_without_categories_takes_those_of_the_map(lamps, kind):
    item = make_item(category="Lampen > Tisch")
    remember_choice(item, category_ids=[lamps.pk])
    other = make_item(item.feed, category="LAMPEN > TISCH")
    assert categories_of(other, kind=kind) == [[lamps.pk]]
    assert Product.objects.get().categories.get() == lamps


def test_what_the_person_chose_goes_before_the_map(lamps):
    chairs = catalog.get_or_create_category("Chairs")
    item = make_item(category="Lampen > Tisch")
    remember_choice(item, category_ids=[lamps.pk])
    assert categories_of(item, category_ids=[chairs.pk]) == [[chairs.pk]]


def test_an_import_may_leave_the_map_out(lamps):
    item = make_item(category="Lampen > Tisch")
    remember_choice(item, category_ids=[lamps.pk])
    assert categories_of(item, uses_map=False) == [[]]


def test_another_program_has_a_map_of_its_own(lamps):
    item = make_item(category="Lampen > Tisch")
    remember_choice(item, category_ids=[lamps.pk])
    other = make_item(item.feed, category="Lampen > Tisch", program_id="p2", shop_name="BAUR")
    assert categories_of(other) == [[]]


def test_a_line_may_lead_to_several_categories_or_to_none(lamps):
    chairs = catalog.get_or_create_category("Chairs")
    both, none, unsaid = (make_item(category=name) for name in ("Both", "None", "Unsaid"))
    remember_choice(both, category_ids=[lamps.pk, chairs.pk])
    remember_choice(none, category_ids=[])
    assert categories_of(both, none, unsaid) == [sorted([lamps.pk, chairs.pk]), [], []]
    assert line("None").decision == "none"


def test_a_category_that_was_deleted_just_now_breaks_no_import(lamps):
    item = make_item(category="Lampen > Tisch")
    remember_choice(item, category_ids=[lamps.pk])
    catalog.delete_category(lamps)
    assert categories_of(item) == [[]]


def test_a_product_that_is_here_keeps_its_categories(lamps):
    item = make_item(category="Lampen > Tisch")
    assert categories_of(item) == [[]]
    remember_choice(item, category_ids=[lamps.pk])
    change_item(item, price=5)
    assert categories_of(item) == [[]]


def test_a_chunk_asks_for_the_map_once(lamps, django_assert_max_num_queries):
    feed = make_feed()
    items = make_items(feed, 40, category="Lampen > Tisch")
    remember_choice(items[0], category_ids=[lamps.pk])
    with django_assert_max_num_queries(5):
        decisions = plan([PlannedItem(item=item, account=feed.account) for item in items], Options())
    assert {tuple(each.new_product.category_ids) for each in decisions} == {(lamps.pk,)}


# --- What is remembered ------------------------------------------------------------------------------
def test_a_decision_is_an_event_with_who_and_what(lamps, django_user_model):
    item = make_item(category="Lampen > Tisch")
    user = django_user_model.objects.create_user("anna")
    mapping = remember_choice(item, category_ids=[lamps.pk], user=user)
    remember_choice(item, category_ids=[lamps.pk], user=user)
    event = Event.objects.get(kind="category.mapped")
    assert event.subjects == [f"categorymapping:{mapping.pk}"]
    assert event.before == {"decision": "", "category_ids": []}
    assert event.after == {
        "decision": "mapped",
        "category_ids": [lamps.pk],
        "name": "OTTO: Lampen > Tisch",
    }
    mapping.refresh_from_db()
    assert mapping.decided_by == user


def test_a_decision_can_be_forgotten(lamps):
    item = make_item(category="Lampen > Tisch")
    forget_mapping(remember_choice(item, category_ids=[lamps.pk]))
    assert categories_of(item) == [[]]


def test_an_item_without_a_category_is_remembered_nowhere(lamps):
    assert remember_choice(make_item(category=""), category_ids=[lamps.pk]) is None


# --- Proposals ---------------------------------------------------------------------------------------
def test_earlier_choices_of_the_shop_are_proposed(lamps):
    feed = make_feed()
    items = make_items(feed, 8, category="Lampen > Tisch")
    import_items(*items[:6], category_ids=[lamps.pk])
    other = catalog.get_or_create_category("Chairs")
    import_items(items[6], category_ids=[other.pk])
    counted(*items)
    assert propose_categories() == 1
    proposal = line()
    assert (proposal.proposed_ids, proposal.confidence) == ([lamps.pk], 70)
    assert proposal.reason == "6 of 7 products of OTTO in “Lampen > Tisch” went to Table lamps."
    assert propose_categories() == 0


def test_an_edit_counts_as_a_choice(lamps):
    item = make_item(category="Lampen > Tisch")
    (done,) = import_items(item)
    counted(item)
    catalog.set_categories([done.product], categories=[lamps])
    propose_categories()
    assert line().proposed_ids == [lamps.pk]


def test_the_same_ean_elsewhere_speaks_for_its_category(lamps):
    known = make_item(gtin=EAN, category="Licht")
    import_items(known, category_ids=[lamps.pk])
    other = make_item(program_id="p2", shop_name="BAUR", category="Leuchten", gtin=EAN)
    counted(known, other)
    propose_categories()
    proposal = line("Leuchten")
    assert proposal.proposed_ids == [lamps.pk]
    assert "1 of 1 article that other shops have, too, are in Table lamps" in proposal.reason


def test_the_same_words_elsewhere_speak_for_their_category(lamps):
    known = make_item(category="Licht > Tischlampen")
    remember_choice(known, category_ids=[lamps.pk])
    other = make_item(program_id="p2", shop_name="BAUR", category="Wohnen > TISCHLAMPEN")
    counted(other)
    propose_categories()
    assert line("Wohnen > TISCHLAMPEN").proposed_ids == [lamps.pk]


def test_a_category_of_ours_with_that_name_is_proposed(lamps):
    item = make_item(category="Home > Table lamp")
    counted(item)
    propose_categories()
    proposal = line("Home > Table lamp")
    assert (proposal.proposed_ids, proposal.confidence) == ([lamps.pk], 25)


def test_what_lies_in_the_trash_says_nothing(lamps):
    item = make_item(category="Lampen > Tisch")
    (done,) = import_items(item, category_ids=[lamps.pk])
    catalog.trash([done.product.pk])
    counted(item)
    propose_categories()
    assert line().proposed_ids == []


# --- Our categories change -----------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_a_merge_of_categories_leads_the_map_to_the_other():
    lamps, lights = map(catalog.get_or_create_category, ("Table lamps", "Lights"))
    item = make_item(category="Lampen > Tisch")
    mapping = remember_choice(item, category_ids=[lamps.pk])
    catalog.merge_categories(lamps, into=lights)
    follow_categories()
    mapping.refresh_from_db()
    assert (mapping.decision, mapping.category_ids) == ("mapped", [lights.pk])
    follow_categories()
    mapping.refresh_from_db()
    assert mapping.category_ids == [lights.pk]


@pytest.mark.django_db(transaction=True)
def test_a_line_whose_categories_are_deleted_is_open_again():
    lamps, lights = map(catalog.get_or_create_category, ("Table lamps", "Lights"))
    one = remember_choice(make_item(category="One"), category_ids=[lamps.pk])
    both = remember_choice(make_item(category="Both"), category_ids=[lamps.pk, lights.pk])
    none = remember_choice(make_item(category="None"), category_ids=[])
    catalog.delete_category(lamps)
    follow_categories()
    found = dict(CategoryMapping.objects.values_list("pk", "decision"))
    assert found == {one.pk: "", both.pk: "mapped", none.pk: "none"}
    both.refresh_from_db()
    assert both.category_ids == [lights.pk]


@pytest.mark.django_db(transaction=True)
def test_proposals_follow_by_themselves():
    lamps = catalog.get_or_create_category("Table lamps")
    item = make_item(category="Lampen > Tisch")
    count_feed(item.feed)
    follow_categories()
    assert line().proposed_ids == []
    import_items(item, category_ids=[lamps.pk])
    assert follow_categories()
    assert line().proposed_ids == [lamps.pk]
    assert not follow_categories()
