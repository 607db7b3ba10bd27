"""The page of the category map: it works without JavaScript, and by keyboard."""

import json

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from catalog import services as catalog
from catalog.models import Product
from importer.imports.category_counts import count_feed
from importer.imports.category_map import remember_choice
from importer.models import CategoryMapping
from tests.importer.make import make_feed, make_item, make_items
from tests.importer.pages import HTMX, is_part, text_of
from tests.importer.views.test_imports import work

pytestmark = pytest.mark.django_db
PAGE = "/dashboard/category-map/"


@pytest.fixture
def lamps(db):
    return catalog.get_or_create_category("Table lamps", parent=catalog.get_or_create_category("Lamps"))


def make_lines(*names: str, **values) -> list[CategoryMapping]:
    return [
        CategoryMapping.objects.create(
            **{
                "program_key": "tradedoubler:p1",
                "key": name.lower(),
                "name": name,
                "shop_name": "OTTO",
                "item_count": 100 - place,
            }
            | values
        )
        for place, name in enumerate(names)
    ]


def decide(client, line, do, headers=None, query="", **data):
    url = f"{reverse('importer:mapping-decide', args=[line.pk])}{query}"
    response = client.post(url, {"do": do, **data}, headers=headers)
    line.refresh_from_db()
    return response


def test_what_is_not_mapped_is_listed_with_counts_most_first(editor_client):
    feed = make_feed()
    make_items(feed, 2, category="Stühle")
    make_items(feed, 3, category="Lampen > Tisch")
    count_feed(feed)
    page = text_of(editor_client.get(PAGE))
    assert page.index("Lampen &gt; Tisch") < page.index("Stühle")
    assert "OTTO" in page
    assert ">3</td>" in page


def test_a_proposal_is_accepted_with_one_click(editor_client, lamps):
    reason = "6 of 7 products of OTTO in “Tisch” went to Lamps > Table lamps."
    (line,) = make_lines("Tisch", proposed_ids=[lamps.pk], confidence=70, reason=reason)
    page = text_of(editor_client.get(PAGE))
    assert "70 % sure." in page
    assert "6 of 7 products of OTTO" in page
    response = decide(editor_client, line, "accept")
    assert response.status_code == 302
    assert (line.decision, line.category_ids) == ("mapped", [lamps.pk])
    page = text_of(editor_client.get(response.url))
    assert "“Tisch” goes to Lamps &gt; Table lamps." in page
    assert "Every category is mapped" in page


@pytest.mark.parametrize(
    "typed", ["Lamps > Table lamps", "table LAMPS", " Table lamps ; ", "Table lamps; Lamps > Table lamps"]
)
def test_a_category_is_chosen_by_its_name_or_path(editor_client, lamps, typed):
    (line,) = make_lines("Tisch")
    decide(editor_client, line, "choose", categories=typed)
    assert (line.decision, line.category_ids) == ("mapped", [lamps.pk])


def test_several_categories_are_chosen_at_once(editor_client, lamps):
    sale = catalog.get_or_create_category("Sale")
    (line,) = make_lines("Tisch")
    decide(editor_client, line, "choose", categories="Table lamps; Sale")
    assert line.category_ids == sorted([lamps.pk, sale.pk])


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "choose “None”"),
        ("Sofas", "There is no category “Sofas”."),
        ("Lamps; Sofas", "There is no category “Sofas”."),
        ("Other", "There are 2 categories “Other”: write the path."),
        (";".join("abcdefghijkl"), "No more than 10"),
    ],
)
def test_what_is_no_category_of_ours_is_refused_in_words(editor_client, lamps, typed, said):
    for parent in (None, lamps):
        if parent is None:
            parent = catalog.get_or_create_category("Top")
        catalog.get_or_create_category("Other", parent=parent)
    (line,) = make_lines("Tisch")
    response = decide(editor_client, line, "choose", categories=typed)
    assert line.decision == ""
    assert said in text_of(editor_client.get(response.url))
    page = text_of(decide(editor_client, line, "choose", headers=HTMX, categories=typed))
    assert said in page
    assert 'aria-invalid="true"' in page


