"""The pages of saved searches and of their recipes, and the command."""

import json
import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from catalog.models import Product
from importer.imports import apply
from importer.imports.saved import approve, count, fingerprint_of, may_add, save_search
from importer.models import FeedItem, ImportRun, SavedSearch
from importer.networks.query import ItemQuery
from tests.importer.make import make_account, make_feed, make_item
from tests.importer.pages import text_of

pytestmark = pytest.mark.django_db
SEARCH = "/dashboard/search/"


@pytest.fixture
def feed():
    return make_feed(make_account("adtraction"))


@pytest.fixture
def boots(feed):
    return [make_item(feed, title=f"{name} boot", gtin="") for name in ("red", "blue", "green")]


@pytest.fixture
def saved(boots):
    saved = save_search(ItemQuery(keywords="boot"), name="Boots", keep_adding=True, daily_limit=2)
    FeedItem.objects.update(first_seen_at=saved.seen_at + timedelta(minutes=1))
    return saved


def at(name: str, saved: SavedSearch) -> str:
    return reverse(f"importer:saved-{name}", args=[saved.pk])


def test_a_search_is_saved_from_its_page(editor_client, boots, editor):
    page = text_of(editor_client.get(SEARCH, {"keywords": "boot", "sort": "price", "blocked": ""}))
    url = re.search(r'data-save-search href="([^"]+)"', page)[1]
    form = editor_client.get(url.replace("&amp;", "&"))
    assert "“boot”, cheapest first" in text_of(form)
    data = {"search": form.context["search"], "name": "Boots", "schedule": "daily", "daily_limit": 5}
    answer = editor_client.post(reverse("importer:saved-add"), data)
    saved = SavedSearch.objects.get()
    assert answer.url == saved.get_absolute_url()
    assert saved.query == {"version": 1, "keywords": "boot", "sort": "price"}
    assert (saved.created_by, saved.keep_adding, saved.options) == (editor, False, {"uses_map": False})
    again = editor_client.post(reverse("importer:saved-add"), data)
    assert "There is a saved search of this name already." in text_of(again)


def test_keep_adding_leads_to_the_trial_which_lets_it_add(editor_client, boots, editor):
    data = {
        "search": "keywords=boot",
        "name": "Boots",
        "keep_adding": "on",
        "daily_limit": 2,
        "uses_map": "on",
    }
    answer = editor_client.post(reverse("importer:saved-add"), data, follow=True)
    page = text_of(answer)
    assert page.count('data-status="created"') == 2 * 3  # row and badge
    assert "3 matches wait" in page
    assert not Product.objects.exists()
    saved = SavedSearch.objects.get()
    token = re.search(r'name="fingerprint" value="(\w+)"', page)[1]
    stale = editor_client.post(at("trial", saved), {"fingerprint": "x"}, follow=True)
    assert "Look at its trial again" in text_of(stale)
    editor_client.post(at("trial", saved), {"fingerprint": token})
    saved.refresh_from_db()
    assert may_add(saved)
    assert saved.approved_by == editor
    answer = editor_client.post(at("run", saved))
    run = ImportRun.objects.get()
    assert answer.url == run.get_absolute_url()
    assert (run.saved_search, run.total_count) == (saved, 2)


def test_opening_it_shows_what_is_new_and_seen_is_new_no_more(editor_client, saved, boots):
    page = editor_client.get(saved.get_absolute_url())
    assert {row.hit.item.pk for row in page.context["rows"]} == {boot.pk for boot in boots}
    assert "3 new since" in text_of(page)
    FeedItem.objects.update(first_seen_at=saved.seen_at - timedelta(minutes=1))
    editor_client.post(at("seen", saved), {"until": page.context["until"]})
    assert "Nothing new" in text_of(editor_client.get(saved.get_absolute_url()))
    for until in ("yesterday", "", "2026-13-01T00:00:00Z", "2026-01-01T00:00:00"):
        page = editor_client.post(at("seen", saved), {"until": until}, follow=True)
        assert "Nothing was marked as seen." in text_of(page)


def test_the_list_shows_what_was_counted_and_how_it_went(editor_client, saved):
    count(saved)
    page = text_of(editor_client.get(reverse("importer:saved-list")))
    assert re.search(r"<td[^>]*>3</td>", page)
    assert "at most 2 a day" in page
    approve(saved, fingerprint_of(saved))
    run_page = editor_client.post(at("run", saved), follow=True)
    apply.work(ImportRun.objects.get())
    page = text_of(editor_client.get(reverse("importer:saved-list")))
    assert "Adds 2." in page
    assert "2 created" in page
    assert run_page.status_code == 200


