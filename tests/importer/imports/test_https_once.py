"""A host that old links name with http is asked once, however many links name it, and in whatever letters."""

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.models import Offer
from importer.models import LinkHost
from tests.importer.make import make_account, make_feed, make_item
from tests.importer.run import import_items

pytestmark = pytest.mark.django_db
LINKS = [
    "http://shop.example/1",
    "http://shop.example/2?u=http://other.example/",
    "HTTP://SHOP.example/3",
    "http://shop.example:80/4",
]


@pytest.fixture
def items():
    feed = make_feed(make_account(link_domains=["shop.example"]))
    return [make_item(feed, tracking_url=link) for link in LINKS]


def asked() -> dict[str, object]:
    return dict(LinkHost.objects.values_list("host", "checked_at"))


def test_each_host_is_asked_once_in_a_run_and_not_by_the_next(items):
    results = import_items(*items)
    first = asked()

    assert {result.verdict for result in results} == {"invalid"}, "nobody answers there"
    assert len({host.partition(":")[0] for host in first}) == 1
    import_items(*items)
    assert asked() == first


def test_a_host_that_had_no_https_is_asked_again_a_day_later(items):
    import_items(items[0])
    LinkHost.objects.update(checked_at=timezone.now() - timedelta(days=1, minutes=1))
    before = asked()
    import_items(items[0])

    assert asked() != before


def test_links_to_a_host_with_https_are_imported_so(items):
    import_items(*items)
    LinkHost.objects.update(has_https=True, checked_at=timezone.now())

    assert {result.verdict for result in import_items(*items)} == {"created"}
    assert all(url.startswith("https://") for url in Offer.objects.values_list("tracking_url", flat=True))
