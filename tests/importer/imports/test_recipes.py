"""Recipes: saved searches in a file, for another site."""

import json

import pytest
from django.core.exceptions import ValidationError

from catalog.models import Category
from importer.imports.recipes import export_recipes, import_recipes
from importer.imports.saved import approve, fingerprint_of, may_add, save_search
from importer.models import Feed, NetworkAccount, SavedSearch
from importer.networks.query import ItemQuery
from tests.importer.make import make_account, make_feed

pytestmark = pytest.mark.django_db


@pytest.fixture
def feed():
    return make_feed(make_account("adtraction", label="Ours"), external_id="77", name="Shoes of OTTO")


@pytest.fixture
def boots():
    shoes = Category.objects.create(name="Shoes", slug="shoes")
    return Category.objects.create(name="Boots", slug="boots", parent=shoes)


@pytest.fixture
def saved(feed, boots):
    query = ItemQuery(keywords="boot", feed_ids=(feed.pk,), account_id=feed.account_id, sort="price")
    options = {"status": "published", "category_ids": [boots.pk], "uses_map": False}
    saved = save_search(query, name="Boots", options=options, schedule="6h", keep_adding=True, daily_limit=7)
    approve(saved, fingerprint_of(saved))
    saved.refresh_from_db()
    return saved


def results(text, **choices) -> list[tuple[str, str]]:
    return [(outcome.name, outcome.result) for outcome in import_recipes(text, **choices)]


def test_a_recipe_names_what_means_something_on_another_site(saved):
    (recipe,) = json.loads(export_recipes([saved]))["recipes"]
    assert recipe == {
        "name": "Boots",
        "query": {"version": 1, "keywords": "boot", "sort": "price"},
        "feeds": [{"network": "adtraction", "external_id": "77", "name": "Shoes of OTTO"}],
        "account": {"network": "adtraction", "label": "Ours"},
        "categories": [["Shoes", "Boots"]],
        "status": "published",
        "uses_map": False,
        "schedule": "6h",
        "keep_adding": True,
        "daily_limit": 7,
    }


def test_it_means_the_same_on_a_site_with_other_ids_and_waits_for_a_trial_there(saved, boots):
    text = export_recipes([saved])
    SavedSearch.objects.all().delete()
    NetworkAccount.all_objects.all().delete()
    Category.objects.all().delete()
    feed = make_feed(make_account("adtraction", label="Theirs"), external_id="77")
    shoes = Category.objects.create(name="shoes", slug="shoes")
    again = Category.objects.create(name="Boots", slug="boots", parent=shoes)
    (outcome,) = import_recipes(text)
    assert (outcome.result, outcome.notes) == (
        "added",
        ("The account “Ours” is not here: “Theirs” is searched.",),
    )
    kept = SavedSearch.objects.get()
    assert ItemQuery.from_json(kept.query) == ItemQuery(
        keywords="boot", feed_ids=(feed.pk,), account_id=feed.account_id, sort="price"
    )
    assert kept.options == {"status": "published", "category_ids": [again.pk], "uses_map": False}
    assert (kept.schedule, kept.keep_adding, kept.daily_limit) == ("6h", True, 7)
    assert not may_add(kept)


def test_importing_twice_doubles_nothing(saved):
    text = export_recipes(SavedSearch.objects.all())
    assert results(text) == [("Boots", "unchanged")]
    SavedSearch.objects.all().delete()
    assert results(text) == [("Boots", "added")]
    assert results(text) == [("Boots", "unchanged")]
    assert SavedSearch.objects.count() == 1


def test_another_one_of_the_name_stays_unless_it_is_to_be_replaced(saved):
    text = export_recipes([saved])
    SavedSearch.objects.update(daily_limit=9)
    assert results(text) == [("Boots", "kept")]
    assert SavedSearch.objects.get().daily_limit == 9
    assert results(text, replaces=True) == [("Boots", "replaced")]
    assert SavedSearch.objects.get().daily_limit == 7


def test_what_cannot_be_found_is_said(saved):
    text = export_recipes([saved])
    SavedSearch.objects.all().delete()
    Category.objects.filter(name="Boots").delete()
    (outcome,) = import_recipes(text)
    assert (outcome.result, outcome.notes) == (
        "added",
        ("The category “Shoes > Boots” is not here: left out.",),
    )
    SavedSearch.objects.all().delete()
    Feed.objects.all().delete()
    (outcome,) = import_recipes(text)
    assert outcome.result == "refused"
    assert outcome.notes[0].startswith("The feed “Shoes of OTTO” (adtraction) is not here.")
    assert not SavedSearch.objects.exists()


def test_one_of_several_feeds_is_enough(saved, feed):
    data = json.loads(export_recipes([saved]))
    data["recipes"][0]["feeds"].append({"network": "tradedoubler", "external_id": "1"})
    data["recipes"][0]["name"] = "Other"
    (outcome,) = import_recipes(json.dumps(data))
    assert (outcome.result, len(outcome.notes)) == ("added", 1)
    assert SavedSearch.objects.get(name="Other").query["feed_ids"] == [feed.pk]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"version": 1}',
        '{"version": 2, "recipes": []}',
        '{"version": true, "recipes": []}',
        b"\xff\xfe",
    ],
)
def test_what_is_no_such_file_is_refused_with_a_sentence(text):
    with pytest.raises(ValidationError, match="file"):
        import_recipes(text)


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"name": 7},
        {"query": None},
        {"query": {"version": 1, "feed_ids": [1]}},
        {"query": {"version": 1, "colour": "red"}},
        {"schedule": "yearly"},
        {"status": "trashed"},
        {"daily_limit": 0},
        {"daily_limit": "7"},
        {"keep_adding": "yes"},
        {"categories": [["a", 1]]},
        {"categories": "Shoes"},
        {"feeds": [1]},
        {"account": {"network": "nowhere", "label": "x"}},
        {"account": []},
        {"shell": "rm"},
    ],
)
def test_a_recipe_that_says_nonsense_is_refused_and_the_others_are_kept(change):
    good = {"name": "Good", "query": {"version": 1, "keywords": "boot"}}
    text = json.dumps({"version": 1, "recipes": [good | {"name": "Bad"} | change, good, "x"]})
    assert [result for _, result in results(text)] == ["refused", "added", "refused"]
    assert [saved.name for saved in SavedSearch.objects.all()] == ["Good"]


def test_names_alone_may_be_odd():
    name = "<b>“Boots” & 😀 %s</b>"
    text = json.dumps({"version": 1, "recipes": [{"name": name, "query": {"version": 1, "keywords": "a"}}]})
    assert results(text) == [(name, "added")]
    assert results(export_recipes(SavedSearch.objects.all())) == [(name, "unchanged")]
