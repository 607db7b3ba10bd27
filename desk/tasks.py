"""What workers do for the desk. A task takes ids, calls a service and holds the rule for trying again."""

import logging

from celery import Task, shared_task
from django.db.models import Q
from django.utils import timezone

from affiliate_site.queues import waiting
from desk.models import DeskAccount, PushRun, State
from desk.services import confirm, conversions, outbox, pending, plan, publishers, push, runs
from desk.services.decisions import send_decisions
from importer.http.errors import NetworkError
from importer.tasks import send_once, through_outages

logger = logging.getLogger(__name__)

EXPIRES = 60  # seconds until a message that waited is worth nothing: another has been sent
SECONDS = 10.0  # of one task: then somebody else may have a turn
DECISIONS = (publishers, pending)


@shared_task
def look_at_desk() -> None:
    """Send for whoever has something to write; called every few seconds."""
    now = timezone.now()
    sent = waiting("feeds")
    for service in DECISIONS:
        for (network, kind), sender in service.SENDERS.items():
            left = Q(state=State.SENDING) | Q(state=State.QUEUED, due_at__lte=now)
            rows = sender.model._default_manager.filter(left, account__network=network, account__kind=kind)
            for account_id in rows.values_list("account", flat=True).distinct().order_by():
                _send(write_decisions, account_id, sent)
    for account in outbox.due_accounts():
        _send(send_conversions, account.pk, sent)


def _send(task: Task, account_id: int, sent: set[tuple[str, tuple]]) -> None:
    if (task.name, (account_id,)) not in sent:
        task.apply_async((account_id,), expires=EXPIRES)


@shared_task
def write_decisions(account_id: int) -> None:
    """Write what was decided with a login. What its network does not take now is for a later look."""
    account = DeskAccount.objects.filter(pk=account_id).first()
    if account is None:
        return
    for service in DECISIONS:
        if sender := service.SENDERS.get((account.network, account.kind)):
            try:
                result = send_decisions(sender(account), seconds=SECONDS)
            except NetworkError as error:  # no credentials to speak with
                logger.info("Desk, login %s: %s", account_id, error)
                continue
            if result.problem:
                logger.info("Desk, login %s: %s", account_id, result.problem)


@shared_task
def send_conversions(account_id: int) -> None:
    """Tell the network the conversions of a login that are due."""
    account = DeskAccount.objects.filter(pk=account_id).first()
    if account is not None:
        outbox.send_waiting(account, seconds=SECONDS)


@shared_task
def read_for_desk() -> None:
    """Read what waits at the networks, and what they confirmed; called twice an hour."""
    for service in DECISIONS:
        for account in service.accounts():
            read_login.delay(account.pk)
    for account in conversions.accounts():
        confirm_conversions.delay(account.pk)
    outbox.trim()


@shared_task
def read_login(account_id: int) -> None:
    """Read publishers and sales of one login."""
    account = DeskAccount.objects.filter(pk=account_id).first()
    if account is None:
        return
    for read in (publishers.read_applications, pending.read_pending):
        service = publishers if read is publishers.read_applications else pending
        if (account.network, account.kind) not in service.KINDS:
            continue
        try:
            read(account)
        except NetworkError as error:
            logger.info("Desk, login %s not read: %s", account_id, error)


@shared_task
def confirm_conversions(account_id: int) -> None:
    """Find which conversions of a login its network lists."""
    account = DeskAccount.objects.filter(pk=account_id).first()
    if account is None:
        return
    try:
        outbox.confirm(account)
    except NetworkError as error:
        logger.info("Desk, login %s not confirmed: %s", account_id, error)


# --- Own products ---------------------------------------------------------------------------------
@shared_task
def run_push(run_id: int) -> None:
    """Read and plan a run, or push it, as its state says."""
    through_outages(lambda: _run_push(run_id))


def _run_push(run_id: int) -> None:
    run = plan.work(run_id)
    if run and run.state == PushRun.State.PLANNED and run.goes_on and not run.doubts:
        push.start_push(run)
    if push.work(run_id, seconds=SECONDS):
        run_push.delay(run_id)
    elif PushRun.objects.filter(pk=run_id).exclude(check_at=None).exists():
        confirm_push.delay(run_id)


@shared_task
def confirm_push(run_id: int) -> None:
    """Read back what the network holds after a push."""
    confirm.confirm(run_id)


@shared_task
def resume_pushes() -> None:
    """Give runs that nobody works on any more to the workers again, and read back what is due."""
    send_once(run_push, "feeds", [run.pk for run in runs.find_silent()])
    send_once(confirm_push, "feeds", [run.pk for run in runs.find_unconfirmed()])
