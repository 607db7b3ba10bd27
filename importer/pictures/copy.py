"""Copy the pictures of products to our storage: after imports, by workers, and never too many from one host.

The rows are the truth. A picture waits until its `try_at`; taking one moves that into the future, so what a
dying worker had taken comes up again by itself.
"""

import logging
import random
import time
from dataclasses import replace
from datetime import timedelta
from functools import partial

from django.db import connection, transaction
from django.utils import timezone

from catalog.models import ProductImage
from catalog.pictures.picture import MAX_BYTES, Picture, PictureError
from catalog.services import attach_picture, delete_orphans
from importer.beat import Beat
from importer.http.client import Http
from importer.http.errors import NetworkError, NetworkUnavailable
from importer.http.leases import Lease
from importer.outages import find_outage
from importer.reasons import Reason
from importer.sentences import say

__all__ = ["copy", "delete_orphans", "find_due_hosts", "take", "work"]

logger = logging.getLogger(__name__)

State = ProductImage.State
AT_ONCE = 2  # downloads from one host, over all workers
DEADLINE = 20.0  # seconds for one picture
LEASE = timedelta(seconds=6)  # after it, a picture that was taken and not heard of again is due once more
BEAT = 1.5  # seconds between two signs of whoever copies it, which extend the lease
PAUSES = [timedelta(seconds=30), timedelta(minutes=3), timedelta(minutes=20)]  # before the next try
LONGEST_PAUSE = timedelta(hours=6)
HOST_DOWN_AFTER = 3  # failures in a row, before the host is left alone for a while
HOST_PAUSE = timedelta(minutes=2)
REASON_LENGTH = ProductImage._meta.get_field("reason").max_length


def work(seconds: float) -> bool:
    """Copy due pictures, host after host, for about so long; return whether there is more to do."""
    ends_at = time.monotonic() + seconds
    hosts = find_due_hosts()
    random.shuffle(hosts)  # several workers: each begins somewhere else
    for host in hosts:
        lease = Lease(f"pictures:{host}", AT_ONCE, int(LEASE.total_seconds()))
        if lease.take():
            try:
                _work_on(host, lease, ends_at)
            finally:
                lease.free()
        if time.monotonic() > ends_at:
            break
    return bool(find_due_hosts())


def find_due_hosts() -> list[str]:
    """Return the hosts that have due pictures, jumping through the index: quick with a million rows too."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE waiting AS (
                (SELECT host FROM catalog_productimage WHERE state = 'waiting' ORDER BY host LIMIT 1)
                UNION ALL
                SELECT (
                    SELECT host FROM catalog_productimage
                    WHERE state = 'waiting' AND host > waiting.host ORDER BY host LIMIT 1
                ) FROM waiting WHERE host IS NOT NULL
            )
            SELECT host FROM waiting WHERE host IS NOT NULL AND EXISTS (
                SELECT FROM catalog_productimage AS image
                WHERE image.state = 'waiting' AND image.host = waiting.host AND image.try_at <= %s
            )
            """,
            [timezone.now()],
        )
        return [host for (host,) in cursor.fetchall()]


def _work_on(host: str, lease: Lease, ends_at: float) -> None:
    http, failures, has_served = Http(), 0, False
    while failures < HOST_DOWN_AFTER and time.monotonic() < ends_at and (image := take(host)):
        with Beat(partial(_extend, image.pk, lease), BEAT):  # of one that was quick it never beats
            is_served = copy(image, http)
        failures = 0 if is_served else failures + 1
        has_served = has_served or is_served
    # One that fails slowly gets no further in its time: it would take all of that, again and again.
    if failures == HOST_DOWN_AFTER or (failures and not has_served):
        _leave_alone(host, HOST_PAUSE)
    http.session.close()


def _extend(image_id: int, lease: Lease) -> int:
    """Let nobody else take the picture, which is being copied; 0 where that is over."""
    lease.renew()
    until = timezone.now() + LEASE
    taken = ProductImage.objects.filter(pk=image_id, state=State.WAITING, try_at__lt=until)
    return taken.update(try_at=until)


def take(host: str) -> ProductImage | None:
    """Take the picture of the host that has been due longest, so that no other worker does."""
    with transaction.atomic():
        due = ProductImage.objects.filter(state=State.WAITING, host=host, try_at__lte=timezone.now())
        image = due.order_by("try_at").select_for_update(skip_locked=True, no_key=True).first()
        if image is not None:
            image.tries += 1
            image.try_at = timezone.now() + LEASE
            image.save(update_fields=["tries", "try_at"])
    return image


def copy(image: ProductImage, http: Http) -> bool:
    """Download the picture of a row that was taken, and say on the row what came of it.

    False where the host did not serve: others of it will fare alike, and wait where it said for how long.
    """
    if image.tries > len(PAUSES) + 1:  # each time the worker died before it could say anything
        _fail(image, say(Reason("picture_broke_worker")))
        return True
    started = time.monotonic()
    try:
        data = http.get_bytes(image.source_url, max_bytes=MAX_BYTES, deadline=DEADLINE)
        attach_picture(image.pk, Picture(data))
    except NetworkUnavailable as error:
        # When it is tried again is for us to say.
        _put_off(image, say(replace(error.reason, then=None)), error.retry_after)
        if error.retry_after:
            _leave_alone(image.host, timedelta(seconds=error.retry_after))
        return False
    except NetworkError as error:
        _fail(image, say(error))
    except PictureError as error:
        _fail(image, str(error))
    except Exception as error:  # one picture must not stop the others
        if find_outage(error):
            raise  # nothing can be said on the row; it is due again when the lease is over
        # Headers that drip in pass the deadline: then it is the task's time limit that gets us here.
        is_late = time.monotonic() - started > DEADLINE
        logger.log(logging.INFO if is_late else logging.ERROR, "Picture %s", image.pk, exc_info=not is_late)
        crash = Reason("picture_not_copied", {"error": type(error).__name__})
        _put_off(image, say(Reason("picture_late", {"host": image.host}) if is_late else crash))
        return not is_late
    return True


def _fail(image: ProductImage, reason: str) -> None:
    _say(image, state=State.FAILED, reason=reason)


def _put_off(image: ProductImage, reason: str, seconds: float | None = None) -> None:
    """Try again later, each time after a longer pause; give up after the last."""
    if image.tries > len(PAUSES):
        return _fail(image, reason)
    pause = max(PAUSES[image.tries - 1], timedelta(seconds=seconds or 0))
    _say(image, try_at=timezone.now() + min(pause, LONGEST_PAUSE), reason=reason)


def _say(image: ProductImage, *, reason: str, **fields) -> None:
    ProductImage.objects.filter(pk=image.pk, state=State.WAITING).update(
        reason=reason[:REASON_LENGTH], **fields
    )


def _leave_alone(host: str, pause: timedelta) -> None:
    """Put off all that is due of a host that does not serve: waiting for each would hold up the others."""
    now = timezone.now()
    due = ProductImage.objects.filter(state=State.WAITING, host=host, try_at__lte=now)
    with transaction.atomic():
        free = due.select_for_update(skip_locked=True, no_key=True).values_list("pk", flat=True)
        ProductImage.objects.filter(pk__any=list(free)).update(try_at=now + min(pause, LONGEST_PAUSE))
