"""What keeps the outbox small: the beat schedule calls it."""

from celery import shared_task

from events import trimming

TRIMMING_SECONDS = 10  # then a sync may have its turn


@shared_task
def trim() -> None:
    """Delete old events, and go on as long as there are any."""
    if not trimming.trim(seconds=TRIMMING_SECONDS):
        trim.delay()
