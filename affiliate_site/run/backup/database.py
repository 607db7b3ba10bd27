"""PostgreSQL's part of a backup: pg_dump and pg_restore, and what proves that all rows came along."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.db import DEFAULT_DB_ALIAS, connection, connections
from psycopg import sql
from psycopg.conninfo import make_conninfo

from affiliate_site.run.backup.archive import BackupError
from affiliate_site.run.servers import postgres_bin_dir
from affiliate_site.run.supervisor import SetupError

# Where the tables wait that a restore replaces, until the new ones are there.
ASIDE = "before_restore"
_DEBIAN = Path("/usr/lib/postgresql")


def find_tool(name: str) -> str:
    """Return pg_dump or pg_restore: the server's own version where it is installed, else a newer one.

    Raises BackupError where there is none.
    """
    server = server_version()
    found: list[tuple[int, str]] = []
    with suppress(SetupError):
        found.append((_version(str(postgres_bin_dir() / name)), str(postgres_bin_dir() / name)))
    candidates = [shutil.which(name), *map(str, _DEBIAN.glob(f"*/bin/{name}"))]
    found += [(_version(path), path) for path in filter(None, candidates)]
    able = sorted((version, path) for version, path in found if version >= server)
    if not able:
        raise BackupError(f"{name} of PostgreSQL {server} or newer is needed (on Debian: postgresql-client).")
    return able[0][1]


def _version(path: str) -> int:
    try:
        said = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=10, check=False)  # noqa: S603
    except OSError:
        return 0
    found = re.search(r"\) (\d+)", said.stdout)
    return int(found[1]) if found else 0


def server_version() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int / 10000")
        return cursor.fetchone()[0]


@contextmanager
def snapshot() -> Iterator[tuple[str, dict[str, int]]]:
    """Hold one moment of the database: yield its name for pg_dump, and how many rows each table has then."""
    connection.ensure_connection()
    with connection.cursor() as cursor:
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            cursor.execute("SELECT pg_export_snapshot()")
            name = cursor.fetchone()[0]
            yield name, count_rows()
        finally:
            cursor.execute("ROLLBACK")


def count_rows() -> dict[str, int]:
    """Return the number of rows of each table, by name."""
    counts = {}
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table)))
            counts[table] = cursor.fetchone()[0]
    return counts


def dump(target: Path, snapshot_name: str) -> None:
    """Write the database of that moment to `target`. Raises BackupError with pg_dump's own words."""
    command = [find_tool("pg_dump"), "--format=custom", "--no-owner", "--no-privileges", "--schema=public"]
    _run([*command, f"--snapshot={snapshot_name}", f"--file={target}"], "The database could not be read")


def restore(source: Path, expected: dict[str, int]) -> None:
    """Put a dump in the place of all tables; call it `alone`.

    `expected` is how many rows each table must have then. Raises BackupError, and then all is as it was.
    """
    _execute(f"ALTER SCHEMA public RENAME TO {ASIDE}", "CREATE SCHEMA public")
    command = [find_tool("pg_restore"), "--no-owner", "--no-privileges", "--exit-on-error"]
    try:
        # The schema is there already; to make and to comment it is all that a dump says of it.
        entries = _run([find_tool("pg_restore"), "--list", str(source)], "The dump could not be read")
        wanted = [line for line in entries.splitlines() if " SCHEMA - " not in line]
        listing = source.with_suffix(".list")
        listing.write_text("\n".join(wanted))
        _run(
            [
                *command,
                "--single-transaction",
                f"--use-list={listing}",
                f"--dbname={_conninfo()}",
                str(source),
            ],
            "The database could not be restored",
        )
        connection.close()
        if (counts := count_rows()) != expected:
            raise BackupError(f"Not all rows came: {_differences(expected, counts)}. All is as it was.")
    except BaseException:
        connection.close()
        recover()
        raise
    _execute(f"DROP SCHEMA {ASIDE} CASCADE")


@contextmanager
def alone() -> Iterator[None]:
    """Keep every other restore, and the start of the site, out. Raises BackupError while one is under way."""
    other = connections.create_connection(DEFAULT_DB_ALIAS)
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(hashtext('affiliate restore'))")
            if not cursor.fetchone()[0]:
                raise BackupError("A backup is being restored at this moment.")
            yield
    finally:
        other.close()


def recover() -> None:
    """Bring back the tables that a restore put aside and did not live to replace. Call it `alone`."""
    if is_put_aside():
        _execute("DROP SCHEMA IF EXISTS public CASCADE", f"ALTER SCHEMA {ASIDE} RENAME TO public")


def is_put_aside() -> bool:
    """Tell whether tables wait for a restore that is under way, or died."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regnamespace(%s) IS NOT NULL", [ASIDE])
        return cursor.fetchone()[0]


def has_site() -> bool:
    """Tell whether there are tables of a site."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('django_migrations') IS NOT NULL")
        return cursor.fetchone()[0]


def applied_migrations() -> dict[str, list[str]]:
    """Return the names of the migrations that were applied, by app."""
    found: dict[str, list[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations ORDER BY app, name")
        for app, name in cursor.fetchall():
            found.setdefault(app, []).append(name)
    return found


def _differences(expected: dict[str, int], came: dict[str, int]) -> str:
    names = sorted(name for name in expected.keys() | came.keys() if expected.get(name) != came.get(name))
    return ", ".join(f"{name} {came.get(name, 0):,} of {expected.get(name, 0):,}" for name in names[:5])


def _execute(*statements: str) -> None:
    connection.ensure_connection()
    with connection.cursor() as cursor:
        cursor.execute("; ".join(["BEGIN", *statements, "COMMIT"]))


def _conninfo() -> str:
    """Return where the database is, without the password: others see the arguments of a process."""
    params = connection.get_connection_params()
    names = (
        "host",
        "port",
        "user",
        "dbname",
        "sslmode",
        "sslrootcert",
        "sslcert",
        "sslkey",
        "connect_timeout",
    )
    return make_conninfo(**{name: params[name] for name in names if params.get(name) not in (None, "")})


def _run(command: list[str], failure: str) -> str:
    params = connection.get_connection_params()
    env = {**os.environ, "PGPASSWORD": str(params["password"])} if params.get("password") else {**os.environ}
    if "pg_dump" in Path(command[0]).name:
        command = [*command, f"--dbname={_conninfo()}"]
    done = subprocess.run(command, capture_output=True, text=True, env=env, check=False)  # noqa: S603 our own arguments
    if done.returncode:
        words = " ".join(done.stderr.split())[-300:]
        raise BackupError(f"{failure}: {words or f'{command[0]} ended with {done.returncode}'}")
    return done.stdout
