"""A task for workers of the tests that takes longer than anybody waits."""

import time

from celery import shared_task

from affiliate_site.redis import get_redis


@shared_task
def sleep(mark: str) -> None:
    get_redis().set(mark, 1, ex=600)
    time.sleep(120)
