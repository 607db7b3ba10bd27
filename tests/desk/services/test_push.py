"""Pushes against the sandbox: what is sent, what is refused, what a dead worker leaves."""

import json
import random
import urllib.request

import pytest

from desk.models import OwnFeed, OwnProduct, PushItem, PushRun
from desk.services import confirm, isolate, plan, push, runs
from desk.services.push import NotAccepted, PlanOutdated, start_delete_all, start_push
from desk.services.runs import FeedBusy, start_run
from events.models import Event
from importer.sandbox.credentials import DEMO_CREDENTIALS, TRADEDOUBLER_VOUCHER_TOKEN
from importer.sandbox.tradedoubler.posts import POISON
from tests.desk.make import make_own_feed, own_row, write_rows
from tests.killing import lines_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def feed(settings, tmp_path, sandbox, monkeypatch) -> OwnFeed:
    settings.DESK_DIR = tmp_path
    monkeypatch.setattr(push, "PAUSES", (0.01, 0.01, 0.01))
    return make_own_feed()


def control(sandbox, part: str, **values) -> None:
    address, body = f"{sandbox.url}/_control/{part}", json.dumps(values).encode()
    urllib.request.urlopen(urllib.request.Request(address, data=body, method="POST"), timeout=10).close()  # noqa: S310


def held(sandbox, feed_id: int = 41001) -> dict[str, str]:
    """Return name by id of what the sandbox holds."""
    return {key: one.product["name"] for key, one in sandbox.state.shelf.products[feed_id].items()}


def posts(sandbox) -> int:
    return sum(request["method"] == "POST" for request in sandbox.state.requests)


def do(feed, *, accepts: bool = False, **values) -> PushRun:
    """Read, plan and push."""
    run = plan.work(start_run(feed, **values).pk)
    assert run
    start_push(run, accepts=accepts)
    push.work(run.pk)
    run.refresh_from_db()
    return run


@pytest.mark.parametrize("format", ["json", "xml"])
def test_what_is_new_is_created_and_what_changed_updated(feed, sandbox, format):
    feed.format = format
    feed.save()
    write_rows([own_row(1), own_row(2), own_row(3, price="x")])
    run = do(feed)
    assert (run.state, run.sent_count, run.refused_count) == ("done", 2, 0)
    assert held(sandbox) == {"a-1": "Ukulele 1", "a-2": "Ukulele 2"}
    write_rows([own_row(1), own_row(2, title="Other")])
    run = do(feed)
    assert run.sent_count == 1
    assert held(sandbox) == {"a-1": "Ukulele 1", "a-2": "Other"}
    assert do(feed).total_count == 0
    assert not OwnProduct.objects.exclude(before=None).exists()


def test_what_is_out_of_stock_is_sent_and_never_deleted(feed, sandbox):
    write_rows([own_row(1, quantity="0")])
    do(feed)
    (one,) = sandbox.state.shelf.products[41001].values()
    assert (one.product["inStock"], one.product["availability"]) == (0, "Out of stock")


def test_what_is_gone_is_deleted_after_two_reads(feed, sandbox):
    write_rows([own_row(number) for number in range(10)])
    do(feed)
    write_rows([own_row(number) for number in range(9)])
    assert do(feed).deleted_count == 0
    assert do(feed).deleted_count == 1
    assert "a-9" not in held(sandbox)
    assert OwnProduct.objects.count() == 9


def test_a_replacement_leaves_nothing_else(feed, sandbox):
    write_rows([own_row(number) for number in range(1, 8)])
    do(feed)
    sandbox.state.shelf.put(
        41001, [{"sourceProductId": "foreign", "name": "x", "price": "1"}], replaces=False
    )
    write_rows([own_row(number) for number in range(2, 8)])
    run = do(feed, kind="replace")
    assert (run.state, run.sent_count, run.deleted_count) == ("done", 6, 1)
    assert set(held(sandbox)) == {f"a-{number}" for number in range(2, 8)}
    assert OwnProduct.objects.count() == 6
    history = sandbox.state.shelf.products[41001]["a-2"].prices
    assert len(history) == 1  # it was kept, and goes on


