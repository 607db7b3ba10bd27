from contextlib import ExitStack
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from affiliate_site.run.backup.archive import BackupError
from affiliate_site.run.backup.make import make_backup
from affiliate_site.run.lock import own_stores
from affiliate_site.run.supervisor import SetupError
from affiliate_site.stores import find_database_problem
from importer.management.output import Failure, ScriptCommand

NAME = "affiliate-%Y%m%d-%H%M%S.tar"


class Command(ScriptCommand):
    help = (
        "Write the whole site into one file: the database as it is at one moment, the pictures and the keys "
        "of the credentials. The site may run meanwhile. Keep the file where only you can read it."
    )

    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.add_argument("file", nargs="?", type=Path, help="where to (var/backups/affiliate-TIME.tar)")
        parser.add_argument("--without-keys", action="store_true", help="leave out what decrypts credentials")
        parser.add_argument("--without-pictures", action="store_true", help="leave out the media folder")
        parser.add_argument(
            "--keep", type=int, metavar="N", help="delete all but the newest N of var/backups"
        )

    def run(self, *, file, without_keys, without_pictures, keep, **options):
        folder = settings.VAR_DIR / "backups"
        path = (file or folder / timezone.localtime().strftime(NAME)).absolute()
        if path.exists():
            raise Failure(f"{path} is there already.")
        if keep is not None and keep < 1:
            raise Failure("--keep needs at least 1.")
        try:
            with ExitStack() as stack:
                if settings.EMBEDDED_POSTGRES and find_database_problem():
                    stack.enter_context(own_stores("a backup"))
                manifest = make_backup(path, with_keys=not without_keys, with_files=not without_pictures)
        except (BackupError, SetupError) as error:
            raise Failure(str(error)) from error
        deleted = delete_old(folder, keep) if keep else []
        return {
            "file": str(path),
            "bytes": path.stat().st_size,
            "rows": sum(manifest.tables.values()),
            "files": manifest.file_count,
            "has_keys": manifest.has_keys,
            "deleted": deleted,
        }

    def describe(self, result):
        size = f"{result['bytes'] / 10**6:,.1f} MB, {result['rows']:,} rows, {result['files']:,} files"
        keys = "with the keys" if result["has_keys"] else "without the keys of the credentials"
        return f"{result['file']}: {size}, {keys}."


def delete_old(folder: Path, keep: int) -> list[str]:
    """Delete all but the newest backups that this command named."""
    old = sorted(folder.glob("affiliate-*.tar"))[:-keep]
    for path in old:
        path.unlink()
    return [str(path) for path in old]
