"""Do PostgreSQL and Redis serve this site? If not: what is wrong, in a sentence, never with a password."""

import re

import redis
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from django.db import Error as DatabaseError
from django.db.backends.postgresql.base import DatabaseWrapper

TIMEOUT = 5  # seconds
MIN_POSTGRES = 15
MIN_REDIS = 7  # as Debian 12 has it; Valkey began as 7.2
ASK = """
    SELECT current_setting('server_version_num')::int / 10000,
           current_setting('server_encoding'),
           pg_is_in_recovery(),
           coalesce(has_schema_privilege(current_schema(), 'CREATE'), false)
"""
NOT_RUNNING = (
    "The site is not running. Start it in another terminal: make run, or .venv/bin/python manage.py up. "
    "To use servers of your own, set DATABASE_URL and REDIS_URL."
)


def find_problem() -> str | None:
    """Return what is wrong with PostgreSQL, else with Redis; None when both serve. Takes seconds at most."""
    problem = find_database_problem()
    if problem:
        return NOT_RUNNING if settings.EMBEDDED_POSTGRES else f"{problem} DATABASE_URL says where it is."
    problem = find_redis_problem()
    if problem:
        return NOT_RUNNING if settings.EMBEDDED_REDIS else f"{problem} REDIS_URL says where it is."
    return None


def find_database_problem() -> str | None:
    # Django's own backend: the site's may answer out of what it saw a second ago.
    known = connections[DEFAULT_DB_ALIAS].settings_dict
    connection = DatabaseWrapper(
        {**known, "OPTIONS": {**known["OPTIONS"], "connect_timeout": TIMEOUT}}, DEFAULT_DB_ALIAS
    )
    where = "PostgreSQL at {}, database {},".format(
        known["OPTIONS"].get("host") or known["HOST"] or "this machine", known["NAME"]
    )
    try:
        with connection.cursor() as cursor:
            cursor.execute(ASK)
            version, encoding, is_standby, may_create = cursor.fetchone()
    except DatabaseError as error:
        return f"{where} cannot be used: {reason(error)}."
    finally:
        connection.close()
    if version < MIN_POSTGRES:
        return f"{where} is version {version}: {MIN_POSTGRES} or newer is needed."
    if encoding != "UTF8":
        return f"{where} keeps text as {encoding}: make the database with ENCODING 'UTF8'."
    if is_standby:
        return f"{where} is a standby that takes no changes."
    if not may_create:
        return f"{where} does not let this user make tables: make the user the owner of the database."
    return None


def find_redis_problem() -> str | None:
    client = redis.from_url(settings.REDIS_URL, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT)
    address = {"host": "localhost", "port": 6379} | client.connection_pool.connection_kwargs
    where = f"Redis at {address.get('path') or '{host}:{port}'.format(**address)}"
    try:
        # Valkey says there which Redis it stands for.
        version = client.info("server")["redis_version"]
    except redis.RedisError as error:
        return f"{where} cannot be used: {reason(error)}."
    except (KeyError, TypeError, ValueError):
        return f"{where} cannot be used: what answers there is no Redis."
    finally:
        client.close()
    if int(version.split(".")[0]) < MIN_REDIS:
        return f"{where} is version {version}: Valkey, or Redis {MIN_REDIS} or newer, is needed."
    return None


def reason(error: Exception) -> str:
    """Return the server's or the driver's own words in one line, without what they say of the address."""
    text = str(error).strip().split("\n")[0]
    text = re.sub(r"^(connection (failed|is bad|error): )?(connection to server .*? failed: )?", "", text)
    text = re.sub(r"^(FATAL|ERROR):\s+", "", text)
    text = re.sub(r"^Error -?\d+ connecting to \S+ ", "", text)
    text = re.sub(r"\[Errno -?\d+\] ", "", text).rstrip(". ")
    return text[:1].lower() + text[1:] or "it does not answer"
