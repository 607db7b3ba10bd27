"""`manage.py desk push|categories|...`: what the desk does, for scripts."""

from typing import Any

from desk.commands import PARTS, Part
from events.actor import acting_as
from importer.management.output import ScriptCommand


class Command(ScriptCommand):
    help = "The advertiser's desk: push products, map categories, decide on publishers, report conversions."

    def add_arguments(self, parser: Any) -> None:
        parts = parser.add_subparsers(dest="part", metavar="PART", required=True)
        for name, part in PARTS.items():
            own = parts.add_parser(name, help=part.help, description=part.help)
            self.say_errors_in_one_line(own)
            super().add_arguments(own)
            part.add_arguments(own)

    def run(self, **options: Any) -> dict[str, Any]:
        self._part: Part = PARTS[options["part"]]
        with acting_as("command:desk"):
            return self._part.run(**options)

    def describe(self, result: dict[str, Any]) -> str:
        return self._part.describe(result)
