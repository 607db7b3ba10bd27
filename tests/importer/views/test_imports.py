"""Single, bulk and quick imports through their pages."""

import pytest
from django.urls import reverse

from affiliate_site.celery import app as celery_app
from catalog.models import Category, Offer, Product
from importer.imports import apply
from importer.imports.runs import collect_matches
from importer.models import ImportRun
from tests.importer.make import make_account, make_feed, make_item, make_items
from tests.importer.pages import HTMX, is_part, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def feed():
    return make_feed(make_account("adtraction"))


def post_bulk(client, headers=HTMX, **fields):
    url = reverse("importer:import-selected", args=["adtraction"])
    return client.post(url, fields, headers=headers)


def post_item(client, item, headers=HTMX, **fields):
    typed = {"title": item.title, "description": item.description, "brand": item.brand, "status": "draft"}
    typed |= {"main_image": "0", "image_0": "on", "image_0_alt": item.title}
    url = reverse("importer:item-import", args=[item.pk])
    return client.post(url, typed | fields, headers=headers)


def work(run: ImportRun | None = None) -> ImportRun:
    """Do what the worker does with the newest run."""
    run = run or ImportRun.objects.first()
    apply.work(run)
    run.refresh_from_db()
    return run


# --- Quick ----------------------------------------------------------------------------------------


def test_quick_import_answers_with_the_row_that_waits(editor_client, feed):
    item = make_item(feed)
    response = editor_client.post(reverse("importer:item-quick", args=[item.pk]), headers=HTMX)
    run = ImportRun.objects.get()
    assert (run.kind, run.user.username) == ("quick", "editor")
    assert is_part(response)
    assert text_of(response).strip().startswith(f'<tr id="item-{item.pk}" data-state="importing"')
    assert f"{reverse('importer:item-row', args=[item.pk])}?run={run.pk}" in text_of(response)
    assert "delay:400ms" in text_of(response)


def test_the_row_turns_green_with_a_pencil_once_the_worker_is_done(editor_client, feed):
    item = make_item(feed)
    editor_client.post(reverse("importer:item-quick", args=[item.pk]), headers=HTMX)
    run = work()
    product = Product.objects.get()
    assert product.status == "published"
    row = text_of(editor_client.get(reverse("importer:item-row", args=[item.pk]), {"run": run.pk}))
    assert 'data-state="done"' in row
    assert reverse("catalog:product-edit", args=[product.pk]) in row
    assert reverse("importer:item-row", args=[item.pk]) not in row


def test_a_double_click_makes_one_product(editor_client, feed):
    item = make_item(feed)
    for _ in range(2):
        editor_client.post(reverse("importer:item-quick", args=[item.pk]), headers=HTMX)
    for run in ImportRun.objects.all():
        work(run)
    assert (Product.objects.count(), Offer.objects.count()) == (1, 1)


def test_a_row_that_could_not_be_imported_says_why_and_stops_asking(editor_client, feed):
    item = make_item(feed, tracking_url="")
    editor_client.post(reverse("importer:item-quick", args=[item.pk]), headers=HTMX)
    run = work()
    row = text_of(editor_client.get(reverse("importer:item-row", args=[item.pk]), {"run": run.pk}))
    assert 'data-state="failed"' in row
    assert "It has no link." in row
    assert "hx-trigger" not in row.split("<td")[0]


def test_without_scripts_quick_import_leads_back_to_the_search(editor_client, feed):
    item = make_item(feed)
    url = reverse("importer:item-quick", args=[item.pk])
    response = editor_client.post(url, {"search": "keywords=boot&page=2"})
    assert response.url == reverse("importer:network-search", args=["adtraction"]) + "?keywords=boot&page=2"
    assert "Importing" in text_of(editor_client.get(response.url))


@pytest.mark.parametrize("search", ["//evil.example/", "https://evil.example", "\r\nSet-Cookie: a=b"])
def test_no_address_of_a_stranger_gets_into_the_redirect(editor_client, feed, search):
    url = reverse("importer:item-quick", args=[make_item(feed).pk])
    response = editor_client.post(url, {"search": search})
    assert response.url.startswith(reverse("importer:network-search", args=["adtraction"]) + "?")
    assert "\n" not in response.url


# --- Bulk -----------------------------------------------------------------------------------------


def test_ticked_items_are_imported_with_status_and_categories(editor_client, feed):
    chosen = Category.objects.create(name="Sport", slug="sport")
    items = make_items(feed, count=3)
    response = post_bulk(
        editor_client,
        items=[items[0].pk, items[1].pk],
        categories=[chosen.pk],
        new_categories="Shoes,  Shoes , Trail",
        status="published",
    )
    assert is_part(response)
    run = work()
    assert (run.kind, run.total_count, run.created_count) == ("bulk", 2, 2)
    for product in Product.objects.all():
        assert product.status == "published"
        assert sorted(category.name for category in product.categories.all()) == ["Shoes", "Sport", "Trail"]


