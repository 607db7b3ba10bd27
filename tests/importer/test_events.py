import pytest

from importer import events
from importer.models import ApiEvent
from tests.importer.make import make_account
from tests.importer.threads import at_once

Kind = ApiEvent.Kind


def make_events(network: str, count: int, start: int = 0) -> list[events.Event]:
    return [
        events.Event(network=network, kind=Kind.IMPORT, message=str(number))
        for number in range(start, start + count)
    ]


@pytest.mark.django_db
def test_the_log_keeps_the_newest_200_of_each_network():
    events.record_all(make_events("adtraction", 3))
    for start in range(0, 450, 90):
        events.record_all(make_events("tradedoubler", 90, start))
    messages = list(ApiEvent.objects.filter(network="tradedoubler").values_list("message", flat=True))
    assert messages == [str(number) for number in range(449, 249, -1)]
    assert ApiEvent.objects.filter(network="adtraction").count() == 3


@pytest.mark.django_db
def test_more_than_200_events_at_once_leave_the_newest_200():
    events.record_all(make_events("tradedoubler", 1_000))
    newest = ApiEvent.objects.values_list("message", flat=True)
    assert (newest.count(), newest.first(), newest.last()) == (200, "999", "800")


@pytest.mark.django_db
def test_a_long_message_is_cut():
    events.record("tradedoubler", Kind.ERROR, "é" * 2_000)
    assert ApiEvent.objects.get().message == "é" * 500


@pytest.mark.django_db
def test_clearing_one_log_leaves_the_others():
    events.record("tradedoubler", Kind.SEARCH, "a", account=make_account())
    events.record("adtraction", Kind.SEARCH, "b")
    assert events.clear("tradedoubler") == 1
    assert ApiEvent.objects.get().message == "b"


@pytest.mark.django_db(transaction=True)
def test_concurrent_writers_lose_nothing_and_never_leave_more_than_200():
    counts = []

    def write(name):
        for number in range(25):
            events.record("tradedoubler", Kind.IMPORT, f"{name} {number}")

    def watch():
        for _ in range(100):
            counts.append(ApiEvent.objects.count())

    at_once(*(lambda name=name: write(name) for name in "abcd"), watch)
    assert ApiEvent.objects.count() == 100
    at_once(*(lambda name=name: write(name) for name in "efghij"), watch)
    assert ApiEvent.objects.count() == 200
    assert max(counts) <= 200
    # Of every writer the events that are left are its newest ones.
    for name in "efghij":
        numbers = sorted(
            int(message.split()[1])
            for message in ApiEvent.objects.filter(message__startswith=name).values_list("message", flat=True)
        )
        assert numbers == list(range(25 - len(numbers), 25))
