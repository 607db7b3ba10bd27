"""Is this process able to serve? For load balancers, containers and `manage.py up`."""

import logging

from django.contrib.auth.decorators import login_not_required
from django.db import Error as DatabaseError
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from affiliate_site import beat
from affiliate_site.redis import RedisError, redis_answers

logger = logging.getLogger(__name__)


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Answer 200 when PostgreSQL and Redis answer, else 503, with which one does not.

    Whether beat ticks is only said: visitors are served without it, and a web server that is taken out or
    restarted would not bring it back.
    """
    stores = {"database": database_answers(), "redis": redis_answers()}
    return JsonResponse(
        {**stores, "beat": stores["redis"] and beat_ticks()},
        status=200 if all(stores.values()) else 503,
        headers={"Cache-Control": "no-store"},
    )


def database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        logger.warning("PostgreSQL does not answer", exc_info=True)
        return False
    return True


def beat_ticks() -> bool:
    try:
        return beat.seconds_silent() is not None
    except RedisError:
        return False
