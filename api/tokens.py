"""Make tokens, find the one that a request brings, revoke them."""

import hashlib
import re
import secrets
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from affiliate_site.roles import RoleBackend
from api.models import Token
from api.scopes import in_order
from events.kinds import Kind
from events.record import record

PREFIX = "aff_"
_FORM = re.compile(PREFIX + r"[A-Za-z0-9_-]{43}")
MAX_TOKENS = 100  # of a user that count
LONGEST = timedelta(days=366)
USED_EVERY = timedelta(minutes=1)  # so often at most it is noted that a token was used


class TooMany(Exception):
    """The user has so many tokens that no more may be made."""


def make_token(user: User, *, name: str, scopes: list[str], expires_at: datetime) -> tuple[Token, str]:
    """Make a token for a user; return it with the text that opens the API, which nobody can read again."""
    text = PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if active_tokens().filter(user=user).count() >= MAX_TOKENS:
            raise TooMany
        token = Token.objects.create(
            user=user,
            name=name,
            digest=_digest(text),
            beginning=text[:12],
            scopes=in_order(scopes),
            expires_at=min(expires_at, timezone.now() + LONGEST),
        )
        record(
            Kind.TOKEN_CREATED,
            f"token:{token.pk}",
            after={"name": name, "scopes": token.scopes, "user": user.pk, "expires_at": token.expires_at},
        )
    return token, text


def revoke(token: Token) -> bool:
    """Let a token count no more; False where it did not count already.

    When this returns, nothing that is under way writes in its name any more: writes hold the row.
    """
    with transaction.atomic():
        revoked = Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now())
        if revoked:
            record(Kind.TOKEN_REVOKED, f"token:{token.pk}", after={"name": token.name, "user": token.user_id})
    return bool(revoked)


def active_tokens() -> QuerySet[Token]:
    """Return the tokens that count now, as far as they themselves say."""
    return Token.objects.filter(revoked_at=None, expires_at__gt=timezone.now())


def list_tokens(user: User | None = None) -> QuerySet[Token]:
    """Return tokens, the newest first: those of a user, or of everybody."""
    tokens = Token.objects.select_related("user")
    return tokens if user is None else tokens.filter(user=user)


def find_token(text: str) -> Token | None:
    """Return the token that a text is, with its user and what they may at the moment; two queries.

    None where it does not count: unknown, expired, revoked, or its user may not log in. What cannot be a
    token is refused without a query.
    """
    if not _FORM.fullmatch(text):
        return None
    token = active_tokens().filter(digest=_digest(text)).first()
    user = RoleBackend().get_user(token.user_id) if token else None
    if token is None or user is None:
        return None
    token.user = user
    return token


def note_use(token: Token) -> None:
    """Remember that it was used just now, at most once a minute; waits for nobody."""
    now = timezone.now()
    if token.last_used_at and now - token.last_used_at < USED_EVERY:
        return
    free = Token.objects.filter(pk=token.pk).select_for_update(no_key=True, skip_locked=True)
    with transaction.atomic():
        if free.exists():
            Token.objects.filter(pk=token.pk).update(last_used_at=now)


def hold(token: Token) -> bool:
    """Let nobody revoke the token before the transaction ends; False where somebody has."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM api_token WHERE id = %s AND revoked_at IS NULL AND expires_at > now() FOR SHARE",
            [token.pk],
        )
        return cursor.fetchone() is not None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
