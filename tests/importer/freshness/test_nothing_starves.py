"""Whatever the budget, nothing is left out for ever: the oldest age stays bounded."""

import heapq
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from importer.freshness.schedule import HEAVIEST, interval_of
from importer.http.errors import NetworkUnavailable
from importer.models import ItemCheck, NetworkAccount
from tests.importer.freshness.make import open_shop, reread, sell

TARGET = timedelta(hours=24)


@pytest.mark.parametrize("hot_share", [0, 0.1, 0.5, 0.99])
def test_of_100_000_offers_and_a_budget_for_a_third_in_each_round_the_oldest_age_stays_bounded(hot_share):
    count, rounds = 100_000, 15
    budget = count // 3
    round_length = interval_of(1, TARGET)
    hot = int(count * hot_share)
    intervals = [interval_of(HEAVIEST if number < hot else 1, TARGET) for number in range(count)]
    # As `rereads.claim` reads them: due longest first, and each is due again an interval after it was read.
    due = [(intervals[number], number) for number in range(count)]
    heapq.heapify(due)
    read_at = [timedelta()] * count
    reads = [0] * count
    oldest = []
    for number in range(1, rounds + 1):
        now = number * round_length
        for _ in range(budget):
            if due[0][0] > now:
                break
            _, item = heapq.heappop(due)
            read_at[item] = now
            reads[item] += 1
            heapq.heappush(due, (now + intervals[item], item))
        oldest.append(now - min(read_at))
    assert max(oldest) <= 5 * round_length, (
        "a third a round: three rounds, and what is hot passes now and then"
    )
    assert min(reads) >= 2
    if 0 < hot < count:
        cold = reads[hot:]
        assert sum(reads[:hot]) / hot > sum(cold) / len(cold), "what is clicked is read more often"


@pytest.mark.django_db(transaction=True)
def test_the_schedule_of_the_database_leaves_nobody_out(monkeypatch):
    shop = open_shop(monkeypatch)
    feed = sell(shop, 300)
    ItemCheck.objects.filter(item__external_id__in=[f"i{number}" for number in range(60)]).update(
        weight=HEAVIEST
    )
    batches, rounds = 2, 8  # of 50: a third of them
    answer, left = shop.look_up, 0

    def until_spent(network, looked_at, wanted):
        nonlocal left
        if not left:
            raise NetworkUnavailable("requests_spent", 30)
        left -= 1
        return answer(network, looked_at, wanted)

    shop.look_up = until_spent
    started = timezone.now()
    ItemCheck.objects.update(due_at=started, seen_at=started)
    oldest = []
    for _ in range(rounds):
        pass_time(interval_of(1, TARGET))
        left = batches
        reread(feed)
        first = ItemCheck.objects.order_by("seen_at").values_list("seen_at", flat=True).first()
        oldest.append(timezone.now() - first)
    asked = [name for batch in shop.asked for name in batch]
    assert set(asked) == set(shop.items), "every one had its turn"
    assert max(oldest) < 5 * interval_of(1, TARGET)
    hot = sum(int(name[1:]) < 60 for name in asked) / 60
    assert hot > (len(asked) - hot * 60) / 240


def pass_time(length: timedelta) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE importer_itemcheck SET due_at = due_at - %(by)s, seen_at = seen_at - %(by)s",
            {"by": length},
        )
    NetworkAccount.objects.update(rests_until=None)