def test_a_replacement_keeps_the_good_state_of_what_is_refused_now(feed, sandbox):
    write_rows([own_row(1), own_row(2)])
    do(feed)
    write_rows([own_row(1, price="?", title="Bad"), own_row(2)])
    do(feed, kind="replace")
    assert held(sandbox)["a-1"] == "Ukulele 1"
    assert OwnProduct.objects.get(source_product_id="a-1").state == "refused"


def test_a_replacement_that_is_too_large_goes_product_by_product(feed, sandbox, settings):
    settings.DESK_REPLACE_PRODUCTS = 3
    write_rows([own_row(number) for number in range(5)])
    run = do(feed, kind="replace")
    assert (run.kind, run.sent_count) == ("create", 5)


def test_a_replacement_with_a_product_that_breaks_it_goes_product_by_product(feed, sandbox):
    write_rows([own_row(1), own_row(2, title=f"Poison {POISON}"), own_row(3)])
    run = do(feed, kind="replace")
    assert (run.state, run.sent_count, run.refused_count) == ("done", 2, 1)
    assert set(held(sandbox)) == {"a-1", "a-3"}


@pytest.mark.parametrize("kind", ["create", "replace"])
@pytest.mark.parametrize("keeps_good", [0, 1])
def test_an_error_at_a_product_costs_this_product_alone(feed, sandbox, monkeypatch, kind, keeps_good):
    control(sandbox, "options", keeps_good=keeps_good)
    monkeypatch.setattr(
        "desk.services.own_rows.find_problem", lambda *_: None
    )  # as if we knew the rule not yet
    write_rows(
        [
            own_row(number, image_link="nowhere" if number == 77 else "https://a.de/1.jpg")
            for number in range(100)
        ]
    )
    before = posts(sandbox)
    run = do(feed, kind=kind)
    assert (run.state, run.sent_count, run.refused_count) == ("done", 99, 1)
    assert posts(sandbox) - before == 2
    refused = OwnProduct.objects.get(state="refused")
    assert refused.source_product_id == "a-77"
    assert str(refused.reason) == "Tradedoubler refused it: Malformed URL : productImage (PF_391)."
    assert len(held(sandbox)) == 99
    assert do(feed).total_count == 0  # it is not sent again before it changes


def test_one_bad_product_among_500_costs_at_most_ten_requests(feed, sandbox):
    write_rows([own_row(number, title=POISON if number == 321 else "Ukulele") for number in range(500)])
    run = do(feed)
    assert (run.sent_count, run.refused_count) == (499, 1)
    assert posts(sandbox) <= 11
    assert OwnProduct.objects.get(state="refused").source_product_id == "a-321"


def test_a_network_that_refuses_everything_is_not_asked_for_ever(feed, sandbox):
    write_rows([own_row(number, title=POISON) for number in range(1500)])
    run = do(feed)
    assert run.state == "failed"
    assert "one product after the other" in str(run.message)
    assert posts(sandbox) < 500


FAULTS = [
    {"status": 400, "body": '{"errors":[{"code":"PF_250","message":"internal problems"}]}'},
    {"status": 503},
    {"status": 500, "body": "5: Service not responding."},
    {"status": 429, "headers": {"Retry-After": "0"}},
    {"cut_after": 5},
]


def test_what_is_over_in_a_moment_is_waited_out(feed, sandbox):
    for number, fault in enumerate(FAULTS):
        write_rows([own_row(other) for other in range(number + 1)])
        run = plan.work(start_run(feed).pk)
        start_push(run)
        control(sandbox, "faults", path="/tradedoubler/1.0/products;", times=2, **fault)
        push.work(run.pk)
        run.refresh_from_db()
        assert (run.state, run.sent_count) == ("done", 1), fault


def test_a_network_that_is_away_is_waited_for_and_the_run_says_so(feed, sandbox):
    write_rows([own_row(1)])
    run = plan.work(start_run(feed).pk)
    start_push(run)
    control(sandbox, "faults", path="/tradedoubler/1.0/products;", status=503)
    push.work(run.pk)
    run.refresh_from_db()
    assert run.state == "running"
    assert run.waits_until
    assert "has a problem" in str(run.message)
    control(sandbox, "reset")
    assert not push.work(run.pk)  # not before its time
    PushRun.objects.filter(pk=run.pk).update(waits_until=None)
    push.work(run.pk)
    run.refresh_from_db()
    assert (run.state, run.sent_count) == ("done", 1)


