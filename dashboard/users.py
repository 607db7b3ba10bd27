"""Who works on the site, and in which role."""

from django.contrib.auth.models import Group, User
from django.db import transaction
from django.db.models import Q, QuerySet

from affiliate_site.roles import ADMINISTRATOR, DESK, EDITOR
from events.kinds import Kind
from events.record import changes, record

ROLES = (ADMINISTRATOR, EDITOR, DESK)


class LastAdministrator(Exception):
    """The change would leave the site without an administrator who can log in."""


def administrators() -> QuerySet[User]:
    """Return the administrators who can log in; one made by `createsuperuser` is one too."""
    return User.objects.filter(
        Q(is_superuser=True) | Q(groups__name=ADMINISTRATOR), is_active=True
    ).distinct()


def users_with_roles() -> QuerySet[User]:
    """Return all users by name, read with what their roles follow from."""
    return User.objects.prefetch_related("groups").order_by("username")


def get_role(user: User) -> str:
    """Return the role of a user: one of ROLES, or "" for none."""
    names = {group.name for group in user.groups.all()}
    if user.is_superuser or ADMINISTRATOR in names:
        return ADMINISTRATOR
    return next((role for role in ROLES if role in names), "")


def save_user(user: User, *, role: str) -> User:
    """Save a user in a role. Raises LastAdministrator, and changes nothing, where nobody would be left.

    Two administrators who demote each other at once wait for each other at the group's row.
    """
    with transaction.atomic():
        group = Group.objects.select_for_update().get(name=ADMINISTRATOR)
        stored = User.objects.prefetch_related("groups").filter(pk=user.pk).first()
        old = _values(stored, get_role(stored)) if stored else {}
        if role != ADMINISTRATOR:
            user.is_superuser = False
            group = Group.objects.get(name=role)
        user.save()
        user.groups.set([group])
        if not administrators().exists():
            raise LastAdministrator
        new = _values(user, role)
        if stored is None:
            record(Kind.USER_CREATED, f"user:{user.pk}", after=new)
        elif changed := changes(old, new):
            record(Kind.USER_CHANGED, f"user:{user.pk}", **changed)
        if stored and stored.password != user.password:
            record_password(user)
    return user


def set_password(user: User, password: str) -> None:
    """Give a user another password."""
    with transaction.atomic():
        user.set_password(password)
        user.save(update_fields=["password"])
        record_password(user)


def record_password(user: User) -> None:
    """Note that a user has another password; what it is, no event holds."""
    record(Kind.USER_CHANGED, f"user:{user.pk}", after={"username": user.username, "password": "changed"})


def _values(user: User, role: str) -> dict[str, str | bool]:
    return {"username": user.username, "email": user.email, "is_active": user.is_active, "role": role}
