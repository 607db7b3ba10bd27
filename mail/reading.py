"""What the dashboard shows of mails."""

from dataclasses import dataclass

from django.db.models import QuerySet

from affiliate_site.encrypted import CredentialsUnreadable, decrypt_text
from mail.files import read_file
from mail.models import Mail

VISITOR = "A visitor"


@dataclass(frozen=True, slots=True)
class Shown:
    """What there is to see of a mail: `text` and `html` are empty where they were deleted."""

    text: str
    html: str
    headers: list[tuple[str, str]]


def list_mails(*, only_troubled: bool = False) -> QuerySet[Mail]:
    """Return the mails, newest first, without their texts."""
    mails = Mail.objects.defer("text", "html", "headers").order_by("-pk")
    return mails.filter(state__in=(Mail.State.FAILED, Mail.State.UNKNOWN)) if only_troubled else mails


def recipient_of(mail: Mail) -> str:
    """Return who gets a mail, for people who work here: a visitor's address is nobody's business."""
    if mail.is_private:
        return VISITOR
    try:
        return decrypt_text(mail.recipient)
    except CredentialsUnreadable:
        return "Not readable any more"


def show(mail: Mail) -> Shown:
    """Return the text of a mail: what is to be sent, else the file that it became."""
    file = None if mail.text else read_file(mail.message_id)
    if file is None:
        return Shown(mail.text, mail.html, sorted(mail.headers.items()))
    parts = {part.get_content_type(): part for part in file.walk() if not part.is_multipart()}
    text, html = (parts.get(kind) for kind in ("text/plain", "text/html"))
    return Shown(
        text.get_content() if text else "",
        html.get_content() if html else "",
        [(name, str(value)) for name, value in file.items() if name.startswith("List-")],
    )
