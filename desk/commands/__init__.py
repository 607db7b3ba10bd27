"""The parts of `manage.py desk`, by name. Each part of the desk adds its own."""

from typing import Any, Protocol

from django.core.management.base import CommandParser

from desk.commands import applications, categories, convert, pending, push, report


class Part(Protocol):
    """One subcommand: what it takes, does (a value for `--json`) and says of it."""

    help: str

    def add_arguments(self, parser: CommandParser) -> None: ...

    def run(self, **options: Any) -> dict[str, Any]: ...

    def describe(self, result: dict[str, Any]) -> str: ...


PARTS: dict[str, Part] = {
    "push": push,
    "categories": categories,
    "applications": applications,
    "pending": pending,
    "convert": convert,
    "report": report,
}
