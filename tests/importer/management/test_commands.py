"""The commands for scripts, against the sandbox and a real worker."""

import io
import json
import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from catalog.models import Product
from importer.models import FeedItem, ImportRun, NetworkAccount
from importer.networks import NETWORKS
from importer.sandbox.credentials import DEMO_CREDENTIALS
from tests.importer.make import make_item, make_items

pytestmark = pytest.mark.django_db(transaction=True)
EVERY_NETWORK = pytest.mark.parametrize("network", sorted(NETWORKS))


def run(*args: str, **options):
    """Run the command with --json and return what it printed."""
    out = io.StringIO()
    call_command(*args, "--json", stdout=out, **options)
    return json.loads(out.getvalue())


def settings_of(network: str, **changes) -> list[str]:
    credentials = DEMO_CREDENTIALS[network] | changes
    return [part for name, value in credentials.items() for part in ("--set", f"{name}={value}")]


@EVERY_NETWORK
def test_connect_search_plan_and_import(sandbox, network):
    connected = run("connect", network, *settings_of(network), "--status", "published", "--description")
    account = NetworkAccount.objects.get()
    assert connected == {"account": account.pk, "network": network, "connected": True, "error": ""}
    assert (account.label, account.product_status, account.import_description) == (
        NETWORKS[network].label, "published", True,
    )  # fmt: skip
    run("sync_feeds", "--network", network, "--inline")
    found = run("search", network, "lampe", "--page-size", "5")
    assert len(found["items"]) == 5
    item = found["items"][0]
    assert set(item) == {
        *("id", "network", "external_id", "title", "shop", "brand", "category", "price", "old_price"),
        *("currency", "gtin", "in_stock", "image_url", "tracking_url", "product"),
    }
    assert (item["network"], item["product"]) == (network, None)
    ids = [str(item["id"]) for item in found["items"] if item["price"]]
    assert all(isinstance(item["price"], str) for item in found["items"] if item["price"])
    planned = run("import_items", *ids, "--plan")
    assert (planned["run"], planned["state"], Product.objects.count()) == (None, "planned", 0)
    done = run("import_items", *ids, "--inline")
    assert (done["state"], done["counts"]) == ("done", planned["counts"])
    again = {str(item["id"]): item for item in run("search", network, "lampe", "--page-size", "100")["items"]}
    assert all(again[pk]["product"] for pk in ids)
    assert run("import_items", *ids, "--plan")["counts"]["unchanged"] == len(ids)


def test_connecting_again_brings_the_account_up_to_date(sandbox):
    first = run("connect", "tradedoubler", *settings_of("tradedoubler"), "--currency", "sek")
    again = run("connect", "tradedoubler", *settings_of("tradedoubler"), "--no-description")
    assert first["account"] == again["account"]
    assert NetworkAccount.objects.get().currency == "SEK"


def test_a_refused_connection_prints_the_reason_and_fails(sandbox):
    out = io.StringIO()
    with pytest.raises(CommandError, match="Tradedoubler refused"):
        call_command(
            "connect", "tradedoubler", *settings_of("tradedoubler", token="f" * 40), "--json", stdout=out
        )
    answer = json.loads(out.getvalue())
    assert (answer["connected"], answer["account"]) == (False, None)
    assert "Tradedoubler refused" in answer["error"]
    assert "f" * 40 not in out.getvalue()
    assert not NetworkAccount.objects.exists()


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--currency", "EURO", "currency: Select a valid choice. EURO is not"),
        ("--currency", "ZZ", "currency: Select a valid choice. ZZ is not"),
        ("--currency", "XXX", "currency: Select a valid choice. XXX is not"),
        ("--label", "L" * 61, "label: Ensure this value has at most 60 characters"),
        ("--label", " ", "label: This field is required"),
    ],
)
def test_connect_refuses_in_words_what_the_settings_page_refuses(sandbox, option, value, message):
    out = io.StringIO()
    with pytest.raises(CommandError) as caught:
        call_command(
            "connect", "tradedoubler", *settings_of("tradedoubler"), option, value, "--json", stdout=out
        )
    assert message in str(caught.value)
    answer = json.loads(out.getvalue())
    assert (answer["connected"], message in answer["error"]) == (False, True)
    assert not NetworkAccount.objects.exists()


