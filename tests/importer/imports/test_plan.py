import pytest

from catalog import services as catalog
from catalog.clicks.outbound_url import PLACEHOLDER
from catalog.models import Product
from importer.imports.links import tracking_template
from importer.imports.options import Options
from importer.imports.plan import plan
from importer.imports.planned import PlannedItem
from importer.networks import NETWORKS
from tests.importer.make import change_item, make_account, make_feed, make_item
from tests.importer.run import import_items

pytestmark = pytest.mark.django_db


def verdicts(*items, options=None, edits=None):
    planned_items = [PlannedItem(item=item, account=item.feed.account, edits=edits) for item in items]
    return [decision.verdict.value for decision in plan(planned_items, options or Options())]


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        pytest.param({"title": ""}, "no name", id="no name"),
        pytest.param({"price": None}, "no price", id="no price"),
        pytest.param({"currency": ""}, "no price", id="a price without a currency"),
        pytest.param({"tracking_url": ""}, "no link", id="no link"),
        pytest.param({"problem": "The price “abc” cannot be read."}, "“abc”", id="the network's own problem"),
    ],
)
def test_unfit_items_are_invalid_with_a_reason(values, reason):
    item = make_item(**values)
    (decision,) = plan([PlannedItem(item=item, account=item.feed.account)], Options())
    assert decision.verdict == "invalid"
    assert reason in decision.message


def test_items_of_the_same_article_join_one_product():
    feed = make_feed()
    first = make_item(feed, gtin="4006381333931")
    second = make_item(feed, gtin="4006381333931")
    assert verdicts(first, second) == ["created", "joined"]


def test_items_without_an_ean_stay_apart():
    feed = make_feed()
    assert verdicts(make_item(feed), make_item(feed)) == ["created", "created"]


def test_the_same_item_through_two_accounts_is_one():
    accounts = make_account(), make_account()
    items = [make_item(make_feed(account, "31105"), external_id="X") for account in accounts]
    assert items[0].source_key == items[1].source_key
    assert verdicts(*items) == ["created", "unchanged"]


def test_an_item_that_is_already_imported_is_unchanged_or_updated():
    item = make_item()
    import_items(item)
    assert verdicts(item) == ["unchanged"]
    assert verdicts(change_item(item, price="89.90")) == ["updated"]


def test_what_lies_in_the_trash_is_not_brought_back():
    item = make_item(gtin="4006381333931")
    import_items(item)
    catalog.trash(Product.objects.all())
    twin = make_item(make_feed(), gtin="4006381333931")
    assert verdicts(item, twin) == ["blocked", "blocked"]


def test_an_offer_can_be_added_to_a_chosen_product():
    product = import_items(make_item())[0].product
    item = make_item()
    planned = PlannedItem(item=item, account=item.feed.account, edits={"product_id": product.pk})
    (decision,) = plan([planned], Options())
    assert (decision.verdict, decision.product_id) == ("joined", product.pk)


def test_a_chosen_product_that_is_gone_makes_the_item_invalid():
    assert verdicts(make_item(), edits={"product_id": 10**9}) == ["invalid"]


@pytest.mark.parametrize(
    ("options", "account", "status"),
    [
        pytest.param({}, {"product_status": "draft"}, "draft", id="the account's default"),
        pytest.param(
            {"status": "published"}, {"product_status": "draft"}, "published", id="the run's choice"
        ),
        pytest.param({"is_quick": True}, {"quick_publishes": True}, "published", id="quick publishes"),
        pytest.param({"is_quick": True}, {"quick_publishes": False}, "draft", id="quick follows the default"),
        pytest.param({"is_quick": True, "status": "draft"}, {}, "draft", id="quick with a choice"),
    ],
)
def test_the_status_of_a_new_product(options, account, status):
    item = make_item(make_feed(make_account(**account)))
    (decision,) = plan([PlannedItem(item=item, account=item.feed.account)], Options(**options))
    assert decision.new_product.status == status


@pytest.mark.parametrize(
    ("chosen", "default", "expected"),
    [
        pytest.param(None, False, "", id="off by default"),
        pytest.param(None, True, "<p>Light.</p>", id="on by default"),
        pytest.param(True, False, "<p>Light.</p>", id="chosen"),
        pytest.param(False, True, "", id="refused"),
    ],
)
def test_the_description_of_a_new_product(chosen, default, expected):
    item = make_item(make_feed(make_account(import_description=default)))
    (decision,) = plan(
        [PlannedItem(item=item, account=item.feed.account)], Options(import_description=chosen)
    )
    assert decision.new_product.description == expected


def test_edits_go_into_the_product_and_the_feeds_words_are_remembered():
    item = make_item(title="SHOE 42 BLK", brand="nordfjell")
    edits = {
        "title": "A black shoe",
        "description": "<p>Mine.</p>",
        "brand": "Nordfjell",
        "status": "published",
        "images": [{"url": "https://img.example/b.jpg", "alt": "From the side"}],
    }
    (decision,) = plan([PlannedItem(item=item, account=item.feed.account, edits=edits)], Options())
    product = decision.new_product
    assert (product.title, product.brand, product.status) == ("A black shoe", "Nordfjell", "published")
    assert product.description == "<p>Mine.</p>"
    assert list(product.images) == [("https://img.example/b.jpg", "From the side")]
    assert product.imported["title"] == "SHOE 42 BLK"
    assert product.imported["description"] == "<p>Light.</p>"


def test_planning_asks_the_database_the_same_for_any_number_of_items(django_assert_num_queries):
    feed = make_feed()
    for number in (2, 20):
        items = [make_item(feed, gtin="4006381333931") for _ in range(number)]
        planned_items = [PlannedItem(item=item, account=feed.account) for item in items]
        with django_assert_num_queries(3):
            plan(planned_items, Options())


@pytest.mark.parametrize(
    ("network", "url", "expected"),
    [
        (
            "tradedoubler",
            "https://pdt.tradedoubler.com/click?a(1)p(2)product(3-4)url(https%3A%2F%2Fs.example)",
            "https://pdt.tradedoubler.com/click?a(1)p(2)product(3-4)url(https%3A%2F%2Fs.example)epi({})",
        ),
        (
            "adtraction",
            "https://track.adtraction.com/t/t?a=1&as=2&t=2&tk=1&url=https://s.example/?q=1",
            "https://track.adtraction.com/t/t?a=1&as=2&t=2&tk=1&epi={}&url=https://s.example/?q=1",
        ),
        (
            "tradetracker",
            "https://tc.tradetracker.net/?c=1&m=2&a=3&r=&u=%2Fshoe",
            "https://tc.tradetracker.net/?c=1&m=2&a=3&r={}&u=%2Fshoe",
        ),
        (
            "tradetracker",
            "https://s.example/tracker/?tt=1_2_3_&r=%2Fshoe",
            "https://s.example/tracker/?tt=1_2_3_{}&r=%2Fshoe",
        ),
    ],
)
def test_an_offer_knows_where_its_network_wants_the_sub_id(network, url, expected):
    assert tracking_template(network, url) == expected.format(PLACEHOLDER)
    # What will stand there passes through the network's rules unchanged.
    assert NETWORKS[network]({}).tracking_url(url, "p123456-offer") == expected.format("p123456-offer")


@pytest.mark.parametrize(
    "url", ["https://s.example/shoe", f"https://tc.tradetracker.net/?c=1&u=%2F{PLACEHOLDER}"]
)
def test_a_link_that_takes_no_sub_id_has_no_place_for_one(url):
    assert tracking_template("tradetracker", url) == ""