WHOLE = [
    ("PF_200", "Parameters is missing", "refused the request"),
    ("PF_210", "No parsable content received", "refused the request"),
    ("PF_300", "Token request is not valid", "refused the token"),
    ("PF_392", "Query against a feed not belonging", "belongs to a program that is not yours"),
]


def test_an_error_of_the_whole_request_ends_the_run_in_words(feed, sandbox):
    write_rows([own_row(1)])
    for code, said, words in WHOLE:
        run = plan.work(start_run(feed).pk)
        start_push(run)
        body = json.dumps({"errors": [{"code": code, "message": said}]})
        control(sandbox, "faults", path="/tradedoubler/1.0/products;", status=400, body=body, times=1)
        push.work(run.pk)
        run.refresh_from_db()
        assert run.state == "failed", code
        assert words in str(run.message)
        assert said in str(run.message)


PRODUCT = ["PF_230", "PF_240", "PF_260", "PF_270", "PF_280", "PF_290", "PF_391", "PF_430"]


def test_an_error_of_a_product_is_a_sentence_at_it(feed, sandbox):
    for number, code in enumerate(PRODUCT):
        write_rows([own_row(other) for other in (*range(number + 1), 99)])
        run = plan.work(start_run(feed).pk)
        start_push(run)
        body = json.dumps(
            {"errors": [{"code": code, "sourceProductId": f"a-{number}", "message": "Some reason"}]}
        )
        control(sandbox, "faults", path="/tradedoubler/1.0/products;", status=400, body=body, times=1)
        push.work(run.pk)
        run.refresh_from_db()
        assert run.refused_count == 1, code
        product = OwnProduct.objects.get(source_product_id=f"a-{number}")
        assert str(product.reason) == f"Tradedoubler refused it: Some reason ({code})."


@pytest.mark.parametrize(
    "token",
    [TRADEDOUBLER_VOUCHER_TOKEN, DEMO_CREDENTIALS["tradedoubler"]["token"]],
    ids=["of another system", "of a publisher"],
)
def test_a_token_that_may_not_push_ends_the_run_and_marks_the_login(feed, sandbox, token):
    feed.account.set_credentials({"token": token})
    feed.account.save()
    write_rows([own_row(1)])
    run = do(feed)
    assert run.state == "failed"
    assert "refused" in str(run.message)
    assert token not in str(run.message)
    feed.account.refresh_from_db()
    assert feed.account.check_error


def test_a_feed_of_another_program_is_refused_in_words(feed, sandbox):
    feed.external_id = "31101"
    feed.save()
    write_rows([own_row(1)])
    run = do(feed)
    assert run.state == "failed"
    assert "belongs to a program that is not yours" in str(run.message)


def test_a_post_that_is_too_large_is_cut_smaller(feed, sandbox):
    control(sandbox, "options", max_post_bytes=20_000)
    write_rows([own_row(number) for number in range(120)])
    run = do(feed)
    assert (run.state, run.sent_count, run.refused_count) == ("done", 120, 0)


def test_what_is_in_doubt_is_not_pushed_before_somebody_says_so(feed, sandbox):
    feed.delete_after_reads = 1
    feed.save()
    write_rows([own_row(number) for number in range(10)])
    do(feed)
    write_rows([own_row(1)])
    run = plan.work(start_run(feed).pk)
    with pytest.raises(NotAccepted):
        start_push(run)
    assert len(held(sandbox)) == 10
    start_push(run, accepts=True)
    push.work(run.pk)
    assert set(held(sandbox)) == {"a-1"}


def test_two_pushes_of_a_feed_at_once_are_one(feed, sandbox):
    write_rows([own_row(1)])
    first = plan.work(start_run(feed).pk)
    start_push(first)
    with pytest.raises(FeedBusy):
        start_run(feed)
    with pytest.raises(PlanOutdated):
        start_push(first)
    taken = runs.claim(first.pk, ("queued",))
    assert taken
    assert not push.work(first.pk)  # another worker is at it
    assert held(sandbox) == {}


