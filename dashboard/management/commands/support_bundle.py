from pathlib import Path

from django.conf import settings
from django.utils import timezone

from dashboard.support import write_bundle
from importer.management.output import Failure, ScriptCommand


class Command(ScriptCommand):
    help = (
        "Write what somebody who helps you has to know into one zip: versions, numbers, the state of feeds "
        "and runs, the ends of the logs. Secrets, e-mail addresses and visitors' addresses are blanked."
    )

    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.add_argument("file", nargs="?", type=Path, help="where to (var/support-TIME.zip)")

    def run(self, *, file, **options):
        path = (
            file or settings.VAR_DIR / timezone.localtime().strftime("support-%Y%m%d-%H%M%S.zip")
        ).absolute()
        try:
            parts = write_bundle(path)
        except FileExistsError:
            raise Failure(f"{path} is there already.") from None
        except OSError as error:
            raise Failure(f"{path} cannot be written ({error.strerror}).") from error
        return {"file": str(path), "bytes": path.stat().st_size, "parts": parts}

    def describe(self, result):
        return f"{result['file']}: {len(result['parts'])} parts. Look into it before you send it on."
