"""Known items are looked for again: found as a search finds them, missed where the network has them not."""

import json
import urllib.request

import pytest

from importer.networks import NETWORKS
from importer.networks.contract import (
    FeedData,
    ItemQuery,
    KnownItem,
    NetworkError,
    NetworkUnavailable,
    SearchNotSupported,
)
from importer.networks.tradetracker.lookup import look_up
from tests.importer.make import item_data

LOOKING = [slug for slug, network in NETWORKS.items() if network.lookup_size]
FEED = FeedData(external_id="31101", name="Feed")


def known(*items):
    return [KnownItem(external_id=i.external_id, title=i.title, price=i.price) for i in items]


def found_of(network, count=6):
    """Return a feed and items of it, as a search of a program finds them."""
    program = next(network.fetch_programs())
    items = network.search(ItemQuery(programs=(program.external_id,)), page_size=count * 4).items
    feed_id = items[0].feed_id
    own = {item.external_id: item for item in items if item.feed_id == feed_id and not item.problem}
    return FeedData(external_id=feed_id, name=feed_id), [*own.values()][:count]


@pytest.mark.parametrize("slug", LOOKING)
def test_what_is_still_there_is_found_as_the_search_found_it(connect, slug):
    feed, items = found_of(connect(slug))

    again = dict(connect(slug).look_up(feed, known(*items)))

    assert again.keys() == {item.external_id for item in items}
    for item in items:
        found = again[item.external_id]
        assert (found.title, found.price, found.currency) == (item.title, item.price, item.currency)
        assert found.tracking_url == item.tracking_url


@pytest.mark.parametrize("slug", LOOKING)
def test_a_new_price_is_found_and_what_is_gone_is_missed(connect, control, slug):
    feed, items = found_of(connect(slug))
    key = f"{slug}:{feed.external_id}"
    (rows,) = [feed["rows"] for feed in control("catalogue", feed=key) if feed["feed"] == key]
    control("catalogue", feed=key, remove=[0, *range(2, rows)], price_factor=0.5)

    again = dict(connect(slug).look_up(feed, known(*items)))

    seen = {name: item for name, item in again.items() if item}
    assert len(seen) == 1
    ((name, item),) = seen.items()
    assert item.price < next(old.price for old in items if old.external_id == name)
    assert len(again) == len(items)


@pytest.mark.parametrize("slug", LOOKING)
@pytest.mark.parametrize("fault", [{"status": 503}, {"body": "html"}, {"body": "empty"}, {"status": 429}])
def test_no_failure_is_a_miss(connect, control, slug, fault):
    network = connect(slug)
    feed, items = found_of(network)
    control("faults", path=f"/{slug}/", **fault)

    with pytest.raises(NetworkUnavailable):
        dict(network.look_up(feed, known(*items)))


@pytest.mark.parametrize("slug", LOOKING)
def test_a_feed_that_is_not_ours_is_refused_and_nothing_is_missed(connect, slug):
    with pytest.raises(NetworkError) as refused:
        dict(
            connect(slug).look_up(
                FeedData(external_id="999999", name=""), [KnownItem(external_id="a", title="b")]
            )
        )
    assert not isinstance(refused.value, NetworkUnavailable)


def test_a_network_of_whole_feeds_looks_nothing_up(connect):
    assert NETWORKS["adtraction"].lookup_size == 0
    with pytest.raises(SearchNotSupported):
        dict(connect("adtraction").look_up(FEED, []))


def test_an_answer_that_ignores_the_ids_is_no_answer(connect, control):
    network = connect("tradedoubler")
    feed, items = found_of(network)
    offers = [
        {"feedId": feed.external_id, "sourceProductId": name} for name in (items[0].external_id, "other")
    ]
    body = {"productHeader": {"totalHits": 2}, "products": [{"name": "A", "offers": offers}]}
    control("faults", path="/tradedoubler/", body=json.dumps(body))

    with pytest.raises(NetworkUnavailable, match="ids_not_obeyed"):
        dict(network.look_up(feed, known(items[0])))


def test_ids_with_commas_and_signs_are_asked_for_as_they_are(connect, control, sandbox):
    network = connect("tradedoubler")
    feed, _ = found_of(network)
    wanted = [KnownItem(external_id="a,b;c"), KnownItem(external_id="ä/1")]

    assert dict(network.look_up(feed, wanted)) == {"a,b;c": None, "ä/1": None}
    with urllib.request.urlopen(f"{sandbox.url}/_control/requests", timeout=10) as answer:  # noqa: S310 our own
        assert ";spId=a%252Cb%3Bc,%C3%A4%2F1;" in json.load(answer)[-1]["target"]


# --- Without ids: by title, else by price ---------------------------------------------------------


def finder(*answers):
    """Answer in turn; keep what was asked."""
    left = list(answers)

    def find(feed, **options):
        find.asked.append(options)
        return left.pop(0)

    find.asked = []
    return find


def one(**values):
    item = item_data(feed_id="f", external_id="x", **values)
    return item, KnownItem(external_id="x", title=item.title, price=item.price)


def test_an_item_with_another_title_is_found_by_its_price():
    item, wanted = one()
    find = finder(([], True), ([item], True))
    assert dict(look_up(find, FEED, [wanted])) == {"x": item}
    assert [sorted(asked) for asked in find.asked] == [["query"], ["priceFrom", "priceTo"]]


def test_what_neither_title_nor_price_finds_is_missed():
    assert dict(look_up(finder(([], True), ([], True)), FEED, [one()[1]])) == {"x": None}


@pytest.mark.parametrize("answers", [(([], False), ([], True)), (([], True), ([], False))])
def test_what_may_be_behind_a_full_page_is_not_missed(answers):
    assert dict(look_up(finder(*answers), FEED, [one()[1]])) == {}


def test_an_item_without_a_name_is_never_missed():
    assert dict(look_up(finder(([], True)), FEED, [KnownItem(external_id="x", price=1)])) == {}


def test_what_one_answer_says_of_others_is_not_asked_again():
    first, wanted = one()
    other = item_data(feed_id="f", external_id="y")
    find = finder(([first, other], True))
    again = KnownItem(external_id="y", title=other.title, price=other.price)
    assert dict(look_up(find, FEED, [wanted, again])) == {"x": first, "y": other}
