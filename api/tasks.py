"""What the worker does for the API: the beat schedule calls it. Receivers keep nobody else waiting."""

import time

from celery import shared_task
from django.db import connection

from api import answers
from api.webhooks import collecting, sending, trimming

SECONDS = 15  # of delivering at a time
_LOCK = 7_210  # one process delivers: a second one would only take the place of mail


@shared_task
def deliver() -> None:
    """Make deliveries of new events, and send what is due."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            return
    try:
        ends_at = time.monotonic() + SECONDS
        while collecting.collect() and time.monotonic() < ends_at:
            pass
        sending.send_due(seconds=SECONDS)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


@shared_task
def trim() -> None:
    """Forget old deliveries and answers, and go on as long as there are any."""
    if not (trimming.trim() and answers.forget_old()):
        trim.delay()
