"""Every dashboard page of pages, guides and menus: who may, who may not, who is not logged in."""

import pytest
from django.urls import get_resolver, reverse

from pages import services

# route, method, what an editor gets. An administrator gets in everywhere; a user without a role nowhere.
PAGES = [
    ("post-list", "get", 200),
    ("post-bulk", "post", 302),
    ("post-take-back", "post", 302),
    ("post-create", "get", 200),
    ("post-edit", "get", 200),
    ("post-preview", "get", 200),
    ("post-share", "post", 302),
    ("post-history", "get", 200),
    ("post-restore", "get", 200),
    ("block-search", "get", 200),
    ("menu-list", "get", 403),
    ("menu-edit", "get", 403),
    ("menu-move", "post", 403),
    ("menu-delete", "post", 403),
]
pages = pytest.mark.parametrize(("name", "method", "for_editor"), PAGES, ids=[page[0] for page in PAGES])


@pytest.fixture
def address(db):
    post = services.create_post(kind="guide", title="Lamps")
    item = services.add_item("header", post=post)

    def address(name: str, pk: int = 0) -> str:
        known = {"section": "guides", "pk": pk or (item.pk if "menu" in name else post.pk)}
        known["revision"] = pk or post.revisions.get().pk
        (pattern,) = [
            each for each in get_resolver().namespace_dict["pages"][1].url_patterns if each.name == name
        ]
        return reverse(f"pages:{name}", kwargs={key: known[key] for key in pattern.pattern.converters})

    return address


def test_the_table_has_every_page():
    patterns = get_resolver().namespace_dict["pages"][1].url_patterns
    assert {pattern.name for pattern in patterns} == {page[0] for page in PAGES}


@pages
def test_each_gets_what_the_role_allows(
    client, admin_client, editor_client, stranger_client, address, name, method, for_editor
):
    path = address(name)
    assert getattr(client, method)(path).url.startswith(reverse("login"))
    assert getattr(stranger_client, method)(path).status_code == 403
    assert getattr(editor_client, method)(path).status_code == for_editor
    assert getattr(admin_client, method)(path).status_code in (200, 302)


@pytest.mark.parametrize("name", [page[0] for page in PAGES if page[1] == "post"])
def test_nothing_changes_by_following_a_link(admin_client, address, name):
    assert admin_client.get(address(name)).status_code == 405


ABOUT_ONE = [
    page[:2]
    for page in PAGES
    if page[0].endswith(("edit", "preview", "share", "history", "restore", "move", "delete"))
]


@pytest.mark.parametrize(("name", "method"), ABOUT_ONE)
def test_what_does_not_exist_is_404(admin_client, address, name, method):
    assert getattr(admin_client, method)(address(name, 999_999)).status_code == 404


def test_a_guide_is_no_page(admin_client, address):
    assert admin_client.get(address("post-edit").replace("guides", "pages")).status_code == 404
