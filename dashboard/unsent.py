"""What somebody sent that could not be taken: kept in the page that answers, so that it can be sent again.

Nothing of it is stored here. It travels in the page, signed where a login stands between.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

from django.core import signing
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation, TooManyFilesSent
from django.http import HttpRequest, UnreadablePostError
from django.http.multipartparser import MultiPartParserError

MAX_BYTES = 1_000_000
MAX_AGE = 24 * 3600  # seconds
SALT = "dashboard.unsent"
# What is typed anew: it stands in no page.
SECRET = re.compile(r"pass|secret|credential", re.IGNORECASE)
# Sent for the form's own sake, and no words of a person.
INTERNAL = {"csrfmiddlewaretoken", "version", "seen", "token", "next", "search", "unsent", "leave_out"}
TOKEN = "csrfmiddlewaretoken"  # noqa: S105 (a field's name)
UNREADABLE = (
    RequestDataTooBig,
    TooManyFilesSent,
    SuspiciousOperation,
    UnreadablePostError,
    MultiPartParserError,
)


@dataclass(frozen=True, slots=True)
class Unsent:
    """An address of ours, what was sent there by name, and whether files were sent, too (they are lost)."""

    path: str
    fields: list[tuple[str, str]]
    has_files: bool = False

    @property
    def words(self) -> list[tuple[str, str]]:
        """What a person may want to read again: (name, text)."""
        named = [(name, text) for name, text in self.fields if name not in INTERNAL and text.strip()]
        return [(name.replace("_", " ").capitalize(), text) for name, text in named]

    def pack(self) -> str:
        """Return it as signed text for a hidden field."""
        return signing.dumps(asdict(self), salt=SALT, compress=True)


def unpack(text: str) -> Unsent | None:
    """Return what was packed here within a day; None for anything else."""
    try:
        data = signing.loads(text, salt=SALT, max_age=MAX_AGE)
    except signing.BadSignature:
        return None
    fields = [(name, value) for name, value in data["fields"]]
    return Unsent(data["path"], fields, data["has_files"])


def read_unsent(request: HttpRequest) -> Unsent | None:
    """Return what a page of ours posted, without its secrets; None where that was nothing, or too much."""
    if request.method != "POST" or not is_from_here(request):
        return None
    try:
        fields = [(name, text) for name, texts in request.POST.lists() for text in texts]
        has_files = bool(request.FILES)
    except UNREADABLE:
        return None
    fields = [(name, text) for name, text in fields if name != TOKEN and not SECRET.search(name)]
    if not fields or sum(len(text) for _, text in fields) > MAX_BYTES:
        return None
    return Unsent(request.get_full_path(), fields, has_files)


def is_from_here(request: HttpRequest) -> bool:
    """Does the browser say that a page of this site sent the request? Else its text is a stranger's.

    What says nothing is no browser that a stranger could use.
    """
    if site := request.headers.get("Sec-Fetch-Site"):
        return site == "same-origin"
    told = request.headers.get("Origin") or request.headers.get("Referer") or ""
    return not told or urlsplit(told).netloc == request.get_host()
