"""What a source says, and what a push of it would do."""

import json
import zipfile

import pytest

from desk.models import OwnFeed, OwnProduct, PushRun
from desk.services import plan
from desk.services.own_sources import preview, store_upload
from desk.services.runs import FeedBusy, start_run
from importer.sentences import say
from tests.desk.make import make_own_feed, own_row, write_rows

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def feed(settings, tmp_path) -> OwnFeed:
    settings.DESK_DIR = tmp_path
    return make_own_feed()


def read(feed, **values) -> PushRun:
    run = plan.work(start_run(feed, **values).pk)
    assert run
    return run


def has_sent(feed) -> None:
    """As if all that is here had been pushed."""
    for product in OwnProduct.objects.filter(feed=feed).exclude(state="refused"):
        product.state, product.sent_digest = "sent", product.digest
        product.save()


def states(feed) -> dict[str, str]:
    return dict(OwnProduct.objects.filter(feed=feed).values_list("source_product_id", "state"))


def reasons(run) -> list[str]:
    return [doubt["code"] for doubt in run.doubts]


def test_the_first_read_finds_everything_new(feed):
    write_rows([own_row(1), own_row(2), own_row(3, price="x")])
    run = read(feed)
    assert run.state == "planned"
    assert {name: run.counts[name] for name in ("new", "refused", "gone")} == {
        "new": 2,
        "refused": 1,
        "gone": 0,
    }
    refused = OwnProduct.objects.get(state="refused")
    assert str(refused.reason) == "The price “x” cannot be read for sure."
    assert feed.categories.get().waiting_count == 3


def test_the_next_read_finds_what_differs(feed):
    write_rows([own_row(1), own_row(2), own_row(3)])
    read(feed)
    has_sent(feed)
    write_rows([own_row(1), own_row(2, title="Other"), own_row(4)])
    run = read(feed)
    assert states(feed) == {"a-1": "sent", "a-2": "changed", "a-3": "gone", "a-4": "new"}
    changed = OwnProduct.objects.get(state="changed")
    assert (changed.before["name"], changed.data["name"]) == ("Ukulele 2", "Other")
    assert run.counts["to_delete"] == 0  # one read proves little
    assert read(feed).counts["to_delete"] == 1
    write_rows([own_row(1), own_row(2), own_row(3)])
    read(feed)
    assert states(feed) == {"a-1": "sent", "a-2": "sent", "a-3": "sent"}
    assert not OwnProduct.objects.exclude(before=None).exists()


def test_what_is_refused_keeps_what_the_network_has(feed):
    write_rows([own_row(1)])
    read(feed)
    has_sent(feed)
    write_rows([own_row(1, title="Other", price="free")])
    read(feed)
    product = OwnProduct.objects.get()
    assert (product.state, product.data["name"]) == ("refused", "Ukulele 1")
    assert product.sent_digest
    assert read(feed).counts["gone"] == 0


def test_an_id_for_two_products_is_refused_and_twice_the_same_is_not(feed):
    write_rows([own_row(1), own_row(1, price="99.90"), own_row(2), own_row(2), own_row(3)])
    read(feed)
    assert states(feed) == {"a-1": "refused", "a-2": "new", "a-3": "new"}
    refused = OwnProduct.objects.get(state="refused")
    assert "stands in the file 2 times" in str(refused.reason)
    write_rows([own_row(1), own_row(2), own_row(3)])
    read(feed)
    assert set(states(feed).values()) == {"new"}


def test_a_file_in_cents_is_asked_about(feed):
    write_rows([own_row(number, price=f"{1999 + 100 * number}") for number in range(30)])
    assert reasons(read(feed)) == ["own_prices_whole"]
    feed.cents = OwnFeed.Cents.YES
    feed.save()
    assert reasons(read(feed)) == []
    assert OwnProduct.objects.get(source_product_id="a-0").data["price"] == "19.99"


def test_prices_that_grow_a_hundredfold_are_asked_about(feed):
    write_rows([own_row(number) for number in range(5)])
    read(feed)
    has_sent(feed)
    write_rows([own_row(number, price=f"{(10 + number) * 100 + 90}") for number in range(5)])
    run = read(feed)
    assert reasons(run) == ["own_price_factor"]
    assert say(plan.Reason.from_json(run.doubts[0])).startswith("5 of 5 prices are 100 times what they were")


@pytest.mark.parametrize("kind", ["create", "replace"])
def test_a_source_that_lost_most_of_its_products_is_asked_about(feed, kind):
    feed.delete_after_reads = 1
    feed.save()
    write_rows([own_row(number) for number in range(10)])
    read(feed)
    has_sent(feed)
    write_rows([own_row(number) for number in range(7)])
    assert reasons(read(feed, kind=kind)) == ["own_many_gone"]
    write_rows([own_row(1, price="")])
    assert reasons(read(feed, kind=kind)) == ["own_all_gone"]


