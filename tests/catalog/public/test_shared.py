"""What visitors' pages share, and who reads anew."""

import pytest

from catalog import services
from catalog.models import ButtonTexts, Category, SiteSettings
from catalog.site import shared

pytestmark = pytest.mark.django_db(transaction=True)
UNKEPT = "/?unknown=1"  # a page that is not kept, and so made anew each time


@pytest.fixture(autouse=True)
def readings_are_shared(settings, monkeypatch, transactional_db):
    settings.PAGE_CACHE_SECONDS = 60
    monkeypatch.setattr(shared, "TRUSTED_SECONDS", 0.0)


@pytest.fixture
def offered(make_product, make_offer):
    product = make_product(categories=[services.get_or_create_category("Shoes")])
    make_offer(product, "90.00")
    return product


def page(client, path=UNKEPT) -> str:
    return client.get(path).content.decode()


def test_the_second_page_reads_only_what_is_its_own(
    client, offered, django_assert_max_num_queries, monkeypatch
):
    path = f"{offered.get_absolute_url()}?unknown=1"
    page(client, path)
    monkeypatch.setattr(shared, "TRUSTED_SECONDS", 60.0)
    page(client, path)
    with django_assert_max_num_queries(3):  # the product, its offers, products like it
        assert "Trail Shoe" in page(client, path)


@pytest.mark.parametrize(
    ("change", "seen"),
    [
        (lambda: SiteSettings.objects.update_or_create(pk=1, defaults={"name": "Peak Deals"}), "Peak Deals"),
        (lambda: Category.objects.update(name="Boots"), "Boots"),
        (lambda: ButtonTexts.objects.create(source="", long="Go to %s"), "Go to "),
    ],
    ids=["settings", "category tree", "button texts"],
)
def test_a_change_is_seen_by_the_next_page(client, offered, change, seen):
    path = f"{offered.get_absolute_url()}?unknown=1"
    assert seen not in page(client, path)
    change()
    assert seen in page(client, path)


def test_who_has_a_session_sees_a_change_at_once(client, admin_client, offered, monkeypatch):
    page(client)
    monkeypatch.setattr(shared, "TRUSTED_SECONDS", 60.0)
    page(client)
    Category.objects.update(name="Boots")
    assert "Boots" not in page(client)
    assert "Boots" in page(admin_client)
