"""The whole way with the sandbox: import, be looked after, `refresh`, see the new price and what is gone."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from catalog.models import Offer, Product
from importer.accounts.accounts import connect_account, refresh_account
from importer.freshness.responsibility import take_responsibility
from importer.models import Feed, ImportRun, ItemCheck, NetworkAccount
from importer.networks.query import ItemQuery
from importer.sandbox.credentials import DEMO_CREDENTIALS
from importer.search.hits import search
from tests.importer.freshness.make import make_due
from tests.importer.imports import test_follow
from tests.importer.run import import_items

pytestmark = pytest.mark.django_db(transaction=True)
control = test_follow.control


def refresh(*args) -> dict:
    out = StringIO()
    call_command("refresh", "--inline", "--json", *args, stdout=out)
    return json.loads(out.getvalue())


@pytest.fixture
def imported(request, control):
    """Import three items of a search; their feed is small, and mirrored only where the test says so."""
    network, mirrors = request.param
    control("options", unlimited_wait_seconds=0.05)
    account = connect_account(
        network, credentials=DEMO_CREDENTIALS[network], label="Mine", defaults={"mirrors_imported": mirrors}
    )
    refresh_account(account)
    program = account.programs.order_by("pk").first()
    hits = search(account, ItemQuery(programs=(program.external_id,)), page_size=20).hits
    items = [hit.item for hit in hits if hit.item.is_fit and hit.item.in_stock is not False][:3]
    import_items(*items, status="published")
    return Feed.objects.get(pk=items[0].feed_id)


SINGLE = [pytest.param((slug, False), id=slug) for slug in ("tradedoubler", "tradetracker")]


@pytest.mark.parametrize("imported", SINGLE, indirect=True)
def test_what_is_read_by_itself_follows_its_network(imported, control):
    take_responsibility()
    assert not Feed.objects.get(pk=imported.pk).is_mirrored
    make_due()
    assert refresh()["read"] == 3
    assert not ImportRun.objects.filter(kind="update").exists(), "the search says what the search said"
    before = {offer.pk: offer.price for offer in Offer.objects.all()}
    control("catalogue", feed=f"{imported.account.network}:{imported.external_id}", price_factor=1.5)
    product = Offer.objects.first().product
    result = refresh("--product", str(product.pk))
    assert (result["read"], result["rests"]) == (product.offers.count(), [])
    assert all(offer.price > before[offer.pk] for offer in product.offers.all())
    make_due()
    refresh("--due")
    assert all(offer.price > before[offer.pk] for offer in Offer.objects.all())
    name = f"{imported.account.network}:{imported.external_id}"
    rows = next(feed["rows"] for feed in control("catalogue", feed=name) if feed["feed"] == name)
    control("catalogue", feed=name, remove=list(range(rows)))
    for number in range(3):
        assert Offer.objects.filter(expired_at=None).count() == 3, number
        make_due()
        refresh("--feed", imported.external_id)
    assert not Offer.objects.filter(expired_at=None).exists()


@pytest.mark.parametrize("imported", SINGLE, indirect=True)
def test_a_network_that_is_down_is_named_and_changes_nothing(imported, control):
    take_responsibility()
    make_due()
    refresh()
    control("faults", path=f"/{imported.account.network}/", status=503)
    make_due()
    result = refresh()
    assert (result["read"], [rest["code"] for rest in result["rests"]]) == (0, ["server_problem"])
    assert set(ItemCheck.objects.values_list("misses", flat=True)) == {0}
    assert Product.objects.filter(is_available=True).count() == Product.objects.count()


@pytest.mark.parametrize(
    "imported", [pytest.param(("tradedoubler", False), id="tradedoubler")], indirect=True
)
def test_a_refused_token_is_named_and_changes_nothing(imported):
    take_responsibility()
    account = NetworkAccount.objects.get()
    account.set_credentials({"token": "f" * 40})
    account.save()
    make_due()
    assert [rest["code"] for rest in refresh()["rests"]] == ["token_refused"]
    assert refresh()["rests"] == [], "it is not asked again at once"
    assert Offer.objects.filter(expired_at=None).count() == 3


@pytest.mark.parametrize("imported", [pytest.param(("tradedoubler", True), id="tradedoubler")], indirect=True)
def test_the_feed_of_what_was_imported_is_mirrored_and_synced_by_refresh(imported, control):
    result = refresh()
    assert [(feed["feed"], feed["state"]) for feed in result["feeds"]] == [(imported.external_id, "done")]
    control("catalogue", feed=f"tradedoubler:{imported.external_id}", price_factor=1.5)
    before = {offer.pk: offer.price for offer in Offer.objects.all()}
    (feed,) = refresh("--feed", imported.external_id)["feeds"]
    assert (feed["state"], feed["changed"] > 0) == ("done", True)
    assert all(offer.price > before[offer.pk] for offer in Offer.objects.all())


def test_only_one_thing_can_be_asked_for(db):
    with pytest.raises(CommandError):
        call_command("refresh", "--inline", "--due", "--product", "1")
