"""What waits for a network says until when, and nobody asks before."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from affiliate_site.celery import app
from importer import tasks
from importer.feeds.syncs import sync_feed
from importer.http.client import Http
from importer.http.errors import NetworkUnavailable
from importer.imports import progress
from importer.imports.runs import start_import_of_matches
from importer.models import Feed, ImportRun
from importer.networks.contract import ItemQuery
from importer.sandbox.credentials import DEMO_CREDENTIALS
from importer.search.hits import search
from tests.http_server import Server, reply
from tests.importer.make import make_account

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def serve(settings):
    """Start a Tradedoubler that always answers so."""
    cache.clear()
    servers = []

    def start(answer: bytes) -> Server:
        servers.append(Server(lambda connection, number: connection.sendall(answer)))
        settings.TRADEDOUBLER_API_URL = f"{servers[-1].url}/1.0/"
        return servers[-1]

    yield start
    for server in servers:
        server.socket.close()


@pytest.fixture
def account():
    account = make_account("tradedoubler")
    account.set_credentials(DEMO_CREDENTIALS["tradedoubler"])
    account.save()
    return account


@pytest.fixture
def messages():
    """Return how many messages were sent since the last look."""

    def count() -> int:
        with app.connection_for_read() as broker:
            return broker.default_channel.queue_purge("unheard")

    count()
    return count


BUSY = reply(429, headers=["Retry-After: 300"])


def test_a_run_waits_as_long_as_the_network_asked_for(serve, account, messages):
    server = serve(BUSY)
    run = start_import_of_matches(ItemQuery(account_id=account.pk, keywords="lamp"))
    tasks.run_import(run.pk)
    assert len(server.requests) == 1
    run.refresh_from_db()
    wait = run.waits_until - timezone.now()
    assert timedelta(seconds=290) < wait <= timedelta(seconds=300)
    assert (run.state, "Try again in 5 minutes" in str(run.message)) == ("collecting", True)

    messages()
    ImportRun.objects.update(created_at=timezone.now() - timedelta(hours=1))
    for _ in range(3):
        tasks.resume()
        tasks.run_import(run.pk)  # a message that was still on its way
    assert (len(server.requests), messages()) == (1, 0)


def test_a_run_goes_on_when_its_time_has_come(serve, account, messages):
    serve(BUSY)
    run = start_import_of_matches(ItemQuery(account_id=account.pk, keywords="lamp"))
    tasks.run_import(run.pk)
    cache.clear()
    server = serve(reply(200, b'{"products": [], "productHeader": {"totalHits": 0}}'))
    ImportRun.objects.update(waits_until=timezone.now())
    messages()
    tasks.resume()
    assert messages() == 1
    tasks.run_import(run.pk)
    run.refresh_from_db()
    assert (run.state, run.message, run.waits_until) == ("done", "", None)
    assert len(server.requests) == 1


def test_without_a_word_from_the_network_each_wait_is_longer_and_the_last_ends_the_run(serve, account):
    serve(reply(500))
    run = start_import_of_matches(ItemQuery(account_id=account.pk, keywords="lamp"))
    waits = []
    for count in (0, 1, 5, 8):
        began = timezone.now()
        ImportRun.objects.update(waits_until=None, wait_count=count)
        tasks.run_import(run.pk)
        run.refresh_from_db()
        waits.append((run.waits_until - began) // timedelta(seconds=10))
    assert waits == [1, 2, 32, 60]
    ImportRun.objects.update(waits_until=None, wait_count=10)
    tasks.run_import(run.pk)
    run.refresh_from_db()
    assert run.state == "failed"


def test_a_run_that_waits_is_not_called_stalled(serve, account):
    serve(BUSY)
    run = start_import_of_matches(ItemQuery(account_id=account.pk, keywords="lamp"))
    tasks.run_import(run.pk)
    ImportRun.objects.update(created_at=timezone.now() - timedelta(hours=1))
    run.refresh_from_db()
    shown = progress.of_run(run)
    assert (shown.stalled, shown.wait > timedelta(seconds=280)) == ("", True)


def test_a_message_of_resume_is_dropped_when_the_next_is_due(account, messages):
    """Nobody reads the queue: of all that `resume` sent, one counts."""
    ImportRun.objects.create(kind="bulk", state="queued")
    ImportRun.objects.update(created_at=timezone.now() - timedelta(hours=1))
    tasks.resume()
    with app.connection_for_read() as broker:
        message = broker.default_channel.basic_get("unheard", no_ack=True)
    assert message.headers["expires"]


@pytest.mark.parametrize("status", [429, 503])
def test_nobody_asks_a_server_before_the_time_that_it_named(serve, account, status):
    """Searches, refreshes, syncs and runs, in whatever process: one request, then no more."""
    server = serve(reply(status, headers=["Retry-After: 300"]))
    feed = Feed.objects.create(account=account, external_id="1", name="Lamps")
    for _ in range(3):
        with pytest.raises(NetworkUnavailable, match="^(rate_limited|server_problem) ") as caught:
            search(account, ItemQuery(keywords="lamp"))
        assert 290 < caught.value.retry_after <= 300
    assert len(server.requests) == 1
    for _ in range(2):
        tasks.refresh_account(account.pk)
    assert len(server.requests) == 2  # another endpoint has a limit of its own
    with pytest.raises(NetworkUnavailable):
        sync_feed(feed)
    feed.refresh_from_db()
    assert feed.next_sync_at - timezone.now() > timedelta(seconds=280)
    tasks.resume()
    assert feed.syncs.count() == 1


def test_what_one_account_was_told_is_not_for_another(serve):
    server = serve(BUSY)
    for secret in ("one", "two", "one"):
        with pytest.raises(NetworkUnavailable):
            Http(secrets=[secret], name="Net").get_bytes(server.url)
    assert len(server.requests) == 2


def test_without_the_cache_everybody_asks(serve, settings):
    server = serve(BUSY)
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    for _ in range(2):
        with pytest.raises(NetworkUnavailable):
            Http(name="Net").get_bytes(server.url)
    assert len(server.requests) == 2


@pytest.mark.parametrize("value", ["9" * 400, "99999999999", "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_an_absurd_time_is_a_day(serve, account, value):
    serve(reply(429, headers=[f"Retry-After: {value}"]))
    run = start_import_of_matches(ItemQuery(account_id=account.pk, keywords="lamp"))
    tasks.run_import(run.pk)
    run.refresh_from_db()
    assert timedelta(hours=23) < run.waits_until - timezone.now() <= timedelta(days=1)