def test_none_on_purpose_is_remembered_and_can_be_asked_again(editor_client):
    (line,) = make_lines("Gutscheine")
    decide(editor_client, line, "none")
    assert line.decision == "none"
    assert "Gutscheine" in text_of(editor_client.get(PAGE, {"show": "none"}))
    decide(editor_client, line, "forget")
    assert line.decision == ""


def test_a_decision_can_be_undone_at_once(editor_client, lamps):
    sale = catalog.get_or_create_category("Sale")
    (line,) = make_lines("Tisch", decision="mapped", category_ids=[lamps.pk])
    page = text_of(decide(editor_client, line, "choose", headers=HTMX, categories="Sale"))
    assert line.category_ids == [sale.pk]
    assert f'name="ids" value="{lamps.pk}"' in page
    decide(editor_client, line, "restore", ids=str(lamps.pk))
    assert (line.decision, line.category_ids) == ("mapped", [lamps.pk])
    decide(editor_client, line, "restore", ids="77 x")
    assert (line.decision, line.category_ids) == ("", [])


def test_a_decision_stays_on_its_page_and_filter(editor_client):
    lines = make_lines(*(f"Lampen {number}" for number in range(60)))
    response = decide(editor_client, lines[55], "none", query="?q=lampen&page=2")
    assert response.url == f"{PAGE}?q=lampen&page=2"
    page = text_of(decide(editor_client, lines[56], "none", headers=HTMX, query="?q=lampen&page=2"))
    assert "Lampen 57" in page
    assert "Lampen 10" not in page
    assert "?q=lampen&amp;page=1" in page


def test_htmx_gets_the_list_and_an_announcement(editor_client):
    line, other = make_lines("Tisch", "Stuhl")
    response = decide(editor_client, line, "none", headers=HTMX)
    assert is_part(response)
    assert "“Tisch” goes to no category." in json.loads(response.headers["HX-Trigger"])["toast"]["text"]
    assert "Stuhl" in text_of(response)


@pytest.mark.parametrize("do", ["", "delete", "accept"])
def test_an_unknown_decision_decides_nothing(editor_client, do):
    (line,) = make_lines("Tisch")
    response = decide(editor_client, line, do)
    assert line.decision == ""
    assert "Say which category it is." in text_of(editor_client.get(response.url))


def test_the_list_is_found_by_words_and_by_shop(editor_client):
    make_lines("Lampen > Tisch", "Stühle")
    make_lines("Lampen", program_key="tradedoubler:p2", shop_name="BAUR")
    assert "Stühle" not in text_of(editor_client.get(PAGE, {"q": "LAMPEN"}))
    page = text_of(editor_client.get(PAGE, {"program": "tradedoubler:p2"}))
    assert "Only BAUR" in page
    assert "OTTO" not in page
    assert "No such category" in text_of(editor_client.get(PAGE, {"q": "%_"}))


def test_markup_of_a_feed_stays_text(editor_client):
    make_lines("<script>alert(1)</script>", shop_name="<b>OTTO</b>", reason="<i>x</i>", proposed_ids=[1])
    assert "<script>alert(1)" not in editor_client.get(PAGE).content.decode()


def test_a_page_asks_the_same_for_any_number_of_lines(editor_client, lamps, django_assert_max_num_queries):
    make_lines(*(f"Category {number}" for number in range(50)), proposed_ids=[lamps.pk])
    with django_assert_max_num_queries(7):
        assert "Category 49" in text_of(editor_client.get(PAGE))


def test_who_may_only_look_sees_no_buttons(client, django_user_model):
    user = django_user_model.objects.create_user("reader")
    user.user_permissions.add(Permission.objects.get(codename="view_categorymapping"))
    client.force_login(user)
    (line,) = make_lines("Tisch")
    assert 'name="do"' not in text_of(client.get(PAGE))
    assert decide(client, line, "none").status_code == 403


