"""Put a backup in the place of a site."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader

from affiliate_site.run.backup import database
from affiliate_site.run.backup.archive import BackupError, Manifest, members, read_manifest
from affiliate_site.run.backup.make import DUMP, KEYS, MEDIA
from mail.outbox import distrust

SPARE_KEYS = "restored_keys.json"


@dataclass(frozen=True, kw_only=True)
class Restored:
    """What was put back; `notes` are sentences on what is left to do."""

    manifest: Manifest
    file_count: int
    notes: list[str] = field(default_factory=list)


def put_back(path: Path, *, replace: bool = False) -> Restored:
    """Make the site what it was when the backup was made. Raises BackupError; then nothing has changed.

    The file is read whole before anything is touched. A site that is there already is replaced only with
    `replace`. Tables change at one moment, files before it: names of pictures say what is in them, so that
    those of the site as it is stay right. Call it while nothing else works on the site.
    """
    manifest = read_manifest(path)
    _refuse_newer(path, manifest)
    with (
        database.alone(),
        tempfile.TemporaryDirectory(dir=_made(settings.VAR_DIR), prefix=".restore-") as folder,
    ):
        database.recover()
        if database.has_site() and not replace:
            raise BackupError("The database holds a site already. --replace puts the backup in its place.")
        keys, file_count = _unpack(path, Path(folder))
        database.restore(Path(folder) / DUMP, manifest.tables)
    call_command("migrate", interactive=False, verbosity=0)
    distrust()
    return Restored(manifest=manifest, file_count=file_count, notes=_put_keys(keys))


def _refuse_newer(path: Path, manifest: Manifest) -> None:
    known = MigrationLoader(None).disk_migrations
    apps = {app for app, _ in known}
    unknown = [
        f"{app}.{name}"
        for app, names in manifest.migrations.items()
        for name in names
        if app not in apps or (app, name) not in known
    ]
    if unknown:
        raise BackupError(
            f"{path} was made by another version of this software ({manifest.version}), which has "
            f"{', '.join(unknown[:3])}. Restore it with that version or a newer one. Nothing was changed."
        )


def _unpack(path: Path, folder: Path) -> tuple[dict, int]:
    """Put the files where they belong and the dump into `folder`; return the keys and how many files."""
    keys, count = {}, 0
    for info, source in members(path):
        if info.name == KEYS:
            keys = json.loads(source.read())
        elif info.name == DUMP:
            with (folder / DUMP).open("wb") as target:
                shutil.copyfileobj(source, target)
        elif info.name.startswith(MEDIA):
            target_path = Path(settings.MEDIA_ROOT) / info.name.removeprefix(MEDIA)
            draft = _made(target_path.parent) / f".{target_path.name}.part"
            with draft.open("wb") as target:
                shutil.copyfileobj(source, target)
            draft.replace(target_path)
            count += 1
    return keys, count


def _put_keys(keys: dict) -> list[str]:
    """Let the site read the credentials again; return what a person has to do for it."""
    if not keys:
        return ["The backup holds no keys: put the site's own SECRET_KEY and CREDENTIALS_KEYS into .env."]
    if set(keys["credentials_keys"]) <= set(settings.CREDENTIALS_KEYS):
        return []
    if not os.environ.get("SECRET_KEY"):
        _write_secret(settings.VAR_DIR / "secret_key", keys["secret_key"])
        if keys["credentials_keys"] == [keys["secret_key"]]:
            return []
    spare = settings.VAR_DIR / SPARE_KEYS
    _write_secret(spare, json.dumps(keys, indent=1))
    return [
        f"Its credentials are encrypted with other keys than this site's. They lie in {spare}: add them "
        "to CREDENTIALS_KEYS in .env, run reencrypt_credentials, then delete the file."
    ]


def _write_secret(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.part")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    draft.replace(path)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
