"""What stands in the way of this version: settings that are gone, old servers, a full disk, no backup."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register
from django.db import DatabaseError, connection
from dotenv import dotenv_values

from affiliate_site.redis import RedisError, get_redis
from dashboard.operations import missing_migrations

LEAST_POSTGRESQL = 16
LEAST_REDIS = 7
LEAST_DISK = 2 * 10**9  # bytes: a migration may write a table anew
OLDEST_BACKUP = timedelta(days=2)
_KNOWN = re.compile(r"^#? ?([A-Z][A-Z0-9_]+)=", re.MULTILINE)
_READ = re.compile(r'env\.\w+\(\s*"([A-Z0-9_]+)"')


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence, and whether the new version must not be started before it is dealt with."""

    code: str
    text: str
    stops: bool = True


def find_all(backups: Path | None = None) -> list[Finding]:
    """Return what stands in the way; [] where nothing does. `backups`: the folder with backups."""
    return [
        *_settings(),
        *_database(),
        *_redis(),
        *_disk(),
        *_backup(backups or settings.VAR_DIR / "backups"),
    ]


def _settings() -> Iterator[Finding]:
    """Yield the names in `.env` that this version does not read: `.env.example` has all that it does."""
    known = set(_KNOWN.findall((settings.BASE_DIR / ".env.example").read_text()))
    known |= set(_READ.findall((settings.BASE_DIR / "affiliate_site" / "settings.py").read_text()))
    file = os.environ.get("ENV_FILE", str(settings.BASE_DIR / ".env"))
    for name in sorted(dotenv_values(file).keys() - known):
        text = (
            f"{name} in {Path(file).name} is not read (any more). Look it up in CHANGELOG.md, or take it out."
        )
        yield Finding("setting_unknown", text, stops=False)


def _database() -> Iterator[Finding]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version_num")
            version = int(cursor.fetchone()[0]) // 10_000
        missing = missing_migrations()
    except DatabaseError as error:
        yield Finding("database_away", f"The database does not answer: {type(error).__name__}.")
        return
    if version < LEAST_POSTGRESQL:
        yield Finding(
            "postgresql_old", f"PostgreSQL is {version}: {LEAST_POSTGRESQL} is the oldest that serves."
        )
    if missing:
        names = ", ".join(missing[:5]) + (" ..." if len(missing) > 5 else "")
        yield Finding("migrations_missing", f"To be applied (manage.py prepare): {names}.", stops=False)


def _redis() -> Iterator[Finding]:
    try:
        version = str(get_redis().info("server")["redis_version"])
    except RedisError:
        yield Finding("redis_away", "Redis does not answer.")
        return
    if int(version.partition(".")[0]) < LEAST_REDIS:
        yield Finding("redis_old", f"Redis is {version}: {LEAST_REDIS} is the oldest that serves.")


def _disk() -> Iterator[Finding]:
    free = shutil.disk_usage(settings.VAR_DIR).free
    if free < LEAST_DISK:
        yield Finding("disk_full", f"{free / 10**9:.1f} GB are free on the disk of {settings.VAR_DIR.name}/.")


def _backup(folder: Path) -> Iterator[Finding]:
    made = [path.stat().st_mtime for path in folder.glob("*") if path.is_file()] if folder.is_dir() else []
    if not made:
        yield Finding("backup_missing", f"There is no backup in {folder}. Make one: manage.py backup.")
        return
    age = datetime.now().timestamp() - max(made)
    if age > OLDEST_BACKUP.total_seconds():
        yield Finding(
            "backup_old", f"The newest backup is {age / 86_400:.0f} days old. Make one: manage.py backup."
        )


@register(Tags.compatibility)
def check_settings(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """Say in `manage.py check`, which every start runs, which settings are not read any more."""
    return [Warning(finding.text, id=f"affiliate_site.{finding.code}") for finding in _settings()]
