"""Accounts, searches and runs against the sandbox, over real HTTP."""

from decimal import Decimal

import pytest
import requests
from django.utils import timezone

from catalog.models import Offer, Product
from events.models import Event
from importer.accounts.accounts import check_account, connect_account, refresh_account
from importer.feeds.syncs import sync_feed
from importer.imports import apply
from importer.imports.runs import claim_collecting, collect_matches, start_import, start_import_of_matches
from importer.log import read_log
from importer.models import Feed, FeedItem, ImportRun, NetworkAccount, SyncRun
from importer.networks import NETWORKS
from importer.networks.contract import ItemQuery, NetworkError, NetworkUnavailable
from importer.sandbox.credentials import DEMO_CREDENTIALS
from importer.search.hits import get_hits, search
from importer.sentences import say

pytestmark = pytest.mark.django_db(transaction=True)
EVERY_NETWORK = pytest.mark.parametrize("network", sorted(NETWORKS))
SECRETS = {"tradedoubler": "token", "adtraction": "token", "tradetracker": "passphrase"}


def set_fault(sandbox, network: str, **fault) -> None:
    fault = {"network": network} | fault
    requests.post(f"{sandbox.url}/_control/faults", json=fault, timeout=10).raise_for_status()


def connect(network: str, **credentials) -> NetworkAccount:
    return connect_account(
        network,
        credentials=DEMO_CREDENTIALS[network] | credentials,
        label="Mine",
        defaults={"currency": "EUR"},
    )


@EVERY_NETWORK
def test_connecting_stores_the_account_with_its_credentials_encrypted(sandbox, network):
    account = NetworkAccount.objects.get(pk=connect(network).pk)
    assert account.is_connected
    assert account.get_credentials() == DEMO_CREDENTIALS[network]
    assert DEMO_CREDENTIALS[network][SECRETS[network]] not in account.encrypted_credentials
    event = Event.objects.get()
    assert (event.kind, event.sources) == ("account.connected", [network])
    assert DEMO_CREDENTIALS[network][SECRETS[network]] not in str([event.before, event.after])


@EVERY_NETWORK
def test_wrong_credentials_are_refused_with_the_reason_and_leave_the_stored_account_alone(sandbox, network):
    account = connect(network)
    wrong = "f" * 40
    with pytest.raises(NetworkError) as caught:
        connect_account(
            network,
            credentials=DEMO_CREDENTIALS[network] | {SECRETS[network]: wrong},
            label="Changed",
            account=account,
        )
    assert not isinstance(caught.value, NetworkUnavailable)
    assert wrong not in str(caught.value)
    stored = NetworkAccount.objects.get()
    assert (stored.label, stored.get_credentials()) == ("Mine", DEMO_CREDENTIALS[network])
    line = read_log(network)[0]
    assert line.type == "error"
    assert line.message.startswith("Connecting “Changed” failed: ")
    assert wrong not in line.message


@EVERY_NETWORK
def test_search_import_and_search_again(sandbox, network):
    account = connect(network)
    for feed in refresh_account(account):
        sync_feed(feed)
    result = search(account, ItemQuery(keywords="lampe"), page_size=10)
    hits = [hit for hit in result.hits if not hit.item.problem]
    assert len(hits) >= 3
    assert all("lamp" in hit.item.title.lower() for hit in hits)
    run = start_import([hit.item.pk for hit in hits], kind="bulk", status="published")
    apply.work(run)
    again = search(account, ItemQuery(keywords="lampe"), page_size=10)
    marked = {hit.item.pk: hit.product for hit in again.hits}
    assert all(marked[hit.item.pk] is not None for hit in hits if hit.item.pk in marked)
    assert Offer.objects.filter(source=network).count() == len(hits)
    assert {line.type for line in read_log(network)} >= {"connect", "import"}


def test_an_item_whose_ean_is_on_a_product_says_so(sandbox):
    account = connect("tradedoubler")
    hit = next(
        hit
        for hit in search(account, ItemQuery(keywords="lampe")).hits
        if hit.item.gtin and not hit.item.problem
    )
    product = Product.objects.create(title=f"My {hit.item.title}", slug="mine", gtin=hit.item.gtin)
    (hit,) = get_hits([hit.item])
    assert (hit.product, hit.joins) == (None, product)


@EVERY_NETWORK
@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"status": 500}, id="500"),
        pytest.param({"status": 429}, id="429"),
        pytest.param({"cut_after": 40}, id="cut"),
        pytest.param({"body": "html"}, id="HTML"),
        pytest.param({"body": "json"}, id="broken JSON"),
        pytest.param({"body": "xml"}, id="broken XML"),
        pytest.param({"body": "empty"}, id="empty"),
    ],
)
def test_a_network_in_trouble_costs_a_sentence_and_nothing_else(sandbox, network, fault):
    account = connect(network)
    feeds = refresh_account(account)
    items = FeedItem.objects.count()
    set_fault(sandbox, network, **fault)
    ask = sync_feed if feeds else search
    with pytest.raises(NetworkError) as caught:
        ask(*(feeds[:1] or (account, ItemQuery(keywords="lampe"))))
    assert say(caught.value).endswith(".")
    assert FeedItem.objects.count() == items
    assert read_log(network)[0].type == "error"
    assert SyncRun.objects.filter(state="running").count() == 0


