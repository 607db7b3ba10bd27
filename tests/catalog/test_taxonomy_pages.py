import pytest
from django.urls import reverse

from catalog.models import Brand, Category, Product, Shop, ShopSource
from tests.catalog.conftest import picture_file, texts


@pytest.fixture
def tree(db) -> dict[str, Category]:
    top = Category.objects.create(name="Top", slug="top")
    low = Category.objects.create(name="Low", slug="low", parent=top)
    other = Category.objects.create(name="Other", slug="other")
    return {"top": top, "low": low, "other": other}


def test_the_tree_is_listed_top_down(editor_client, tree, product):
    product.categories.add(tree["low"])
    categories = editor_client.get(reverse("catalog:category-list")).context["categories"]
    shown = [(category.name, category.depth, category.product_count) for category in categories]
    assert shown == [("Other", 0, 0), ("Top", 0, 0), ("Low", 1, 1)]


def test_a_category_is_added_once(editor_client, tree):
    address = reverse("catalog:category-list")
    assert texts(editor_client.post(address, {"name": " New  one ", "parent": tree["top"].pk}, follow=True))
    assert Category.objects.get(slug="new-one").name == "New one"
    again = editor_client.post(address, {"name": "new ONE", "parent": tree["top"].pk})
    assert "There is a category of this name here already." in again.content.decode()
    assert Category.objects.count() == 4


def test_a_category_is_renamed_and_moved(editor_client, tree):
    address = reverse("catalog:category-edit", args=[tree["low"].pk])
    editor_client.post(address, {"name": "Lower", "parent": tree["other"].pk})
    low = Category.objects.get(pk=tree["low"].pk)
    assert (low.name, low.parent, low.slug) == ("Lower", tree["other"], "low")


def test_a_category_cannot_move_below_itself(editor_client, tree):
    address = reverse("catalog:category-edit", args=[tree["top"].pk])
    for parent in ("top", "low"):
        response = editor_client.post(address, {"name": "Top", "parent": tree[parent].pk})
        assert response.context["form"].errors["parent"]
    assert Category.objects.get(pk=tree["top"].pk).parent is None


def test_deleting_a_category_keeps_its_products(editor_client, tree, product):
    product.categories.add(tree["top"])
    editor_client.post(reverse("catalog:category-delete", args=[tree["top"].pk]))
    assert Product.objects.exists()
    assert Category.objects.get(pk=tree["low"].pk).parent is None


def test_brands_are_counted_found_renamed_and_deleted(editor_client, make_product):
    brand = Brand.objects.create(name="Acme", slug="acme")
    make_product(brand=brand)
    page = editor_client.get(reverse("catalog:brand-list"), {"q": "cm"}).context["page_obj"]
    assert [(each.name, each.product_count) for each in page] == [("Acme", 1)]
    editor_client.post(reverse("catalog:brand-edit", args=[brand.pk]), {"name": "Acme Inc"})
    assert Brand.objects.get().name == "Acme Inc"
    editor_client.post(reverse("catalog:brand-delete", args=[brand.pk]))
    assert Product.objects.get().brand is None


def test_a_brand_name_is_there_once_whatever_its_case(editor_client, db):
    address = reverse("catalog:brand-list")
    editor_client.post(address, {"name": "Acme"})
    assert (
        "There is a brand of this name already."
        in editor_client.post(address, {"name": "ACME"}).content.decode()
    )
    assert Brand.objects.count() == 1


@pytest.mark.parametrize(("into", "ok"), [("other", True), ("one", False), ("nobody", False), ("", False)])
def test_brands_merge_into_another_that_exists(editor_client, make_product, into, ok):
    one, other = (Brand.objects.create(name=name, slug=name) for name in ("One", "Other"))
    make_product(brand=one)
    editor_client.post(reverse("catalog:brand-merge", args=[one.pk]), {"into": into})
    assert Product.objects.get().brand == (other if ok else one)
    assert Brand.objects.count() == (1 if ok else 2)


def test_a_brand_that_is_merged_twice_is_merged_once(editor_client, make_product):
    one, other = (Brand.objects.create(name=name, slug=name) for name in ("One", "Other"))
    make_product(brand=one)
    address = reverse("catalog:brand-merge", args=[one.pk])
    editor_client.post(address, {"into": "other"})
    again = editor_client.post(address, {"into": "other"}, follow=True)
    assert texts(again)[-1] == "“One” is now part of “Other”."
    assert Product.objects.get().brand == other


def test_shops_show_their_offers_and_networks(editor_client, shop, product, make_offer):
    make_offer(product)
    ShopSource.objects.create(shop=shop, key="adtraction:7")
    (listed,) = editor_client.get(reverse("catalog:shop-list"), {"q": "ott"}).context["page_obj"]
    assert (listed.offer_count, listed.networks) == (1, ["Adtraction"])


def test_a_shop_gets_a_name_an_address_and_a_logo(editor_client, shop):
    address = reverse("catalog:shop-edit", args=[shop.pk])
    data = {"name": "OTTO.de", "url": "https://otto.de/", "logo": picture_file("../x.png", "PNG")}
    assert texts(editor_client.post(address, data, follow=True)) == ["Shop “OTTO.de” saved."]
    shop.refresh_from_db()
    assert (shop.name, shop.url, shop.slug) == ("OTTO.de", "https://otto.de/", "otto")
    assert shop.logo.name.endswith(".webp")
    editor_client.post(address, {"name": "OTTO", "url": ""})
    assert Shop.objects.get().logo, "saving without a new file keeps the logo"


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("url", "javascript:alert(1)"), ("url", "otto"), ("logo", picture_file("a.bmp", "BMP"))],
    ids=["no name", "script", "no address", "no picture"],
)
def test_a_shop_refuses(editor_client, shop, field, value):
    data = {"name": "New", "url": "", field: value}
    response = editor_client.post(reverse("catalog:shop-edit", args=[shop.pk]), data)
    assert response.context["form"].errors[field]
    assert Shop.objects.get().name == "OTTO"


def test_a_shop_with_offers_cannot_be_deleted(admin_client, shop, product, make_offer):
    offer = make_offer(product)
    address = reverse("catalog:shop-delete", args=[shop.pk])
    assert "still has offers" in texts(admin_client.post(address, follow=True))[0]
    offer.delete()
    admin_client.post(address)
    assert not Shop.objects.exists()


def test_the_list_of_shops_names_their_networks(admin_client):
    shop = Shop.objects.create(name="OTTO", slug="otto")
    for key in ("tradetracker:1", "tradedoubler:2", "gone:3"):
        ShopSource.objects.create(shop=shop, key=key)
    page = admin_client.get(reverse("catalog:shop-list")).text
    assert all(f">{label}<" in page for label in ("TradeTracker", "Tradedoubler", "gone"))
