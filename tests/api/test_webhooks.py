"""Webhooks, and receivers of all kinds: none harms anything, and nobody waits for one."""

import json
import threading
import time
from datetime import timedelta

import pytest
import standardwebhooks
from django.core.cache import cache
from django.utils import timezone

from api import tasks
from api.models import Delivery, Webhook
from api.webhooks import collecting, sending, services
from api.webhooks.collecting import collect
from api.webhooks.trimming import trim
from catalog.services import get_or_create_brand
from events.kinds import Kind
from events.models import Event, Reader
from events.record import record
from mail.models import Mail
from tests.http_server import Server, reply

pytestmark = pytest.mark.django_db(transaction=True)


class Receiver(Server):
    """Keeps what it was sent: headers by name, and the body."""

    def __init__(self, answer=None, *answers):
        self.answers, self.received = [answer or reply(), *answers], []
        super().__init__(None)

    def answer(self, connection):
        with connection:
            request = b""
            while b"\r\n\r\n" not in request:
                if not (data := connection.recv(65536)):
                    return
                request += data
            head, _, body = request.partition(b"\r\n\r\n")
            lines = head.decode().split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
            while len(body) < int(headers["content-length"]):
                body += connection.recv(65536)
            self.received.append((headers, body.decode()))
            answer = self.answers[min(len(self.received), len(self.answers)) - 1]
            try:
                answer(connection) if callable(answer) else connection.sendall(answer)
            except OSError:
                return


@pytest.fixture
def user(admin_user):
    admin_user.email = "ada@shop.example"
    admin_user.save()
    return admin_user


def make(user, url, kinds=(), **values) -> tuple[Webhook, str]:
    webhook, secret = services.make_webhook(user=user, name="Stock", url=url, kinds=kinds)
    Reader.objects.all().delete()
    Event.objects.all().delete()
    if values:
        Webhook.objects.filter(pk=webhook.pk).update(**values)
    return webhook, secret


def deliver() -> None:
    """Send what is due, whatever rests."""
    collect()
    Webhook.objects.update(rests_until=None)
    Delivery.objects.filter(state="waiting").update(try_at=timezone.now())
    sending.send_due(seconds=20)


def test_a_receiver_is_told_of_what_it_wants_and_can_prove_it(user):
    receiver = Receiver()
    _, secret = make(user, receiver.url, kinds=["brand.created"])
    brand = get_or_create_brand("Bosch")
    record(Kind.SHOP_DELETED, "shop:1")
    tasks.deliver()
    ((headers, body),) = receiver.received
    payload = standardwebhooks.Webhook(secret).verify(body, headers)
    assert payload["type"] == "brand.created"
    assert payload["data"]["subjects"] == [f"brand:{brand.pk}"]
    assert Delivery.objects.get().state == "delivered"
    tasks.deliver()
    assert len(receiver.received) == 1


def test_a_changed_body_proves_nothing(user):
    receiver = Receiver()
    _, secret = make(user, receiver.url)
    get_or_create_brand("Bosch")
    deliver()
    ((headers, body),) = receiver.received
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(secret).verify(body.replace("Bosch", "Makita"), headers)


def test_both_secrets_count_while_one_is_replaced(user):
    receiver = Receiver()
    webhook, old = make(user, receiver.url)
    new = services.change_secret(webhook)
    Event.objects.all().delete()
    get_or_create_brand("Bosch")
    deliver()
    ((headers, body),) = receiver.received
    for secret in (old, new):
        assert standardwebhooks.Webhook(secret).verify(body, headers)
    Webhook.objects.update(old_secret_until=timezone.now())
    get_or_create_brand("Makita")
    deliver()
    headers, body = receiver.received[-1]
    assert standardwebhooks.Webhook(new).verify(body, headers)
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(old).verify(body, headers)


