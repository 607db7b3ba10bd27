"""Every dashboard page of the catalogue: who may, who may not, who is not logged in."""

import pytest
from django.urls import get_resolver, reverse

from catalog.models import Brand, Category, UndoRun

# route, method, what an editor gets. An administrator gets in everywhere; a user without a role nowhere.
PAGES = [
    ("product-list", "get", 200),
    ("product-bulk", "post", 302),
    ("product-export", "get", 200),
    ("product-columns", "post", 302),
    ("product-create", "get", 200),
    ("product-edit", "get", 200),
    ("product-preview", "get", 200),
    ("product-offers", "get", 200),
    ("product-options", "get", 200),
    ("product-share", "post", 302),
    ("product-updates", "get", 200),
    ("product-quick", "get", 200),
    ("product-history", "get", 200),
    ("product-restore", "get", 200),
    ("own-offer-add", "get", 200),
    ("own-offer-edit", "get", 200),
    ("undo-start", "post", 302),
    ("undo-detail", "get", 200),
    ("undo-progress", "get", 200),
    ("undo-carry-out", "post", 302),
    ("undo-cancel", "post", 302),
    ("category-list", "get", 200),
    ("category-edit", "get", 200),
    ("category-move", "post", 302),
    ("category-merge", "post", 200),
    ("category-delete", "post", 302),
    ("brand-list", "get", 200),
    ("brand-edit", "get", 200),
    ("brand-merge", "post", 200),
    ("brand-delete", "post", 302),
    ("shop-list", "get", 200),
    ("shop-edit", "get", 200),
    ("shop-merge", "get", 403),
    ("shop-delete", "post", 403),
    ("site-settings", "get", 403),
    ("attribute-list", "get", 403),
]
pages = pytest.mark.parametrize(("name", "method", "for_editor"), PAGES, ids=[page[0] for page in PAGES])


@pytest.fixture
def address(product, shop, make_offer):
    ids = {
        "product": product.pk,
        "category": Category.objects.create(name="Shoes", slug="shoes").pk,
        "brand": Brand.objects.create(name="Acme", slug="acme").pk,
        "shop": shop.pk,
        "undo": UndoRun.objects.create(cause="bulk:1", state="planned").pk,
    }

    own = make_offer(product, source="own")

    def address(name: str, pk: int | None = None) -> str:
        thing, _, page = name.partition("-")
        needs_id = page in (
            "edit",
            "delete",
            "merge",
            "move",
            "offers",
            "preview",
            "quick",
            "share",
            "history",
            "updates",
        )
        needs_id = needs_id or (thing == "undo" and page != "start")
        if page == "export":
            return reverse(f"catalog:{name}", args=["csv"])
        if thing == "own":
            return reverse(f"catalog:{name}", args=[pk or product.pk, *([own.pk] if "edit" in page else [])])
        if page == "restore":
            return reverse(f"catalog:{name}", args=[pk or ids[thing], product.revisions.first().pk])
        return reverse(f"catalog:{name}", args=[pk or ids[thing]] if needs_id else [])

    return address


def test_the_table_has_every_page():
    namespaces = get_resolver().namespace_dict
    assert {pattern.name for pattern in namespaces["catalog"][1].url_patterns} == {page[0] for page in PAGES}


@pages
def test_an_administrator_gets_in(admin_client, address, name, method, for_editor):
    assert getattr(admin_client, method)(address(name)).status_code in (200, 302)


@pages
def test_an_editor_gets_what_the_role_allows(editor_client, address, name, method, for_editor):
    assert getattr(editor_client, method)(address(name)).status_code == for_editor


@pages
def test_a_user_without_a_role_gets_nothing(stranger_client, address, name, method, for_editor):
    assert getattr(stranger_client, method)(address(name)).status_code == 403


@pages
def test_who_is_not_logged_in_is_sent_to_the_login(client, address, name, method, for_editor):
    response = getattr(client, method)(address(name))
    assert response.status_code == 302
    assert response.url.startswith(reverse("login"))


@pytest.mark.parametrize(
    "name", [page[0] for page in PAGES if page[0].endswith(("edit", "delete", "merge", "move", "view"))]
)
def test_what_does_not_exist_is_404(admin_client, address, name):
    method = admin_client.post if name.endswith(("delete", "merge", "move")) else admin_client.get
    assert method(address(name, pk=999_999)).status_code == 404


@pytest.mark.parametrize("name", [page[0] for page in PAGES if page[1] == "post"])
def test_nothing_changes_by_following_a_link(admin_client, address, name):
    assert admin_client.get(address(name)).status_code == 405


def test_the_menu_shows_what_the_role_allows(admin_client, editor_client):
    address = reverse("catalog:product-list")
    for_admin, for_editor = (c.get(address).content.decode() for c in (admin_client, editor_client))
    assert reverse("dashboard:user-list") in for_admin
    assert reverse("dashboard:user-list") not in for_editor
    assert reverse("catalog:shop-list") in for_editor
