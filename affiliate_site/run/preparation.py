"""What a start needs before the first page: tables, static files, somebody who may log in."""

import hashlib
import os
import secrets
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import transaction

from affiliate_site.run.backup import database
from affiliate_site.run.backup.archive import BackupError
from affiliate_site.run.supervisor import SetupError
from affiliate_site.run.translations import compile_translations
from affiliate_site.stores import find_problem
from events.kinds import Kind
from events.record import record


def prepare_site() -> None:
    """Migrate, compile translations and collect static files if they changed. Safe to run at every start.

    Raises SetupError, with the reason, where PostgreSQL or Redis cannot be used.
    """
    if problem := find_problem():
        raise SetupError(problem)
    bring_back_tables()
    call_command("migrate", interactive=False, verbosity=0)
    compile_translations()
    collect_static()


def bring_back_tables() -> None:
    """Undo a restore that died half way: its tables wait aside, and `migrate` would make empty ones."""
    if database.is_put_aside():
        try:
            with database.alone():
                database.recover()
        except BackupError as error:
            raise SetupError(f"{error} Start the site when that is done.") from None


def collect_static() -> None:
    """Bring STATIC_ROOT up to date; costs milliseconds when no file changed since the last time."""
    stamp = settings.STATIC_ROOT / ".stamp"
    digest = static_digest()
    if stamp.exists() and stamp.read_text() == digest:
        return
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(digest)


def static_digest() -> str:
    """Return a digest of every static file's place, size and time."""
    digest = hashlib.sha256(settings.STORAGES["staticfiles"]["BACKEND"].encode())
    for finder in get_finders():
        for name, storage in sorted(finder.list([]), key=lambda found: found[0]):
            path = storage.path(name)
            found = os.stat(path)
            digest.update(f"{path}\0{found.st_size}\0{found.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def administrator_name() -> str:
    return os.environ.get("ADMIN_USERNAME") or "admin"


def make_first_administrator(say: Callable[[str], None]) -> None:
    """Make the first superuser from ADMIN_USERNAME, ADMIN_PASSWORD and ADMIN_EMAIL, where there is none.

    A password that is made up is said; whoever cannot be told it is not made either. So call it last: a start
    that fails before leaves nobody behind whose password is lost.
    """
    if User.objects.filter(is_superuser=True).exists():
        return
    given = os.environ.get("ADMIN_PASSWORD")
    password = given or new_password()
    with transaction.atomic():
        email = os.environ.get("ADMIN_EMAIL", "")
        user = User.objects.create_superuser(administrator_name(), email, password)
        record(Kind.USER_CREATED, f"user:{user.pk}", after={"username": user.username, "email": email})
        if not given:
            say(
                f"Log in as {administrator_name()} with the password {password} "
                "(shown only now; a new one: manage.py admin_password)"
            )


def new_password() -> str:
    return secrets.token_urlsafe(12)