def test_a_plan_that_is_not_the_newest_is_not_pushed(feed, sandbox):
    write_rows([own_row(1)])
    old = plan.work(start_run(feed).pk)
    plan.work(start_run(feed).pk)
    with pytest.raises(PlanOutdated):
        start_push(old)


def test_everything_is_deleted_and_new_again(feed, sandbox):
    write_rows([own_row(1), own_row(2)])
    do(feed)
    run = start_delete_all(feed)
    push.work(run.pk)
    assert held(sandbox) == {}
    assert set(OwnProduct.objects.values_list("state", flat=True)) == {"new"}
    do(feed)
    assert len(held(sandbox)) == 2


def test_products_without_a_mapping_wait_where_the_feed_says_so(feed, sandbox):
    feed.holds_unmapped = True
    feed.save()
    write_rows([own_row(1), own_row(2, product_type="Guitars")])
    run = plan.work(start_run(feed).pk)
    assert run.counts["waiting"] == 2
    feed.categories.filter(name="Ukuleles").update(state="mapped", category_id="100")
    run = do(feed)
    assert set(held(sandbox)) == {"a-1"}


def test_what_was_pushed_is_read_back(feed, sandbox):
    write_rows([own_row(1), own_row(2)])
    run = confirm.confirm(do(feed).pk)
    assert run.confirmed_at
    assert run.check_message == ""
    feed.refresh_from_db()
    assert (feed.held_count, feed.unmapped_count) == (2, 1)
    assert feed.confirmed_at


def test_what_differs_is_said_and_looked_at_again(feed, sandbox):
    write_rows([own_row(1), own_row(2)])
    run = do(feed)
    sandbox.state.shelf.delete(41001, ["a-1"])
    run = confirm.confirm(run.pk)
    assert not run.confirmed_at
    assert str(run.check_message).startswith("Tradedoubler holds 1 products, 2 were sent.")
    assert run.check_at
    with sandbox.state.shelf.lock:
        sandbox.state.shelf.products[41001]["a-1"] = sandbox.state.shelf.products[41001]["a-2"]
    run = confirm.confirm(run.pk)
    assert "as it was sent" in str(run.check_message)


@pytest.mark.parametrize("kind", ["create", "replace"])
def test_a_worker_that_is_killed_anywhere_leaves_nothing_doubled_or_lost(feed, sandbox, monkeypatch, kind):
    monkeypatch.setattr(push, "BATCH", 3)
    rows = [
        own_row(number, title=POISON if number == 4 and kind == "create" else "Ukulele")
        for number in range(8)
    ]
    write_rows(rows)
    good = {row["id"] for row in rows if row["title"] != POISON}
    modules = (push, runs, isolate, confirm)

    def begin() -> PushRun:
        sandbox.state.shelf.clear()
        PushRun.objects.all().delete()
        OwnProduct.objects.all().delete()
        run = plan.work(start_run(feed, kind=kind).pk)
        assert run
        start_push(run)
        return run

    run = begin()
    count = lines_of(lambda: push.work(run.pk), modules)
    assert count > 40
    chosen = random.Random(7).sample(range(1, count), 12)
    for place in chosen:
        run = begin()
        lines_of(lambda pk=run.pk: push.work(pk), modules, stop_at=place)
        PushRun.objects.filter(pk=run.pk).update(heartbeat_at="2020-01-01T00:00Z")
        push.work(run.pk)
        run.refresh_from_db()
        assert run.state == "done", place
        assert set(held(sandbox)) == good, place
        outcomes = dict(PushItem.objects.filter(run=run).values_list("source_product_id", "outcome"))
        assert {key for key, outcome in outcomes.items() if outcome == "sent"} == good, place
        assert run.sent_count == len(good), place
        assert (
            set(OwnProduct.objects.filter(state="sent").values_list("source_product_id", flat=True)) == good
        )


def test_a_push_is_in_the_log_with_who_let_it_begin(feed, sandbox, desk_user):
    write_rows([own_row(1)])
    do(feed, user=desk_user)
    ended = Event.objects.get(kind="desk_push.ended")
    assert ended.after == {"name": "Own products", "kind": "create", "sent": 1, "deleted": 0, "refused": 0}
    assert ended.actor == f"user:{desk_user.pk}"
