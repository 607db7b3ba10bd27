import threading
from decimal import Decimal

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction
from django.http import HttpResponse

from affiliate_site.celery import app
from events.actor import acting_as, current_actor, in_run
from events.kinds import Kind
from events.middleware import actor_middleware
from events.models import Event
from events.record import changes, keys, record


@pytest.mark.django_db
def test_an_event_says_what_changed_who_did_it_and_in_which_run():
    with acting_as("command:connect"), in_run(12):
        record(
            Kind.OFFER_CHANGED, keys("offer", [1, 2]), before={"price": Decimal("9.90")}, after={"price": 8}
        )
    event = Event.objects.get()
    assert (event.kind, event.subjects, event.subject) == ("offer.changed", ["offer:1", "offer:2"], "offer:1")
    assert (event.before, event.after) == ({"price": "9.90"}, {"price": 8})
    assert (event.actor, event.run, event.sources) == ("command:connect", 12, [])


@pytest.mark.django_db
def test_what_a_run_does_is_no_line_unless_it_is_in_the_log_of_a_network():
    record(Kind.PRODUCT_CREATED, "product:1")
    with in_run(1):
        record(Kind.PRODUCT_CREATED, "product:2")
        record(Kind.ITEM_REFUSED, "item:3", sources=["adtraction"])
    assert list(Event.objects.values_list("is_line", flat=True)) == [True, False, True]


@pytest.mark.django_db
def test_nothing_that_changed_is_no_event():
    record(Kind.PRODUCT_EDITED, [])
    assert not Event.objects.exists()
    assert changes({"a": 1, "b": 2}, {"a": 1}) == {}
    assert changes({"a": 1}, {"a": 2, "c": 3}) == {
        "before": {"a": 1, "c": None},
        "after": {"a": 2, "c": 3},
    }


@pytest.mark.django_db(transaction=True)
def test_an_event_goes_with_the_change_that_is_undone():
    with transaction.atomic():
        record(Kind.PRODUCT_CREATED, "product:1")
        transaction.set_rollback(True)
    assert not Event.objects.exists()


def test_who_acts_in_one_thread_does_not_act_in_another():
    seen = []
    with acting_as("user:1"):
        thread = threading.Thread(target=lambda: seen.append(current_actor()))
        thread.start()
        thread.join()
        with acting_as("run:2"):
            assert current_actor() == "run:2"
        assert current_actor() == "user:1"
    assert (seen, current_actor()) == ([""], "")


def test_a_request_acts_as_its_user_and_asks_for_nobody_before_that_matters(rf):
    seen = []

    def view(request):
        seen.append(current_actor())
        return HttpResponse()

    for user, name in ((User(pk=5), "user:5"), (AnonymousUser(), "")):
        request = rf.post("/")
        request.user = user
        actor_middleware(view)(request)
        assert seen.pop() == name
    assert current_actor() == ""
    # A page that changes nothing never looks at `request.user`, which would be a query.
    assert actor_middleware(lambda request: HttpResponse())(rf.get("/")).status_code == 200


def test_a_task_acts_in_its_own_name():
    seen = []

    @app.task(name="somewhere.tasks.look")
    def look():
        seen.append(current_actor())

    look.apply()
    assert seen == ["task:look"]
