"""What the mail worker does: the beat schedule calls it. Nobody else waits in its queue."""

from celery import shared_task

from mail import sending, trimming

SECONDS = 20  # of sending at a time; then whoever asked next has a turn
TRIMMING_SECONDS = 10


@shared_task
def send_due() -> None:
    """Send the mails that are due. What is left is sent by the next of these, a few seconds later."""
    sending.send_due(seconds=SECONDS)


@shared_task
def trim() -> None:
    """Delete old mails, and go on as long as there are any."""
    if not trimming.trim(seconds=TRIMMING_SECONDS):
        trim.delay()
