"""The category tree: order, moves, merges, by one person and by two at once."""

from contextlib import suppress
from random import Random

import pytest
from django.urls import reverse

from catalog import services
from catalog.models import Category, CategoryRedirect, Product
from catalog.queries.categories import flatten
from catalog.services import Place
from tests.catalog.conftest import texts
from tests.catalog.test_at_the_same_time import at_once


def outline() -> list[str]:
    """The tree as lines: a dash per level."""
    return ["-" * each.depth + each.name for each in flatten(Category.objects.all())]


def find(name: str) -> Category:
    return Category.objects.get(name=name)


@pytest.fixture
def tree(db) -> None:
    for name, parent in (("A", None), ("A1", "A"), ("A2", "A"), ("B", None), ("C", None)):
        services.get_or_create_category(name, parent=parent and find(parent))


def move(name: str, place: str, target: str) -> None:
    services.move_category(find(name), place=Place(place), target=find(target))


@pytest.mark.parametrize(
    ("name", "place", "target", "expected"),
    [
        ("C", "before", "A", ["C", "A", "-A1", "-A2", "B"]),
        ("A", "after", "C", ["B", "C", "A", "-A1", "-A2"]),
        ("B", "inside", "A", ["A", "-A1", "-A2", "-B", "C"]),
        ("A1", "after", "A", ["A", "-A2", "A1", "B", "C"]),
        ("A1", "after", "A2", ["A", "-A2", "-A1", "B", "C"]),
        ("B", "before", "A2", ["A", "-A1", "-B", "-A2", "C"]),
        ("A", "inside", "B", ["B", "-A", "--A1", "--A2", "C"]),
        ("A", "before", "A", ["A", "-A1", "-A2", "B", "C"]),
    ],
)
def test_a_category_goes_before_after_or_into_another(tree, name, place, target, expected):
    move(name, place, target)
    assert outline() == expected


@pytest.mark.parametrize("target", ["A", "A1"])
def test_a_category_cannot_be_moved_into_itself(tree, target):
    before = outline()
    with pytest.raises(services.CatalogError, match="inside itself"):
        move("A", "inside", target)
    assert outline() == before


def test_a_name_that_is_taken_there_stops_the_move(tree):
    services.get_or_create_category("b", parent=find("A"))
    before = outline()
    with pytest.raises(services.CatalogError, match="already"):
        move("B", "inside", "A")
    assert outline() == before


def test_the_order_is_kept_and_new_ones_come_last(tree):
    services.get_or_create_category("0")
    assert outline()[0] == "0", "by name until a person has put them in order"
    move("C", "before", "A")
    services.get_or_create_category("00")
    services.update_category(find("A2"), name="Renamed", parent=find("A"))
    assert outline() == ["0", "C", "A", "-A1", "-Renamed", "B", "00"]


def test_the_buttons_and_dragging_say_the_same(editor_client, tree):
    address = reverse("catalog:category-move", args=[find("B").pk])
    html = editor_client.get(reverse("catalog:category-list")).content.decode()
    assert f'value="before:{find("A").pk}" aria-label="Move B up"' in html
    assert f'value="inside:{find("A").pk}" aria-label="Move B into the category above"' in html

    response = editor_client.post(address, {"to": f"before:{find('A').pk}"}, follow=True)

    assert texts(response) == ["“B” is now before “A”."]
    assert outline() == ["B", "A", "-A1", "-A2", "C"]


def test_htmx_gets_the_tree_and_a_word_on_what_happened(editor_client, tree):
    address = reverse("catalog:category-move", args=[find("A").pk])
    response = editor_client.post(address, {"to": f"inside:{find('A1').pk}"}, headers={"HX-Request": "true"})
    assert "A category cannot be inside itself." in response["HX-Trigger"]
    assert response.content.decode().strip().startswith('<div id="category-tree"')


