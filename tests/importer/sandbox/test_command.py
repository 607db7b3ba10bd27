"""`manage.py sandbox`: a line when ready, a clear word about a busy port, nothing of the site inside."""

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests

ROOT = Path(__file__).resolve().parents[3]
COMMAND = [sys.executable, str(ROOT / "manage.py"), "sandbox"]
FOREIGN = (
    "django",
    "celery",
    "zeep",
    "importer.networks",
    "importer.http.client",
    "importer.models",
    "catalog",
)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_command_says_where_it_listens_serves_and_stops(number):
    # As a background job of a script: with Ctrl-C ignored from the start.
    command = ["sh", "-c", 'trap "" INT; exec "$@"', "sh", *COMMAND, "--port", "0", "--items", "500"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        try:
            ready = child.stdout.readline().split()
            address = next(word for word in ready if word.startswith("http://"))
            assert "500" in requests.get(address, timeout=10).text
            child.send_signal(number)
            assert child.wait(10) == 0
        finally:
            child.kill()


def test_busy_port_is_one_line():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [*COMMAND, "--port", port], capture_output=True, text=True, timeout=60, check=False
        )
    assert done.returncode != 0
    assert f"Cannot listen on 127.0.0.1:{port}" in done.stderr
    assert "Traceback" not in done.stderr


def test_sandbox_knows_neither_the_site_nor_its_clients():
    script = "import sys, importer.sandbox.server; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True
    )
    loaded = done.stdout.split()
    assert "importer.sandbox.tradetracker.api" in loaded
    assert [name for name in FOREIGN if name in loaded] == []
