"""What services raise, and how they get along with imports that write at the same time."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import OperationalError, connection
from psycopg.errors import DeadlockDetected

TRIES = 3


class CatalogError(Exception):
    """A sentence for the user about what cannot be done."""


def again_on_deadlock(service: Callable[..., Any]) -> Callable[..., Any]:
    """Run a service again where PostgreSQL ended it because an import waited for it, too.

    Inside a transaction of the caller it is not repeated: all of that is undone.
    """

    @wraps(service)
    def run(*args: Any, **kwargs: Any) -> Any:
        for _ in range(TRIES - 1):
            try:
                return service(*args, **kwargs)
            except OperationalError as error:
                if not isinstance(error.__cause__, DeadlockDetected) or connection.in_atomic_block:
                    raise
        return service(*args, **kwargs)

    return run
