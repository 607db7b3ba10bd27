"""What the tests run on: real PostgreSQL, Redis, worker, networks (the sandbox, over HTTP) and browser."""

import fcntl
import os
import shutil
import tempfile
import time
import urllib.request
from contextlib import ExitStack
from itertools import chain
from pathlib import Path

import hypothesis
import pytest
from django.conf import settings as site_settings
from django.core.cache import cache
from django.db import connection

from affiliate_site.celery import app as celery_app
from affiliate_site.run import processes, servers
from affiliate_site.run.supervisor import Supervisor
from affiliate_site.run.translations import compile_translations
from catalog.site import shared
from tests.chromium import LAUNCH_ARGS, NO_BROWSER, get_chromium

# Playwright runs an event loop in the thread of the test; Django takes that for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


# A slow machine is no reason to fail; how long a thing may take is for the benchmarks to say.
hypothesis.settings.register_profile(
    "site", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("site")


# --- Servers -----------------------------------------------------------------------------------


def pytest_unconfigure() -> None:
    """Drop the folder that tests.settings made: one in each process of pytest-xdist, their head too."""
    shutil.rmtree(site_settings.VAR_DIR, ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def servers_of_the_tests():
    """PostgreSQL and Redis of this process alone, in a temporary folder."""
    var_dir = site_settings.VAR_DIR
    with ExitStack() as stack:
        supervisor = Supervisor(var_dir / "log", say=print)
        stack.callback(supervisor.stop)
        supervisor.start(servers.postgres(var_dir, servers.VOLATILE_SETTINGS))
        supervisor.start(servers.redis_server(var_dir))
        supervisor.wait_until_ready()
        yield


@pytest.fixture(scope="session", autouse=True)
def translations():
    """The public pages speak every language."""
    compile_translations()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(servers_of_the_tests):
    """Tell pytest-django to wait for PostgreSQL before it makes the test database."""


@pytest.fixture(scope="session")
def sandbox_server():
    from importer.sandbox.server import running_server

    with running_server(items=3000) as server:
        addresses = processes.sandbox_env(server.port)
        addresses.pop("ALLOW_PRIVATE_HOSTS")
        os.environ.update(addresses)  # for the processes that tests start
        for name, address in addresses.items():
            setattr(site_settings, name, address)
        yield server


@pytest.fixture
def sandbox(sandbox_server):
    """The three networks, faked over HTTP, as new: no faults, no spent quota. `.url` is where they are."""
    reset = urllib.request.Request(f"{sandbox_server.url}/_control/reset", data=b"{}", method="POST")  # noqa: S310
    urllib.request.urlopen(reset, timeout=10).close()  # noqa: S310 our own address
    cache.clear()  # what is left of the networks' budgets is remembered there
    return sandbox_server


@pytest.fixture(scope="session")
def worker_env(django_db_setup, django_db_blocker, sandbox_server) -> dict[str, str]:
    """What a process needs in its environment to work on the test database."""
    with django_db_blocker.unblock():
        name = connection.settings_dict["NAME"]
    address = os.environ["DATABASE_URL"].replace(f"/{servers.embedded.NAME}?", f"/{name}?")
    return {"DJANGO_SETTINGS_MODULE": "affiliate_site.settings", "DATABASE_URL": address}


@pytest.fixture(scope="session")
def worker_process(worker_env):
    supervisor = Supervisor(site_settings.VAR_DIR / "log", say=print)
    try:
        supervisor.start(processes.worker(worker_env, niceness=0))  # nobody comes before it here
        deadline = time.monotonic() + 90
        while not celery_app.control.inspect(timeout=0.3, limit=1).ping():
            assert time.monotonic() < deadline, "the worker does not answer"
        yield
    finally:
        supervisor.stop()


@pytest.fixture
def worker(transactional_db, worker_process, monkeypatch):
    """A Celery worker, in a process of its own, on the test database; the queues end empty."""
    monkeypatch.setattr(unheard, "queue", None)
    yield
    # The tables are emptied next, so no task may be left. Twice in a row: a task that ended between two looks
    # may have sent another.
    deadline = time.monotonic() + 30
    idle = 0
    while idle < 2:
        assert time.monotonic() < deadline, "a task still runs 30 s after its test"
        idle = idle + 1 if worker_is_idle() else 0
        time.sleep(0.02)


class Unheard:
    """The way of each task in a test without `worker`: into a queue that no worker reads.

    The process of the worker lives on, and would work beside the tests that never asked for it.
    """

    queue: str | None = "unheard"

    def __call__(self, name, args, kwargs, options, task=None, **more) -> str | None:
        return self.queue


unheard = Unheard()
celery_app.conf.task_routes = (unheard, celery_app.conf.task_routes)


def worker_is_idle() -> bool:
    """Empty the queues and say whether there was nothing, neither there nor with the worker."""
    with celery_app.connection_for_read() as broker:
        channel = broker.default_channel
        if sum(channel.queue_purge(queue) for queue in processes.QUEUES):
            return False
        if not channel.client.hlen(channel.unacked_key):
            return True
        inspect = celery_app.control.inspect(timeout=2, limit=1)
        answers = [inspect.reserved(), inspect.active(), inspect.scheduled()]
        if None in answers or any(chain(*answers[0].values(), *answers[1].values())):
            return False
        waiting = [task["request"]["id"] for task in chain(*answers[2].values())]
        celery_app.control.revoke(waiting)  # the worker keeps the message until the time has come
        if not waiting:  # what is left was taken by a worker that was killed
            channel.client.delete(channel.unacked_key, channel.unacked_index_key)
        return True


@pytest.fixture(autouse=True)
def no_generation_outlives_its_test():
    """The thread that reads it would keep a connection to the test database."""
    yield
    shared._current.close()


# --- Browser -----------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args, browser_type):
    with (Path(tempfile.gettempdir()) / "affiliate-chromium.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two processes must not install it at once
        chromium = get_chromium(browser_type.executable_path)
    if chromium is None:
        if os.environ.get("CI") == "true":
            pytest.fail(NO_BROWSER)
        pytest.skip(NO_BROWSER)
    return {**browser_type_launch_args, "executable_path": chromium, "args": LAUNCH_ARGS}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args, live_server):
    return {**browser_context_args, "base_url": live_server.url, "locale": "en-GB"}


@pytest.fixture
def admin_page(page, live_server, admin_client):
    """A browser page on which the administrator is logged in; addresses may start with a slash."""
    session = admin_client.cookies[site_settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": site_settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
    )
    return page