def test_connecting_again_keeps_every_default_that_is_not_given(sandbox):
    run("connect", "tradedoubler", *settings_of("tradedoubler"), "--currency", "sek", "--status", "published")
    NetworkAccount.objects.update(link_domains=["go.shop.com", "a.example"], quick_publishes=False)
    run("connect", "tradedoubler", "--description")
    account = NetworkAccount.objects.get()
    assert (account.currency, account.product_status, account.import_description) == (
        "SEK",
        "published",
        True,
    )
    assert (account.link_domains, account.quick_publishes) == (["go.shop.com", "a.example"], False)
    assert account.get_credentials() == DEMO_CREDENTIALS["tradedoubler"]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        pytest.param(["connect", "tradedoubler", "--set", "key=1"], "key: unknown", id="unknown credential"),
        pytest.param(["connect", "adtraction", "--set", "token=1"], "market", id="missing credential"),
        pytest.param(["connect", "tradedoubler", "--set", "token"], "NAME=VALUE", id="no value"),
        pytest.param(["connect", "amazon"], "invalid choice", id="unknown network"),
        pytest.param(["search", "adtraction", "shoe"], "Connect one first", id="no account"),
        pytest.param(["search", "all", "x", "--min-price", "cheap"], "invalid decimal", id="no price"),
        pytest.param(["search", "all", "x", "--min-price", "-1"], "invalid decimal", id="below nothing"),
        pytest.param(["search", "all", "x", "--max-price", "1e99"], "invalid decimal", id="above all"),
        pytest.param(
            ["search", "all", "x", "--page-size", "9999999999"], "invalid counting", id="all at once"
        ),
        pytest.param(["search", "all", "x", "--page", "0"], "invalid counting", id="no page"),
        pytest.param(["import_items", "999999"], "no item 999999", id="unknown item"),
        pytest.param(["import_items", "x"], "invalid int", id="no id"),
        pytest.param(["sync_feeds", "--feed", "none", "--inline"], "no feed none", id="unknown feed"),
    ],
)
def test_bad_input_is_one_line(args, message):
    with pytest.raises(CommandError) as caught:
        call_command(*args)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_search_of_all_networks_goes_on_when_one_is_down(sandbox, settings):
    for network in ("tradedoubler", "tradetracker"):
        run("connect", network, *settings_of(network))
    settings.TRADEDOUBLER_API_URL = "http://127.0.0.1:9/"
    errors = io.StringIO()
    found = run("search", "all", "lampe", stderr=errors)
    assert {item["network"] for item in found["items"]} == {"tradetracker"}
    assert "Tradedoubler" in errors.getvalue()
    settings.TRADETRACKER_WSDL_URL = "http://127.0.0.1:9/?wsdl"


def test_imports_are_enqueued_and_waited_for(worker):
    ids = [str(item.pk) for item in make_items(count=20)]
    done = run("import_items", *ids, "--quick")
    assert (done["state"], done["counts"]["created"]) == ("done", 20)
    assert ImportRun.objects.get().kind == "quick"
    assert Product.objects.filter(status="published").count() == 20


def test_without_a_worker_the_command_says_so_and_starts_nothing(monkeypatch):
    from affiliate_site.celery import app

    item = make_item()
    monkeypatch.setattr(type(app.control), "ping", lambda self, timeout: [])
    with pytest.raises(CommandError, match="No worker answers"):
        call_command("import_items", str(item.pk))
    assert not ImportRun.objects.exists()


@pytest.mark.parametrize(
    ("args", "line"),
    [
        (["import_items", "999999"], "CommandError: There is no item 999999."),
        (
            ["search", "all", "x", "--page", "0"],
            "manage.py search: error: argument --page: invalid counting value: '0'",
        ),
    ],
)
def test_a_failing_command_exits_with_one_line_and_a_code(worker_env, args, line):
    done = subprocess.run(
        [sys.executable, "manage.py", *args, "--json"],
        cwd=settings.BASE_DIR,
        env={**os.environ, **worker_env},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode != 0
    assert list(json.loads(done.stdout)) == ["error"]
    assert json.loads(done.stdout)["error"] in line
    assert done.stderr.strip().splitlines() == [line]


def test_the_edges_of_an_id(sandbox):
    with pytest.raises(CommandError):
        call_command("import_items", str(2**63))
    assert FeedItem.objects.count() == 0
