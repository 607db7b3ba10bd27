"""Three looks at every page: who may, who may not, who is not logged in."""

import pytest
from django.contrib.auth.models import Group
from django.urls import URLPattern, reverse

from catalog.models import Offer, Product
from importer import urls
from importer.imports.runs import start_import
from importer.imports.saved import save_search
from importer.models import CategoryMapping, JoinDoubt, MappingRun, SyncRun
from importer.networks.query import ItemQuery
from importer.sandbox.credentials import DEMO_CREDENTIALS
from importer.search.blocks import add_block
from tests.importer.make import make_account, make_feed, make_item
from tests.importer.run import import_items

OF_THE_DEMO = {"week", "week-state"}  # tests/importer/feeds/test_weeks.py opens them
EVERYBODY, ADMINISTRATORS = "editors too", "administrators only"

# Route -> who may open it, and how.
PAGES = {
    "search-all": (EVERYBODY, "get"),
    "index-import": (EVERYBODY, "post"),
    "saved-list": (EVERYBODY, "get"),
    "saved-add": (EVERYBODY, "get"),
    "saved-detail": (EVERYBODY, "get"),
    "saved-edit": (EVERYBODY, "get"),
    "saved-trial": (EVERYBODY, "get"),
    "saved-run": (EVERYBODY, "post"),
    "saved-seen": (EVERYBODY, "post"),
    "saved-delete": (EVERYBODY, "post"),
    "recipe-export": (EVERYBODY, "get"),
    "recipe-import": (EVERYBODY, "get"),
    "search-blocked": (EVERYBODY, "get"),
    "item-block": (EVERYBODY, "get"),
    "block-list": (EVERYBODY, "get"),
    "block-add": (EVERYBODY, "get"),
    "block-remove": (EVERYBODY, "post"),
    "search-list": (EVERYBODY, "post"),
    "search-section": (EVERYBODY, "get"),
    "network-search": (EVERYBODY, "get"),
    "import-selected": (EVERYBODY, "post"),
    "network-feeds": (EVERYBODY, "get"),
    "feeds-apply": (EVERYBODY, "post"),
    "feeds-refresh": (ADMINISTRATORS, "post"),
    "feed-detail": (EVERYBODY, "get"),
    "feed-row": (EVERYBODY, "get"),
    "feed-check": (EVERYBODY, "post"),
    "feed-decline": (ADMINISTRATORS, "post"),
    "freshness": (EVERYBODY, "get"),
    "check-progress": (EVERYBODY, "get"),
    "offer-check": (EVERYBODY, "post"),
    "product-check": (EVERYBODY, "post"),
    "products-check": (EVERYBODY, "post"),
    "feed-mirror": (ADMINISTRATORS, "post"),
    "feed-schedule": (ADMINISTRATORS, "post"),
    "feed-sync": (EVERYBODY, "post"),
    "sync-progress": (EVERYBODY, "get"),
    "sync-cancel": (EVERYBODY, "post"),
    "sync-accept": (ADMINISTRATORS, "post"),
    "sync-discard": (ADMINISTRATORS, "post"),
    "network-settings": (ADMINISTRATORS, "get"),
    "account-add": (ADMINISTRATORS, "get"),
    "account-edit": (ADMINISTRATORS, "get"),
    "account-check": (ADMINISTRATORS, "post"),
    "account-policies": (ADMINISTRATORS, "get"),
    "account-remove": (ADMINISTRATORS, "get"),
    "network-buttons": (ADMINISTRATORS, "get"),
    "network-log": (EVERYBODY, "get"),
    "log-delete": (ADMINISTRATORS, "get"),
    "index-state": (EVERYBODY, "get"),
    "category-options": (EVERYBODY, "get"),
    "item-row": (EVERYBODY, "get"),
    "item-import": (EVERYBODY, "get"),
    "item-imported": (EVERYBODY, "get"),
    "item-quick": (EVERYBODY, "post"),
    "category-map": (EVERYBODY, "get"),
    "mapping-decide": (EVERYBODY, "post"),
    "mapping-plan": (EVERYBODY, "post"),
    "mapping-run": (EVERYBODY, "get"),
    "mapping-apply": (EVERYBODY, "post"),
    "mapping-cancel": (EVERYBODY, "post"),
    "doubt-list": (EVERYBODY, "get"),
    "doubt-decide": (EVERYBODY, "post"),
    "run-list": (EVERYBODY, "get"),
    "run-detail": (EVERYBODY, "get"),
    "run-progress": (EVERYBODY, "get"),
    "run-cancel": (EVERYBODY, "post"),
    "run-allow": (ADMINISTRATORS, "post"),
    "missing-accept": (ADMINISTRATORS, "post"),
    "held-prices-accept": (ADMINISTRATORS, "post"),
    "swapped-accept": (ADMINISTRATORS, "post"),
    "run-retry": (EVERYBODY, "post"),
    "picture-retry": (EVERYBODY, "post"),
}
OF_ACCOUNTS = {"search-section", "account-edit", "account-check", "account-remove", "index-state"}
OF_ACCOUNTS |= {"category-options", "account-policies"}
OF_MAPPING_RUNS = {"mapping-run", "mapping-apply", "mapping-cancel"}
every_page = pytest.mark.parametrize("name", PAGES)