def test_a_network_that_is_down_says_when_to_try_again(sandbox, settings):
    account = connect("tradedoubler")
    settings.TRADEDOUBLER_API_URL = "http://127.0.0.1:9/"
    with pytest.raises(NetworkUnavailable, match="^unreachable "):
        search(account, ItemQuery(keywords="lampe"))


def test_unreadable_credentials_ask_for_them_again(sandbox, settings):
    account = connect("tradedoubler")
    settings.CREDENTIALS_KEYS = ["another"]
    with pytest.raises(NetworkError, match="^credentials_unreadable"):
        search(account, ItemQuery(keywords="lampe"))


def test_a_credential_that_is_missing_is_asked_for(sandbox):
    account = connect("adtraction")
    account.set_credentials({"token": "t"})
    with pytest.raises(NetworkError, match="^credentials_missing"):
        check_account(account)


def test_credentials_survive_a_new_key(sandbox, settings):
    account = connect("tradedoubler")
    settings.CREDENTIALS_KEYS = ["new", *settings.CREDENTIALS_KEYS]
    assert NetworkAccount.objects.get(pk=account.pk).get_credentials() == DEMO_CREDENTIALS["tradedoubler"]


@EVERY_NETWORK
def test_all_matches_of_a_search_are_collected_and_imported(sandbox, network):
    account = connect(network)
    for feed in refresh_account(account):
        sync_feed(feed)
    query = ItemQuery(account_id=account.pk, keywords="lampe")
    found = {hit.item.pk for hit in search(account, query, page_size=10).hits}
    run = start_import_of_matches(query, status="draft")
    assert claim_collecting(run)
    assert not claim_collecting(run)
    collect_matches(run)
    apply.work(run)
    run.refresh_from_db()
    assert run.state == "done"
    assert run.total_count == run.done_count == run.items.count() > 10
    assert found <= set(run.items.values_list("feed_item_id", flat=True))


def test_collecting_that_meets_a_fault_waits_and_goes_on(sandbox):
    account = connect("tradedoubler")
    run = start_import_of_matches(
        ItemQuery(account_id=account.pk, keywords="lampe", max_price=Decimal("10000")), status="draft"
    )
    claim_collecting(run)
    set_fault(sandbox, "tradedoubler", status=503)
    collect_matches(run)
    run.refresh_from_db()
    assert run.state == "collecting"
    assert run.message
    assert not claim_collecting(run)  # it waits
    ImportRun.objects.update(waits_until=timezone.now())
    requests.delete(f"{sandbox.url}/_control/faults", timeout=10)
    assert claim_collecting(run)
    collect_matches(run)
    run.refresh_from_db()
    assert (run.state, run.message) == ("queued", "")
    assert run.total_count == run.items.count() > 0


def test_a_run_whose_account_is_gone_ends_with_the_reason(sandbox):
    account = connect("tradedoubler")
    run = start_import_of_matches(ItemQuery(account_id=account.pk, keywords="lampe"))
    account.delete()
    collect_matches(run)
    run.refresh_from_db()
    assert (run.state, str(run.message)) == ("failed", "The account was removed.")


def test_a_feed_never_syncs_twice_at_once(sandbox):
    feed = refresh_account(connect("adtraction"))[0]
    SyncRun.objects.create(feed=feed, state=SyncRun.State.RUNNING)
    assert sync_feed(feed) is None


def test_a_feed_that_comes_back_empty_keeps_what_was_there(sandbox, monkeypatch):
    feed = refresh_account(connect("adtraction"))[0]
    sync_feed(feed)
    before = FeedItem.objects.filter(feed=feed, missing_at=None).count()
    monkeypatch.setattr(NETWORKS["adtraction"], "fetch_items", lambda self, feed, watch: iter(()))
    run = sync_feed(feed)
    assert (run.state, "empty" in str(run.message)) == ("held", True)
    assert FeedItem.objects.filter(feed=feed, missing_at=None).count() == before > 0


def test_removing_an_account_keeps_its_products(sandbox):
    account = connect("tradedoubler")
    hits = search(account, ItemQuery(keywords="lampe"), page_size=5).hits
    apply.work(start_import([hit.item.pk for hit in hits], kind=ImportRun.Kind.QUICK))
    products = Product.objects.count()
    account.delete()
    assert Product.objects.count() == products > 0
    assert Feed.objects.count() == 0
