"""DATABASE_URL and REDIS_URL, read for the settings: a wrong one is said in words, without its password."""

import dj_database_url
from django.core.exceptions import ImproperlyConfigured
from redis import ConnectionPool

DATABASE_FORM = "postgres://user:password@host:5432/database"
REDIS_FORM = "redis://host:6379/0"
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
    return found


def check_redis_url(url: str) -> str:
    """Return `url` when a client can read it. Raises ImproperlyConfigured."""
    try:
        ConnectionPool.from_url(url)
    except ValueError:  # which may quote the password
        raise ImproperlyConfigured(
            f"REDIS_URL cannot be read. Write {REDIS_FORM}, rediss:// or unix://. {HINT}"
        ) from None
    return url
