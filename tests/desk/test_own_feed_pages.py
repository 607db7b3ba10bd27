"""The pages of own feeds and their categories, and the commands, against the sandbox."""

import csv
import io
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.core.management.base import CommandError
from django.urls import reverse

from catalog.models import Product
from desk.models import OwnCategory, OwnFeed, OwnProduct, PushRun
from desk.services import own_categories, plan, push
from desk.services.category_names import Names, suggest
from desk.services.own_feeds import list_feeds
from desk.services.runs import start_run
from desk.services.waiting import list_waiting
from importer.networks import get_network
from importer.networks.contract import ItemQuery
from importer.sandbox.credentials import DEMO_CREDENTIALS
from tests.desk.make import make_desk_account, make_own_feed, own_row, write_rows

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def feed(settings, tmp_path, sandbox) -> OwnFeed:
    settings.DESK_DIR = tmp_path
    return make_own_feed()


def run_command(*args) -> dict:
    out = io.StringIO()
    call_command("desk", *args, "--json", stdout=out)
    return json.loads(out.getvalue())


def test_a_feed_is_chosen_set_up_and_its_columns_mapped(admin_client, settings, tmp_path, sandbox):
    settings.DESK_DIR = tmp_path
    account = make_desk_account()
    add = reverse("desk:feed-add", args=[account.pk])
    assert "Kontor &amp; Kraut DE products" in admin_client.get(add).content.decode()
    admin_client.post(add, {"feed": "41001"})
    feed = OwnFeed.objects.get()
    assert (feed.currency, feed.language) == ("EUR", "de")
    text = "nummer;titel;link;bild;preis;farbe;kategorie\n" + "\n".join(
        f"n{n};Ukulele {n};https://a.de/{n};https://a.de/{n}.jpg;1{n},90;rot;Musik" for n in range(12)
    )
    values = {"source": "upload", "mode": "create", "format": "json", "cents": "no"}
    values |= {
        "guard_percent": 20,
        "delete_after_reads": 2,
        "upload": SimpleUploadedFile("x.csv", text.encode()),
    }
    edit = reverse("desk:feed-edit", args=[feed.pk])
    assert admin_client.post(edit, values).status_code == 302
    columns = reverse("desk:feed-columns", args=[feed.pk])
    page = admin_client.get(columns).content.decode()
    assert page.count("https://a.de/") == 20  # ten rows, each with page and picture
    mapping = {"sourceProductId": "nummer", "name": "titel", "productUrl": "link", "productImage": "bild"}
    mapping |= {"price": "preis", "category": "kategorie"}
    posted = {f"column_{name}": column for name, column in mapping.items()} | {"more": ["farbe"]}
    assert admin_client.post(columns, posted | {"column_price": ""}).status_code == 200
    admin_client.post(columns, posted)
    feed.refresh_from_db()
    assert feed.columns == mapping | {"field:farbe": "farbe"}
    plan.work(start_run(feed).pk)
    assert OwnProduct.objects.get(source_product_id="n3").data["fields"] == [
        {"name": "farbe", "value": "rot"}
    ]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"source": "link", "url": ""}, "Write an address."),
        ({"source": "link", "url": "file:///etc/passwd"}, "web address"),
        ({"source": "folder", "folder": "../x"}, "without slashes"),
        ({"source": "upload"}, "Choose a file."),
    ],
)
def test_settings_that_lead_nowhere_are_refused(admin_client, feed, values, words):
    data = {"mode": "create", "format": "json", "guard_percent": 20, "delete_after_reads": 2} | values
    assert words in admin_client.post(reverse("desk:feed-edit", args=[feed.pk]), data).content.decode()


def test_a_linked_file_on_a_private_address_is_not_read(feed, settings, sandbox):
    settings.ALLOW_PRIVATE_HOSTS = []
    feed.source, feed.url = "link", f"{sandbox.url}/feed.csv"
    feed.save()
    run = plan.work(start_run(feed).pk)
    assert run.state == "failed"
    assert "private address" in str(run.message)


