"""Settings go to another site and arrive there; a second time changes nothing."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from catalog.models import ButtonTexts, Category, SiteSettings
from catalog.services import get_or_create_category
from dashboard.settings_file.export import export_settings
from dashboard.settings_file.reading import import_settings, make_plan, read_file
from importer.accounts.policies import set_policies
from importer.imports.category_map import decide_mapping
from importer.imports.saved import save_search
from importer.models import CategoryMapping, NetworkAccount, SavedSearch
from importer.networks.query import ItemQuery
from tests.importer.make import make_account

pytestmark = pytest.mark.django_db


@pytest.fixture
def text():
    """What another site exported, which is gone."""
    SiteSettings.objects.create(pk=1, name="Lamps", currency="SEK", footer="Ada, Stockholm")
    ButtonTexts.objects.create(source="", long="Buy at %s")
    account = make_account(label="Main", product_status="published")
    set_policies(account, {"price": "always", "title": "never"})
    lamps = get_or_create_category("Lamps", parent=get_or_create_category("Home"))
    line = CategoryMapping.objects.create(program_key="tradedoubler:1", key="leuchten", name="Leuchten")
    decide_mapping(line, category_ids=[lamps.pk])
    save_search(ItemQuery(keywords="lamp"), name="Lamps", daily_limit=7)
    exported = export_settings()
    for model in (SiteSettings, ButtonTexts, NetworkAccount, Category, CategoryMapping, SavedSearch):
        model.objects.all().delete()
    make_account(label="Main")
    return exported


def results(steps):
    return {(step.what, step.result) for step in steps}


def test_settings_arrive_and_a_second_time_changes_nothing(text):
    import_settings(read_file(text))
    site, account = SiteSettings.objects.get(), NetworkAccount.objects.get()
    assert (site.name, site.currency, site.footer) == ("Lamps", "SEK", "Ada, Stockholm")
    assert ButtonTexts.objects.get().long == "Buy at %s"
    assert account.product_status == "published"
    assert account.policies["title"] == "never"
    line, lamps = CategoryMapping.objects.get(), Category.objects.get(name="Lamps")
    assert line.category_ids == [lamps.pk]
    assert lamps.parent.name == "Home"
    saved = SavedSearch.objects.get()
    assert (saved.query["keywords"], saved.daily_limit) == ("lamp", 7)
    assert export_settings() == text
    assert {step.result for step in make_plan(read_file(text))} == {"same"}


def test_a_plan_writes_nothing(text):
    steps = make_plan(read_file(text))
    assert results(steps) >= {("site", "change"), ("category", "add"), ("saved search", "add")}
    assert not SiteSettings.objects.exists()
    assert not SavedSearch.objects.exists()


def test_no_secret_is_in_it(text):
    assert "credentials" not in text
    assert "token" not in text


def test_an_account_that_is_not_here_is_named(text):
    NetworkAccount.objects.all().delete()
    (step,) = [step for step in import_settings(read_file(text)) if step.what == "account"]
    assert step.result == "refused"
    assert not NetworkAccount.objects.exists()


@pytest.mark.parametrize("bad", ["", "[]", "{}", '{"version": 2, "site": {}}', '{"site": {}}', "[" * 100_000])
def test_what_is_no_such_file_is_refused(bad, tmp_path):
    (tmp_path / "file").write_text(bad)
    with pytest.raises(CommandError):
        call_command("settings_import", tmp_path / "file")


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("site", {"currency": "nothing"}),
        ("site", []),
        ("accounts", [{"network": "tradedoubler", "label": "Main", "product_status": "gone"}]),
        ("accounts", [{"network": "tradedoubler", "label": "Main", "policies": {"price": "nonsense"}}]),
        ("categories", [["Lamps"]]),
        ("category_map", [{"program_key": "a:1", "key": "x", "categories": ["Nowhere"]}]),
        ("saved_searches", {"version": 99}),
    ],
)
def test_what_is_wrong_in_it_is_refused_and_the_rest_done(text, part, value):
    document = json.loads(text) | {part: value}
    steps = import_settings(read_file(json.dumps(document)))
    assert "refused" in {step.result for step in steps}
    if part != "site":
        assert SiteSettings.objects.get().name == "Lamps"


def test_the_commands_say_what_they_do(text, tmp_path):
    (tmp_path / "file").write_text(text)
    out = StringIO()
    call_command("settings_import", tmp_path / "file", stdout=out)
    assert "Nothing was changed" in out.getvalue()
    call_command("settings_import", tmp_path / "file", apply=True, stdout=out)
    call_command("settings_export", tmp_path / "again", stdout=out)
    assert (tmp_path / "again").read_text() == text
