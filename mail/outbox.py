"""Write mail, and look after what was written."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from affiliate_site.encrypted import encrypt_text
from mail.models import Mail

SUBJECT_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Letter:
    """What somebody has to say to one address.

    A `key` that was written before is not written again. `is_private`: a visitor's, of which nothing but
    subject and time is kept when it is done with. `lasts`: after so long it is given up.
    """

    kind: str
    recipient: str
    subject: str
    text: str
    html: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    key: str = ""
    is_private: bool = False
    lasts: timedelta = timedelta(hours=24)


def put(letters: Sequence[Letter]) -> None:
    """Put letters into the outbox, in the caller's transaction; a worker sends them. One query."""
    now = timezone.now()
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    Mail.objects.bulk_create(
        [
            Mail(
                message_id=f"<{uuid.uuid4().hex}@{host}>",
                kind=letter.kind,
                key=letter.key,
                recipient=encrypt_text(letter.recipient),
                # Titles of products are part of it: a header has one line.
                subject=" ".join(letter.subject.split())[:SUBJECT_LENGTH],
                text=letter.text,
                html=letter.html,
                headers=dict(letter.headers),
                is_private=letter.is_private,
                try_at=now,
                created_at=now,
                give_up_at=now + letter.lasts,
            )
            for letter in letters
        ],
        ignore_conflicts=True,
    )


def reaches_people() -> bool:
    """Tell whether mail goes anywhere that people read: a server is set up, or this is the demo."""
    return bool(settings.MAIL_IS_SET_UP)


def troubled_mail() -> QuerySet[Mail]:
    """Return the mails that did not go out, or perhaps did: a person may look at them."""
    return Mail.objects.filter(state__in=(Mail.State.FAILED, Mail.State.UNKNOWN))


def distrust() -> int:
    """Send nothing by itself that waited in a backup which was put back: it may have gone out since.

    Return how many mails a person may look at.
    """
    waited = Mail.objects.filter(state__in=(Mail.State.WAITING, Mail.State.SENDING))
    said = "It waited when the backup was made, and may have been sent since."
    return waited.update(state=Mail.State.UNKNOWN, claim=None, error=said, ended_at=timezone.now())


def send_again(mail: Mail) -> bool:
    """Let a mail that was given up, or perhaps sent, be tried anew; False where it cannot be.

    A person asked for it: where it did arrive, this is the second copy, of the same Message-ID.
    """
    now = timezone.now()
    over = troubled_mail().filter(pk=mail.pk).exclude(recipient="")
    return bool(
        over.update(
            state=Mail.State.WAITING,
            tries=0,
            try_at=now,
            give_up_at=now + timedelta(hours=24),
            is_handed_over=False,
            ended_at=None,
        )
    )
