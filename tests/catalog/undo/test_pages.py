"""Undo and history in the dashboard, without JavaScript."""

import re

import pytest
from django.urls import reverse

from catalog import services
from catalog.models import Product, Revision, UndoRun
from events.actor import cause
from tests.importer.make import make_item, make_items
from tests.importer.run import import_items

pytestmark = pytest.mark.django_db


def text_of(response) -> str:
    """Return what a person reads of a page, in one line."""
    html = re.sub(r"<(script|style).*?</\1>", "", response.content.decode(), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


def undo_form(html: str) -> dict[str, str]:
    """Return the fields of the first form that takes something back."""
    form = re.search(
        rf'<form method="post" action="{reverse("catalog:undo-start")}".*?</form>', html, re.DOTALL
    )
    assert form, "no undo button"
    return dict(re.findall(r'name="(\w+)" value="([^"]*)"', form.group()))


def test_a_bulk_action_is_taken_back_at_its_notice(editor_client):
    products = [services.create_product(title=f"Boot {number}") for number in range(3)]
    page = editor_client.post(
        reverse("catalog:product-bulk"),
        {"action": "publish", "ids": [product.pk for product in products]},
        follow=True,
    )
    assert "3 products were published. Undo" in text_of(page)
    form = undo_form(page.content.decode())
    page = editor_client.post(reverse("catalog:undo-start"), form, follow=True)
    assert "Undone: 3 products." in text_of(page)
    assert set(Product.objects.values_list("status", flat=True)) == {"draft"}
    page = editor_client.post(reverse("catalog:undo-start"), form, follow=True)
    assert "Undone: 0 of 3 products." in text_of(page)


def test_what_a_notice_cannot_take_back_is_said(editor_client):
    products = [services.create_product(title=f"Boot {number}") for number in range(2)]
    page = editor_client.post(
        reverse("catalog:product-bulk"),
        {"action": "publish", "ids": [product.pk for product in products]},
        follow=True,
    )
    services.trash([products[0].pk])
    page = editor_client.post(reverse("catalog:undo-start"), undo_form(page.content.decode()), follow=True)
    assert "Undone: 1 of 2 products. What became of the others" in text_of(page)
    (run,) = UndoRun.objects.all()
    assert "The status was changed since" in text_of(editor_client.get(run.get_absolute_url()))


def test_what_was_deleted_for_good_has_no_undo(admin_client):
    product = services.create_product(title="Boot")
    services.trash([product.pk])
    page = admin_client.post(
        reverse("catalog:product-bulk"), {"action": "delete", "ids": [product.pk]}, follow=True
    )
    assert "1 product was deleted permanently." in text_of(page)
    assert reverse("catalog:undo-start") not in page.content.decode()


def test_a_run_is_taken_back_from_its_page(admin_client):
    (first, _) = import_items(*make_items(count=2), status="published")
    services.update_product(first.product, title="Mine")
    run_page = admin_client.get(first.run.get_absolute_url())
    form = undo_form(run_page.content.decode())
    plan = admin_client.post(reverse("catalog:undo-start"), form, follow=True)
    said = text_of(plan)
    assert "2 products: nothing is changed yet" in said
    assert "1 taken back" in said
    assert "1 kept: changed since" in said
    assert "Edited since: title." in said
    (run,) = UndoRun.objects.all()
    assert Product.objects.filter(status="published").count() == 2
    admin_client.post(reverse("catalog:undo-carry-out", args=[run.pk]))
    run.refresh_from_db()
    assert run.state == "queued"
    page = admin_client.post(reverse("catalog:undo-carry-out", args=[run.pk]), follow=True)
    assert "This is being taken back already" in text_of(page)


def test_a_plan_can_be_put_away(editor_client):
    with cause("bulk:1"):
        services.publish([services.create_product(title="Boot").pk])
    editor_client.post(reverse("catalog:undo-start"), {"cause": "bulk:1"})
    (run,) = UndoRun.objects.all()
    page = editor_client.post(reverse("catalog:undo-cancel", args=[run.pk]), follow=True)
    assert "Cancelled." in text_of(page)
    assert Product.objects.get().is_published


def test_nobody_is_led_to_another_site_or_shown_an_error_for_nonsense(editor_client):
    for key in ("", "bulk:none", "run:999999999999999999999", "x" * 500, "\x00", "run:"):
        response = editor_client.post(
            reverse("catalog:undo-start"), {"cause": key, "next": "https://evil.example/"}
        )
        assert response.status_code == 302
        assert response.url.startswith("/")
    assert not UndoRun.objects.exists()


def test_the_history_says_when_who_why_and_what(admin_client, administrator):
    (result,) = import_items(make_item(title="Boot", description="<p>Light and warm.</p>"))
    product = result.product
    admin_client.post(
        reverse("catalog:product-edit", args=[product.pk]),
        {
            **{"title": "Red boot", "slug": product.slug, "description": "", "status": "published"},
            **{"version": product.updated_at.isoformat(), "brand": "Acme", "new_categories": "Shoes"},
        },
    )
    page = admin_client.get(reverse("catalog:product-history", args=[product.pk]))
    html = page.content.decode()
    assert "<del>Boot</del><ins>Red boot</ins>" in html
    said = text_of(page)
    assert f"by {administrator.username}" in said
    assert reverse("importer:run-detail", args=[result.run_id]) in html
    assert result.run.get_absolute_url() in html
    assert "Made" in said
    assert "Acme" in said


def test_any_state_can_be_restored_and_that_is_a_change_like_any_other(admin_client):
    (result,) = import_items(make_item(title="Boot"))
    product = result.product
    made = Revision.objects.get(product=product)
    images = list(product.images.all())
    services.update_product(product, title="Mine", gtin="4006381333931")
    services.remove_images(product, images=images)
    services.publish([product.pk])
    address = reverse("catalog:product-restore", args=[product.pk, made.pk])
    page = admin_client.get(address)
    html = page.content.decode()
    ticked = re.findall(r'name="fields" value="(\w+)" checked', html)
    assert set(ticked) == {"title", "gtin", "pictures"}
    assert 'value="status">' in html
    version = re.search(r'name="version" value="([^"]*)"', html).group(1)
    admin_client.post(address, {"fields": ticked, "version": version})
    product.refresh_from_db()
    assert (product.title, product.gtin, product.status) == ("Boot", "", "published")
    assert [image.source_url for image in product.images.all()] == [image.source_url for image in images]
    newest = Revision.objects.filter(product=product).first()
    assert (newest.before["title"], newest.after["title"]) == ("Mine", "Boot")
    assert newest.cause == f"restore:{made.pk}"


def test_who_restores_over_another_save_is_asked_first(admin_client):
    product = services.create_product(title="Boot")
    made = Revision.objects.get(product=product)
    services.update_product(product, title="Mine")
    address = reverse("catalog:product-restore", args=[product.pk, made.pk])
    html = admin_client.get(address).content.decode()
    version = re.search(r'name="version" value="([^"]*)"', html).group(1)
    services.update_product(product, title="Theirs")
    page = admin_client.post(address, {"fields": ["title"], "version": version}, follow=True)
    assert "Somebody saved this product meanwhile" in text_of(page)
    product.refresh_from_db()
    assert product.title == "Theirs"


def test_what_another_product_has_now_cannot_be_restored(admin_client):
    product = services.create_product(title="Boot", gtin="4006381333931")
    made = Revision.objects.get(product=product)
    services.update_product(product, title="Mine", gtin="")
    services.create_product(title="Other", gtin="4006381333931")
    address = reverse("catalog:product-restore", args=[product.pk, made.pk])
    html = admin_client.get(address).content.decode()
    version = re.search(r'name="version" value="([^"]*)"', html).group(1)
    page = admin_client.post(address, {"fields": ["title", "gtin"], "version": version}, follow=True)
    assert "Another product has its EAN now." in text_of(page)
    product.refresh_from_db()
    assert product.title == "Mine"


def test_who_may_only_look_sees_no_way_back(stranger_client, django_user_model):
    from django.contrib.auth.models import Permission

    user = django_user_model.objects.get(username="stranger")
    user.user_permissions.add(Permission.objects.get(codename="view_product"))
    product = services.create_product(title="Boot")
    services.update_product(product, title="Mine")
    page = stranger_client.get(reverse("catalog:product-history", args=[product.pk]))
    assert page.status_code == 200
    assert "Restore this state" not in text_of(page)
    address = reverse("catalog:product-restore", args=[product.pk, Revision.objects.last().pk])
    assert stranger_client.get(address).status_code == 403


def test_joined_products_come_apart_at_the_notice(admin_client):
    for result in import_items(*make_items(count=2)):
        assert result.product
    one, two = Product.objects.order_by("pk")
    address = reverse("catalog:product-offers", args=[one.pk])
    page = admin_client.post(address, {"action": "join", "product": two.pk}, follow=True)
    form = undo_form(page.content.decode())
    page = admin_client.post(reverse("catalog:undo-start"), form, follow=True)
    assert "Undone: 2 products." in text_of(page)
    assert sorted(Product.objects.values_list("status", "offer_count")) == [("draft", 1), ("draft", 1)]
    history = admin_client.get(reverse("catalog:product-history", args=[one.pk]))
    assert "Products joined" in text_of(history)
    assert "Undo" in text_of(history)
