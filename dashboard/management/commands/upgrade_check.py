import sys
from pathlib import Path

from dashboard.upgrade import find_all
from importer.management.output import ScriptCommand


class Command(ScriptCommand):
    help = (
        "Say what stands in the way of this version: settings that are gone, migrations, the versions of "
        "PostgreSQL and Redis, the disk, the age of the last backup. Exit code 1 where something does."
    )

    def add_arguments(self, parser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--backups", help="the folder with backups; without one var/backups")

    def run(self, *, backups: str | None = None, **options) -> dict:
        found = find_all(Path(backups) if backups else None)
        rows = [{"code": each.code, "text": each.text, "stops": each.stops} for each in found]
        self.is_ready = not any(each.stops for each in found)
        return {"ready": self.is_ready, "findings": rows}

    def handle(self, *args, **options) -> None:
        super().handle(*args, **options)
        if not self.is_ready:
            sys.exit(1)

    def describe(self, result: dict) -> str:
        lines = [("! " if row["stops"] else "  ") + row["text"] for row in result["findings"]]
        return "\n".join([*lines, "Ready." if result["ready"] else "Deal with what is marked first."])
