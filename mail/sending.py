"""Send what waits in the outbox: each mail at most once, as far as SMTP allows.

A worker claims a mail, and notes that it hands it over before the first byte of its text leaves. The note is
taken back where the server says no, or breaks off before it has all. What is noted and has no answer (the
server died at the wrong moment, or the worker did) stays as it is: perhaps it has arrived, and only a person
sends it again. That moment, from the last byte that leaves to our COMMIT of the answer, is the one that SMTP
leaves open: the server may take a mail and be gone before it can say so.
"""

import logging
import re
import smtplib
import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.utils import timezone

from affiliate_site.encrypted import CredentialsUnreadable, decrypt_text
from events.kinds import Kind
from events.record import keys, record
from mail.models import Mail

logger = logging.getLogger(__name__)
State = Mail.State

# Longer than any talk with a server may last (`mail.smtp`).
CLAIM_LASTS = timedelta(minutes=15)
PAUSES = [timedelta(minutes=minutes) for minutes in (1, 2, 4, 8, 15, 30)]
ERROR_LENGTH = 300
BATCH = 1_000
LOST = "The worker ended while it was sent."


class ClaimLost(Exception):
    """Another worker took us for dead and has the mail now: nothing may leave any more."""


def send_due(*, seconds: float) -> int:
    """Send mails that are due for about so many seconds; return how many went out.

    A server that cannot be talked to ends the round: the others would only wait for it, too. May run twice,
    also at once.
    """
    take_up_lost()
    give_up_overdue()
    ends_at = time.monotonic() + seconds
    sent = 0
    postman = None
    try:
        while time.monotonic() < ends_at and (mail := _claim()):
            postman = postman or get_connection()
            goes_on = _send(mail, postman)
            sent += mail.state == State.SENT
            if not goes_on:
                break
    finally:
        if postman:
            postman.close()
    return sent


def take_up_lost() -> None:
    """Put back the mails whose worker died before it handed them over; nobody knows of the others."""
    silent = Mail.objects.filter(state=State.SENDING, claimed_at__lt=timezone.now() - CLAIM_LASTS)
    if not silent.exists():
        return
    silent.filter(is_handed_over=False).update(state=State.WAITING, claim=None, error=LOST)
    for mail in silent.filter(is_handed_over=True):
        _end(mail, State.UNKNOWN, LOST)


def give_up_overdue() -> None:
    """Give up the mails whose time is over: yesterday's price is nothing to write of."""
    with transaction.atomic():
        overdue = Mail.objects.filter(state=State.WAITING, give_up_at__lte=timezone.now())
        ids = list(overdue.select_for_update(skip_locked=True).values_list("pk", flat=True)[:BATCH])
        if ids:
            Mail.objects.filter(pk__in=ids).update(state=State.FAILED, ended_at=timezone.now())
            record(Kind.MAIL_FAILED, keys("mail", ids), after={"state": str(State.FAILED)})


def _claim() -> Mail | None:
    now = timezone.now()
    due = Mail.objects.filter(state=State.WAITING, try_at__lte=now, give_up_at__gt=now)
    due = due.order_by("try_at", "pk")
    with transaction.atomic():
        mail = due.select_for_update(skip_locked=True).first()
        if mail is None:
            return None
        mail.state, mail.claim, mail.claimed_at, mail.tries = State.SENDING, uuid.uuid4(), now, mail.tries + 1
        mail.save(update_fields=["state", "claim", "claimed_at", "tries"])
    return mail


def _send(mail: Mail, postman) -> bool:
    """Try once; return whether the server is there for the next one, too."""
    try:
        recipient = decrypt_text(mail.recipient)
    except CredentialsUnreadable:
        _end(mail, State.FAILED, "Its address can no longer be read: the key is gone.")
        return True
    message = _message(mail, recipient, postman)
    hand_over = _hand_over(mail)
    talk: Any = None
    try:
        postman.open()
        talk = getattr(postman, "connection", None)
        if hasattr(talk, "before_text"):
            talk.is_out, talk.before_text = False, hand_over
        else:
            hand_over()
        postman.send_messages([message])
    except ClaimLost:
        postman.close()
        logger.warning("A mail was taken for lost while it was being sent, and is not sent from here.")
        return False
    except (smtplib.SMTPException, OSError) as error:
        said, state = _words(error, recipient), _state_after(error, talk)
        postman.close()
        if state == State.WAITING:
            _give_back(mail, said)
        else:
            _end(mail, state, said)
        return isinstance(error, smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError)
    _end(mail, State.SENT)
    return True


def _hand_over(mail: Mail) -> Callable[[], None]:
    def hand_over() -> None:
        ours = Mail.objects.filter(pk=mail.pk, claim=mail.claim, state=State.SENDING)
        if not ours.update(is_handed_over=True):
            raise ClaimLost

    return hand_over


def _state_after(error: Exception, talk: object) -> str:
    """Return what an error makes of a mail: to be tried again, refused for good, or in doubt."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _ in error.recipients.values()]
        return State.FAILED if all(code >= 500 for code in codes) else State.WAITING
    if isinstance(error, smtplib.SMTPDataError):
        return State.FAILED if error.smtp_code >= 500 else State.WAITING
    if isinstance(error, smtplib.SMTPResponseException | smtplib.SMTPNotSupportedError):
        return State.WAITING  # of the whole server, not of this mail: somebody may mend it
    return State.UNKNOWN if getattr(talk, "is_out", False) else State.WAITING


def _give_back(mail: Mail, said: str) -> None:
    """Let it be tried again later, or no more when its time is over."""
    pause = PAUSES[min(mail.tries, len(PAUSES)) - 1]
    if timezone.now() + pause > mail.give_up_at:
        _end(mail, State.FAILED, said)
        return
    mail.state = State.WAITING
    _ours(mail).update(
        state=State.WAITING, is_handed_over=False, claim=None, error=said, try_at=timezone.now() + pause
    )


def _end(mail: Mail, state: str, said: str = "") -> None:
    values: dict[str, Any] = {"state": state, "error": said, "claim": None, "ended_at": timezone.now()}
    if mail.is_private and state == State.SENT:
        values |= {"recipient": "", "text": "", "html": "", "headers": {}}
    with transaction.atomic():
        if not _ours(mail).update(**values):
            return
        mail.state = state
        if state in (State.FAILED, State.UNKNOWN):
            record(Kind.MAIL_FAILED, f"mail:{mail.pk}", after={"kind": mail.kind, "state": str(state)})
            logger.warning("Mail %s (%s) is %s: %s", mail.pk, mail.kind, state, said)


def _ours(mail: Mail):
    return Mail.objects.filter(pk=mail.pk, claim=mail.claim, state=State.SENDING)


def _message(mail: Mail, recipient: str, postman) -> EmailMultiAlternatives:
    headers = {"Message-ID": mail.message_id, "Auto-Submitted": "auto-generated"} | mail.headers
    message = EmailMultiAlternatives(
        mail.subject, mail.text, to=[recipient], headers=headers, connection=postman
    )
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    return message


def _words(error: Exception, recipient: str) -> str:
    """Return what a server said, without the address that it may have repeated."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()))
        text = f"{code} {_text(said)}"
    elif isinstance(error, smtplib.SMTPResponseException):
        text = f"{error.smtp_code} {_text(error.smtp_error)}"
    else:
        text = str(error) or error.__class__.__name__
    name = recipient.partition("@")[0]
    return re.sub(f"{re.escape(recipient)}|\\b{re.escape(name)}\\b", "•••", text, flags=re.I)[:ERROR_LENGTH]


def _text(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said
