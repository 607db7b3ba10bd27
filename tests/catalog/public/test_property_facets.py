"""Visitors filter a category by properties that its editor chose."""

import pytest
from django.urls import reverse

from catalog import services
from catalog.lib.facets import facet_values
from catalog.models import FacetValue, Product, SiteSettings, StaleFacets
from tests.catalog.public.test_lists import titles

pytestmark = pytest.mark.django_db


def learn() -> None:
    while services.refresh_facets():
        pass


@pytest.fixture
def shoes(make_product):
    """Shoes of three colours and two sizes, filtered by colour."""
    SiteSettings.objects.create(pk=1, attributes={"colour": {"filter": True}, "size": {"filter": True}})
    shoes = services.get_or_create_category("Shoes")
    boots = services.get_or_create_category("Boots", parent=shoes)
    services.update_category(shoes, name="Shoes", parent=None, facets=["colour"])
    make_product("A", categories=[shoes], attributes={"Farbe": "Rot", "size": "S|M"})
    make_product("B", categories=[shoes], attributes={"COLOUR": "rot"})
    make_product("C", categories=[boots], attributes={"color": "Blau, matt", "size": "M"})
    make_product("D", categories=[boots], attributes={"heel": "flat"})
    learn()
    return shoes


def facet(response, label: str) -> dict[str, int]:
    found = [facet for facet in response.context["facets"] if facet.label == label]
    return {choice.label: choice.count for facet in found for choice in facet.choices}


def test_a_category_counts_the_values_of_its_properties(client, shoes):
    response = client.get("/category/shoes/")
    assert facet(response, "Colour") == {"Rot": 2, "Blau, matt": 1}
    assert facet(response, "Size") == {}


def test_the_filters_of_a_category_are_those_of_the_one_above_unless_it_has_its_own(
    client, shoes, make_product
):
    boots = services.get_or_create_category("Boots", parent=shoes)
    make_product("E", categories=[boots], attributes={"color": "Grün", "size": "L"})
    learn()
    assert set(facet(client.get("/category/boots/"), "Colour")) == {"Blau, matt", "Grün"}
    services.update_category(boots, name="Boots", parent=shoes, facets=["size"])
    response = client.get("/category/boots/")
    assert facet(response, "Colour") == {}
    assert facet(response, "Size") == {"M": 1, "L": 1}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        pytest.param("property=colour.rot", "A B", id="a value"),
        pytest.param("property=colour.rot&property=colour.blau-matt", "A B C", id="any of two"),
        pytest.param("property=size.m", "A B C D", id="no filter of this category"),
        pytest.param("property=colour.nothing", "", id="no such value"),
        pytest.param("property=colour.rot&category=boots", "", id="with another filter"),
        pytest.param("property=colour", "A B C D", id="no value"),
        pytest.param("property=%00.x&property=.&property=" + "x" * 3000, "A B C D", id="rubbish"),
    ],
)
def test_visitors_filter_by_a_property(client, shoes, asked, found):
    response = client.get(f"/category/shoes/?{asked}")
    assert response.status_code == 200
    assert sorted(titles(response)) == found.split()


def test_a_filtered_list_is_not_for_search_engines_and_not_kept(client, shoes):
    response = client.get("/category/shoes/?property=colour.rot")
    assert b'content="noindex, follow"' in response.content
    chosen = [choice for each in response.context["facets"] for choice in each.choices if choice.chosen]
    assert [choice.query for choice in chosen] == ["?"]


def test_a_search_within_a_category_has_its_filters(client, shoes):
    for title in "ABC":
        Product.objects.filter(title=title).update(title=f"Shoe {title}")
    assert facet(client.get("/search/?q=shoe&category=shoes"), "Colour") == {"Rot": 2, "Blau, matt": 1}
    assert facet(client.get("/search/?q=shoe"), "Colour") == {}


def test_what_changes_is_read_again_by_a_worker(shoes):
    product = Product.objects.get(title="A")
    assert product.facet_values == ["colour=rot", "size=m", "size=s"]
    Product.objects.filter(pk=product.pk).update(attributes={"colour": "Gelb"})
    learn()
    product.refresh_from_db()
    assert product.facet_values == ["colour=gelb"]
    services.save_attribute_choices({"colour": services.AttributeChoice(shown=True, filters=False)})
    learn()
    product.refresh_from_db()
    assert product.facet_values == []
    assert not StaleFacets.objects.exists()
    assert FacetValue.objects.get(key="colour", slug="rot").label == "Rot"


def test_texts_and_machine_columns_are_no_filters():
    attributes = {"colour": "x" * 61, "productId": "7", "size": "|".join(f"{n} cm" for n in range(1, 50))}
    found = facet_values(attributes, ["colour", "productid", "size"])
    assert found.keys() == {"size"}
    assert len(found["size"]) == 20


def test_an_editor_chooses_the_filters_of_a_category(admin_client, shoes):
    address = reverse("catalog:category-edit", args=[shoes.pk])
    assert 'value="size"' in admin_client.get(address).text
    admin_client.post(address, {"name": "Shoes", "parent": "", "facets": ["size", "colour"]})
    shoes.refresh_from_db()
    assert shoes.facets == ["size", "colour"]
    refused = admin_client.post(address, {"name": "Shoes", "parent": "", "facets": ["nothing"]})
    assert refused.status_code == 200
    shoes.refresh_from_db()
    assert shoes.facets == ["size", "colour"]


def test_filters_by_properties_cost_three_questions_more(client, shoes, django_assert_max_num_queries):
    with django_assert_max_num_queries(11):
        client.get("/category/shoes/?property=colour.rot&property=colour.blau-matt")
