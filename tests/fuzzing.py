"""How much the fuzz tests try: little, and always the same, unless somebody asks for more (docs/tests.md)."""

import os

from hypothesis import HealthCheck, settings

ROWS = int(os.environ.get("FUZZ_ROWS", "2000"))  # of the feeds that are synced
SEEDS = int(os.environ.get("FUZZ_SEEDS", "3"))
_EXAMPLES = os.environ.get("FUZZ_EXAMPLES", "")


def fuzzed(examples):
    """Try so many examples, unless FUZZ_EXAMPLES asks for others, which then are new each time."""
    return settings(
        max_examples=int(_EXAMPLES or examples),
        deadline=None,
        derandomize=not _EXAMPLES,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
