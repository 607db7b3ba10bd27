import sys
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError

from dashboard.settings_file.reading import import_settings, make_plan, read_file
from importer.management.output import ScriptCommand

WORDS = {"add": "new", "change": "changed", "same": "as it is", "refused": "refused"}


class Command(ScriptCommand):
    help = (
        "Say what a file of settings_export would change here; with --apply, do it: all or nothing. "
        "Accounts are changed where they are connected, and never made."
    )

    def add_arguments(self, parser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", help="the file, or - for standard input")
        parser.add_argument("--apply", action="store_true", help="carry it out")

    def run(self, *, file: str, apply: bool, **options) -> dict:
        try:
            text = sys.stdin.read() if file == "-" else Path(file).read_bytes()
            document = read_file(text)
            steps = import_settings(document) if apply else make_plan(document)
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from None
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        rows = [{name: getattr(step, name) for name in ("what", "name", "result", "note")} for step in steps]
        return {"applied": apply, "steps": rows}

    def describe(self, result: dict) -> str:
        lines = [
            f"{WORDS[row['result']]:>9}  {row['what']}: {row['name']}"
            + (f" ({row['note']})" if row["note"] else "")
            for row in result["steps"]
            if row["result"] != "same"
        ]
        same = sum(row["result"] == "same" for row in result["steps"])
        end = "Done." if result["applied"] else "Nothing was changed: add --apply to do it."
        return "\n".join([*lines, f"{same} things are as in the file.", end])
