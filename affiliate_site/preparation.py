"""What a start needs before the first page: tables, static files, somebody who may log in."""

import hashlib
import os
import secrets

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command

from affiliate_site.translations import compile_translations


def prepare_site() -> str | None:
    """Migrate, compile translations and collect static files if they changed, make the first administrator.

    Returns the password that was made up for them: None when there is an administrator already, or when
    ADMIN_PASSWORD said it. Safe to run at every start.
    """
    call_command("migrate", interactive=False, verbosity=0)
    compile_translations()
    collect_static()
    return create_first_administrator()


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


def create_first_administrator() -> str | None:
    """Make the first superuser from ADMIN_USERNAME, ADMIN_PASSWORD and ADMIN_EMAIL, where there is none.

    Returns the password when it had to make one up.
    """
    users = get_user_model().objects
    if users.filter(is_superuser=True).exists():
        return None
    given = os.environ.get("ADMIN_PASSWORD")
    password = given or secrets.token_urlsafe(12)
    users.create_superuser(administrator_name(), os.environ.get("ADMIN_EMAIL", ""), password)
    return None if given else password
