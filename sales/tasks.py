"""What workers do for earnings: the beat schedule calls these."""

import time

from celery import Task, shared_task
from django.utils import timezone

from affiliate_site.queues import waiting
from importer.tasks import EXPIRES, through_outages
from sales import rollups
from sales.match import regroup, rules
from sales.models import MatchRule
from sales.queries.beside import keep_in_all
from sales.read import extras, reader, schedule, windows

READ_SECONDS = 20  # then another account may have its turn
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
    keep_in_all()


@shared_task
def apply_rule(rule_id: int) -> None:
    """Match the sales of the past by a rule."""
    if rule := MatchRule.objects.filter(pk=rule_id).first():
        rules.apply_rule(rule)


@shared_task
def look_at_matches() -> None:
    """Match all sales anew that the catalogue contradicts."""
    regroup.look()


@shared_task
def read_reports(account_id: int) -> None:
    """Read what waits of an account's reports, and go on as long as some does."""
    left = []
    through_outages(lambda: left.append(reader.work(account_id, seconds=READ_SECONDS)))
    if left and left[-1]:
        read_reports.delay(account_id)


@shared_task
def read_extras(account_id: int) -> None:
    """Read the sums, commissions and payments of an account, where they are due."""
    extras.read_extras(account_id)


@shared_task
def resume_reading() -> None:
    """Plan what is due, and give what nobody reads any more to the workers again."""
    _send_once(read_reports, schedule.plan())
    _send_once(read_extras, extras.find_due_accounts())


@shared_task
def forget_windows() -> None:
    """Forget what was read long ago, as far as it is no sale."""
    windows.forget_old(timezone.now())


def _send_once(task: Task, ids: list[int]) -> None:
    """Send messages for the accounts that have none in the queue."""
    sent = waiting("feeds") if ids else ()
    for pk in ids:
        if (task.name, (pk,)) not in sent:
            task.apply_async([pk], expires=EXPIRES)