def test_what_was_before_a_webhook_is_not_told(user):
    get_or_create_brand("Bosch")
    services.make_webhook(user=user, name="Stock", url="http://127.0.0.1:9/", kinds=["brand.created"])
    collect()
    assert not Delivery.objects.exists()


def hang(connection):
    time.sleep(30)


def drip(connection):
    for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 1000:
        connection.sendall(bytes([byte]))
        time.sleep(0.2)


def endless(connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n")
    while True:
        connection.sendall(b"x" * 65536)


BAD = {
    "hangs": (hang, "no_answer_in_time"),
    "drips": (drip, "no_answer_in_time"),
    "hangs up": (lambda connection: None, "unreachable"),
    "speaks no HTTP": (b"220 smtp.example ESMTP\r\n", "unreachable"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_receiver_that_does_not_answer_is_tried_again_later(user, name, monkeypatch):
    monkeypatch.setattr(sending, "DEADLINE", 1.0)
    answer, code = BAD[name]
    webhook, _ = make(user, Receiver(answer).url)
    get_or_create_brand("Bosch")
    began = time.monotonic()
    deliver()
    assert time.monotonic() - began < 10
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.error.code) == ("waiting", code)
    assert delivery.try_at > timezone.now()
    webhook.refresh_from_db()
    assert webhook.failures == 1
    assert webhook.rests_until > timezone.now()


def test_an_endless_answer_is_not_read(user):
    make(user, Receiver(endless).url)
    get_or_create_brand("Bosch")
    deliver()
    assert Delivery.objects.get().state == "delivered"


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(user, status):
    other = Receiver()
    receiver = Receiver(reply(status, headers=[f"Location: {other.url}"]))
    make(user, receiver.url)
    get_or_create_brand("Bosch")
    deliver()
    assert not other.received
    assert (Delivery.objects.get().state, Delivery.objects.get().status) == ("waiting", status)


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1/", "http://localhost:1/", "http://[::1]/", "http://169.254.169.254/"]
)
def test_a_private_address_is_not_asked(user, url, settings):
    settings.ALLOW_PRIVATE_HOSTS = []
    make(user, url)
    get_or_create_brand("Bosch")
    deliver()
    assert Delivery.objects.get().error.code == "private_address"


def test_a_slow_receiver_holds_up_no_other(user, monkeypatch):
    monkeypatch.setattr(sending, "DEADLINE", 3.0)
    quick = Receiver()
    make(user, Receiver(hang).url)
    services.make_webhook(user=user, name="Quick", url=quick.url)
    for number in range(5):
        get_or_create_brand(f"Brand {number}")
    collect()
    thread = threading.Thread(target=sending.send_due, kwargs={"seconds": 10})
    began = time.monotonic()
    thread.start()
    while len(quick.received) < 5:
        assert time.monotonic() - began < 3, "the quick one waits for the slow one"
        time.sleep(0.02)
    thread.join(20)


def test_while_a_receiver_rests_its_other_deliveries_wait(user):
    receiver = Receiver(reply(500))
    make(user, receiver.url)
    for number in range(5):
        get_or_create_brand(f"Brand {number}")
    collect()
    sending.send_due(seconds=5)
    sending.send_due(seconds=5)
    assert len(receiver.received) == 1


def test_a_receiver_that_says_when_is_left_alone_until_then(user):
    make(user, Receiver(reply(503, headers=["Retry-After: 3000"])).url)
    get_or_create_brand("Bosch")
    deliver()
    assert Delivery.objects.get().try_at > timezone.now() + timedelta(seconds=2900)


def test_a_delivery_is_given_up_in_the_end_and_can_be_sent_again(user):
    receiver = Receiver(*[reply(500)] * (len(sending.PAUSES) + 1), reply(204))
    make(user, receiver.url)
    get_or_create_brand("Bosch")
    for _ in range(len(sending.PAUSES) + 1):
        deliver()
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.status) == ("failed", 500)
    assert services.send_again(delivery)
    assert not services.send_again(delivery)
    deliver()
    ids = {headers["webhook-id"] for headers, _ in receiver.received}
    assert ids == {delivery.message_id}
    assert Delivery.objects.get().state == "delivered"


