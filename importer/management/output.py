"""What the commands of this app share: JSON or words, one-line errors, a progress bar on a terminal."""

import json
import sys

from django.core.management.base import BaseCommand, CommandError
from kombu.exceptions import OperationalError

from affiliate_site.celery import app
from affiliate_site.stores import find_problem
from importer.networks.contract import NetworkError
from importer.sentences import say


class Failure(CommandError):
    """What a command could not do; `result` is added to what `--json` prints of it."""

    def __init__(self, message: str, **result) -> None:
        super().__init__(message)
        self.result = result


class ScriptCommand(BaseCommand):
    """A command for scripts: a failure is one line on stderr and an exit code that is not 0.

    `--json` prints one JSON value, of a failure an object with "error".

    Subclasses implement `run(**options) -> dict`, and `describe(result) -> str` for people.
    """

    def create_parser(self, *args, **kwargs):
        parser = super().create_parser(*args, **kwargs)
        self.say_errors_in_one_line(parser)
        return parser

    def say_errors_in_one_line(self, parser) -> None:
        """Let a parser, or that of a subcommand, say what is wrong in one line; --help has the rest."""
        parser.print_usage = lambda file=None: None
        error = parser.error

        def say_and_exit(message: str) -> None:
            if "--json" in sys.argv:
                self.print_failure(message)
            error(message)

        parser.error = say_and_exit

    def add_arguments(self, parser) -> None:
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args, **options) -> None:
        try:
            result = self.run(**options)
        except NetworkError as error:
            if options["json"]:
                self.print_failure(say(error), code=error.code)
            raise CommandError(say(error)) from error
        except CommandError as error:
            if options["json"]:
                self.print_failure(str(error), **getattr(error, "result", {}))
            raise
        if options["json"]:
            self.stdout.write(json.dumps(result, ensure_ascii=False, default=str))
        else:
            self.stdout.write(self.describe(result))

    def print_failure(self, message: str, **result) -> None:
        self.stdout.write(json.dumps({**result, "error": message}, ensure_ascii=False, default=str))

    def run(self, **options) -> dict | list:
        raise NotImplementedError

    def describe(self, result) -> str:
        raise NotImplementedError

    def progress(self, done: int, total: int) -> None:
        """Draw a bar on a terminal; nothing elsewhere, so that logs and pipes stay clean."""
        if not sys.stderr.isatty():
            return
        width = 30
        filled = width * done // max(total, 1)
        end = "\n" if done >= total else ""
        sys.stderr.write(f"\r[{'#' * filled}{'.' * (width - filled)}] {done:,} of {total:,}{end}")
        sys.stderr.flush()


def require_worker() -> None:
    """Raise CommandError when no worker answers, with what to do."""
    try:
        answers = app.control.ping(timeout=2)
    except (OperationalError, OSError) as error:
        problem = find_problem() or "Redis cannot be reached, so no worker can be asked. Use --inline."
        raise CommandError(problem) from error
    if not answers:
        raise CommandError("No worker answers. Start one, or use --inline to work in this process.")