def test_the_list_takes_few_queries(editor_client, saved, django_assert_max_num_queries):
    for number in range(20):
        save_search(ItemQuery(keywords="hat"), name=f"Hats {number}")
    with django_assert_max_num_queries(8):
        editor_client.get(reverse("importer:saved-list"))


def test_changing_it_keeps_what_the_form_does_not_show(editor_client, saved):
    SavedSearch.objects.update(options={"import_description": True, "status": "draft"})
    page = editor_client.get(at("edit", saved))
    assert page.context["form"].initial["status"] == "draft"
    data = {"name": "Boots", "schedule": "weekly", "daily_limit": 9, "status": "published", "uses_map": "on"}
    editor_client.post(at("edit", saved), data)
    saved.refresh_from_db()
    assert saved.options == {"import_description": True, "status": "published"}
    assert (saved.schedule, saved.keep_adding, saved.query["keywords"]) == ("weekly", False, "boot")


def test_one_that_nobody_can_read_any_more_has_its_pages_and_is_deleted(editor_client, saved):
    SavedSearch.objects.update(query={"version": 9})
    for name in ("detail", "edit", "trial"):
        assert editor_client.get(at(name, saved)).status_code == 200
    assert "version 9" in text_of(editor_client.get(at("detail", saved)))
    editor_client.post(at("seen", saved), {"until": timezone.now().isoformat()})
    editor_client.post(at("delete", saved))
    assert not SavedSearch.objects.exists()


def test_recipes_go_out_and_come_in_by_the_page(editor_client, saved):
    file = editor_client.get(reverse("importer:recipe-export"))
    assert file["Content-Disposition"].endswith('filename="saved-searches.json"')
    one = editor_client.get(reverse("importer:recipe-export"), {"id": saved.pk})
    assert one.content == file.content
    assert (
        json.loads(editor_client.get(reverse("importer:recipe-export"), {"id": "x"}).content)["recipes"] == []
    )
    url = reverse("importer:recipe-import")
    SavedSearch.objects.all().delete()
    for expected in ("added", "unchanged"):
        page = editor_client.post(url, {"file": SimpleUploadedFile("r.json", file.content)})
        assert f">{expected}</span>" in text_of(page)
    assert SavedSearch.objects.count() == 1
    page = text_of(editor_client.post(url, {"file": SimpleUploadedFile("r.json", b"no")}))
    assert "it is not JSON" in page


# --- The command --------------------------------------------------------------------------------
def command(capsys, *args) -> dict:
    call_command("saved_search", *args, "--json")
    return json.loads(capsys.readouterr().out)


def test_the_command_lists_runs_exports_and_imports(saved, capsys, tmp_path):
    (row,) = command(capsys, "list")["saved_searches"]
    assert (row["name"], row["is_approved"], row["run"]) == ("Boots", False, None)
    plan = command(capsys, "run", "Boots", "--plan")
    assert [each["verdict"] for each in plan["plan"]] == ["created"] * 3
    assert command(capsys, "run", str(saved.pk))["outcome"].startswith("Nothing added: somebody")
    approve(saved, fingerprint_of(saved))
    ran = command(capsys, "run", "Boots", "--inline")
    assert (ran["run"]["state"], ran["run"]["counts"]["created"], ran["waiting"]) == ("done", 2, 1)
    assert (
        command(capsys, "run", "Boots", "--inline")["outcome"] == "Nothing added: the 2 of today are spent."
    )
    path = str(tmp_path / "recipes.json")
    assert command(capsys, "export", path)["count"] == 1
    assert command(capsys, "import", path)["recipes"] == [
        {"name": "Boots", "result": "unchanged", "notes": []}
    ]
    call_command("saved_search", "list")
    assert "1 wait" in capsys.readouterr().out


def test_the_command_fails_with_one_line(capsys, tmp_path, db):
    (tmp_path / "bad.json").write_text("no")
    for args in (
        ("run", "Nobody"),
        ("run",),
        ("import", str(tmp_path / "bad.json")),
        ("import", "/nowhere/x"),
    ):
        with pytest.raises(CommandError):
            call_command("saved_search", *args)
