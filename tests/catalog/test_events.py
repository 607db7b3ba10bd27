"""Every service of the catalogue writes what it changed; what changes nothing writes nothing."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from catalog import services
from catalog.models import Brand, Category, Product, Shop
from events.models import Event
from tests.importer.make import make_item
from tests.importer.run import import_items

pytestmark = pytest.mark.django_db


def events_of(call) -> list[tuple]:
    """Return (kind, subjects, before, after) of what a call writes."""
    known = set(Event.objects.values_list("pk", flat=True))
    call()
    found = Event.objects.exclude(pk__in=known)
    return list(found.values_list("kind", "subjects", "before", "after"))


def make_product(title="Boot", **fields) -> Product:
    return services.create_product(title=title, **fields)


def import_product(**values) -> Product:
    (result,) = import_items(make_item(**values))
    return result.product


def test_making_and_editing_a_product():
    (made,) = events_of(make_product)
    product = Product.objects.get()
    assert made == ("product.created", [f"product:{product.pk}"], {}, {"name": "Boot", "status": "draft"})
    edit = {"title": "Red boot", "meta_title": ""}
    (edited,) = events_of(lambda: services.update_product(product, **edit))
    assert edited == ("product.edited", [f"product:{product.pk}"], {"title": "Boot"}, {"title": "Red boot"})
    assert events_of(lambda: services.update_product(product, **edit)) == []


def test_statuses_are_one_event_for_each_that_was_left():
    one, two, three = (make_product() for _ in range(3))
    services.trash([three.pk])
    changed = events_of(lambda: services.publish([one.pk, two.pk, three.pk]))
    assert changed == [
        (
            "product.status_changed",
            [f"product:{one.pk}", f"product:{two.pk}"],
            {"status": "draft"},
            {"status": "published"},
        ),
        ("product.status_changed", [f"product:{three.pk}"], {"status": "trashed"}, {"status": "published"}),
    ]
    assert events_of(lambda: services.publish([one.pk])) == []
    services.trash([one.pk])
    (deleted,) = events_of(lambda: services.delete_permanently([one.pk, two.pk]))
    assert deleted == ("product.deleted", [f"product:{one.pk}"], {"title": ["Boot"]}, {})


def test_joining_splitting_and_moving_offers():
    one, two = import_product(title="One"), import_product(title="Two")
    offer = one.offers.get()
    kinds = [kind for kind, *_ in events_of(lambda: services.join_products(one, into=two))]
    assert kinds == ["offer.moved", "product.status_changed", "product.joined"]
    moved = Event.objects.get(kind="offer.moved")
    assert (moved.subjects, moved.before, moved.after) == (
        [f"offer:{offer.pk}"],
        {"product": one.pk},
        {"product": two.pk},
    )
    assert events_of(lambda: services.join_products(one, into=two)) == []
    kinds = [kind for kind, *_ in events_of(lambda: services.split_offers(two, offer_ids=[offer.pk]))]
    assert kinds == ["product.created", "offer.moved", "product.split"]
    (chosen,) = events_of(lambda: services.choose_main_offer(two, offer_id=two.offers.get().pk))
    assert chosen[0] == "product.edited"


def test_offers_that_expire_or_are_removed():
    product = import_product(price=Decimal("9.90"))
    offer = product.offers.get()
    (expired,) = events_of(lambda: services.expire_offers([offer.pk]))
    assert expired[:2] == ("offer.expired", [f"offer:{offer.pk}"])
    assert events_of(lambda: services.expire_offers([offer.pk])) == []
    (removed,) = events_of(lambda: services.remove_offers(product, offer_ids=[offer.pk]))
    assert removed[0] == "offer.removed"
    assert removed[2] == {
        "product": product.pk,
        "source_key": [offer.source_key],
        "price": [["9.90", "EUR"]],
    }
    assert events_of(lambda: services.remove_offers(product, offer_ids=[])) == []


def test_categories_of_products_that_had_the_same_are_one_event():
    shoes, sale = services.get_or_create_category("Shoes"), services.get_or_create_category("Sale")
    products = [make_product() for _ in range(3)]
    services.set_categories([products[0].pk], categories=[shoes])
    changed = events_of(
        lambda: services.set_categories([p.pk for p in products], categories=[sale], replace=False)
    )
    assert sorted((len(subjects), before, after) for _, subjects, before, after in changed) == [
        (1, {"category_ids": [shoes.pk]}, {"category_ids": sorted([shoes.pk, sale.pk])}),
        (2, {"category_ids": []}, {"category_ids": [sale.pk]}),
    ]
    assert (
        events_of(lambda: services.set_categories([products[1].pk], categories=[sale], replace=False)) == []
    )


def test_the_tree_of_categories():
    (made,) = events_of(lambda: services.get_or_create_category("Shoes"))
    shoes = Category.objects.get()
    assert made == ("category.created", [f"category:{shoes.pk}"], {}, {"name": "Shoes"})
    assert events_of(lambda: services.get_or_create_category("shoes")) == []
    boots, sale = services.get_or_create_category("Boots"), services.get_or_create_category("Sale")
    (moved,) = events_of(lambda: services.move_category(boots, place=services.Place.INSIDE, target=shoes))
    assert (moved[0], moved[3]["parent"]) == ("category.moved", shoes.pk)
    (edited,) = events_of(lambda: services.update_category(boots, name="Big boots", parent=None))
    assert edited[2:] == ({"name": "Boots", "parent": shoes.pk}, {"name": "Big boots", "parent": None})
    (merged,) = events_of(lambda: services.merge_categories(boots, into=sale))
    assert merged[0::3] == ("category.merged", {"name": "Big boots", "into": sale.pk})
    (deleted,) = events_of(lambda: services.delete_category(sale))
    assert deleted[0] == "category.deleted"


def test_brands_and_shops_as_a_person_edits_merges_and_deletes_them(admin_client):
    product = import_product(brand="Nordfjell", shop_name="OTTO")
    import_product(brand="Other", shop_name="Other", program_id="p2")
    brand, other = Brand.objects.order_by("pk")
    url = reverse("catalog:brand-edit", args=[brand.pk])
    (edited,) = events_of(lambda: admin_client.post(url, {"name": "Nordfjäll"}))
    assert edited == ("brand.edited", [f"brand:{brand.pk}"], {"name": "Nordfjell"}, {"name": "Nordfjäll"})
    assert Event.objects.last().actor == f"user:{User.objects.get(username='ada').pk}"
    assert events_of(lambda: admin_client.post(url, {"name": "Nordfjäll"})) == []
    (merged,) = events_of(lambda: services.merge_brands(brand, into=other))
    assert (merged[0], merged[3]["into"]) == ("brand.merged", other.pk)
    delete = reverse("catalog:brand-delete", args=[other.pk])
    (deleted,) = events_of(lambda: admin_client.post(delete))
    assert deleted[0] == "brand.deleted"

    shop, into = Shop.objects.order_by("pk")
    url = reverse("catalog:shop-edit", args=[shop.pk])
    (edited,) = events_of(lambda: admin_client.post(url, {"name": "OTTO & Co", "url": ""}))
    assert edited[2:] == ({"name": "OTTO"}, {"name": "OTTO & Co"})
    (merged,) = events_of(lambda: services.merge_shops(shop, into=into))
    assert (merged[0], merged[3]) == ("shop.merged", {"name": "OTTO & Co", "into": into.pk, "offers": 1})
    assert product.offers.get().shop_id == into.pk
    empty = Shop.objects.create(name="Empty", slug="empty")
    (deleted,) = events_of(lambda: services.delete_shop(empty))
    assert deleted[0] == "shop.deleted"


def test_the_site_and_its_buttons(admin_client):
    url = reverse("catalog:site-settings")
    values = {
        "name": "Mine",
        "language": "en",
        "currency": "EUR",
        "accent": "#0055aa",
        "buttons-long": "Go to %s",
    }
    found = events_of(lambda: admin_client.post(url, values))
    assert [kind for kind, *_ in found] == ["site.edited", "buttons.edited"]
    assert (found[0][3]["name"], found[1][3]["long"]) == ("Mine", "Go to %s")
    assert events_of(lambda: admin_client.post(url, values)) == []
    network = reverse("importer:network-buttons", args=["adtraction"])
    events_of(lambda: admin_client.post(network, {"long": "Buy"}))
    assert Event.objects.last().sources == ["adtraction"]


def test_a_save_in_the_editor_writes_only_what_differs(admin_client):
    product = make_product()
    values = {
        "title": "Boot",
        "slug": product.slug,
        "status": "draft",
        "version": product.updated_at.isoformat(),
        "brand": "Nordfjell",
    }
    url = reverse("catalog:product-edit", args=[product.pk])
    found = events_of(lambda: admin_client.post(url, values))
    assert [kind for kind, *_ in found] == ["brand.created", "product.edited"]
    assert found[1][3] == {"brand": Brand.objects.get().pk}


def test_what_a_person_changes_is_among_the_latest_events_with_their_name(admin_client):
    product = make_product("Red boot")
    admin_client.post(reverse("catalog:product-bulk"), {"action": "publish", "ids": [product.pk]})
    shop = Shop.objects.create(name="OTTO", slug="otto")
    admin_client.post(reverse("catalog:shop-edit", args=[shop.pk]), {"name": "OTTO & Co", "url": ""})
    lines = admin_client.get(reverse("dashboard:home")).context["lines"]
    assert [(line.message, line.who) for line in lines[:2]] == [
        ("Shop edited: “OTTO & Co”.", "ada"),
        ("Status of product changed: published.", "ada"),
    ]
    assert lines[1].product == "Red boot"


def test_users_are_in_the_outbox_and_their_passwords_are_not(admin_client):
    values = {
        "username": "anna",
        "email": "anna@shop.example",
        "role": "Editor",
        "is_active": "on",
        "password1": "a-long-one-77",
        "password2": "a-long-one-77",
    }
    (made,) = events_of(lambda: admin_client.post(reverse("dashboard:user-create"), values))
    assert (made[0], made[3]["role"]) == ("user.created", "Editor")
    anna = User.objects.get(username="anna")
    url = reverse("dashboard:user-edit", args=[anna.pk])
    values |= {"role": "Administrator", "password1": "another-one-88", "password2": "another-one-88"}
    changed, password = events_of(lambda: admin_client.post(url, values))
    assert changed[2:] == ({"role": "Editor"}, {"role": "Administrator"})
    assert password[3] == {"username": "anna", "password": "changed"}
    assert "one-88" not in str(list(Event.objects.values()))
    unchanged = values | {"password1": "", "password2": ""}
    assert events_of(lambda: admin_client.post(url, unchanged)) == []
