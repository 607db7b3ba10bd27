"""Keep the answers of writes that name an `Idempotency-Key`, and give them again.

The answer is kept in the transaction of the write: a worker that dies leaves neither, so that the request may
be sent again. Refusals are not kept, for nothing was done.
"""

import hashlib
import re
from datetime import timedelta

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from api.models import KeptAnswer, Token
from api.problems import Problem

KEPT_FOR = timedelta(hours=24)
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
HEADERS = ("Content-Type", "ETag", "Location")
BATCH = 5_000


def key_of(request: HttpRequest) -> str:
    """Return the key that a request names, "" where it names none. Raises Problem where it is none."""
    key = request.headers.get("Idempotency-Key", "").strip().strip('"')
    if key and not _KEY.fullmatch(key):
        raise Problem("idempotency_key_invalid", "A key is 1 to 255 visible ASCII characters.")
    return key


def digest_of(request: HttpRequest) -> str:
    """Return what stands for all that a request asks for."""
    digest = hashlib.sha256()
    precondition = request.headers.get("If-Match", "")
    for part in (request.method or "", request.get_full_path(), precondition):
        digest.update(part.encode() + b"\0")
    digest.update(request.body)
    return digest.hexdigest()


def begin(token: Token, key: str, digest: str) -> HttpResponse | None:
    """Take the key until the transaction ends; return the answer where the same was done before.

    Raises Problem where another request with the key is under way, or was for something else.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"api answer:{token.pk}:{key}"]
        )
        if not cursor.fetchone()[0]:
            raise Problem("idempotency_key_in_use", headers={"Retry-After": "1"})
    kept = KeptAnswer.objects.filter(token=token, key=key).first()
    if kept is None:
        return None
    if kept.created_at < timezone.now() - KEPT_FOR:
        kept.delete()
        return None
    if kept.digest != digest:
        raise Problem("idempotency_key_reused", "The key was used for another request. Take a new one.")
    headers = {**kept.headers, "Idempotency-Replayed": "true"}
    return HttpResponse(kept.body, status=kept.status, headers=headers)


def keep(token: Token, key: str, digest: str, response: HttpResponse) -> None:
    """Keep an answer with what it answers."""
    headers = {name: response[name] for name in HEADERS if response.has_header(name)}
    KeptAnswer.objects.create(
        token=token,
        key=key,
        digest=digest,
        status=response.status_code,
        headers=headers,
        body=response.content.decode(),
    )


def forget_old() -> bool:
    """Delete answers that are too old to be given again; False while there are more."""
    old = KeptAnswer.objects.filter(created_at__lt=timezone.now() - KEPT_FOR).values("pk")[:BATCH]
    count, _ = KeptAnswer.objects.filter(pk__in=old).delete()
    return count < BATCH
