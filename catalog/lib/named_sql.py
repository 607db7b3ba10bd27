"""Statements in a file of their own, where they are long: SQL as SQL."""

import re
from pathlib import Path

_NAME = re.compile(r"^-- name: (\w+)\n", re.M)


def read_statements(module: str) -> dict[str, str]:
    """Return the statements by name of the `.sql` file beside a module (its `__file__`).

    Each begins with a line `-- name: find_stale`; parameters are psycopg's, `%(feed)s`.
    """
    _, *parts = _NAME.split(Path(module).with_suffix(".sql").read_text())
    return dict(zip(parts[::2], parts[1::2], strict=True))
