"""Where the links of an import may lead, and who learns of it."""

import pytest

from catalog.models import Offer, ShopSource
from importer import services
from importer.models import Program
from importer.planning import Options, Task, plan
from tests.importer.make import change_item, make_account, make_feed, make_item
from tests.importer.run import import_items

pytestmark = pytest.mark.django_db


def decide(item):
    (decision,) = plan([Task(item=item, account=item.feed.account)], Options())
    return decision


def make_program(account, url="https://www.shop.example/"):
    return Program.objects.create(account=account, external_id="p1", name="Shop", url=url)


@pytest.mark.parametrize(
    ("network", "url"),
    [
        ("tradedoubler", "https://clk.tradedoubler.com/click?p=1&a=2"),
        ("tradedoubler", "https://pdt.tradedoubler.com/click?a(1)p(2)"),
        ("adtraction", "https://track.adtraction.com/t/t?a=1&as=2&url=https://shop.example/"),
        ("tradetracker", "https://tc.tradetracker.net/?c=1&m=2&a=3&r=&u=%2F"),
        ("tradetracker", "https://shop.example/tracker/?tt=1_2_3_&r=%2F"),
        ("adtraction", "https://go.shop.example/t/t?a=1&as=2&t=2"),
        ("tradedoubler", "https://named.example/click"),
    ],
)
def test_links_lead_to_the_network_the_shop_and_what_the_account_names(network, url):
    account = make_account(network, link_domains=["named.example"])
    make_program(account)
    item = make_item(make_feed(account), tracking_url=url)

    assert decide(item).verdict == "created"
    import_items(item)
    assert Offer.objects.get().tracking_url == url


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://evil.example/?url=https://shop.example", "leads to evil.example"),
        ("https://evilshop.example/", "leads to evilshop.example"),
        ("https://shop.example.evil.example/", "leads to shop.example.evil.example"),
        ("http://shop.example/tracker/", "not secure"),
        ("https://shop.example@evil.example/", "no web address"),
        ("https://tc.tradetracker.net/?c=1", "leads to tc.tradetracker.net"),
    ],
)
def test_another_link_is_invalid_with_a_reason_that_says_what_to_do(url, reason):
    account = make_account("adtraction", link_domains=[])
    make_program(account)

    decision = decide(make_item(make_feed(account), tracking_url=url))

    assert decision.verdict == "invalid"
    assert reason in decision.message
    assert ("the account's settings" in decision.message) == ("leads to" in reason)


def test_the_website_of_another_program_is_no_place_for_a_link():
    account = make_account("tradetracker")
    make_program(account)
    item = make_item(make_feed(account), program_id="p2", tracking_url="https://shop.example/")
    assert decide(item).verdict == "invalid"


def test_a_network_is_called_by_https_although_its_feed_says_http():
    import_items(make_item(tracking_url="http://clk.tradedoubler.com/click?p=1&a=2"))
    offer = Offer.objects.get()
    assert offer.tracking_url == "https://clk.tradedoubler.com/click?p=1&a=2"
    assert offer.tracking_template.startswith("https://clk.tradedoubler.com/")


def test_an_update_with_a_bad_link_leaves_the_offer_as_it_is():
    item = make_item()
    import_items(item)
    kept = Offer.objects.get().tracking_url

    (result,) = import_items(change_item(item, tracking_url="https://evil.example/", price="1"))

    assert result.verdict == "invalid"
    assert Offer.objects.get().tracking_url == kept


def test_a_visitor_is_sent_on_by_what_was_imported(client):
    account = make_account("tradetracker", link_domains=[])
    make_program(account)
    url = "https://shop.example/tracker/?tt=1_2_3_&r=%2Fshoe"
    import_items(make_item(make_feed(account), tracking_url=url), status="published")
    offer = Offer.objects.get()

    response = client.get(f"/go/{offer.pk}/")

    assert response["Location"] == url.replace("3_", f"3_p{offer.product_id}-offer")
    assert ShopSource.objects.get().link_domains == ["shop.example", "tradetracker.net"]


def test_a_domain_taken_from_the_account_ends_the_links_to_it_at_once(client):
    account = make_account(link_domains=["named.example"])
    item = make_item(make_feed(account), tracking_url="https://named.example/click")
    import_items(item, status="published")
    offer = Offer.objects.get()
    assert client.get(f"/go/{offer.pk}/").status_code == 302

    account.link_domains = []
    services.update_account(account, ["link_domains"])
    assert client.get(f"/go/{offer.pk}/").status_code == 404

    account.link_domains = ["named.example"]
    services.update_account(account, ["link_domains"])
    assert client.get(f"/go/{offer.pk}/").status_code == 302
