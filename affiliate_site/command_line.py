"""How every command ends that cannot work: one sentence, exit code 1, and JSON for who asked for it."""

import json
from collections.abc import Sequence

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from events.actor import acting_as

LOST = (
    "The connection to PostgreSQL was lost in the middle of it. It answers again: run the command once more. "
    "What it had begun goes on by itself while the site runs."
)


def run(argv: Sequence[str]) -> None:
    """Run the command of `argv`. Settings that cannot be and servers that do not answer end it in words."""
    name = argv[1] if len(argv) > 1 else "help"
    try:
        with acting_as(f"command:{name[:60]}"):
            execute_from_command_line(list(argv))
    except ImproperlyConfigured as error:
        fail(str(error), argv)
    except Exception as error:  # noqa: BLE001 whatever a driver says when its server is away
        problem = None if "--traceback" in argv else _in_words(error)
        if problem is None:
            raise
        fail(problem, argv, error)


def _in_words(error: Exception) -> str | None:
    from affiliate_site.stores import find_problem  # needs settings that work
    from catalog.database_away import is_away

    return find_problem() or (LOST if is_away(error) else None)


def fail(sentence: str, argv: Sequence[str], error: Exception | None = None) -> None:
    if "--json" in argv:
        print(json.dumps({"error": sentence}, ensure_ascii=False))
    raise SystemExit(sentence) from error
