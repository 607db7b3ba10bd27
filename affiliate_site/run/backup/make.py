"""Make a backup of the site while it runs."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from importlib.metadata import version as version_of
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from affiliate_site.run.backup import database
from affiliate_site.run.backup.archive import Manifest, Writer

DUMP, KEYS, MEDIA = "database.dump", "keys.json", "media/"


def make_backup(path: Path, *, with_keys: bool = True, with_files: bool = True) -> Manifest:
    """Write the site to `path` and return what the file says of itself. Raises BackupError.

    The database is that of one moment. Files are taken before it and, those that came meanwhile, after it:
    what a row names is there. Pictures in a bucket (S3) stay there.
    """
    with Writer(path) as writer, tempfile.TemporaryDirectory(dir=path.parent, prefix=".backup-") as folder:
        if with_keys:
            keys = {"secret_key": settings.SECRET_KEY, "credentials_keys": settings.CREDENTIALS_KEYS}
            writer.add_bytes(KEYS, json.dumps(keys).encode())
        seen: set[str] = set()
        if with_files:
            _add_files(writer, seen)
        with database.snapshot() as (name, tables):
            dump = Path(folder) / DUMP
            database.dump(dump, name)
            migrations = database.applied_migrations()
            version = database.server_version()
        with dump.open("rb") as source:
            writer.add(DUMP, source, dump.stat().st_size)
        if with_files:
            _add_files(writer, seen)
        return writer.finish(
            {
                "created_at": timezone.now().isoformat(timespec="seconds"),
                "version": version_of("affiliate-site"),
                "site_url": settings.SITE_URL,
                "postgres": version,
                "migrations": migrations,
                "tables": tables,
                "has_keys": with_keys,
                "file_count": len(seen),
            }
        )


def _add_files(writer: Writer, seen: set[str]) -> None:
    for path in _media_files():
        name = path.relative_to(settings.MEDIA_ROOT).as_posix()
        if name in seen:
            continue
        with suppress(FileNotFoundError), path.open("rb") as source:  # one that was deleted meanwhile
            writer.add(f"{MEDIA}{name}", source, path.stat().st_size)
            seen.add(name)


def _media_files() -> Iterator[Path]:
    for path in sorted(Path(settings.MEDIA_ROOT).rglob("*")):
        if path.is_file() and not path.is_symlink() and not path.name.startswith("."):
            yield path