def test_a_plan_is_seen_and_pushed(desk_client, feed, sandbox):
    write_rows([own_row(1), own_row(2, price="free")])
    desk_client.post(reverse("desk:feed-plan", args=[feed.pk]))
    run = PushRun.objects.get()
    plan.work(run.pk)
    page = desk_client.get(run.get_absolute_url()).content.decode()
    assert "Nothing was sent yet." in page
    assert "cannot be read for sure" in page
    desk_client.post(reverse("desk:push-start", args=[run.pk]))
    push.work(run.pk)
    assert "1 sent, 0 deleted, 0 refused" in desk_client.get(run.get_absolute_url()).content.decode()
    refused = desk_client.get(f"{feed.get_absolute_url()}?state=refused").content.decode()
    assert "The price “free” cannot be read for sure." in refused


def test_doubts_have_to_be_ticked(desk_client, feed, sandbox):
    write_rows([own_row(number, price="1999") for number in range(30)])
    run = plan.work(start_run(feed).pk)
    page = desk_client.get(run.get_absolute_url()).content.decode()
    assert "whole numbers" in page
    desk_client.post(reverse("desk:push-start", args=[run.pk]))
    run.refresh_from_db()
    assert run.state == "planned"
    desk_client.post(reverse("desk:push-start", args=[run.pk]), {"accepts": "1"})
    run.refresh_from_db()
    assert run.state == "queued"


def test_all_is_deleted_only_where_it_is_asked_for_twice(desk_client, feed, sandbox):
    empty = reverse("desk:feed-empty", args=[feed.pk])
    for values in ({}, {"name": feed.name}, {"sure": "1"}, {"name": "other", "sure": "1"}):
        assert "Type the name" in desk_client.post(empty, values).content.decode()
    assert not PushRun.objects.exists()
    desk_client.post(empty, {"name": feed.name, "sure": "1"})
    assert PushRun.objects.get().kind == "delete_all"


def test_a_feed_is_pulled_from_a_secret_address(client, desk_client, feed):
    write_rows([own_row(1, description='Four "strings", one\nsound'), own_row(2, price="x")])
    plan.work(start_run(feed).pk)
    assert client.get(reverse("desk-pull", args=["x" * 43])).status_code == 404
    desk_client.post(reverse("desk:feed-pull", args=[feed.pk]))
    feed.refresh_from_db()
    desk_client.logout()
    address = reverse("desk-pull", args=[feed.pull_key])
    rows = list(csv.DictReader(io.StringIO(b"".join(client.get(address).streaming_content).decode())))
    assert [row["productId"] for row in rows] == ["a-1"]
    assert rows[0]["description"] == 'Four "strings", one\nsound'
    assert rows[0]["price"] == "11.90"
    feed.pull_key = ""
    feed.save()
    assert client.get(address).status_code == 404


def test_categories_are_suggested_chosen_and_posted_and_then_publishers_see_the_products(
    desk_client, feed, sandbox
):
    kind = {"product_type": "Kaffeemaschine"}
    write_rows([own_row(1, **kind), own_row(2, **kind), own_row(3)])
    run = plan.work(start_run(feed).pk)
    push.start_push(run)
    push.work(run.pk)
    publisher = get_network("tradedoubler", DEMO_CREDENTIALS["tradedoubler"])
    assert not publisher.search(ItemQuery(keywords="ukulele")).items
    desk_client.post(reverse("desk:feed-learn", args=[feed.pk]))
    line = OwnCategory.objects.get(name="Kaffeemaschine")
    assert line.waiting_count == 2
    page = desk_client.get(reverse("desk:feed-categories", args=[feed.pk])).content.decode()
    assert page.index("Kaffeemaschine") < page.index("Ukuleles")
    choose = reverse("desk:category-choose", args=[line.pk])
    desk_client.post(choose, {"do": "choose", "category": "no such thing"})
    assert OwnCategory.objects.get(pk=line.pk).state == "unmapped"
    assert line.suggested
    desk_client.post(choose, {"do": f"take {line.suggested[0]}"})
    desk_client.post(reverse("desk:feed-map", args=[feed.pk]))
    line.refresh_from_db()
    assert line.state == "mapped"
    found = publisher.search(ItemQuery(keywords="ukulele")).items
    assert {item.external_id for item in found} == {"a-1", "a-2"}
    assert found[0].program_id == "295001" or found[0].tracking_url


