"""What workers do for earnings: the beat schedule calls these."""

import time

from celery import shared_task

from sales import rollups
from sales.match import regroup, rules
from sales.models import MatchRule

SUMS_SECONDS = 5  # then somebody else may have a turn


@shared_task
def make_sums() -> None:
    """Match the sales anew that the catalogue changed, and make the sums of what was touched."""
    ends_at = time.monotonic() + SUMS_SECONDS
    while regroup.follow_catalogue() and time.monotonic() < ends_at:
        pass
    rollups.turn_day()
    while rollups.make_touched() and time.monotonic() < ends_at:
        pass


@shared_task
def apply_rule(rule_id: int) -> None:
    """Match the sales of the past by a rule."""
    if rule := MatchRule.objects.filter(pk=rule_id).first():
        rules.apply_rule(rule)


@shared_task
def look_at_matches() -> None:
    """Match all sales anew that the catalogue contradicts."""
    regroup.look()
