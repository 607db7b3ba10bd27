"""E-mail as files, where no server is set: each mail one file that only the site's own user can read."""

import os
import re
from email import message_from_bytes, policy
from email.message import EmailMessage as Message
from pathlib import Path

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend

SUFFIX = ".eml"


class Backend(BaseEmailBackend):
    """Write mails into EMAIL_FILE_PATH; a link that opens an account is for nobody else to read.

    A file has the name of its Message-ID: written twice, it is still one.
    """

    def send_messages(self, email_messages) -> int:
        folder = Path(getattr(settings, "EMAIL_FILE_PATH"))  # noqa: B009 (set by EMAIL_URL)
        folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            message = message.message()
            path = folder / _name(message["Message-ID"])
            new = path.with_suffix(".new")
            descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(message.as_bytes(linesep="\n"))
            new.replace(path)  # whoever looks sees a whole mail
        return len(email_messages)


def read_file(message_id: str) -> Message | None:
    """Return the mail of a Message-ID; None where it is no file here."""
    folder = getattr(settings, "EMAIL_FILE_PATH", None)
    if not folder:
        return None
    try:
        data = (Path(folder) / _name(message_id)).read_bytes()
    except OSError:
        return None
    return message_from_bytes(data, policy=policy.default)


def delete_files(before: float) -> int:
    """Delete the mails that were written before a time (seconds since 1970); return how many."""
    folder = getattr(settings, "EMAIL_FILE_PATH", None)
    if not folder:
        return 0
    old = [path for path in Path(folder).glob(f"*{SUFFIX}") if path.stat().st_mtime < before]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _name(message_id: str) -> str:
    return re.sub(r"[^A-Za-z0-9.@-]", "", message_id).lstrip(".")[:120] + SUFFIX
