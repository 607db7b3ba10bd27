"""A worker in the middle of something that takes long ends soon, and loses nothing."""

import time

import pytest
from django.conf import settings

from affiliate_site.celery import app
from affiliate_site.redis import get_redis
from affiliate_site.run import processes
from affiliate_site.run.supervisor import Supervisor

QUEUE = "slow"


@pytest.mark.django_db
def test_a_worker_stops_within_seconds_and_its_task_waits_for_the_next_one(worker_env):
    supervisor = Supervisor(settings.VAR_DIR / "log", say=print)
    try:
        supervisor.start(processes.worker(worker_env, "slow", [QUEUE], ["--include", "tests.slow_tasks"]))
        with app.connection_for_write() as broker:
            app.send_task("tests.slow_tasks.sleep", ["it-sleeps"], connection=broker, queue=QUEUE)
        deadline = time.monotonic() + 60
        while not get_redis().exists("it-sleeps"):
            assert time.monotonic() < deadline, "the worker does not begin"
            time.sleep(0.1)
        started_at = time.monotonic()
        supervisor.stop()
        assert time.monotonic() - started_at < 12, "it was killed, or would have been"
        with app.connection_for_read() as broker:
            assert broker.default_channel.client.llen(QUEUE) == 1
    finally:
        supervisor.stop()
        with app.connection_for_write() as broker:
            broker.default_channel.queue_purge(QUEUE)
        get_redis().delete("it-sleeps")
