"""DATABASE_URL, REDIS_URL and EMAIL_URL, read for the settings: a wrong one is said without its password."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured
from redis import ConnectionPool

DATABASE_FORM = "postgres://user:password@host:5432/database"
REDIS_FORM = "redis://host:6379/0"
EMAIL_FORM = "smtp://user:password@host:587?tls=1, smtps://user:password@host, file: or console:"
# (scheme, options) -> the usual port; whether it turns to TLS at the start, and whether it begins with it.
SMTP = {
    ("smtp", ""): (25, False, False),
    ("smtp", "tls=0"): (25, False, False),
    ("smtp", "tls=1"): (587, True, False),
    ("smtps", ""): (465, False, True),
}
EMAIL_TIMEOUT = 20  # seconds for each answer; the mail worker, and nobody else, stands still meanwhile
HINT = "A sign of the password that is neither letter nor digit is written as %XX, as in any address."


def parse_database_url(url: str) -> dict:
    """Return Django's settings of the database at `url`. Raises ImproperlyConfigured."""
    try:
        found = dj_database_url.parse(url)
    except (ValueError, KeyError):  # which may quote the password
        raise ImproperlyConfigured(f"DATABASE_URL cannot be read. Write {DATABASE_FORM}. {HINT}") from None
    if not found["ENGINE"].endswith(".postgresql"):
        raise ImproperlyConfigured(f"DATABASE_URL must lead to PostgreSQL. Write {DATABASE_FORM}.")
    if not found["NAME"]:
        raise ImproperlyConfigured(f"DATABASE_URL names no database. Write {DATABASE_FORM}.")
    return dict(found)


def check_redis_url(url: str) -> str:
    """Return `url` when a client can read it. Raises ImproperlyConfigured."""
    try:
        ConnectionPool.from_url(url)
    except ValueError:  # which may quote the password
        raise ImproperlyConfigured(
            f"REDIS_URL cannot be read. Write {REDIS_FORM}, rediss:// or unix://. {HINT}"
        ) from None
    return url


def parse_email_url(url: str, folder: Path) -> dict:
    """Return Django's settings for sending e-mail by `url`; "" and `file:` write files into `folder`.

    Raises ImproperlyConfigured, in words that quote nothing of the address.
    """
    failure = ImproperlyConfigured(f"EMAIL_URL cannot be read. Write {EMAIL_FORM}. {HINT}")
    try:
        parts = urlsplit(url or "file:")
        host, port = parts.hostname, parts.port
    except ValueError:  # which may quote the password
        raise failure from None
    way = parts.scheme, parts.query
    if parts.fragment:  # as after a password with a "#"
        raise failure
    if way in SMTP and host and parts.path in ("", "/"):
        usual_port, starts_tls, is_tls = SMTP[way]
        return {
            "EMAIL_BACKEND": "mail.smtp.Backend",
            "EMAIL_HOST": host,
            "EMAIL_PORT": port or usual_port,
            "EMAIL_HOST_USER": unquote(parts.username or ""),
            "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
            "EMAIL_USE_TLS": starts_tls,
            "EMAIL_USE_SSL": is_tls,
            "EMAIL_TIMEOUT": EMAIL_TIMEOUT,
        }
    if way == ("file", "") and not parts.netloc:
        path = unquote(parts.path) or str(folder)
        return {"EMAIL_BACKEND": "mail.files.Backend", "EMAIL_FILE_PATH": path}
    if way == ("console", "") and not parts.netloc and not parts.path:
        return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    raise failure
