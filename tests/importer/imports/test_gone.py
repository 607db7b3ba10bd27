"""What becomes of a product whose offers are gone is a policy, and only what the policy did is undone."""

import pytest
from django.utils import timezone

from catalog import services as catalog
from catalog.models import Offer, Product
from events.models import Event
from tests.importer.imports.test_following import fresh, make, update
from tests.importer.make import make_account, make_feed, make_item
from tests.importer.run import import_items

pytestmark = pytest.mark.django_db(transaction=True)


def sell(policy, status="published", **policies):
    """Import an item of an account with this policy; return it and its product."""
    item, product = make(make_account("adtraction", policies={"gone": policy, **policies}))
    catalog.change_status(product, status=status)
    return item, fresh(product)


def go(item):
    return update(item, missing_at=timezone.now())


def come_back(item, **values):
    return update(item, missing_at=None, **values)


def page(client, product) -> str:
    return client.get(product.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    ("policy", "status", "is_listed", "offer_count"),
    [
        ("nothing", "published", True, 1),
        ("mark", "published", False, 1),
        ("hide", "published", False, 0),
        ("draft", "draft", False, 1),
        ("trash", "trashed", False, 1),
    ],
)
def test_what_is_gone_is_treated_by_its_policy_and_comes_back(policy, status, is_listed, offer_count):
    item, product = sell(policy)
    published_at = product.published_at
    assert go(item).expired_count == 1
    assert go(item) is None  # once
    product, offer = fresh(product), Offer.objects.get()
    assert (product.status, offer.expired_at is None, product.offer_count) == (status, is_listed, offer_count)
    assert product.is_available == is_listed
    come_back(item)
    product, offer = fresh(product), Offer.objects.get()
    assert (product.status, offer.expired_at, offer.gone_policy) == ("published", None, "")
    assert (product.is_available, product.offer_count, product.published_at) == (True, 1, published_at)
    assert product.status_before_gone == ""
    assert come_back(item) is None


def test_without_a_policy_it_is_marked():
    item, product = make()
    go(item)
    assert Offer.objects.get().gone_policy == "mark"
    assert fresh(product).status == "draft"


def test_a_policy_that_leaves_the_page_as_it_is_does_not_say_that_anybody_checked_the_price():
    item, product = sell("nothing")
    checked_at = Offer.objects.get().last_checked_at
    go(item)
    assert Offer.objects.get().last_checked_at == checked_at


def test_a_hidden_offer_is_not_on_the_page(client):
    item, product = sell("hide")
    assert "OTTO" in page(client, product)
    go(item)
    assert "OTTO" not in page(client, product)
    come_back(item)
    assert "OTTO" in page(client, product)


@pytest.mark.parametrize("policy", ["draft", "trash"])
def test_a_product_is_taken_off_only_with_its_last_offer(policy):
    account = make_account("adtraction", policies={"gone": policy})
    feed = make_feed(account)
    first, second = (make_item(feed, gtin="4006381333931") for _ in range(2))
    import_items(first, second, status="published")
    product = Product.objects.get()
    go(first)
    assert fresh(product).status == "published"
    go(second)
    assert fresh(product).status != "published"
    come_back(first)
    assert fresh(product).status == "published"


@pytest.mark.parametrize("policy", ["draft", "trash"])
def test_a_draft_that_a_person_made_stays_a_draft(policy):
    item, product = sell(policy, status="draft")
    go(item)
    come_back(item)
    assert fresh(product).status == "draft"


def test_a_person_who_says_draft_of_what_a_policy_made_one_is_obeyed_when_it_is_back():
    item, product = sell("draft")
    go(item)
    assert catalog.unpublish([product.pk]) == 0
    come_back(item)
    assert fresh(product).status == "draft"


def test_a_product_that_a_person_trashed_stays_in_the_trash():
    item, product = sell("trash")
    go(item)
    catalog.trash([product.pk])
    come_back(item)
    assert fresh(product).status == "trashed"
    assert Offer.objects.get().expired_at


def test_what_a_person_published_meanwhile_is_theirs():
    item, product = sell("draft")
    go(item)
    catalog.publish([product.pk])
    catalog.unpublish([product.pk])
    come_back(item)
    assert fresh(product).status == "draft"


def test_a_product_goes_before_its_account():
    item, product = sell("trash")
    catalog.set_policies(product, policies={"gone": "draft", "gone_mail": True})
    go(item)
    assert fresh(product).status == "draft"
    assert Event.objects.get(kind="product.gone").after == {"policy": "draft", "mail": True}


@pytest.mark.parametrize("mail", [True, False])
def test_an_event_says_what_was_done_and_whether_somebody_wants_a_mail(mail):
    item, product = sell("hide", gone_mail=mail)
    go(item)
    event = Event.objects.get(kind="product.gone")
    assert (event.subjects, event.after) == ([f"product:{product.pk}"], {"policy": "hide", "mail": mail})


def test_a_row_that_cannot_be_read_takes_no_product_off_until_it_is_gone():
    item, product = sell("trash")
    update(item, problem="The price “abc” cannot be read.")
    assert (fresh(product).status, Offer.objects.get().expired_at is None) == ("published", False)
    go(item)
    assert fresh(product).status == "trashed"
    come_back(item, problem="")
    assert fresh(product).status == "published"


def test_the_schedule_of_a_draft_outlives_its_time_in_the_trash():
    item, product = sell("trash", status="draft")
    at = timezone.now() + timezone.timedelta(days=3)
    catalog.update_product(product, publish_at=at)
    go(item)
    come_back(item)
    assert (fresh(product).status, fresh(product).publish_at) == ("draft", at)