def test_a_webhook_that_fails_for_days_is_turned_off_and_somebody_is_told(user):
    webhook, _ = make(
        user, Receiver(reply(500)).url, failures=9, failing_since=timezone.now() - timedelta(days=6)
    )
    for name in ("Bosch", "Makita"):
        get_or_create_brand(name)
    deliver()
    webhook.refresh_from_db()
    assert (webhook.is_active, webhook.off_because) == (False, "failed")
    assert set(Delivery.objects.values_list("state", flat=True)) == {"failed"}
    assert Event.objects.filter(kind="webhook.stopped").count() == 1
    assert Mail.objects.get(kind="webhook").subject == "Webhook “Stock” is off"
    get_or_create_brand("Metabo")
    deliver()
    assert Delivery.objects.count() == 2


def test_success_forgets_failures(user):
    webhook, _ = make(user, Receiver(reply(500), reply(200)).url)
    get_or_create_brand("Bosch")
    deliver()
    deliver()
    webhook.refresh_from_db()
    assert (webhook.failures, webhook.failing_since) == (0, None)


def test_a_receiver_that_is_gone_is_turned_off(user):
    webhook, _ = make(user, Receiver(reply(410)).url)
    get_or_create_brand("Bosch")
    deliver()
    webhook.refresh_from_db()
    assert webhook.off_because == "gone"


def test_what_waits_is_bounded(user, monkeypatch):
    monkeypatch.setattr(collecting, "MAX_WAITING", 3)
    webhook, _ = make(user, "http://127.0.0.1:9/")
    for number in range(5):
        get_or_create_brand(f"Brand {number}")
    collect()
    webhook.refresh_from_db()
    assert webhook.off_because == "full"
    assert not Delivery.objects.filter(state="waiting").exists()


def test_a_worker_that_dies_loses_no_delivery(user):
    receiver = Receiver()
    webhook, _ = make(user, receiver.url)
    get_or_create_brand("Bosch")
    collect()
    assert sending._claim(webhook.pk)  # and there it dies
    assert sending._claim(webhook.pk) is None
    Delivery.objects.update(try_at=timezone.now())  # the lease is over
    sending.send_due(seconds=5)
    assert len(receiver.received) == 1


def test_an_event_of_a_hundred_thousand_subjects_fits(user):
    make(user, "http://127.0.0.1:9/")
    subjects = [f"product:{number}" for number in range(100_000)]
    record(Kind.PRODUCT_STATUS_CHANGED, subjects, after={"title": ["x" * 50] * 100_000})
    collect()
    body = Delivery.objects.get().body
    assert len(body) < collecting.MAX_BODY
    assert json.loads(body)["data"]["is_cut"]


def test_two_processes_deliver_an_event_once(user):
    make(user, "http://127.0.0.1:9/")
    for number in range(20):
        get_or_create_brand(f"Brand {number}")
    from django.db import connection

    def run():
        collect()
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    collect()
    assert Delivery.objects.count() == 20


def test_old_deliveries_are_forgotten(user):
    webhook, _ = make(user, "http://127.0.0.1:9/")
    delivery = services.send_test(webhook)
    Delivery.objects.update(ended_at=timezone.now() - timedelta(days=15), state="failed")
    assert trim()
    assert not Delivery.objects.filter(pk=delivery.pk).exists()


def test_no_secret_and_no_address_is_in_an_event(user):
    cache.clear()
    webhook, secret = services.make_webhook(user=user, name="Stock", url="https://hook.example/token-in-it")
    services.change_secret(webhook)
    webhook.url = "https://other.example/token-in-it"
    services.edit_webhook(webhook)
    text = str(list(Event.objects.values()))
    assert secret not in text
    assert "token-in-it" not in text
