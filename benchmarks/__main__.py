"""Run the benchmarks that are named, or all: `python -m benchmarks bulk_import`."""

import subprocess
import sys
from pathlib import Path

HELPERS = {"__init__", "__main__", "feeds", "settings", "site"}


def main(names: list[str]) -> int:
    known = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path.stem not in HELPERS)
    if unknown := [name for name in names if name not in known]:
        print(f"No benchmark {', '.join(unknown)}. There are: {', '.join(known)}.", file=sys.stderr)
        return 2
    # A process each: none inherits another's memory or servers.
    codes = [
        subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode
        for name in names or known
    ]
    return max(codes, default=0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
