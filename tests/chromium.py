"""Finds a Chromium for the browser tests, or gets one."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

# Playwright's own comes after these: it is a download of 150 MB.
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC_PATHS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
LAUNCH_ARGS = [
    "--no-sandbox",  # Chromium's sandbox refuses to run as root; the tests open only their own pages
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NO_BROWSER = (
    "No browser: install Chromium or Chrome (Debian: apt-get install chromium; "
    "anywhere: .venv/bin/playwright install chromium), then run the tests again."
)


def find_chromium(which: Callable[[str], str | None], works: Callable[[str], bool]) -> str | None:
    """Return the first installed Chromium or Chrome that `works`, on PATH or where macOS has it."""
    candidates = [path for name in NAMES if (path := which(name))]
    return next((path for path in (*candidates, *MAC_PATHS) if works(path)), None)


def get_chromium(
    own: str,
    *,
    which: Callable[[str], str | None] = shutil.which,
    works: Callable[[str], bool] | None = None,
    run: Callable[[list[str]], bool] | None = None,
    is_root: bool | None = None,
) -> str | None:
    """Return a working browser: an installed one, else Playwright's (at `own`), else Debian's; None without.

    The keyword arguments are what it asks the machine; tests answer in its place.
    """
    works, run = works or starts, run or succeeds
    is_root = os.geteuid() == 0 if is_root is None else is_root
    if found := find_chromium(which, works):
        return found
    if works(own) or (run([sys.executable, "-m", "playwright", "install", "chromium"]) and works(own)):
        return own
    if is_root and which("apt-get"):
        install = ["apt-get", "install", "-y", "--no-install-recommends", "chromium"]
        if run(install) or (run(["apt-get", "update"]) and run(install)):
            return find_chromium(which, works)
    return None


def starts(path: str) -> bool:
    """Return whether it runs at all: a distribution's stub only says how to install the real one."""
    return Path(path).exists() and succeeds([path, "--version"])


def succeeds(command: list[str]) -> bool:
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        return subprocess.run(command, env=env, capture_output=True, timeout=300).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False