def test_the_same_name_is_mapped_everywhere(desk_client, feed):
    other = make_own_feed(feed.account, external_id="41002", name="Other")
    lines = [
        OwnCategory.objects.create(feed=each, name=name) for each, name in ((feed, "Boots"), (other, "boots"))
    ]
    own_categories.refresh_tree(feed)
    desk_client.post(
        reverse("desk:category-choose", args=[lines[0].pk]), {"do": "take 100", "everywhere": "1"}
    )
    assert set(OwnCategory.objects.values_list("state", flat=True)) == {"chosen"}
    desk_client.post(reverse("desk:category-choose", args=[lines[0].pk]), {"do": "forget"})
    assert OwnCategory.objects.get(pk=lines[0].pk).state == "unmapped"


TREE = [
    ("1", "Running shoes", "Sport > Running shoes"),
    ("2", "Laptops", "Electronics > Computers > Laptops"),
    ("3", "Coffee machines", "Home > Kitchen > Coffee machines"),
    ("4", "Cameras", "Electronics > Photo > Cameras"),
    ("5", "Books", "Media > Books"),
    ("1", "Laufschuhe", "Sport > Laufschuhe"),
    ("3", "Kaffeemaschinen", "Haus > Küche > Kaffeemaschinen"),
    ("6", "Accessories", "Fashion > Accessories"),
    ("7", "Accessories", "Electronics > Photo > Accessories"),
]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("Running Shoes", "1"),
        ("Schuhe > Laufschuhe Herren", "1"),
        ("Notebooks & Laptops", "2"),
        ("Kaffeemaschine", "3"),
        ("Digital camera", "4"),
        ("KÜCHE > KAFFEEMASCHINEN", "3"),
        ("Photo > Accessories", "7"),
        ("Fashion/Accessories", "6"),
    ],
)
def test_a_name_suggests_its_category(name, wanted):
    assert suggest(name, Names(TREE))[0] == wanted


@pytest.mark.parametrize("name", ["Zahnpasta", "", ">", "123"])
def test_a_name_like_nothing_suggests_nothing(name):
    assert suggest(name, Names(TREE)) == []


def test_the_command_plans_pushes_and_says_so(feed, sandbox):
    write_rows([own_row(1), own_row(2)])
    told = run_command("push", "41001", "--plan")
    assert (told["state"], told["counts"]["new"]) == ("planned", 2)
    told = run_command("push", "own products", "--mode", "replace", "--yes")
    assert (told["state"], told["sent"], told["confirmed"]) == ("done", 2, True)
    write_rows([own_row(1)])
    with pytest.raises(CommandError, match="of 2 products would vanish"):
        run_command("push", "41001", "--mode", "replace", "--yes")
    assert run_command("push", "41001", "--mode", "replace", "--yes", "--accept-doubts")["deleted"] == 1
    told = run_command("categories", "41001", "--suggest")
    assert told["categories"][0]["name"] == "Ukuleles"
    with pytest.raises(CommandError, match="There is no feed"):
        run_command("push", "nothing")


def test_what_waits_is_counted_on_the_first_page(feed):
    write_rows([own_row(1), own_row(2, price="x")])
    plan.work(start_run(feed).pk)
    assert [(line.count, line.words) for line in list_waiting(lambda _: True)][:2] == [
        (1, "refused products"),
        (1, "products to push"),
    ]


def test_products_of_the_site_are_a_source(feed):
    feed.source = "catalogue"
    feed.save()
    product = Product.objects.create(title="Shoe", slug="shoe", status="published")
    Product.objects.filter(pk=product.pk).update(lowest_price="12.50", currency="EUR")
    run = plan.work(start_run(feed).pk)
    assert run.counts["refused"] == 1  # it has no picture and no category
    assert OwnProduct.objects.get().data["price"] == "12.50"


def test_no_page_asks_the_database_more_than_twelve_times(desk_client, feed, django_assert_max_num_queries):
    write_rows([own_row(number, title="New" if number % 2 else "Old") for number in range(40)])
    run = plan.work(start_run(feed).pk)
    pages = [reverse(f"desk:{name}") for name in ("overview", "feed-list")]
    pages += [
        feed.get_absolute_url(),
        run.get_absolute_url(),
        reverse("desk:feed-categories", args=[feed.pk]),
    ]
    pages += [reverse("desk:feed-columns", args=[feed.pk]), reverse("desk:feed-edit", args=[feed.pk])]
    for page in pages:
        with django_assert_max_num_queries(12):
            assert desk_client.get(page).status_code == 200
    assert len(list_feeds()) == 1