@pytest.fixture
def address(db):
    """Return the address of any page, with rows that exist."""
    account = make_account("adtraction")
    account.set_credentials(DEMO_CREDENTIALS["adtraction"])
    account.save()
    item = make_item(make_feed(account))
    run = start_import([item.pk], kind="bulk")
    product = Product.objects.create(title="Shoe", slug="shoe")
    sync = SyncRun.objects.create(feed=item.feed)
    doubt = JoinDoubt.objects.create(
        kind="join", source_key=item.source_key, product=product, reason="Unlike."
    )
    mapping = CategoryMapping.objects.create(program_key=item.program_key, key="shoe", name="Shoe")
    ids = {
        "mapping": mapping.pk,
        "item": item.pk,
        "run": run.pk,
        "account": account.pk,
        "picture": product.pk,
    }
    ids["mapping_run"] = MappingRun.objects.create().pk
    import_items(make_item(item.feed))
    ids |= {"offer": Offer.objects.get().pk, "product": product.pk}
    ids |= {
        "feed": item.feed_id,
        "sync": sync.pk,
        "doubt": doubt.pk,
        "held": item.feed_id,
        "swapped": item.feed_id,
        "missing": item.feed_id,
    }
    ids["saved"] = save_search(ItemQuery(keywords="shoe"), name="Shoes").pk
    ids["block"] = add_block("words", "replica", reason="Fakes.").pk

    def get(name: str) -> str:
        pattern = next(pattern for pattern in urls.urlpatterns if pattern.name == name)
        return reverse(f"importer:{name}", kwargs=arguments(name, pattern, ids))

    return get


def arguments(name: str, pattern: URLPattern, ids: dict[str, int]) -> dict:
    wanted = pattern.pattern.converters
    values = {"network": "adtraction", "run": ids["run"]}
    if "pk" in wanted:
        kind = "account" if name in OF_ACCOUNTS else name.split("-")[0]
        kind = "mapping_run" if name in OF_MAPPING_RUNS else kind
        values["pk"] = ids[kind]
    return {key: values[key] for key in wanted}


def test_every_page_is_in_the_table():
    assert {pattern.name for pattern in urls.urlpatterns} == set(PAGES) | OF_THE_DEMO


@pytest.mark.parametrize("name", sorted(OF_THE_DEMO))
@pytest.mark.parametrize(("who", "status"), [("client", 302), ("outsider_client", 403)])
def test_a_page_of_the_demo_is_for_nobody_else(request, db, name, who, status):
    assert request.getfixturevalue(who).get(reverse(f"importer:{name}")).status_code == status


def test_there_is_no_week_where_the_networks_are_real(editor_client, settings):
    settings.TRADEDOUBLER_API_URL = "https://api.tradedoubler.com/1.0/"
    assert editor_client.get(reverse("importer:week")).status_code == 404


@every_page
def test_editors_open_what_is_for_them_and_nothing_else(editor_client, address, name):
    who, method = PAGES[name]
    response = getattr(editor_client, method)(address(name))
    assert response.status_code in ((200, 302) if who == EVERYBODY else (403,))


@every_page
def test_administrators_open_everything(client, django_user_model, address, name):
    user = django_user_model.objects.create_user("administrator")
    user.groups.add(Group.objects.get(name="Administrator"))
    client.force_login(user)
    assert getattr(client, PAGES[name][1])(address(name)).status_code in (200, 302)


@every_page
def test_people_without_a_role_are_refused(outsider_client, address, name):
    assert getattr(outsider_client, PAGES[name][1])(address(name)).status_code == 403


@every_page
def test_who_is_not_logged_in_is_sent_to_the_login(client, address, name):
    url = address(name)
    response = getattr(client, PAGES[name][1])(url)
    assert response.status_code == 302
    assert response.headers["Location"].startswith(reverse("login"))


@pytest.mark.parametrize("name", [name for name, (_, method) in PAGES.items() if method == "post"])
def test_changes_are_not_made_by_following_a_link(admin_client, address, name):
    assert admin_client.get(address(name)).status_code == 405


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("networks/awin/", id="unknown network"),
        pytest.param("networks/awin/settings/", id="settings of an unknown network"),
        pytest.param("networks/awin/log/", id="log of an unknown network"),
        pytest.param("networks/awin/buttons/", id="buttons of an unknown network"),
        pytest.param("networks/adtraction/settings/999999/", id="unknown account"),
        pytest.param("networks/adtraction/?account=999999", id="unknown account in a search"),
        pytest.param("networks/adtraction/?account=x", id="an account that is no number"),
        pytest.param("items/999999/import/", id="unknown item"),
        pytest.param("items/99999999999999999999/import/", id="an id too big for the database"),
        pytest.param("items/999999/row/", id="row of an unknown item"),
        pytest.param("runs/999999/", id="unknown run"),
        pytest.param("runs/999999/progress/", id="progress of an unknown run"),
        pytest.param("networks/awin/feeds/", id="feeds of an unknown network"),
        pytest.param("feeds/999999/", id="unknown feed"),
        pytest.param("syncs/999999/progress/", id="progress of an unknown sync"),
        pytest.param("search/999999/?keywords=a", id="section of an unknown account"),
    ],
)
def test_what_is_not_there_is_404(admin_client, address, path):
    assert admin_client.get(f"/dashboard/{path}").status_code == 404


def test_an_account_is_not_found_below_another_network(admin_client):
    account = make_account("tradetracker")
    url = reverse("importer:account-edit", args=["adtraction", account.pk])
    assert admin_client.get(url).status_code == 404


def test_editors_see_no_links_to_what_they_may_not_open(editor_client, address):
    page = editor_client.get(address("network-search")).content.decode()
    assert address("network-log") in page
    assert address("network-settings") not in page
    assert address("network-buttons") not in page
