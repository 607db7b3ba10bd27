"""`manage.py desk applications|pending|convert|report`, in words and as JSON."""

import io
import json
import sys

import pytest
from django.core.management import CommandError, call_command

from desk.models import Application, Conversion, PendingSale
from desk.services import pending, publishers
from tests.desk.make import make_desk_account
from tests.desk.test_conversions import order

pytestmark = pytest.mark.django_db


def desk(*arguments) -> str:
    out = io.StringIO()
    call_command("desk", *arguments, stdout=out)
    return out.getvalue()


def test_applications_are_listed_approved_and_rejected(sandbox):
    make_desk_account("adtraction", "channels")
    listed = json.loads(desk("applications", "list", "--read", "--json"))
    assert listed["count"] == 60
    first, second = (row["id"] for row in listed["publishers"][:2])
    assert "60 in all." in desk("applications")
    assert json.loads(desk("applications", "approve", str(first), "--json"))["queued"] == 1
    refused = json.loads(desk("applications", "reject", str(second), "--json"))
    assert refused["refused"][0]["why"] == "Adtraction asks for a reason to reject."
    desk("applications", "reject", str(second), "--reason", "3")
    assert Application.objects.filter(state="queued").count() == 2
    with pytest.raises(CommandError, match="Name the publishers"):
        desk("applications", "approve")


@pytest.mark.django_db(transaction=True)
def test_a_file_of_returns_is_shown_and_followed_with_yes(sandbox, tmp_path):
    account = make_desk_account("tradedoubler", "management", programs={"290001": "OTTO"}, role="owner")
    pending.read_pending(account)
    number = pending.list_pending().exclude(event_id="17")[0].order_number
    file = tmp_path / "returns.csv"
    file.write_text(f"order,action,reason\n{number},deny,10\nX,deny,10\n")
    text = desk("pending", "validate", str(file))
    assert f"line 2, {number}: Deny: Returned" in text
    assert "Nothing was decided: add --yes." in text
    assert json.loads(desk("pending", "validate", str(file), "--yes", "--json"))["queued"] == 1
    assert PendingSale.objects.filter(state="queued").count() == 1
    assert "in all." in desk("pending", "list", "--days", "7")
    report = json.loads(
        desk("report", "transactions", "--from", "2026-01-01", "--to", "2099-01-01", "--json")
    )
    assert (len(report["rows"]), report["currency"]) == (200, "EUR")
    assert desk("report", "transactions", "--from", "2026-01-01", "--to", "2099-01-01", "--csv").startswith(
        "transact"
    )
    with pytest.raises(CommandError, match="reportType"):
        desk("report", "statistics", "--from", "2026-01-01", "--to", "2099-01-01")


def test_conversions_come_from_a_file_or_a_pipe_and_twice_is_once(sandbox, tmp_path, monkeypatch):
    make_desk_account("tradetracker", "conversions", programs={"20101": "OTTO"})
    file = tmp_path / "orders.json"
    file.write_text(json.dumps([order(), order("ORD-2", amount="x")]))
    result = json.loads(desk("convert", str(file), "--send", "--json"))
    assert (result["counts"], result["sent"]) == ({"taken": 1, "refused": 1}, 1)
    monkeypatch.setattr(sys, "stdin", io.StringIO("tid,amount,currency\nORD-1,129.99,EUR\n"))
    assert "1 known" in desk("convert", "-")
    assert Conversion.objects.count() == 1


def test_without_a_login_it_says_what_is_missing(db, tmp_path):
    for arguments in (("convert", "-"), ("report", "dashboard")):
        with pytest.raises(CommandError, match="is connected"):
            desk(*arguments)


def test_kinds_of_publishers_are_known_to_the_filter(sandbox):
    publishers.read_applications(make_desk_account("adtraction", "channels"))
    assert "Blog" in publishers.list_kinds()
