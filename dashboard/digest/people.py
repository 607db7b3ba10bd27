"""Who gets which mail."""

from collections.abc import Sequence

from django.contrib.auth.models import User
from django.core.signing import BadSignature, Signer
from django.db import transaction

from affiliate_site.roles import ADMINISTRATOR
from dashboard.models import MailChoices, Topic
from dashboard.users import get_role, users_with_roles
from events.kinds import Kind
from events.record import changes, record

DIGEST, AT_ONCE = "digest", "at-once"
_stop = Signer(salt="dashboard.digest.stop")


def choices_of(user: User) -> MailChoices:
    """Return what a user chose; what holds for the role, unsaved, where nothing was chosen yet."""
    found = MailChoices.objects.filter(pk=user.pk).first()
    return found or _defaults(user)


def save_choices(user: User, *, topics: Sequence[str], at_once: bool) -> None:
    """Store which mails a user wants."""
    with transaction.atomic():
        old = _values(choices_of(user))
        choices = MailChoices(user=user, topics=sorted(topics), at_once=at_once)
        MailChoices.objects.update_or_create(
            user=user, defaults={"topics": choices.topics, "at_once": choices.at_once}
        )
        if changed := changes(old, _values(choices)):
            record(Kind.USER_CHANGED, f"user:{user.pk}", **changed)


def people() -> list[tuple[User, MailChoices]]:
    """Return who can get mail, with what they want: active, with a role and an address."""
    users = [user for user in users_with_roles().filter(is_active=True).exclude(email="") if get_role(user)]
    chosen = MailChoices.objects.in_bulk([user.pk for user in users])
    return [(user, chosen.get(user.pk) or _defaults(user)) for user in users]


def stop_token(user: User, what: str) -> str:
    """Return what ends one kind of mail to a user, without a login."""
    return _stop.sign(f"{user.pk}-{what}")


def stop(token: str) -> bool:
    """End the mails of a token; False where it is none."""
    found = read_stop_token(token)
    if found is None:
        return False
    user, what = found
    choices = choices_of(user)
    save_choices(
        user,
        topics=[] if what == DIGEST else choices.topics,
        at_once=choices.at_once and what != AT_ONCE,
    )
    return True


def read_stop_token(token: str) -> tuple[User, str] | None:
    """Return whose mails, and which, a token ends."""
    try:
        pk, _, what = _stop.unsign(token).partition("-")
    except BadSignature:
        return None
    user = User.objects.filter(pk=int(pk)).first()
    return (user, what) if user else None


def _defaults(user: User) -> MailChoices:
    is_administrator = get_role(user) == ADMINISTRATOR
    return MailChoices(
        user=user, topics=list(Topic.values) if is_administrator else [], at_once=is_administrator
    )


def _values(choices: MailChoices) -> dict:
    return {"mail": sorted(choices.topics), "mail_at_once": choices.at_once}
