"""What a row of hits shows of the product that its item became, and how rows become objects."""

import pytest
from django.urls import reverse
from django.utils import timezone

from catalog.models import Product
from importer.feed_index.columns import Columns
from importer.feed_index.objects import get_feeds_and_blocked
from importer.models import Feed, Program
from importer.search.known import find_known
from tests.importer.make import make_account, make_feed, make_item
from tests.importer.pages import text_of
from tests.importer.run import import_items

pytestmark = pytest.mark.django_db
EAN = "7056829153079"


@pytest.fixture
def item():
    feed = make_feed(make_account(), is_mirrored=True, synced_at=timezone.now())
    return make_item(feed, title="Trail boot", gtin=EAN)


def row_of(client, item) -> str:
    page = text_of(client.get("/dashboard/search/", {"keywords": "boot"}))
    return page.split(f'<tr id="item-{item.pk}"')[1].split("</tr>")[0]


@pytest.mark.parametrize(
    ("status", "badge"),
    [
        ("draft", '<span class="badge" data-status="draft">Imported · Draft</span>'),
        ("published", '<span class="badge" data-status="published">Imported · Published</span>'),
        ("trashed", '<span class="badge" data-status="trashed">In the trash</span>'),
    ],
)
def test_a_row_shows_the_state_of_its_product_and_leads_to_it(editor_client, item, status, badge):
    product = import_items(item)[0].product
    Product.objects.update(status=status)
    row = row_of(editor_client, item)
    assert badge in row
    assert f'href="{reverse("catalog:product-edit", args=[product.pk])}"' in row
    assert f'aria-label="Edit {product.title}"' in row


@pytest.mark.parametrize(("status", "joins"), [("draft", True), ("published", True), ("trashed", False)])
def test_a_new_item_joins_the_product_of_its_ean_unless_that_is_in_the_trash(
    editor_client, item, status, joins
):
    product = Product.objects.create(title="Boot of another shop", slug="boot", gtin=EAN, status=status)
    row = row_of(editor_client, item)
    assert (f'joins <a href="{reverse("catalog:product-edit", args=[product.pk])}">' in row) == joins


def test_every_value_of_a_known_product_is_its_own(item):
    product = import_items(item)[0].product
    like = make_item(make_feed(), title="Trail boot", gtin=EAN)
    known = find_known([item, like])
    for found in (known.product_of(item), known.find(like, EAN).product):
        for name in ("id", "title", "slug", "status", "gtin", "lowest_price", "currency"):
            assert found.__dict__[name] == getattr(product, name), name
        assert found.brand.name == product.brand.name
        assert found.imported.items() <= product.imported.items()


def test_every_value_of_a_searched_feed_is_its_own():
    account = make_account("tradetracker")
    program = Program.objects.create(account=account, external_id="7", name="OTTO", market="DE")
    mirrored = {"is_mirrored": True, "synced_at": timezone.now()}
    feed = make_feed(account, program=program, name="All", language="de", item_count=3, **mirrored)
    bare = make_feed(account, name="Bare", **mirrored)
    found, _ = get_feeds_and_blocked()
    for name in ("id", "account_id", "program_id", "name", "language", "item_count"):
        assert found[feed.pk].__dict__[name] == getattr(feed, name), name
    assert (found[feed.pk].account.pk, found[feed.pk].account.network) == (account.pk, "tradetracker")
    shown = found[feed.pk].program
    assert (shown.pk, shown.name, shown.market) == (program.pk, "OTTO", "DE")
    assert found[bare.pk].program is None


@pytest.mark.parametrize("names", [("id", "name", "language"), ("language", "name", "id")])
def test_the_order_in_which_columns_are_named_does_not_matter(names):
    columns = Columns(Feed, names)
    order = columns.sql("feed").replace("feed.", "").split(", ")
    feed = columns.make([{"id": 7, "name": "Shoes", "language": "de"}[name] for name in order])
    assert (feed.pk, feed.name, feed.language) == (7, "Shoes", "de")


def test_a_column_that_the_model_does_not_have_is_refused():
    with pytest.raises(ValueError, match="Feed has no colour"):
        Columns(Feed, ("id", "colour"))
