"""What moves in the made-up shops, told by row or by weeks that pass: every interface says the same of it."""

from collections import Counter
from datetime import datetime, timedelta

import pytest
import requests

from importer.sandbox.server import running_server
from tests.importer.sandbox.interfaces import SITE, TOKEN, Adtraction, Feed, Tradedoubler, TradeTracker


@pytest.fixture(params=[Tradedoubler, Adtraction, TradeTracker])
def feed(request, sandbox):
    return request.param(sandbox.url)


def plain_ids(feed: Feed) -> list[tuple[str, int]]:
    """Return ids and rows of articles that every interface lists alike, and that are in nothing odd."""
    first, *others = feed.lists()
    return [
        (sku, row)
        for row, (sku, (title, price)) in enumerate(first.items())
        if title and len(title) < 200 and all(_alike(other.get(sku), (title, price)) for other in others)
    ]


def _alike(one, other) -> bool:
    try:
        return one is not None and one[0] == other[0] and float(one[1]) == float(other[1])
    except (TypeError, ValueError):
        return False


def says(feed: Feed, sku: str) -> tuple[str, float] | None:
    """Return what all interfaces say of an article, None where none lists it; they must agree."""
    found = [listed.get(sku) for listed in feed.lists()]
    assert all(entry is None for entry in found) or all(_alike(entry, found[0]) for entry in found), found
    return None if found[0] is None else (found[0][0], float(found[0][1]))


def test_prices_and_texts_that_are_told_stand_in_every_interface(feed):
    sku, row = plain_ids(feed)[0]
    other = plain_ids(feed)[1][0]
    before = says(feed, other)
    feed.change(
        prices={str(row): "12.50"}, edit={str(row): {"title": "Zwiebelturm & Söhne", "description": "x"}}
    )
    assert says(feed, sku) == ("Zwiebelturm & Söhne", 12.5)
    assert set(feed.search("zwiebelturm")) == {sku}
    assert says(feed, other) == before
    feed.change(edit={str(row): None})
    assert feed.search("zwiebelturm") == {}


def test_what_was_rewritten_is_no_longer_found_by_its_old_words(feed):
    sku, row = plain_ids(feed)[0]
    title = says(feed, sku)[0]
    word = title.split()[1].lower()
    assert sku in feed.search(word)
    feed.change(edit={str(row): {"title": "Nothing of the kind", "description": "at all"}})
    assert sku not in feed.search(word)


def test_an_article_goes_everywhere_and_comes_back_as_it_was(feed):
    sku, row = plain_ids(feed)[2]
    before, (_, counts) = says(feed, sku), feed.said()
    feed.change(remove=[row])
    assert says(feed, sku) is None
    assert feed.search(sku=sku) == {}
    assert feed.said()[1] == [count - 1 for count in counts]
    feed.change(back=[row])
    assert says(feed, sku) == before
    assert feed.said()[1] == counts


def test_an_id_is_renamed_everywhere(feed):
    sku, row = plain_ids(feed)[1]
    before = says(feed, sku)
    feed.change(edit={str(row): {"sku": "NEW-1/ä"}})
    assert says(feed, sku) is None
    assert says(feed, "NEW-1/ä") == before
    if not isinstance(feed, Tradedoubler):  # its matrix keys would have to be encoded twice
        assert set(feed.search(sku="NEW-1/ä")) == {"NEW-1/ä"}


def test_two_articles_swap_their_ids_everywhere(feed):
    (one, row), (other, other_row) = plain_ids(feed)[:2]
    first, second = says(feed, one), says(feed, other)
    assert first != second
    feed.change(swap=[[row, other_row]])
    assert (says(feed, one), says(feed, other)) == (second, first)
    assert feed.search(sku=one) != {}
    feed.change(swap=[[row, other_row]])
    assert (says(feed, one), says(feed, other)) == (first, second)


def test_new_articles_are_listed_and_counted_everywhere(feed):
    (_, counts), ids = feed.said(), [set(listed) for listed in feed.lists()]
    feed.change(add=3)
    assert feed.said()[1] == [count + 3 for count in counts]
    new = [set(listed) - old for listed, old in zip(feed.lists(), ids, strict=True)]
    assert all(found == new[0] for found in new)
    assert len(new[0]) == 3


def test_a_week_moves_the_stamps_by_seven_days_and_something_of_everything(feed):
    before, (stamps, _) = feed.lists()[0], feed.said()
    answer = feed.control("week")
    counts = next(entry for entry in answer["feeds"] if entry["feed"] == feed.key)
    after, (later, _) = feed.lists()[0], feed.said()
    for old, new in zip(stamps, later, strict=True):
        assert (
            timedelta(days=7)
            <= datetime.fromisoformat(new) - datetime.fromisoformat(old)
            <= timedelta(days=8)
        )
    kept = before.keys() & after.keys()
    moved = [sku for sku in kept if before[sku][1] != after[sku][1]]
    ups = Counter(
        float(after[sku][1]) > float(before[sku][1]) for sku in moved if before[sku][1] and after[sku][1]
    )
    assert set(ups) == {True, False}, "prices go up and down"
    assert len(before.keys() - after.keys()) <= counts["gone"] <= len(before) * 0.15
    assert after.keys() - before.keys(), "articles are new"
    assert any(before[sku][0] != after[sku][0] for sku in kept), "texts are rewritten"


