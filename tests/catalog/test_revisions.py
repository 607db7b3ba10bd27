"""Every service that changes a product leaves a revision of it: who, why, before and after."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from catalog import services
from catalog.models import Brand, Category, Product, ProductImage, Revision, Shop
from events.actor import acting_as, cause
from tests.importer.make import make_item
from tests.importer.run import import_items

pytestmark = pytest.mark.django_db


def revisions_of(call) -> list[tuple]:
    """Return (product id, before, after) of what a call writes, oldest first."""
    known = set(Revision.objects.values_list("pk", flat=True))
    call()
    found = Revision.objects.exclude(pk__in=known).order_by("pk")
    return list(found.values_list("product_id", "before", "after"))


def import_product(**values) -> Product:
    (result,) = import_items(make_item(**values))
    return result.product


def test_who_changed_a_product_and_why_is_kept():
    product = services.create_product(title="Boot")
    with acting_as("user:5"), cause("bulk:1"):
        services.publish([product.pk])
    revision = Revision.objects.filter(product=product).first()
    assert (revision.actor, revision.cause) == ("user:5", "bulk:1")
    assert revision.before["status"] == "draft"
    assert revision.after["status"] == "published"


def test_a_product_that_was_made_was_not_there_before():
    ((pk, before, after),) = revisions_of(lambda: services.create_product(title="Boot"))
    assert (pk, before, after) == (Product.objects.get().pk, None, {})


def test_an_edit_keeps_what_differs_and_nothing_else():
    product = services.create_product(title="Boot")
    brand = Brand.objects.create(name="Acme", slug="acme")
    edit = {"title": "Red boot", "meta_title": "", "brand": brand}
    found = revisions_of(lambda: services.update_product(product, **edit))
    assert found == [(product.pk, {"title": "Boot", "brand": None}, {"title": "Red boot", "brand": brand.pk})]
    assert revisions_of(lambda: services.update_product(product, **edit)) == []


def test_a_status_that_a_product_has_already_is_no_revision():
    one, two = services.create_product(title="One"), services.create_product(title="Two")
    services.publish([one.pk])
    (only,) = revisions_of(lambda: services.publish([one.pk, two.pk]))
    assert only[0] == two.pk
    assert set(only[1]) == {"status", "published_at"}


def test_categories_that_are_set_merged_or_deleted():
    product = services.create_product(title="Boot")
    one, two = (Category.objects.create(name=name, slug=name) for name in ("one", "two"))
    ids = {"category_ids": [one.pk]}
    assert revisions_of(lambda: services.set_categories([product.pk], categories=[one])) == [
        (product.pk, {"category_ids": []}, ids)
    ]
    merged = {"category_ids": [two.pk]}
    assert revisions_of(lambda: services.merge_categories(one, into=two)) == [(product.pk, ids, merged)]
    assert revisions_of(lambda: services.delete_category(two)) == [(product.pk, merged, {"category_ids": []})]


def test_a_brand_or_shop_that_becomes_another_changes_its_products():
    product = import_product(brand="Acme", shop_name="One", program_id="p7")
    old, new = Brand.objects.get(), Brand.objects.create(name="Other", slug="other")
    ids = old.pk, new.pk
    assert revisions_of(lambda: services.merge_brands(old, into=new)) == [
        (product.pk, {"brand": ids[0]}, {"brand": ids[1]})
    ]
    assert revisions_of(lambda: services.delete_brand(new)) == [
        (product.pk, {"brand": ids[1]}, {"brand": None})
    ]
    shop, other = Shop.objects.get(), Shop.objects.create(name="Other", slug="other")
    key = str(product.offers.get().pk)
    assert revisions_of(lambda: services.merge_shops(shop, into=other)) == [
        (product.pk, {"offers": {key: {"shop_id": shop.pk}}}, {"offers": {key: {"shop_id": other.pk}}})
    ]


def test_offers_say_where_they_went_and_whence_they_came():
    one, two = import_product(title="One"), import_product(title="Two")
    key = str(one.offers.get().pk)
    found = {pk: (old, new) for pk, old, new in revisions_of(lambda: services.join_products(one, into=two))}
    assert found.keys() == {one.pk, two.pk}
    old, new = found[one.pk]
    assert old["offers"][key]["price"] == "99.90"
    assert new["offers"] == {key: {"product_id": two.pk}}
    assert (old["status"], new["status"], new["joined_into"]) == ("draft", "trashed", two.pk)
    old, new = found[two.pk]
    assert (old["offers"], new["offers"][key]["price"]) == ({key: {"product_id": one.pk}}, "99.90")


def test_a_split_makes_one_product_and_takes_an_offer_from_the_other():
    product = import_product(title="One")
    services.join_products(import_product(title="Two"), into=product)
    offer = product.offers.order_by("-pk").first()
    found = {
        pk: (old, new)
        for pk, old, new in revisions_of(lambda: services.split_offers(product, offer_ids=[offer.pk]))
    }
    made = Product.objects.order_by("-pk").first()
    assert found.pop(made.pk) == (None, {})
    assert found[product.pk][1]["offers"] == {str(offer.pk): {"product_id": made.pk}}


def test_what_is_removed_is_kept_whole():
    product = import_product(title="One")
    offer, image = product.offers.get(), product.images.get()
    ((_, old, new),) = revisions_of(lambda: services.remove_offers(product, offer_ids=[offer.pk]))
    assert (old["offers"][str(offer.pk)]["source_key"], new["offers"]) == (
        offer.source_key,
        {str(offer.pk): None},
    )
    ((_, old, new),) = revisions_of(lambda: services.remove_images(product, images=[image]))
    assert [picture["url"] for picture in old["pictures"]] == [image.source_url]
    assert new["pictures"] == []


def test_a_picture_that_a_worker_copied_is_no_change():
    product = import_product(title="One")
    with transaction.atomic():
        found = revisions_of(lambda: copy_and_arrange(product))
    assert found == []


def copy_and_arrange(product):
    with services.revising([product.pk], "pictures"):
        ProductImage.objects.filter(product=product).update(state="failed", tries=2)


def test_a_deleted_product_leaves_its_history():
    product = services.create_product(title="Boot")
    services.trash([product.pk])
    ((pk, before, after),) = revisions_of(lambda: services.delete_permanently([product.pk]))
    assert (pk, before, after) == (product.pk, {"title": "Boot"}, None)
    assert Revision.objects.filter(product_id=product.pk).count() == 3


def test_one_save_in_the_editor_is_one_revision(client, admin_user):
    client.force_login(admin_user)
    product = import_product(title="One")
    address = reverse("catalog:product-edit", args=[product.pk])
    form = {
        **{"title": "Mine", "slug": product.slug, "description": "", "brand": "Acme", "status": "published"},
        **{"version": product.updated_at.isoformat(), "new_categories": "Shoes"},
    }
    ((_, before, after),) = revisions_of(lambda: client.post(address, form))
    assert set(after) >= {"title", "brand", "status", "category_ids"}
    assert (before["title"], after["title"]) == ("One", "Mine")
    assert Revision.objects.first().actor == f"user:{admin_user.pk}"
    form = {"title": "New", "brand": "Acme", "status": "draft", "new_categories": "Boots"}
    made = revisions_of(lambda: client.post(reverse("catalog:product-create"), form))
    assert [row[1:] for row in made] == [(None, {})]


def test_what_fails_leaves_no_revision():
    product = services.create_product(title="Boot")
    known = Revision.objects.count()
    with pytest.raises(IntegrityError), transaction.atomic(), services.revising([product.pk]):
        fail_after_an_edit(product)
    assert Revision.objects.count() == known


def fail_after_an_edit(product):
    services.update_product(product, title="Other")
    Product.objects.create(title="Other", slug=product.slug)