@pytest.mark.parametrize(
    "to", ["", "before", "before:", "before:x", "over:1", "before:99999999", "before:-1"]
)
def test_a_move_to_nowhere_changes_nothing(editor_client, tree, to):
    before = outline()
    response = editor_client.post(reverse("catalog:category-move", args=[find("A").pk]), {"to": to})
    assert response.status_code == 302
    assert outline() == before


def test_a_merge_moves_products_and_what_is_inside_and_leads_on(editor_client, client, make_product):
    shoes, boots = (services.get_or_create_category(name) for name in ("Shoes", "Boots"))
    for name in ("Red", "Old"):
        services.get_or_create_category(name, parent=boots)
    red = services.get_or_create_category("red", parent=shoes)
    both, one = make_product(status="published"), make_product(status="published")
    both.categories.set([shoes, boots])
    one.categories.set([Category.objects.get(name="Red")])
    editor_client.post(reverse("catalog:category-merge", args=[boots.pk]), {"into": shoes.pk})

    assert outline() == ["Shoes", "-red", "-Old"]
    assert list(both.categories.all()) == [shoes]
    assert list(one.categories.all()) == [red]
    one.refresh_from_db()
    assert one.category_ids == [red.pk], "what lists filter by follows"
    for old, new in (("boots", shoes), ("red-2", red)):
        if not Category.objects.filter(slug=old).exists():
            response = client.get(f"/category/{old}/")
            assert (response.status_code, response["Location"]) == (301, new.get_absolute_url())


def test_addresses_lead_on_after_several_merges(client, db):
    one, two, three = (services.get_or_create_category(name) for name in ("One", "Two", "Three"))
    services.merge_categories(one, into=two)
    services.merge_categories(two, into=three)
    for slug in ("one", "two"):
        assert client.get(f"/category/{slug}/")["Location"] == "/category/three/"
    services.delete_category(three)
    assert client.get("/category/one/").status_code == 404
    assert not CategoryRedirect.objects.exists()


def test_a_category_that_is_there_goes_before_one_that_was(client, db):
    one, two = (services.get_or_create_category(name) for name in ("One", "Two"))
    services.merge_categories(one, into=two)
    services.get_or_create_category("One")
    assert client.get("/category/one/").status_code == 200


def test_a_category_cannot_merge_into_what_is_inside_it(editor_client, tree):
    before = outline()
    with pytest.raises(services.CatalogError):
        services.merge_categories(find("A"), into=find("A1"))
    for into in ("A", "A1", ""):
        data = {"into": into and find(into).pk}
        response = editor_client.post(reverse("catalog:category-merge", args=[find("A").pk]), data)
        assert response.context["merge_form"].errors["into"]
    assert outline() == before


def test_what_was_inside_a_deleted_category_takes_its_place(tree):
    services.delete_category(find("A"))
    assert outline() == ["A1", "A2", "B", "C"]


@pytest.mark.django_db(transaction=True)
def test_many_moves_at_once_leave_a_tree():
    names = "ABCDEF"
    for name in names:
        services.get_or_create_category(name)

    def mess(seed: int):
        random = Random(seed)  # noqa: S311 any order will do
        for _ in range(15):
            name, target = random.sample(names, 2)
            with suppress(services.CatalogError):  # into itself
                move(name, random.choice(Place.values), target)

    assert at_once(*[lambda seed=seed: mess(seed) for seed in range(3)]) == [None] * 3
    assert sorted(line.strip("-") for line in outline()) == list(names), "nobody hangs in a circle"
    places = Category.objects.values_list("parent", "position")
    assert len(set(places)) == len(names), "no two in one place"


@pytest.mark.django_db(transaction=True)
def test_a_move_into_a_category_that_is_merged_away_meanwhile_is_told():
    a, b, c = (services.get_or_create_category(name) for name in "ABC")
    results = at_once(
        lambda: services.merge_categories(b, into=c),
        lambda: services.move_category(a, place=Place.INSIDE, target=b),
    )
    assert results[0] is None
    assert set(outline()) in ({"A", "C"}, {"C", "-A"})
    assert results[1] is None or "removed meanwhile" in str(results[1])
    assert not Product.objects.exists()
