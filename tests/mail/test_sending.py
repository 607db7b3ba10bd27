"""Each mail at most once, whatever its server does, and none is lost without a word."""

import threading
import time
import uuid
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from affiliate_site.celery import app
from affiliate_site.run import processes
from events.models import Event
from mail import sending
from mail.models import Mail
from mail.outbox import send_again, troubled_mail
from tests.importer.threads import at_once

State = Mail.State


def look(mail: Mail) -> Mail:
    mail.refresh_from_db()
    return mail


def time_passes(mail: Mail) -> None:
    Mail.objects.filter(pk=mail.pk).update(try_at=timezone.now())


def test_a_mail_goes_out_once_and_says_who_wrote_it(serve, write):
    server, mail = (
        serve(),
        write(html="<p>Held.</p>", headers={"List-Unsubscribe": "<https://shop.example/x>"}),
    )
    assert sending.send_due(seconds=5) == 1
    assert sending.send_due(seconds=5) == 0
    (text,) = server.messages
    for part in (
        f"Message-ID: {mail.message_id}",
        "Subject: What is new",
        "To: ada@shop.example",
        "List-Unsubscribe: <https://shop.example/x>",
        "Auto-Submitted: auto-generated",
        "<p>Held.</p>",
    ):
        assert part in text
    assert look(mail).state == State.SENT
    assert mail.ended_at


def test_a_mail_is_written_with_its_cause_or_not_at_all(write):
    with transaction.atomic():
        write()
        transaction.set_rollback(True)
    assert not Mail.objects.exists()


def test_there_is_one_mail_of_a_key(write):
    write(key="digest:1:2026-11-28")
    write(key="digest:1:2026-11-28")
    write()
    write()
    assert Mail.objects.count() == 3


@pytest.mark.parametrize(
    ("habits", "tried_again"),
    [
        ({"dies": "greeting"}, True),
        ({"dies": "data"}, True),
        ({"dies": "end"}, False),
        ({"answers": {"EHLO": "421 not now", "HELO": "421 not now"}}, True),
        ({"answers": {"MAIL": "550 who are you"}}, True),
        ({"answers": {"TEXT": "451 try again"}}, True),
        ({"answers": {"TEXT": "554 spam"}}, False),
        ({"refuses": {"ada@shop.example": "450 greylisted"}}, True),
        ({"refuses": {"ada@shop.example": "550 no such user ada"}}, False),
    ],
    ids=lambda value: str(value),
)
def test_a_mail_is_tried_again_only_where_it_certainly_did_not_arrive(serve, write, habits, tried_again):
    server, mail = serve(**habits), write()
    sending.send_due(seconds=5)
    state = look(mail).state
    assert (state == State.WAITING) == tried_again
    assert mail.error
    assert "ada" not in mail.error
    server.dies, server.answers, server.refuses = "", {}, {}
    time_passes(mail)
    sending.send_due(seconds=5)
    assert len(server.messages) == (1 if tried_again else 0)
    assert look(mail).state == (State.SENT if tried_again else state)


def test_a_text_that_broke_off_on_its_way_is_sent_again(serve, write):
    server, mail = serve(dies="text"), write(text="A long text. " * 2_000_000)  # more than buffers hold
    sending.send_due(seconds=5)
    assert look(mail).state == State.WAITING
    server.dies = ""
    Mail.objects.update(text="A short text.", try_at=timezone.now())
    assert sending.send_due(seconds=5) == 1
    assert len(server.messages) == 1


def test_a_server_that_takes_the_text_and_dies_leaves_a_doubt_that_is_said(serve, write):
    serve(dies="end")
    mail = write()
    sending.send_due(seconds=5)
    assert look(mail).state == State.UNKNOWN
    assert list(troubled_mail()) == [mail]
    assert Event.objects.get(kind="mail.failed").after == {"kind": "digest", "state": "unknown"}


def test_a_server_that_dies_after_it_said_yes_has_the_mail(serve, write):
    server, mail = serve(dies="quit"), write()
    sending.send_due(seconds=5)
    assert look(mail).state == State.SENT
    assert len(server.messages) == 1


def test_one_refused_address_keeps_no_other_mail(serve, write):
    server = serve(refuses={"gone@shop.example": "550 gone"})
    refused, other = write("gone@shop.example"), write("ben@shop.example")
    assert sending.send_due(seconds=5) == 1
    assert (look(refused).state, look(other).state) == (State.FAILED, State.SENT)
    assert len(server.messages) == 1


def test_a_server_that_is_down_is_asked_once_a_round(mail_by, write):
    mail_by("smtp://127.0.0.1:9")
    mails = [write() for _ in range(3)]
    sending.send_due(seconds=5)
    assert sorted(look(mail).tries for mail in mails) == [0, 0, 1]
    assert {mail.state for mail in mails} == {State.WAITING}


def test_pauses_grow_and_end_with_the_time_that_a_mail_has(mail_by, write):
    mail_by("smtp://127.0.0.1:9")
    mail = write(lasts=timedelta(hours=1))
    pauses = []
    while look(mail).state == State.WAITING and len(pauses) < 50:
        time_passes(mail)
        sending.send_due(seconds=5)
        if look(mail).state == State.WAITING:
            pauses.append(round((mail.try_at - timezone.now()).total_seconds() / 60))
        Mail.objects.filter(pk=mail.pk).update(
            give_up_at=mail.give_up_at - timedelta(minutes=sum(pauses[-1:]))
        )
    assert pauses[:5] == [1, 2, 4, 8, 15]
    assert mail.state == State.FAILED
    assert "refused" in mail.error.lower()
    assert Event.objects.filter(kind="mail.failed").count() == 1


