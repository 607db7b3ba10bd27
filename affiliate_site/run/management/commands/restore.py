import shutil
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.core.cache import cache

from affiliate_site.run.backup.archive import BackupError
from affiliate_site.run.backup.put_back import put_back
from affiliate_site.run.lock import own_stores
from affiliate_site.run.supervisor import SetupError
from importer.management.output import Failure, ScriptCommand


class Command(ScriptCommand):
    help = (
        "Make the site what it was when a backup was made. Stop the site first. The file is checked whole "
        "before anything changes; a site that is there already is replaced only with --replace."
    )

    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.add_argument("file", type=Path, help="what `backup` wrote")
        parser.add_argument("--replace", action="store_true", help="replace the site that is there")

    def run(self, *, file, replace, **options):
        try:
            with own_stores("a restore"):
                restored = put_back(file, replace=replace)
                self.forget_what_was_kept()
        except (BackupError, SetupError) as error:
            raise Failure(str(error)) from error
        return {
            "file": str(file),
            "created_at": restored.manifest.created_at,
            "rows": sum(restored.manifest.tables.values()),
            "files": restored.file_count,
            "notes": restored.notes,
        }

    def forget_what_was_kept(self) -> None:
        """Drop kept pages and queued messages of the site that was there: rows are the truth."""
        if settings.EMBEDDED_REDIS:
            shutil.rmtree(settings.VAR_DIR / "redis", ignore_errors=True)
        else:
            with suppress(Exception):  # pages are kept for minutes only
                cache.clear()

    def describe(self, result):
        counts = f"{result['rows']:,} rows, {result['files']:,} files"
        return "\n".join([f"Restored the site of {result['created_at']}: {counts}.", *result["notes"]])