def test_the_answer_holds_the_progress_and_the_rows_it_took_over(editor_client, feed):
    items = make_items(feed, count=2)
    page = text_of(post_bulk(editor_client, items=[item.pk for item in items]))
    run = ImportRun.objects.get()
    assert f'id="run_progress-{run.pk}"' in page
    for item in items:
        assert f'<tr id="item-{item.pk}" data-state="importing" hx-swap-oob="true"' in page
    assert page.count('hx-swap-oob="true"') == 2


def test_all_matches_are_collected_by_the_worker(editor_client, feed):
    items = make_items(feed, count=30, title="Boot")
    make_item(feed, title="Hat")
    search = f"keywords=boot&account={feed.account_id}"
    response = post_bulk(
        editor_client, all_matches="1", search=search, shown=[item.pk for item in items[:25]]
    )
    run = ImportRun.objects.get()
    assert run.state == "collecting"
    assert text_of(response).count('hx-swap-oob="true"') == 25
    collect_matches(run)
    run.refresh_from_db()
    assert work(run).created_count == 30


def test_without_scripts_a_bulk_import_leads_to_its_run(editor_client, feed):
    response = post_bulk(editor_client, headers=None, items=[make_item(feed).pk])
    assert response.url == reverse("importer:run-detail", args=[ImportRun.objects.get().pk])


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        pytest.param({}, "Tick at least one product first.", id="nothing ticked"),
        pytest.param({"items": ["x"]}, "These are not ids of products.", id="no number"),
        pytest.param({"items": ["-1"]}, "These are not ids of products.", id="negative"),
        pytest.param({"items": ["²"]}, "These are not ids of products.", id="superscript"),
        pytest.param({"items": ["9" * 30]}, "These are not ids of products.", id="too big"),
        pytest.param({"items": range(1, 1002)}, "no more than 1000", id="too many"),
        pytest.param({"items": ["1"], "status": "trashed"}, "Select a valid choice", id="unknown status"),
        pytest.param({"items": ["1"], "categories": ["77"]}, "Select a valid choice", id="unknown category"),
        pytest.param({"items": ["1"], "new_categories": "x" * 121}, "120", id="long category"),
    ],
)
def test_bad_bulk_input_is_said_and_nothing_starts(editor_client, fields, message):
    response = post_bulk(editor_client, **fields)
    assert response.status_code == 200
    assert message in text_of(response)
    assert message in text_of(editor_client.get(post_bulk(editor_client, headers=None, **fields).url))
    assert not ImportRun.objects.exists()


def test_items_that_do_not_exist_or_are_another_networks_are_404(editor_client, feed):
    item = make_item(make_feed(make_account("tradetracker")))
    assert post_bulk(editor_client, items=[make_item(feed).pk, 999_999]).status_code == 404
    assert post_bulk(editor_client, items=[item.pk]).status_code == 404
    assert not ImportRun.objects.exists()


@pytest.mark.parametrize(
    "search",
    [
        pytest.param("", id="none"),
        pytest.param("keywords=", id="empty"),
        pytest.param("keywords=a&account=999999", id="unknown account"),
        pytest.param("keywords=a&min_price=x", id="invalid"),
    ],
)
def test_all_matches_of_what_is_no_search_are_404(editor_client, feed, search):
    assert post_bulk(editor_client, all_matches="1", search=search).status_code == 404
    assert not ImportRun.objects.exists()


@pytest.fixture
def dead_broker():
    """Nobody listens where Celery's messages go."""
    address = celery_app.conf.broker_url
    celery_app.conf.broker_url = "redis://127.0.0.1:9/0"
    celery_app._after_fork()  # forget the connections
    yield
    celery_app.conf.broker_url = address
    celery_app._after_fork()


@pytest.mark.django_db(transaction=True)
def test_an_import_waits_when_the_queue_is_out_of_reach(editor_client, dead_broker):
    item = make_item(make_feed(make_account("adtraction")))
    response = post_bulk(editor_client, headers=None, items=[item.pk])
    assert "Waiting" in text_of(editor_client.get(response.url))
    assert ImportRun.objects.get().state == "queued"


def test_emoji_and_right_to_left_text_are_kept(editor_client, feed):
    item = make_item(feed)
    post_item(editor_client, item, title="\N{GRINNING FACE} שלום")
    assert ImportRun.objects.get().items.get().edits == {"title": "\N{GRINNING FACE} שלום"}