def test_every_interface_says_the_same_after_three_weeks(feed):
    feed.control("week", to=3)
    lists = feed.lists()
    assert len({frozenset(listed) for listed in lists}) == 1
    for sku in list(lists[0])[:400]:
        assert len({(listed[sku][0] or "").split("\n")[0] for listed in lists}) == 1, sku
    counts = feed.said()[1]
    assert len(set(counts)) == 1


def test_the_same_weeks_are_the_same_again(feed):
    feed.control("week", to=2)
    first = feed.lists()[0]
    requests.delete(f"{feed.url}/_control/week", timeout=20)
    assert feed.lists()[0] != first
    feed.control("week", to=1)
    feed.control("week")
    assert feed.lists()[0] == first


def test_a_week_that_has_passed_does_not_pass_again(feed):
    feed.control("week", to=2)
    before = feed.lists()[0]
    assert feed.control("week", to=2) == {"week": 2, "feeds": []}
    assert feed.control("week", to=1) == {"week": 2, "feeds": []}
    assert feed.lists()[0] == before


def test_something_surely_happens_to_what_is_watched(feed):
    ids = [sku for sku, _ in plain_ids(feed)[:3]]
    cheaper, gone, dearer = (says(feed, sku) for sku in ids)
    watched = [[feed.key, sku] for sku in ids] + [[feed.key, "no such id"], ["nowhere:1", "x"]]
    feed.control("week", watched=watched)
    assert says(feed, ids[0])[1] < cheaper[1]
    assert says(feed, ids[0])[0] != cheaper[0]
    assert says(feed, ids[1]) is None
    assert says(feed, ids[2])[1] > dearer[1]
    feed.control("week", watched=watched)
    assert says(feed, ids[1]) == gone


def test_otto_does_the_same_on_both_networks(sandbox):
    one, other = Tradedoubler(sandbox.url), TradeTracker(sandbox.url)
    one.control("week", to=2)
    shop = {
        entry["feed"]: entry for entry in requests.get(f"{sandbox.url}/_control/catalogue", timeout=20).json()
    }
    assert shop["tradedoubler:31101"]["shop"] == shop["tradetracker:91001"]["shop"] == "OTTO"
    first = one.read(one.call("productsUnlimited.json;fid=31101").json()["products"])
    listed = other.service.getFeedProducts(SITE, {"feedID": 91001, "limit": 1000, "offset": 0})
    second = {row.identifier: (row.name, f"{row.price or 0:.2f}") for row in listed}
    both = first.keys() & second.keys()
    assert len(both) > 60
    same = [sku for sku in both if first[sku] == second[sku]]
    assert len(same) > len(both) * 0.75, "all but the odd ones and old prices in the extra field"


def test_several_parts_are_set_at_once(sandbox):
    values = {"catalogue": {"feed": "adtraction:501", "remove": [0]}, "week": {}}
    answer = requests.post(f"{sandbox.url}/_control", json=values, timeout=20)
    assert answer.json()["week"]["week"] == 1
    shown = requests.get(f"{sandbox.url}/_control", timeout=20).json()
    assert shown["week"]["week"] == 1
    assert {"faults", "options", "catalogue"} <= set(shown)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("catalogue", {"remove": [10**6]}),
        ("catalogue", {"remove": "all"}),
        ("catalogue", {"prices": {"0": "Infinity"}}),
        ("catalogue", {"prices": [1]}),
        ("catalogue", {"edit": {"0": {"colour": "red"}}}),
        ("catalogue", {"edit": {"0": {"title": 7}}}),
        ("catalogue", {"swap": [[1, 1]]}),
        ("catalogue", {"swap": [[1]]}),
        ("catalogue", {"add": -1}),
        ("catalogue", {"price_factor": 0}),
        ("catalogue", {"prize": {}}),
        ("week", {"to": "soon"}),
        ("week", {"to": 10**6}),
        ("week", {"by": 1}),
        ("week", {"watched": [["a"]]}),
        ("", {"weak": {}}),
        ("", {"week": 1}),
    ],
)
def test_a_mistake_is_named_and_changes_nothing(sandbox, name, values):
    address = f"{sandbox.url}/_control/catalogue"
    before = requests.get(address, timeout=20).json()
    answer = requests.post(f"{sandbox.url}/_control/{name}", json=values, timeout=20)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert requests.get(address, timeout=20).json() == before


def test_what_changed_outlives_a_restart_where_there_is_a_file(tmp_path):
    path = tmp_path / "sandbox.json"

    def get(server, name):
        return requests.get(f"{server.url}{name}", timeout=20).json()

    def post(server, name, **values):
        requests.post(f"{server.url}/_control/{name}", json=values, timeout=20).raise_for_status()

    products = f"/tradedoubler/1.0/products;fid=31103;pageSize=100?token={TOKEN}"
    with running_server(items=3000, state=path) as server:
        post(server, "week", to=2)
        post(server, "catalogue", feed="tradedoubler:31103", swap=[[0, 1]], stock={"2": 0}, add=2)
        changed = get(server, "/_control/catalogue")
        before = Tradedoubler.read(None, get(server, products)["products"])
    with running_server(items=3000, state=path) as server:
        assert get(server, "/_control/catalogue") == changed
        assert get(server, "/_control/week")["week"] == 2
        assert Tradedoubler.read(None, get(server, products)["products"]) == before
    with running_server(items=4000, state=path) as server:
        assert get(server, "/_control/week")["week"] == 0, "of another size, it is another catalogue"