def test_a_mail_whose_time_is_over_is_not_sent_late(serve, write):
    server, mail = serve(), write(lasts=timedelta(hours=1))
    Mail.objects.update(give_up_at=timezone.now() - timedelta(seconds=1))
    sending.send_due(seconds=5)
    assert look(mail).state == State.FAILED
    assert server.messages == []


@pytest.mark.parametrize("habits", [{"drips": 0.2}, {"answers": {"MAIL": "250-more\r\n" * 5 + "250-"}}])
def test_a_server_that_never_comes_to_an_end_is_given_up(serve, write, habits):
    """Each byte comes in time, and the answer never does."""
    serve(**habits)
    mail = write()
    began = time.monotonic()
    sending.send_due(seconds=5)
    assert time.monotonic() - began < 8  # the greeting alone would take 9 s
    assert look(mail).state == State.WAITING


def test_a_worker_that_died_before_the_text_left_is_followed_by_another(serve, write):
    server, mail = serve(), write()
    Mail.objects.update(state=State.SENDING, claim=uuid.uuid4(), claimed_at=timezone.now())
    sending.send_due(seconds=5)
    assert look(mail).state == State.SENDING  # it may be alive
    Mail.objects.update(claimed_at=timezone.now() - sending.CLAIM_LASTS)
    assert sending.send_due(seconds=5) == 1
    assert len(server.messages) == 1


def test_a_worker_that_died_after_the_text_left_is_followed_by_none(serve, write):
    server, mail = serve(), write()
    Mail.objects.update(
        state=State.SENDING,
        claim=uuid.uuid4(),
        claimed_at=timezone.now() - sending.CLAIM_LASTS,
        is_handed_over=True,
    )
    sending.send_due(seconds=5)
    assert look(mail).state == State.UNKNOWN
    assert server.messages == []
    assert send_again(mail)  # a person wants it
    assert sending.send_due(seconds=5) == 1
    assert f"Message-ID: {mail.message_id}" in server.messages[0]


def test_a_worker_that_was_frozen_sends_nothing_when_it_wakes(serve, write):
    server, mail = serve(), write()
    mine = sending._claim()
    Mail.objects.update(claim=uuid.uuid4())  # another took it up meanwhile
    from django.core.mail import get_connection

    assert not sending._send(mine, get_connection())
    assert server.got == []
    assert look(mail).state == State.SENDING


@pytest.mark.django_db(transaction=True)
def test_many_workers_at_once_send_each_mail_once(serve, write):
    server = serve()
    for number in range(20):
        write(f"user{number}@shop.example")
    at_once(*[lambda: sending.send_due(seconds=10)] * 4)
    assert len(server.messages) == 20
    assert (
        len({next(line for line in text.splitlines() if line.startswith("To:")) for text in server.messages})
        == 20
    )


@pytest.mark.django_db(transaction=True)
def test_no_lock_is_held_while_a_server_keeps_us_waiting(serve, write):
    """Whoever wants to write a mail, or to delete one, does not wait for the server."""
    serve(drips=0.3)
    mail = write()
    thread = threading.Thread(target=lambda: at_once(lambda: sending.send_due(seconds=1)))
    thread.start()
    try:
        deadline = time.monotonic() + 10
        while look(mail).state != State.SENDING:
            assert time.monotonic() < deadline
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '100ms'")
        write()
        Mail.objects.filter(pk=mail.pk).delete()
    finally:
        thread.join(20)
        with connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")


def test_a_visitors_mail_leaves_no_address_behind(serve, write):
    serve()
    mail = write("visitor@home.example", is_private=True)
    raw = Mail.objects.values_list("recipient", flat=True).get()
    assert "visitor" not in raw  # encrypted while it waits
    sending.send_due(seconds=5)
    look(mail)
    assert (mail.recipient, mail.text, mail.html, mail.headers) == ("", "", "", {})
    assert mail.subject


def test_no_address_is_logged(serve, write, caplog):
    caplog.set_level("DEBUG")
    serve(refuses={"visitor@home.example": "550 <visitor@home.example>: no such user"})
    mail = write("visitor@home.example", is_private=True)
    sending.send_due(seconds=5)
    assert look(mail).state == State.FAILED
    assert "visitor" not in caplog.text
    assert "visitor" not in mail.error
    assert "no such user" in mail.error


def test_a_title_with_line_breaks_adds_no_header(serve, write):
    server = serve()
    write(subject="Shoe\r\nBcc: all@shop.example\n\nHello")
    sending.send_due(seconds=5)
    assert "\nBcc:" not in server.messages[0]
    assert "Subject: Shoe Bcc: all@shop.example Hello" in server.messages[0]


def test_the_mail_worker_and_nobody_else_reads_its_queue():
    routes = app.conf.task_routes[-1]
    assert routes["mail.tasks.*"] == {"queue": "mail"}
    queues = {process.name: process.command for process in processes.workers({})}
    readers = [name for name, command in queues.items() if "mail" in command[command.index("--queues") + 1]]
    assert readers == ["mail-worker"]
