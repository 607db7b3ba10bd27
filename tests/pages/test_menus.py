"""Menus: what stands where, and what cannot."""

import pytest
from django.urls import reverse

from catalog import services as catalogue
from catalog.models import Category
from pages import services
from pages.models import MenuItem
from pages.queries.menus import Menus


def labels(links) -> list:
    return [(link.label, labels(link.below)) if link.below else link.label for link in links]


def test_a_menu_has_pages_categories_guides_and_links(db, client):
    page = services.create_post(kind="page", title="Contact", status="published")
    draft = services.create_post(kind="page", title="Draft")
    catalogue.get_or_create_category("Lamps")
    lamps = Category.objects.get()
    top = services.add_item("header", category=lamps)
    services.add_item("header", post=page, parent=top)
    services.add_item("header", post=draft)
    services.add_item("header", url="guides")
    services.add_item("header", url="https://example.com/x", label="<b>Out</b>")
    assert labels(Menus.load().header()) == [("Lamps", ["Contact"]), "Guides", "<b>Out</b>"]
    html = client.get("/").content.decode()
    assert "&lt;b&gt;Out&lt;/b&gt;" in html
    assert 'href="https://example.com/x" rel="noopener"' in html


def test_imprint_and_privacy_are_in_the_footer_by_themselves(db, client):
    for role in ("privacy", "imprint"):
        services.create_post(kind="page", title=role.title(), role=role, status="published")
    assert labels(Menus.load().footer()) == ["Imprint", "Privacy"]
    services.add_item("footer", post=services.create_post(kind="page", title="Jobs", status="published"))
    assert labels(Menus.load().footer()) == ["Jobs", "Imprint", "Privacy"]
    assert 'href="/imprint/"' in client.get("/search/").content.decode()


@pytest.fixture
def items(db):
    return [services.add_item("footer", url=f"/{number}/", label=f"L{number}") for number in range(3)]


def test_a_circle_is_refused(items):
    first, second, third = items
    services.change_item(second, parent=first)
    for item, parent in ((first, second), (first, first), (first, third), (third, second)):
        with pytest.raises(services.MenuError):
            services.change_item(item, parent=parent)
    assert labels(Menus.load().footer()) == [("L0", ["L1"]), "L2"]


def test_a_circle_in_the_table_hangs_nobody(items, client, admin_client):
    first, second, _ = items
    MenuItem.objects.filter(pk=first.pk).update(parent=second)
    MenuItem.objects.filter(pk=second.pk).update(parent=first)
    assert client.get("/").status_code == 200
    assert admin_client.get("/dashboard/menus/").status_code == 200
    with pytest.raises(services.MenuError):
        services.change_item(items[2], parent=first)


def test_entries_move_up_and_down_without_scripts(items, admin_client):
    def move(item, to):
        admin_client.post(reverse("pages:menu-move", args=[item.pk]), {"to": to})
        return labels(Menus.load().footer())

    assert move(items[2], "up") == ["L0", "L2", "L1"]
    assert move(items[0], "up") == ["L0", "L2", "L1"]
    assert move(items[0], "down") == ["L2", "L0", "L1"]


def test_an_entry_below_a_page_that_goes_moves_up(db):
    page = services.create_post(kind="page", title="Contact", status="published")
    top = services.add_item("header", post=page)
    services.add_item("header", url="/x/", label="X", parent=top)
    services.change_status([page.pk], "trashed")
    assert labels(Menus.load().header()) == ["X"]
    services.delete_permanently([page.pk])
    assert MenuItem.objects.count() == 0


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"url": "javascript:alert(1)"},
        {"url": "//evil.example"},
        {"url": "https://user@evil.example/"},
        {"url": "ftp://x.example"},
        {"url": "/x\\y"},
        {"url": "mailto:a@b.example"},
        {"post": "999"},
        {"category": "x"},
        {"url": "/x/", "parent": "999"},
        {"url": "guides", "label": "x" * 81},
    ],
)
def test_an_entry_that_leads_nowhere_is_refused(admin_client, values):
    response = admin_client.post("/dashboard/menus/", {"menu": "header"} | values)
    assert response.status_code == 200
    assert not MenuItem.objects.exists()


def test_an_administrator_changes_menus_and_an_editor_does_not(admin_client, editor_client):
    assert admin_client.post("/dashboard/menus/", {"menu": "header", "url": "/x/"}).status_code == 302
    item = MenuItem.objects.get()
    address = reverse("pages:menu-edit", args=[item.pk])
    admin_client.post(address, {"url": "https://x.example/", "label": "X"})
    item.refresh_from_db()
    assert (item.url, item.label) == ("https://x.example/", "X")
    for path in ("/dashboard/menus/", address):
        assert editor_client.get(path).status_code == 403
    for name in ("move", "delete"):
        assert editor_client.post(reverse(f"pages:menu-{name}", args=[item.pk])).status_code == 403
        assert admin_client.get(reverse(f"pages:menu-{name}", args=[item.pk])).status_code == 405
    admin_client.post(reverse("pages:menu-delete", args=[item.pk]))
    assert not MenuItem.objects.exists()
