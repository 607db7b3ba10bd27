"""Where the links of an import may lead, and who learns of it."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.utils import timezone

from catalog.clicks.subid import make_sub_id
from catalog.models import Offer, ShopSource
from importer.accounts.accounts import update_account
from importer.accounts.link_domains import site_domain, tracking_domain
from importer.imports import apply
from importer.imports.options import Options
from importer.imports.plan import plan
from importer.imports.planned import PlannedItem
from importer.imports.runs import allow_domain, refused_hosts, start_import
from importer.models import LinkHost, NetworkAccount, Program
from tests.importer.make import change_item, make_account, make_feed, make_item
from tests.importer.run import import_items

pytestmark = pytest.mark.django_db


def decide(item):
    (decision,) = plan([PlannedItem(item=item, account=item.feed.account)], Options())
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
        ("http://evil.example/tracker/", "leads to evil.example"),
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

    label = make_sub_id(offer.product_id, "offer", offer.pk)
    assert response["Location"] == url.replace("3_", f"3_{label}")
    assert ShopSource.objects.get().link_domains == ["shop.example", "tradetracker.net"]


def test_a_domain_taken_from_the_account_ends_the_links_to_it_at_once(client):
    account = make_account(link_domains=["named.example"])
    item = make_item(make_feed(account), tracking_url="https://named.example/click")
    import_items(item, status="published")
    offer = Offer.objects.get()
    assert client.get(f"/go/{offer.pk}/").status_code == 302

    account.link_domains = []
    update_account(account, ["link_domains"])
    assert client.get(f"/go/{offer.pk}/").status_code == 404

    account.link_domains = ["named.example"]
    update_account(account, ["link_domains"])
    assert client.get(f"/go/{offer.pk}/").status_code == 302


# --- A shop's own tracking host ----------------------------------------------------------------
ADTRACTION_QUERY = "?a=1487&as=1039&t=2&tk=1&url=https://www.shop.co.uk/p"


@pytest.mark.parametrize(
    ("network", "url", "destination", "domain"),
    [
        ("adtraction", f"https://go.shop.co.uk/t{ADTRACTION_QUERY}", "https://shop.co.uk/", "shop.co.uk"),
        ("adtraction", f"https://pin.shop.co.uk/t/t{ADTRACTION_QUERY}", "https://shop.co.uk/", "shop.co.uk"),
        ("tradetracker", "https://ref.shop.nl/c?c=1&m=2&a=3&r=&u=%2Fp", "https://www.shop.nl/p", "shop.nl"),
        ("tradetracker", "https://www.shop.nl/t/?tt=1_2_3_&r=%2Fp", "https://shop.nl/p", "shop.nl"),
        ("tradedoubler", "https://t.shop.se/click?a(1)p(2)url(x)", "https://www.shop.se/p", "shop.se"),
        ("tradedoubler", "https://t.shop.se/click?p=1&a=2&url=x", "https://www.shop.se/p", "shop.se"),
        # A suffix is nobody's, whoever else is below it.
        ("adtraction", f"https://go.other.co.uk/t/t{ADTRACTION_QUERY}", "https://www.shop.co.uk/p", ""),
        ("adtraction", "https://a.myshopify.com/t?a=1&as=2", "https://b.myshopify.com/p", ""),
        ("adtraction", "https://10.0.0.1/t?a=1&as=2", "https://10.0.0.1/p", ""),
        ("adtraction", "https://localhost/t?a=1&as=2", "https://localhost/p", ""),
        # No link of the network's: a page may not vouch for itself.
        ("adtraction", "https://evil.example/?url=https://evil.example/p", "https://evil.example/p", ""),
        ("tradedoubler", "https://evil.example/p", "https://evil.example/p", ""),
        ("tradetracker", "https://evil.example/?c=x", "https://evil.example/p", ""),
        ("adtraction", f"https://go.shop.co.uk/t/t{ADTRACTION_QUERY}", "", ""),
        ("adtraction", "", "", ""),
    ],
)
def test_a_tracking_host_on_the_domain_of_its_destination_is_the_shops(network, url, destination, domain):
    assert tracking_domain(network, url, destination) == domain


@pytest.mark.parametrize(
    ("url", "domain"),
    [
        ("https://www.shop.co.uk/", "shop.co.uk"),
        ("https://nl.shop.com/x", "shop.com"),
        ("https://brand.myshopify.com/", "brand.myshopify.com"),
        ("http://127.0.0.1:80/", "127.0.0.1"),
        ("https://co.uk/", "co.uk"),
        ("ftp://shop.com/", ""),
        ("", ""),
    ],
)
def test_a_website_stands_for_the_domain_that_its_owner_registered(url, domain):
    assert site_domain(url) == domain


def test_links_on_a_shops_own_tracking_host_are_imported_and_lead_on(client):
    account = make_account("adtraction", link_domains=[])
    make_program(account, url="")
    item = make_item(
        make_feed(account),
        tracking_url="https://go.stark.se/t/t?a=1&as=2&t=2&tk=1&url=https://www.stark.se/p",
        product_url="https://www.stark.se/p",
    )
    (result,) = import_items(item, status="published")

    assert (result.verdict, result.message) == ("created", "Published.")
    assert Program.objects.get().link_domains == ["stark.se"]
    assert ShopSource.objects.get().link_domains[-1] == "stark.se"
    assert client.get(f"/go/{Offer.objects.get().pk}/")["Location"].startswith("https://go.stark.se/t/t?a=1")
    update_account(account, ["link_domains"])
    assert client.get(f"/go/{Offer.objects.get().pk}/").status_code == 302


def test_an_offer_that_moves_to_the_shops_own_tracking_host_leads_there(client):
    account = make_account("adtraction", link_domains=[])
    make_program(account)
    item = make_item(make_feed(account), tracking_url="https://track.adtraction.com/t/t?a=1&as=2")
    import_items(item, status="published")
    moved = "https://go.stark.se/t/t?a=1&as=2&url=https://stark.se/"

    (result,) = import_items(change_item(item, tracking_url=moved, product_url="https://stark.se/"))

    assert result.verdict == "updated"
    assert client.get(f"/go/{Offer.objects.get().pk}/").status_code == 302


@pytest.mark.parametrize(
    ("host", "verdict"),
    [
        ("go.adt231.com", "created"),
        ("on.adt246.net", "created"),
        ("adt999.com", "created"),
        ("go.adt2311.com", "invalid"),
        ("go.adt23.com", "invalid"),
        ("go.adtabc.com", "invalid"),
        ("go.xadt231.com", "invalid"),
        ("adt231.com.evil.example", "invalid"),
    ],
)
def test_the_numbered_hosts_of_adtraction_are_its_own(client, host, verdict):
    item = make_item(
        make_feed(make_account("adtraction", link_domains=[])), tracking_url=f"https://{host}/t/t?a=1&as=2"
    )
    (result,) = import_items(item, status="published")

    assert result.verdict == verdict
    for offer in Offer.objects.all():
        assert client.get(f"/go/{offer.pk}/").status_code == 302


# --- http -----------------------------------------------------------------------------------------
def know(host, *, has_https, days_ago=0):
    LinkHost.objects.create(
        host=host, has_https=has_https, checked_at=timezone.now() - timedelta(days=days_ago)
    )


def test_a_shops_link_on_http_becomes_https_where_the_host_answers_so(client):
    know("www.shop.example", has_https=True)
    account = make_account("tradetracker", link_domains=[])
    make_program(account)
    url = "http://www.shop.example/tracker/index.php?tt=534_251713_1_&r=http%3A%2F%2Fwww.shop.example%2Fp"
    (result,) = import_items(make_item(make_feed(account), tracking_url=url), status="published")

    assert result.verdict == "created"
    offer = Offer.objects.get()
    assert offer.tracking_url == url.replace("http:", "https:", 1)
    assert client.get(f"/go/{offer.pk}/")["Location"].startswith("https://www.shop.example/tracker/")


def test_a_host_that_does_not_answer_by_https_makes_its_rows_invalid_with_the_reason():
    know("shop.example", has_https=False)
    account = make_account("tradetracker", link_domains=[])
    make_program(account)
    (result,) = import_items(make_item(make_feed(account), tracking_url="http://shop.example/?tt=1_2_3_"))

    assert result.verdict == "invalid"
    assert result.message == "Its link is not secure (http), and shop.example does not answer by https."


def test_a_host_is_asked_once_before_its_links_are_imported():
    """Nobody answers for a name under .invalid."""
    account = make_account("tradetracker", link_domains=["shop.invalid"])
    feed = make_feed(account)
    items = [make_item(feed, tracking_url=f"http://shop.invalid/?tt=1_2_{n}_") for n in range(3)]

    assert [result.verdict for result in import_items(*items)] == ["invalid"] * 3
    asked = LinkHost.objects.get()
    assert (asked.host, asked.has_https) == ("shop.invalid", False)
    import_items(*items)
    assert LinkHost.objects.get().checked_at == asked.checked_at


@pytest.mark.parametrize(("has_https", "days_ago"), [(False, 2), (True, 31)])
def test_what_is_known_of_a_host_is_asked_again_after_a_while(has_https, days_ago):
    know("shop.invalid", has_https=has_https, days_ago=days_ago)
    account = make_account("tradetracker", link_domains=["shop.invalid"])
    import_items(make_item(make_feed(account), tracking_url="http://shop.invalid/?tt=1_2_3_"))

    known = LinkHost.objects.get()
    assert not known.has_https
    assert timezone.now() - known.checked_at < timedelta(hours=1)


def test_a_host_where_no_link_may_lead_is_not_asked():
    import_items(make_item(make_feed(make_account(link_domains=[])), tracking_url="http://evil.invalid/"))
    assert not LinkHost.objects.exists()


def test_a_host_of_a_network_needs_no_asking():
    import_items(make_item(tracking_url="http://clk.tradedoubler.com/click?p=1&a=2"))
    assert not LinkHost.objects.exists()


# --- Allow a domain -------------------------------------------------------------------------------
@pytest.fixture
def refused_run():
    account = make_account("adtraction", link_domains=[])
    feed = make_feed(account)
    items = [make_item(feed, tracking_url=f"https://go.brand.example/t?{n}") for n in range(3)]
    items.append(make_item(feed, tracking_url="https://evil.example/"))
    items.append(make_item(feed, tracking_url="https://track.adtraction.com/t/t?a=1&as=2"))
    run = start_import([item.pk for item in items], kind="bulk", status="published")
    apply.work(run)
    run.refresh_from_db()
    return run


def test_a_run_says_which_hosts_it_refused(refused_run):
    assert refused_run.counts["invalid"] == 4
    assert refused_hosts(refused_run) == [("go.brand.example", 3), ("evil.example", 1)]


def test_a_domain_is_allowed_with_one_click_and_the_run_goes_on(refused_run, client, django_user_model):
    client.force_login(django_user_model.objects.create_superuser("a", password="a"))  # noqa: S106
    page = client.get(refused_run.get_absolute_url()).content.decode()
    assert "go.brand.example" in page
    assert "Allow this domain" in page

    client.post(f"{refused_run.get_absolute_url()}allow/", {"host": "go.brand.example"})

    refused_run.refresh_from_db()
    assert refused_run.state == "queued"
    apply.work(refused_run)
    refused_run.refresh_from_db()
    assert (refused_run.counts["created"], refused_run.counts["invalid"]) == (4, 1)
    assert NetworkAccount.objects.get().link_domains == ["go.brand.example"]
    assert {client.get(f"/go/{offer.pk}/").status_code for offer in Offer.objects.all()} == {302}
    assert refused_hosts(refused_run) == [("evil.example", 1)]


@pytest.mark.parametrize("host", ["", "track.adtraction.com", "other.example", "go.brand", "%"])
def test_only_a_host_that_the_run_refused_can_be_allowed(refused_run, host):
    assert allow_domain(refused_run, host) == 0
    assert NetworkAccount.objects.get().link_domains == []


def test_an_account_names_no_more_domains_than_it_may(refused_run):
    NetworkAccount.objects.update(link_domains=[f"d{n}.example" for n in range(50)])
    with pytest.raises(ValidationError):
        allow_domain(refused_run, "evil.example")
    refused_run.refresh_from_db()
    assert refused_run.state == "done"


def test_an_editor_cannot_allow_a_domain(refused_run, client, django_user_model):
    user = django_user_model.objects.create_user("e", password="e", is_staff=True)  # noqa: S106
    user.user_permissions.add(
        *Permission.objects.filter(codename__in=["add_importrun", "view_importrun", "view_feeditem"])
    )
    client.force_login(user)
    assert "Allow this domain" not in client.get(refused_run.get_absolute_url()).content.decode()
    answer = client.post(f"{refused_run.get_absolute_url()}allow/", {"host": "evil.example"})
    assert answer.status_code == 403
    assert NetworkAccount.objects.get().link_domains == []