# --- The import dialog and the bulk import --------------------------------------------------------------
def dialog(client, item, **data):
    return client.post(
        reverse("importer:item-import", args=[item.pk]), {"title": item.title, "status": "draft", **data}
    )


def test_the_dialog_preselects_what_the_map_says(editor_client, lamps):
    item = make_item(category="Lampen > Tisch")
    remember_choice(item, category_ids=[lamps.pk])
    page = text_of(editor_client.get(reverse("importer:item-import", args=[item.pk])))
    assert f'name="categories" value="{lamps.pk}"' in page
    assert page.split(f'name="categories" value="{lamps.pk}"')[1].split(">")[0].count("checked") == 1
    assert "Chosen by the" in page


def test_the_dialog_says_what_is_proposed_and_ticks_nothing(editor_client, lamps):
    item = make_item(category="Tisch")
    make_lines("Tisch", proposed_ids=[lamps.pk], confidence=70, reason="6 of 7 went there.")
    page = text_of(editor_client.get(reverse("importer:item-import", args=[item.pk])))
    assert "Proposed: Lamps &gt; Table lamps (70 % sure). 6 of 7 went there." in page
    assert "checked" not in page.split(f'name="categories" value="{lamps.pk}"')[1].split(">")[0]


def test_a_choice_in_the_dialog_is_remembered_where_the_person_says_so(editor_client, lamps):
    item, other = make_items(count=2, category="Lampen > Tisch")
    dialog(editor_client, item, categories=[lamps.pk])
    assert not CategoryMapping.objects.filter(decision="mapped").exists()
    dialog(editor_client, other, categories=[lamps.pk], remember_category="on")
    assert CategoryMapping.objects.get().category_ids == [lamps.pk]


def test_who_unticks_what_the_map_says_gets_no_category(editor_client, lamps):
    item = make_item(category="Lampen > Tisch")
    remember_choice(item, category_ids=[lamps.pk])
    dialog(editor_client, item)
    work()
    assert Product.objects.get().category_ids == []


@pytest.mark.parametrize("is_left_out", [False, True])
def test_a_bulk_import_uses_the_map_unless_it_is_left_out(editor_client, lamps, is_left_out):
    item = make_item(category="Lampen > Tisch")
    remember_choice(item, category_ids=[lamps.pk])
    data = {"items": [item.pk]} | ({"without_map": "on"} if is_left_out else {})
    editor_client.post(reverse("importer:index-import"), data)
    work()
    assert Product.objects.get().category_ids == ([] if is_left_out else [lamps.pk])


# --- In a browser ------------------------------------------------------------------------------------------
@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_list_is_decided_by_keyboard(admin_page):
    lamps = catalog.get_or_create_category("Table lamps")
    first, second, third = make_lines(
        "Tisch", "Gutscheine", "Leuchten", proposed_ids=[lamps.pk], confidence=70
    )
    admin_page.goto(PAGE)
    admin_page.keyboard.press("j")
    admin_page.keyboard.press("a")
    admin_page.locator("nav.tabs a", has_text="Not mapped 2").wait_for()
    admin_page.locator("[data-decide]:focus").wait_for()
    assert "goes to Table lamps" in admin_page.locator("#toasts").inner_text()
    admin_page.keyboard.press("n")
    admin_page.locator("nav.tabs a", has_text="Not mapped 1").wait_for()
    admin_page.locator("[data-decide]:focus").wait_for()
    admin_page.keyboard.press("u")
    admin_page.locator("nav.tabs a", has_text="Not mapped 2").wait_for()
    admin_page.locator("[data-decide]:focus").wait_for()
    admin_page.keyboard.press("j")
    admin_page.keyboard.press("c")
    admin_page.keyboard.type("Table lamps")
    admin_page.keyboard.press("Enter")
    admin_page.locator("nav.tabs a", has_text="Not mapped 1").wait_for()
    admin_page.locator("[data-decide]:focus").wait_for()
    found = dict(CategoryMapping.objects.values_list("pk", "decision"))
    assert found == {first.pk: "mapped", second.pk: "", third.pk: "mapped"}