def test_a_file_that_breaks_off_changes_nothing(feed):
    path = write_rows([own_row(1)])
    read(feed)
    has_sent(feed)
    path.unlink()
    rows = json.dumps([own_row(2), own_row(3)])
    (path.parent / "cut.json").write_text(rows[:-40])
    run = read(feed)
    assert run.state == "reading"  # it is tried again
    assert run.waits_until
    assert states(feed) == {"a-1": "sent"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", json.dumps({"products": [own_row(1)]})),
        ("a.jsonl", "\n".join(json.dumps(own_row(number)) for number in (1, 2))),
        (
            "a.xml",
            '<?xml version="1.0"?><rss xmlns:g="http://base.google.com/ns/1.0"><channel><item><g:id>a-1</g:id>'
            "<g:title>Ukulele</g:title><g:link>https://shop.example/1</g:link><g:price>9.90 EUR</g:price>"
            "<g:image_link>https://shop.example/1.jpg</g:image_link><g:product_type>Music</g:product_type>"
            "<g:availability>out of stock</g:availability></item></channel></rss>",
        ),
        (
            "a.csv",
            "id;title;link;image_link;price;product_type\na-1;Grün;https://a.de/1;https://a.de/1.jpg;9,90;Ä\n",
        ),
    ],
)
def test_every_format_is_read(feed, name, text):
    path = write_rows([], name=name)
    path.write_bytes(text.encode("cp1252" if name.endswith("csv") else "utf-8"))
    assert read(feed).counts["new"] == (2 if name.endswith("jsonl") else 1)
    product = OwnProduct.objects.order_by("pk")[0]
    assert product.source_product_id == "a-1"
    if name.endswith("csv"):
        assert product.data["name"] == "Grün"  # not the encoding that it should have
    if name.endswith("xml"):
        assert product.data["inStock"] == 0


def test_the_newest_file_of_a_folder_is_read_and_none_that_is_being_written(feed):
    write_rows([own_row(1)], name="a.csv")
    write_rows([own_row(1), own_row(2)], name="b.csv")
    write_rows([own_row(number) for number in range(9)], name="c.csv.part")
    assert read(feed).counts["new"] == 2


@pytest.mark.parametrize("folder", ["../own", "/etc", "..", "own/../..", "nothing", ""])
def test_no_folder_leads_out_of_the_desk(feed, folder):
    write_rows([own_row(1)])
    feed.folder = folder
    feed.save()
    run = read(feed)
    assert run.state == "failed"
    assert "not there" in str(run.message)


def test_an_upload_takes_the_place_of_the_one_before(feed, tmp_path):
    feed.source = OwnFeed.Source.UPLOAD
    feed.save()
    packed = tmp_path / "feed.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("products.csv", write_rows([own_row(1)]).read_text())
    for _ in range(2):
        store_upload(feed, [packed.read_bytes()])
    assert read(feed).counts["new"] == 1
    assert len(list((tmp_path / "uploads").iterdir())) == 1


def test_columns_are_mapped_once_with_the_first_rows_to_see(feed):
    write_rows([own_row(number) for number in range(30)])
    columns, rows = preview(feed)
    assert columns[:3] == ["id", "title", "description"]
    assert len(rows) == 10
    feed.columns = {"sourceProductId": "id"}
    feed.save()
    run = read(feed)
    assert run.state == "failed"
    assert "Map the columns" in str(run.message)


def test_rows_without_an_id_are_counted_and_shown(feed):
    write_rows([own_row(1), own_row(2, id="")])
    run = read(feed)
    assert (run.counts["rows"], run.counts["bad"]) == (2, 1)
    assert "no product ID" in run.counts["bad_rows"][0]["reason"]


def test_a_feed_is_not_read_twice_at_once(feed):
    start_run(feed)
    with pytest.raises(FeedBusy):
        start_run(feed)


def test_a_read_that_was_cut_short_by_a_dead_worker_is_taken_up_again(feed, monkeypatch):
    write_rows([own_row(1)])
    run = start_run(feed)
    PushRun.objects.filter(pk=run.pk).update(
        claim="00000000-0000-0000-0000-000000000001", heartbeat_at="2020-01-01T00:00Z"
    )
    done = plan.work(run.pk)
    assert done
    assert done.state == "planned"


@pytest.mark.parametrize("left", [0, 1])
def test_an_id_that_was_given_twice_is_good_again_when_one_of_them_goes(feed, left):
    both = [own_row(1), own_row(1, title="Other")]
    write_rows([*both, own_row(2)])
    read(feed)
    read(feed)  # the same rows again are still two
    assert states(feed) == {"a-1": "refused", "a-2": "new"}
    write_rows([both[left], own_row(2)])
    read(feed)
    assert states(feed) == {"a-1": "new", "a-2": "new"}


def test_rows_that_stayed_are_read_anew_when_they_are_read_in_another_way(feed):
    write_rows([own_row(number, price="1990", sku=f"S{number}") for number in range(1, 4)])
    read(feed)
    has_sent(feed)
    read(feed)
    assert set(states(feed).values()) == {"sent"}
    OwnFeed.objects.filter(pk=feed.pk).update(cents=OwnFeed.Cents.YES)
    read(feed)
    assert set(states(feed).values()) == {"changed"}
    assert OwnProduct.objects.filter(feed=feed).first().data["price"] == "19.90"
    OwnFeed.objects.filter(pk=feed.pk).update(cents="")
    read(feed)
    assert set(states(feed).values()) == {"sent"}
