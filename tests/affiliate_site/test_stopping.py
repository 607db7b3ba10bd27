"""Processes are asked whether they live; a worker in the middle of something ends soon, and loses nothing."""

import threading
import time

import pytest
from celery.utils.nodenames import host_format
from django.conf import settings

from affiliate_site.celery import app
from affiliate_site.redis import get_redis
from affiliate_site.run import processes
from affiliate_site.run import supervisor as supervisor_module
from affiliate_site.run.supervisor import Child, Process, Supervisor

QUEUE = "slow"


def test_a_question_that_fails_is_asked_again(tmp_path, monkeypatch):
    """Its thread must not end: the process would count as silent from then on."""
    monkeypatch.setattr(supervisor_module, "ASK_EVERY", 0.01)
    asked = []

    def answers() -> bool:
        asked.append(1)
        if len(asked) == 1:
            raise ConnectionError("Broken pipe")
        return True

    child = Child(Process(name="sleeper", command=["sleep", "60"], answers=answers), tmp_path)
    try:
        threading.Thread(target=child.ask_on_and_on, daemon=True).start()
        deadline = time.monotonic() + 20
        while child.answered_at is None:
            assert time.monotonic() < deadline, "nobody asks any more"
            time.sleep(0.01)
    finally:
        child.popen.kill()
        child.popen.wait()


@pytest.mark.django_db
def test_a_worker_is_asked_through_whatever_redis_there_is_now(worker_env):
    node = host_format("asked@%h")
    assert processes.worker_answers(node) is False
    supervisor = Supervisor(settings.VAR_DIR / "log", say=print)
    try:
        supervisor.start(processes.worker(worker_env, "asked", [QUEUE]))
        deadline = time.monotonic() + 60
        while not processes.worker_answers(node):
            assert time.monotonic() < deadline, "the worker does not answer"
        get_redis().client_kill_filter(_type="normal", skipme=True)  # as when Redis was restarted
        while not processes.worker_answers(node):
            assert time.monotonic() < deadline, "the worker is not asked again"
    finally:
        supervisor.stop()


@pytest.mark.django_db
def test_a_worker_stops_within_seconds_and_its_task_waits_for_the_next_one(worker_env):
    supervisor = Supervisor(settings.VAR_DIR / "log", say=print)
    try:
        supervisor.start(
            processes.worker(worker_env, "slow", [QUEUE], ["--include", "tests.affiliate_site.slow_tasks"])
        )
        with app.connection_for_write() as broker:
            app.send_task(
                "tests.affiliate_site.slow_tasks.sleep", ["it-sleeps"], connection=broker, queue=QUEUE
            )
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
