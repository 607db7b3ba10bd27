"""What a product takes of its feed, field by field, and what stays a person's."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog import services as catalog
from catalog.models import Brand, Offer, Product, ProductImage, Revision
from importer.imports import apply
from importer.imports.category_map import remember_choice
from importer.imports.follow import start_update
from importer.imports.options import Options
from importer.imports.plan import plan
from importer.imports.planned import PlannedItem
from tests.importer.make import change_item, make_account, make_feed, make_item
from tests.importer.run import import_items

pytestmark = pytest.mark.django_db(transaction=True)
LINK = "https://track.adtraction.com/t/t?a=1&as=2&url=https://shop.example/"
PICTURES = [f"https://img.example/{name}.jpg" for name in "abc"]
FIRST = {
    "title": "Trail shoe",
    "description": "<p>Light.</p>",
    "brand": "Nike",
    "gtin": "4006381333931",
    "image_urls": PICTURES,
    "attributes": {"Colour": "red"},
    "tracking_url": LINK,
}


def make(account=None, edits=None, **values):
    """Import an item; return it and its product."""
    account = account or make_account("adtraction", import_description=True)
    item = make_item(make_feed(account), **FIRST | values)
    import_items(item, edits={item.pk: edits} if edits else None)
    return item, Product.objects.get(imported__source_key=item.source_key)


def update(item, **values):
    """Let the feed say something else, and do the update; return the run."""
    change_item(item, **values)
    run = start_update(item.feed)
    if run:
        apply.work(run)
        run.refresh_from_db()
    return run


def fresh(product) -> Product:
    return Product.objects.get(pk=product.pk)


def pictures(product) -> list[str]:
    return [image.source_url or f"own {image.pk}" for image in product.images.order_by("position", "id")]


NEWS = {
    "title": "Trail shoe 2",
    "description": "<p>Lighter.</p>",
    "brand": "Adidas",
    "gtin": "4006381333948",
    "attributes": {"Colour": "blue", "Size": "42"},
    "image_urls": [PICTURES[2], "https://img.example/d.jpg"],
}


def shown(product, field):
    product = fresh(product)
    if field == "brand":
        return product.brand.name
    return pictures(product) if field == "image_urls" else getattr(product, field)


def test_what_is_just_imported_has_no_provenance():
    _, product = make()
    assert (product.provenance, product.moved_fields, product.policies) == ({}, [], {})
    assert product.imported["gtin"] == product.gtin == FIRST["gtin"]
    assert product.imported["images"] == pictures(product)


@pytest.mark.parametrize("field", NEWS)
def test_a_field_that_nobody_edited_follows(field):
    item, product = make()
    before = fresh(product).updated_at
    assert update(item, **{field: NEWS[field]}).updated_count == 1
    assert shown(product, field) == NEWS[field]
    product = fresh(product)
    assert (product.provenance, product.moved_fields) == ({}, [])
    assert product.updated_at > before
    assert start_update(item.feed) is None


@pytest.mark.parametrize(
    ("field", "mine"),
    [("title", "Mine"), ("description", "<p>Mine.</p>"), ("gtin", "4006381333955")],
)
def test_what_a_person_edited_stays_and_is_flagged_once_the_feed_moves(field, mine):
    item, product = make()
    catalog.update_product(product, **{field: mine})
    assert fresh(product).moved_fields == []
    before = fresh(product).updated_at
    update(item, **{field: NEWS[field]})
    product = fresh(product)
    assert getattr(product, field) == mine
    assert product.moved_fields == [field]
    assert product.provenance[field]["base"] == FIRST[field]
    assert product.imported[field] == NEWS[field]
    assert product.updated_at == before  # nothing changed on the page: no editor is asked


def test_a_flag_goes_when_the_feed_takes_its_word_back():
    item, product = make()
    catalog.update_product(product, title="Mine")
    update(item, title="Trail shoe 2")
    update(item, title="Trail shoe")
    assert (fresh(product).title, fresh(product).moved_fields) == ("Mine", [])


def test_a_field_follows_again_once_a_person_writes_what_the_feed_says():
    item, product = make()
    catalog.update_product(product, title="Mine")
    catalog.update_product(product, title="Trail shoe")
    assert fresh(product).provenance == {}
    update(item, title="Trail shoe 2")
    assert fresh(product).title == "Trail shoe 2"


def test_a_locked_field_stays_without_a_flag_and_follows_again_when_unlocked():
    item, product = make()
    catalog.lock_field(product, field="title")
    update(item, title="Trail shoe 2")
    assert (fresh(product).title, fresh(product).moved_fields) == ("Trail shoe", [])
    catalog.unlock_field(fresh(product), field="title")
    assert fresh(product).title == "Trail shoe"
    update(item, title="Trail shoe 3")
    assert fresh(product).title == "Trail shoe 3"


def test_keeping_mine_is_said_once_until_the_feed_moves_again():
    item, product = make()
    catalog.update_product(product, title="Mine")
    update(item, title="Trail shoe 2")
    catalog.keep_field(fresh(product), field="title")
    assert fresh(product).moved_fields == []
    update(item, price="1.00")
    assert fresh(product).moved_fields == []
    update(item, title="Trail shoe 3")
    assert (fresh(product).title, fresh(product).moved_fields) == ("Mine", ["title"])


@pytest.mark.parametrize("field", ["title", "description", "brand", "gtin"])
def test_the_feeds_word_can_be_taken(field):
    item, product = make()
    mine = Brand.objects.create(name="Mine", slug="mine") if field == "brand" else "4006381333962"
    catalog.update_product(product, **{field: mine})
    update(item, **{field: NEWS[field]})
    assert fresh(product).moved_fields == [field]
    assert catalog.take_feed([product.pk], field=field) == 1
    assert shown(product, field) == NEWS[field]
    assert (fresh(product).moved_fields, fresh(product).provenance) == ([], {})
    assert catalog.take_feed([product.pk], field=field) == 0
    update(item, **{field: FIRST[field]})
    assert shown(product, field) == FIRST[field]


def test_pictures_follow_as_a_set_and_what_a_person_did_with_them_stays():
    item, product = make()
    own = ProductImage.objects.create(product=product, position=0, state="stored", alt="mine")
    first, second, third = product.images.exclude(pk=own.pk).order_by("position")
    second.alt = "The sole"
    catalog.arrange_images(product, images=[own, first, second, third])
    catalog.remove_images(product, images=[first])
    update(item, image_urls=[PICTURES[1], PICTURES[0], "https://img.example/d.jpg"])
    assert pictures(product) == [f"own {own.pk}", PICTURES[1], "https://img.example/d.jpg"]
    assert [image.alt for image in product.images.order_by("position")] == ["mine", "The sole", ""]
    assert ProductImage.objects.get(source_url="https://img.example/d.jpg").state == "waiting"


def test_pictures_that_an_account_only_links_are_linked_when_they_come_later():
    item, product = make(make_account("adtraction", links_pictures=True))
    update(item, image_urls=[*PICTURES, "https://img.example/d.jpg"])
    assert set(product.images.values_list("state", flat=True)) == {"linked"}


def test_a_change_of_pictures_leaves_a_revision():
    item, product = make()
    run = update(item, image_urls=PICTURES[:1])
    revision = Revision.objects.get(product=product, cause=f"run:{run.pk}", after__has_key="pictures")
    assert [picture["url"] for picture in revision.after["pictures"]] == PICTURES[:1]


@pytest.mark.parametrize("field", ["brand", "gtin", "image_urls", "attributes"])
def test_a_feed_that_is_silent_about_something_has_not_taken_it_back(field):
    item, product = make()
    before = shown(product, field)
    update(item, **{field: type(FIRST[field])()})
    assert shown(product, field) == before
    assert fresh(product).moved_fields == []


def test_an_ean_that_another_product_has_is_not_taken():
    item, product = make()
    catalog.create_product(title="Another", gtin=NEWS["gtin"])
    update(item, gtin=NEWS["gtin"])
    assert fresh(product).gtin == FIRST["gtin"]
    assert catalog.take_feed([product.pk], field="gtin") == 0


def test_two_products_whose_eans_become_the_same_keep_one_each():
    feed = make_feed(make_account("adtraction"))
    items = [make_item(feed, tracking_url=LINK, gtin=gtin) for gtin in ("4006381333931", "4006381333948")]
    import_items(*items)
    for item in items:
        change_item(item, gtin="4006381333955")
    run = start_update(feed)
    apply.work(run)
    run.refresh_from_db()
    assert run.failed_count == 0
    assert sorted(Product.objects.values_list("gtin", flat=True)) == ["4006381333948", "4006381333955"]


def test_a_brand_that_became_part_of_another_is_found_under_its_old_name():
    item, product = make()
    ours = Brand.objects.create(name="Jumpman", slug="jumpman")
    puma = Brand.objects.create(name="Puma", slug="puma")
    catalog.merge_brands(puma, into=ours)
    update(item, brand="PUMA")
    assert fresh(product).brand == ours


@pytest.mark.parametrize("level", ["account", "product"])
@pytest.mark.parametrize(
    ("policy", "edited", "expected"),
    [
        ("always", "Mine", "Trail shoe 2"),
        ("unless_edited", "Mine", "Mine"),
        ("unless_edited", None, "Trail shoe 2"),
        ("never", None, "Trail shoe"),
    ],
)
def test_a_policy_says_when_a_text_follows(level, policy, edited, expected):
    other = {"title": "never" if policy != "never" else "always"}
    account = make_account("adtraction", policies={"title": policy} if level == "account" else other)
    item, product = make(account)
    if level == "product":
        catalog.set_policies(product, policies={"title": policy})
    if edited:
        catalog.update_product(product, title=edited)
    update(item, title="Trail shoe 2")
    assert fresh(product).title == expected


OFFER = {
    "price": "79.90",
    "old_price": "120.00",
    "shipping": "4.95",
    "stock": False,
    "link": LINK + "new",
}


@pytest.mark.parametrize("field", OFFER)
@pytest.mark.parametrize("level", ["account", "product"])
def test_a_policy_keeps_a_column_of_an_offer_and_lets_the_others_follow(field, level):
    policies = {field: "never"}
    item, product = make(make_account("adtraction", policies=policies if level == "account" else {}))
    if level == "product":
        catalog.set_policies(product, policies=policies)
        update(item)
    before = Offer.objects.get()
    checked_at = before.last_checked_at
    columns = {"stock": "in_stock", "link": "tracking_url"}
    news = {columns.get(name, name): value for name, value in OFFER.items()}
    if field == "price":
        del news["old_price"]  # it says what the new price was lowered from
    update(item, **news)
    after = Offer.objects.get()
    for name, value in news.items():
        kept = columns.get(field, field) == name
        assert str(getattr(after, name)) == str(getattr(before, name) if kept else value), name
    assert (after.last_checked_at > checked_at) == (
        field != "price"
    )  # nobody confirmed a price that is not the feed's
    assert start_update(item.feed) is None


def test_an_amount_in_a_currency_that_is_gone_is_shown_no_more():
    item, product = make(make_account("adtraction", policies={"shipping": "never"}), shipping="4.95")
    update(item, currency="SEK", price="900")
    offer = Offer.objects.get()
    assert (offer.currency, offer.shipping) == ("SEK", None)


def test_a_price_that_is_kept_keeps_its_currency():
    item, product = make(make_account("adtraction", policies={"price": "never"}))
    update(item, currency="SEK", price="900", shipping="49", old_price="1200")
    offer = Offer.objects.get()
    assert (str(offer.price), offer.currency, offer.shipping, offer.old_price) == ("99.90", "EUR", None, None)


def test_who_wrote_what_at_the_import_is_known():
    _, product = make(edits={"title": "Mine", "images": [{"url": PICTURES[1], "alt": "sole"}]})
    assert product.title == "Mine"
    assert set(product.provenance) == {"title", "images"}
    assert product.provenance["title"]["at"]


def test_categories_follow_the_map_when_the_merchant_moves_an_article():
    shoes, boots, mine = (catalog.get_or_create_category(name) for name in ("Shoes", "Boots", "Mine"))
    feed = make_feed(make_account("adtraction"))
    items = [make_item(feed, tracking_url=LINK, category=name) for name in ("Shoes", "Boots", "Shoes")]
    remember_choice(items[0], category_ids=[shoes.pk])
    remember_choice(items[1], category_ids=[boots.pk])
    import_items(*items)
    followed, edited = (Product.objects.get(imported__source_key=items[n].source_key) for n in (0, 2))
    assert followed.category_ids == [shoes.pk]
    catalog.set_categories([edited.pk], categories=[mine], replace=False)
    update(items[0], category="Boots")
    update(items[2], category="Boots")
    assert fresh(followed).category_ids == [boots.pk]
    assert sorted(fresh(edited).category_ids) == sorted([boots.pk, mine.pk])
    assert start_update(feed) is None


def queries_of_planning(item) -> int:
    planned = PlannedItem(item=item, account=item.feed.account)
    with CaptureQueriesContext(connection) as queries:
        plan([planned], Options(is_update=True))
    return len(queries)


def test_an_unchanged_item_is_not_planned_and_a_price_alone_reads_nothing_more_of_its_product():
    item, _ = make()
    assert start_update(item.feed) is None
    unchanged = queries_of_planning(item)
    item = change_item(item, price="1.00")
    assert queries_of_planning(item) == unchanged
    item = change_item(item, title="Trail shoe 2")
    assert queries_of_planning(item) == unchanged + 2  # what stands on the page; which variant it is
