"""Decisions on publishers and sales: queued, taken back, read again before they are written."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from desk.models import Application, DeskTokens, PendingSale, State
from desk.services import pending, publishers
from desk.services.decisions import send_decisions, time_left, undo
from desk.services.pending import APPROVED, DENIED, Verdict
from desk.services.publishers import ACCEPTED, APPLIED, REJECTED
from desk.services.returns import follow_plan, plan_returns
from events.models import Event
from importer.sandbox.credentials import management_credentials
from tests.desk.make import make_desk_account

pytestmark = pytest.mark.django_db


def later():
    return timezone.now() + timedelta(minutes=1)


@pytest.fixture
def channels(sandbox):
    account = make_desk_account("adtraction", "channels")
    publishers.read_applications(account)
    return account


@pytest.fixture
def management(sandbox, transactional_db):
    return make_desk_account("tradedoubler", "management", programs={"290001": "OTTO DE", "290008": "Klang"})


@pytest.fixture
def merchant(sandbox):
    return make_desk_account("tradetracker", "merchant", programs={"20101": "OTTO"})


def window_of(sandbox, paths="/client/"):
    return [one for one in sandbox.state.requests if paths in one["target"]]


# --- Publishers ---------------------------------------------------------------------------------


def test_the_oldest_application_stands_first(channels):
    days = [row.applied_on for row in publishers.list_applications() if row.applied_on]
    assert days == sorted(days)
    assert publishers.count_statuses() == {APPLIED: 60}


def test_approvals_and_rejections_reach_the_network_and_the_log(channels, sandbox, admin_user):
    first, second = publishers.list_applications()[:2]
    publishers.decide_on([first.pk], user=admin_user, status=ACCEPTED)
    publishers.decide_on([second.pk], user=admin_user, status=REJECTED, reason="3")
    sent = send_decisions(publishers.ChannelSender(channels), now=later())
    assert (sent.sent, sent.refused, sent.overtaken) == (2, 0, 0)
    rows = sandbox.state.channels.rows
    assert rows[int(first.external_id)]["approvalStatus"] == 1
    assert rows[int(second.external_id)]["rejectReason"] == 3
    first.refresh_from_db()
    assert (first.state, first.status) == (State.SENT, ACCEPTED)
    lines = Event.objects.filter(kind="desk_publisher.decided")
    assert {line.actor for line in lines} == {f"user:{admin_user.pk}"}
    assert lines.get(subjects=[f"application:{second.pk}"]).after["reason"] == "3"


def test_a_decision_can_be_taken_back_until_it_is_sent(channels, sandbox):
    row = publishers.list_applications()[0]
    publishers.decide_on([row.pk], user=None, status=ACCEPTED)
    assert send_decisions(publishers.ChannelSender(channels)).sent == 0  # the time to take it back
    assert undo(Application, [row.pk]) == 1
    assert send_decisions(publishers.ChannelSender(channels), now=later()).sent == 0
    assert undo(Application, [row.pk]) == 0
    assert sandbox.state.channels.rows[int(row.external_id)]["approvalStatus"] == 2


def test_what_somebody_else_decided_meanwhile_is_not_overwritten(channels, sandbox):
    row = publishers.list_applications()[0]
    publishers.decide_on([row.pk], user=None, status=ACCEPTED)
    sandbox.state.channels.decide(int(row.external_id), 0, 5)
    sent = send_decisions(publishers.ChannelSender(channels), now=later())
    assert (sent.sent, sent.overtaken) == (0, 1)
    row.refresh_from_db()
    assert (row.state, row.status) == (State.OVERTAKEN, REJECTED)
    assert row.problem == "Somebody else decided meanwhile: rejected (Reason 5)."
    assert sandbox.state.channels.rows[int(row.external_id)]["rejectReason"] == 5


def test_what_a_dead_worker_wrote_is_not_written_again(channels, sandbox):
    row = publishers.list_applications()[0]
    publishers.decide_on([row.pk], user=None, status=ACCEPTED)
    Application.objects.filter(pk=row.pk).update(state=State.SENDING)
    sandbox.state.channels.decide(int(row.external_id), 1, None)  # its write arrived
    assert send_decisions(publishers.ChannelSender(channels)).sent == 1
    assert not [one for one in sandbox.state.requests if one["method"] == "PUT"]


def test_sixty_decisions_never_exceed_the_ten_calls_of_a_minute(channels, sandbox):
    """The clock of the sandbox is put forward instead of waiting; no answer is a 429."""
    ids = list(publishers.list_applications().values_list("pk", flat=True))
    publishers.decide_on(ids, user=None, status=ACCEPTED)
    assert time_left(Application, publishers.SENDERS) == (60, 7)
    from django.core.cache import cache

    minutes = 0
    while Application.objects.filter(state__in=(State.QUEUED, State.SENDING)).exists():
        sent = send_decisions(publishers.ChannelSender(channels), now=later())
        assert sent.wait is None or sent.wait > 0
        sandbox.state.bucket.clear()
        cache.clear()
        minutes += 1
        assert minutes <= 8
    assert minutes <= 7
    asked = window_of(sandbox)
    assert {one["status"] for one in asked} == {200}
    assert len([one for one in asked if one["method"] == "PUT"]) == 60


@pytest.mark.parametrize(
    ("status", "reason", "words"),
    [
        (REJECTED, "", "Adtraction asks for a reason to reject."),
        (REJECTED, "13", "Adtraction asks for a reason to reject."),
        (APPLIED, "", "It is applied already."),
        ("ended", "", "Applied cannot become ended."),
        ("", "", "Nothing was chosen."),
    ],
)
def test_a_decision_that_makes_no_sense_is_refused_in_words(channels, status, reason, words):
    row = publishers.list_applications()[0]
    queued, refused = publishers.decide_on([row.pk], user=None, status=status, reason=reason)
    assert (queued, [why for _, why in refused]) == (0, [words])


def test_sources_go_out_together_with_a_line_for_each_failure(management, sandbox):
    assert publishers.read_applications(management) == 80
    rows = list(publishers.list_applications()[:3])
    publishers.decide_on(
        [rows[0].pk, rows[1].pk], user=None, status=ACCEPTED, changes={"segment_id": "2", "rank": "4"}
    )
    publishers.decide_on([rows[2].pk], user=None, status=ACCEPTED, changes={"segment_id": "77"})
    sent = send_decisions(publishers.SourceSender(management), now=later())
    assert (sent.sent, sent.refused) == (2, 1)
    rows[2].refresh_from_db()
    assert (rows[2].state, rows[2].problem) == (State.FAILED, "segment not found")
    organisation = sandbox.state.organisation
    source = next(one for one in organisation.sources[290001] if str(one["sourceId"]) == rows[0].external_id)
    assert (source["statusId"], source["segmentName"], source["rank"]) == (3, "Gold", 4)
    assert DeskTokens.objects.get().encrypted_tokens  # one sign-in for all workers


def test_a_role_too_low_stops_the_queue_and_says_so(management):
    publishers.read_applications(management)
    management.set_credentials(management_credentials(4))
    management.save()
    DeskTokens.objects.all().delete()
    row = publishers.list_applications()[0]
    publishers.decide_on([row.pk], user=None, status=ACCEPTED)
    send_decisions(publishers.SourceSender(management), now=later())
    row.refresh_from_db()
    assert row.state == State.FAILED
    assert "role of this login does not allow it" in row.problem


# --- Sales --------------------------------------------------------------------------------------


def test_the_most_urgent_sale_stands_first(management):
    assert pending.read_pending(management) == 200
    ends = [row.ends_at for row in pending.list_pending()]
    assert ends == sorted(ends)
    assert pending.list_pending()[0].ends_as == "approve"


def test_sales_are_approved_denied_and_changed(management, sandbox):
    pending.read_pending(management)
    yes, no, less = pending.list_pending().exclude(event_id="17")[:3]
    half = (less.order_value / 2).quantize(Decimal("0.01"))
    verdicts = {
        yes.pk: Verdict(status=APPROVED),
        no.pk: Verdict(status=DENIED, reason="10"),
        less.pk: Verdict(amount=half),
    }
    assert pending.decide_on(verdicts, user=None) == (3, [])
    sent = send_decisions(pending.TradedoublerSales(management), now=later())
    assert (sent.sent, sent.refused) == (3, 0)
    decided = {one["transactionId"]: one["status"] for one in sandbox.state.organisation.decided}
    assert decided == {yes.external_id: "A", no.external_id: "D"}
    waits = {one["transactionId"]: one for one in sandbox.state.organisation.pending}
    assert waits[less.external_id]["orderValue"] == float(half)


def test_a_sale_that_was_decided_elsewhere_says_how(management, sandbox):
    pending.read_pending(management)
    row = pending.list_pending()[0]
    pending.decide_on({row.pk: Verdict(status=DENIED, reason="10")}, user=None)
    organisation = sandbox.state.organisation
    gone = next(one for one in organisation.pending if one["transactionId"] == row.external_id)
    organisation.pending.remove(gone)
    organisation.decided.append({**gone, "status": "A"})
    assert send_decisions(pending.TradedoublerSales(management), now=later()).overtaken == 1
    row.refresh_from_db()
    assert row.problem == "Somebody else decided meanwhile: approved."


VERDICTS = [
    (Verdict(status=DENIED, reason="99"), "asks for one of its reasons"),
    (Verdict(status=DENIED, reason="16"), "asks for one of its reasons"),  # untracked sales only
    (Verdict(amount=Decimal("0")), "Deny a sale of which nothing is left."),
    (Verdict(amount=Decimal("9999")), "The new amount is above"),
    (Verdict(), "Nothing was chosen."),
]


@pytest.mark.parametrize(("verdict", "words"), VERDICTS)
def test_a_verdict_that_cannot_be_is_refused_in_words(management, verdict, words):
    pending.read_pending(management)
    row = pending.list_pending().exclude(event_id="17")[0]
    queued, refused = pending.decide_on({row.pk: verdict}, user=None)
    assert queued == 0
    assert words in refused[0][1]


def test_a_file_of_returns_is_a_plan_first(management):
    pending.read_pending(management)
    first, second, third = pending.list_pending().exclude(event_id="17")[:3]
    text = (
        "Order;Action;Reason;Amount\n"
        f"{first.order_number};deny;10;\n{second.order_number};amount;;9,50\n{third.order_number};fly;;\n"
        f"{first.order_number};approve;;\nX-1;approve;;\n"
    )
    plan = plan_returns(text)
    assert [line.words for line in plan] == [
        "Deny: Returned",
        f"{second.order_value} becomes 9.50 EUR",
        "“fly” is no action: approve, deny or amount.",
        "This order stands in the file already.",
        "No sale of this order waits.",
    ]
    assert not PendingSale.objects.exclude(state=State.NONE).exists()
    assert follow_plan(plan, user=None) == (2, [])


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "\x00\n"])
def test_a_file_that_is_none_is_refused(text, db):
    with pytest.raises(ValueError, match="first line names the columns"):
        plan_returns(text)


def sell(sandbox, *tids):
    from importer.networks.tradetracker.advertiser import TradeTrackerConversions
    from tests.desk.test_adapters import sale, speak

    for tid in tids:
        speak(TradeTrackerConversions, "tradetracker", "conversions").send(
            sale(tid, reference="1::51000::x::::1")
        )


def test_conversions_at_tradetracker_are_assessed_one_by_one(merchant, sandbox):
    sell(sandbox, "T-1", "T-2", "T-3")
    assert pending.read_pending(merchant) == 3
    rows = {row.order_number: row for row in pending.list_pending()}
    verdicts = {
        rows["T-1"].pk: Verdict(status=APPROVED),
        rows["T-2"].pk: Verdict(status=DENIED, reason="returned_goods"),
        rows["T-3"].pk: Verdict(amount=Decimal("100")),
    }
    assert pending.decide_on(verdicts, user=None) == (3, [])
    assert send_decisions(pending.TradeTrackerSales(merchant), now=later()).sent == 3
    now = {row.sale.order: row for row in sandbox.state.sales.rows("tradetracker", None, None)}
    assert (now["T-1"].state, now["T-2"].state, now["T-3"].value) == ("approved", "rejected", 10000)
    assert pending.read_pending(merchant) == 0
