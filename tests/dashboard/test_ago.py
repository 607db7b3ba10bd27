"""How long ago something was, as the dashboard says it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from dashboard.templatetags.dashboard import ago


@pytest.mark.parametrize(
    ("age", "depth", "words"),
    [
        (timedelta(0), 2, "just now"),
        (timedelta(seconds=59), 2, "just now"),
        (timedelta(seconds=-5), 2, "just now"),
        (timedelta(minutes=1, seconds=5), 2, "1\xa0minute ago"),
        (timedelta(hours=3, minutes=5, seconds=5), 2, "3\xa0hours, 5\xa0minutes ago"),
        (timedelta(days=12, hours=5), 1, "1\xa0week ago"),
    ],
)
def test_less_than_a_minute_is_just_now(age, depth, words):
    assert ago(timezone.now() - age, depth) == words
