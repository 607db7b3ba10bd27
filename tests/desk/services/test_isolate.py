"""The bad thing among many: found, and the good ones sent, with few questions."""

import pytest

from desk.services.isolate import isolate


class Network:
    """Refuses what holds one of `bad`, and counts what it is asked."""

    def __init__(self, bad: set[int]) -> None:
        self.bad, self.questions, self.taken = bad, 0, set()

    def send(self, batch: list[int]) -> str | None:
        self.questions += 1
        if self.bad & set(batch):
            return "bad"
        self.taken |= set(batch)
        return None


@pytest.mark.parametrize("size", [1, 2, 3, 7, 499, 500])
def test_one_bad_among_many_is_found_wherever_it_is(size):
    for place in range(size):
        network = Network({place})
        verdict = isolate(list(range(size)), "bad", network.send, most=20)
        assert verdict.refused == [(place, "bad")]
        assert sorted(verdict.sent) == [one for one in range(size) if one != place]
        assert network.taken == set(verdict.sent)
        assert network.questions <= 10


def test_several_bad_ones_are_found():
    network = Network({3, 77, 78, 499})
    verdict = isolate(list(range(500)), "bad", network.send, most=20)
    assert {one for one, _ in verdict.refused} == network.bad
    assert len(verdict.sent) == 496
    assert network.taken == set(verdict.sent)


def test_a_batch_of_bad_ones_is_given_up():
    network = Network(set(range(500)))
    verdict = isolate(list(range(500)), "bad", network.send, most=20)
    assert len(verdict.refused) == 500
    assert network.questions < 400


def test_what_failed_for_a_moment_is_not_blamed():
    verdict = isolate(list(range(8)), "once", lambda batch: None, most=20)
    assert not verdict.refused
    assert sorted(verdict.sent) == list(range(8))
