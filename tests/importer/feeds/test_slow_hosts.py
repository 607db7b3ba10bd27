"""Feeds of a host that never ends its answers, beside others: real workers, and a real slow server."""

import os
import time

import pytest
from redis import Redis

from affiliate_site.celery import app as celery_app
from affiliate_site.run import processes
from affiliate_site.run.supervisor import Supervisor
from importer import tasks
from importer.accounts.accounts import refresh_account
from importer.feeds.schedule import set_mirrored
from importer.feeds.syncs import cancel_sync
from importer.http.leases import CONNECTIONS
from importer.models import Feed, Program, SyncRun
from importer.sandbox.credentials import DEMO_CREDENTIALS
from tests.importer.make import make_account, make_feed
from tests.own_servers import wait_until
from tests.slow_server import WAYS, SlowServer

pytestmark = pytest.mark.django_db(transaction=True)

SLOW_FEEDS = 5
HUNG = 150.0  # seconds; on a busy machine these workers come last


@pytest.fixture
def slow_host():
    server = SlowServer()
    yield server
    server.released.set()
    server.socket.close()


@pytest.fixture
def send(worker_env, sandbox, slow_host, tmp_path):
    """Send a sync to workers of its own, for which Adtraction is the slow host; as `up` starts them."""
    broker = os.environ["REDIS_URL"].rpartition("db=")[0] + "db=7"
    env = worker_env | {"REDIS_URL": broker, "ADTRACTION_API_URL": f"{slow_host.url}/"}
    Redis.from_url(broker).flushdb()
    address = broker.replace("unix://", "redis+socket://").replace("?db=", "?virtual_host=")
    with celery_app.connection_for_write(url=address) as connection:
        supervisor = Supervisor(tmp_path, say=print)
        try:
            supervisor.start(processes.worker(env, "feed-worker", ["feeds"], count=CONNECTIONS + 1))
            yield lambda run: tasks.sync_feed.apply_async((run.pk,), connection=connection, queue="feeds")
        finally:
            supervisor.stop()


@pytest.mark.parametrize("way", WAYS)
def test_feeds_of_other_hosts_go_on_beside_a_host_that_hangs(send, slow_host, way):
    slow_host.way = way
    account = make_account("adtraction")
    account.set_credentials(DEMO_CREDENTIALS["adtraction"])
    account.save()
    program = Program.objects.create(account=account, external_id="17", name="OTTO")
    slow = [
        set_mirrored(make_feed(account, str(number), program=program, synced_at=None), True)
        for number in range(SLOW_FEEDS)
    ]
    for run in slow:
        send(run)
    wait_until(lambda: slow_host.waiting == CONNECTIONS, HUNG)

    other = make_account("tradedoubler")
    other.set_credentials(DEMO_CREDENTIALS["tradedoubler"])
    other.save()
    refresh_account(other)
    began = time.monotonic()
    quick = set_mirrored(Feed.objects.filter(account=other).order_by("item_count").first(), True)
    send(quick)
    wait_until(lambda: SyncRun.objects.get(pk=quick.pk).state == "done", HUNG)
    print(f"{way}: the other feed took {time.monotonic() - began:.1f} s")
    assert slow_host.waiting == CONNECTIONS  # they still hang, and no others with them

    for run in slow:
        assert cancel_sync(run)
    wait_until(lambda: slow_host.waiting == 0, HUNG)  # whoever hung lets go, long before its deadline
    assert not SyncRun.objects.filter(finished_at=None).exists()
