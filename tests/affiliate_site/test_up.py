"""`manage.py up` as a person meets it: a real process, its children, its ports."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parents[2]
MANAGE = [sys.executable, str(ROOT / "manage.py")]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def command_of(process: psutil.Process) -> str:
    """What it was started with, empty when it has ended."""
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return ""


def cpu_seconds(process: psutil.Process) -> float:
    """What it and its ended children have used; nothing when it has ended, its parent counts it then."""
    try:
        return sum(process.cpu_times()[:4])
    except psutil.NoSuchProcess:
        return 0


class Site:
    """One site in a folder of its own; `start` and `stop` it as often as needed."""

    def __init__(self, var_dir: Path) -> None:
        self.var_dir = var_dir
        self.port = free_port()
        self.process = None
        self.output_path = var_dir.parent / "output"
        inherited = {
            name: value
            for name, value in os.environ.items()
            if name not in ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE")
        }
        self.env = {**inherited, "VAR_DIR": str(var_dir), "PYTHONUNBUFFERED": "1"}

    def start(self, *options: str) -> float:
        """Start it; return the processor seconds that the first page took.

        Not the time on the clock: that depends on what else the machine does.
        """
        with self.output_path.open("w") as output:
            self.process = subprocess.Popen(
                [*MANAGE, "up", "--port", str(self.port), *options],
                env=self.env,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self.wait_for(lambda: self.get("/healthz") == 200)
        seconds = sum(map(cpu_seconds, self.processes()))
        self.wait_for(lambda: "Ctrl-C stops it." in self.output)
        return seconds

    def run(self, *options: str) -> subprocess.CompletedProcess:
        """Run a second `up` that is expected to end by itself."""
        return subprocess.run(
            [*MANAGE, "up", *options], env=self.env, capture_output=True, text=True, timeout=30
        )

    def stop(self, number: int = signal.SIGINT) -> None:
        self.process.send_signal(number)
        self.process.wait(30)

    def get(self, path: str) -> int | None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as response:  # noqa: S310
                return response.status
        except OSError:
            return None

    def health(self) -> dict:
        """What it says of itself; nothing while it does not answer."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=2) as response:  # noqa: S310
                return json.load(response)
        except OSError:
            return {}

    @property
    def output(self) -> str:
        return self.output_path.read_text()

    def processes(self) -> list[psutil.Process]:
        """Every living process of this site: each has its folder in its environment or (Valkey) its title."""
        found = []
        for process in psutil.process_iter():
            try:
                ours = process.environ().get("VAR_DIR") == str(self.var_dir)
                ours = ours or str(self.var_dir) in command_of(process)
                if ours and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
        return found

    def process_named(self, words: str) -> psutil.Process | None:
        """The oldest process that has `words` in its command, None when there is none."""
        found = [process for process in self.processes() if words in command_of(process)]
        return min(found, key=lambda process: process.create_time(), default=None)

    def wait_for(self, condition, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert self.process is None or self.process.poll() is None, self.output
            assert time.monotonic() < deadline, self.output
            time.sleep(0.05)


@pytest.fixture
def site():
    # As a clone in /root or in a folder of mktemp: nobody else may enter it.
    folder = Path(tempfile.mkdtemp(prefix="affiliate-up-"))
    site = Site(folder / "var")
    yield site
    for process in site.processes():
        process.kill()
    shutil.rmtree(folder, ignore_errors=True)


def test_it_starts_quickly_keeps_everything_and_leaves_no_process(site):
    site.start()
    password = re.search(r"Log in as admin with the password (\S+)", site.output)[1]
    site.stop()
    assert site.processes() == []
    assert "Stopped." in site.output

    seconds = site.start()
    assert seconds < 12, "with nothing else to do, the second start takes no longer"
    assert "password" not in site.output, "it is shown once"
    check = (
        "from django.contrib.auth.models import User; user = User.objects.get(username='admin');"
        f"assert user.is_superuser and user.check_password({password!r})"
    )
    subprocess.run(
        [*MANAGE, "shell", "--no-imports", "-c", check], env=site.env, check=True, capture_output=True
    )
    site.stop(signal.SIGTERM)
    assert site.processes() == []


def test_the_first_administrator_comes_from_the_environment(site):
    site.env |= {
        "ADMIN_USERNAME": "ada",
        "ADMIN_PASSWORD": "correct horse",
        "ADMIN_EMAIL": "ada@shop.example",
    }
    site.start()
    assert "password" not in site.output
    check = (
        "from django.contrib.auth.models import User; user = User.objects.get(username='ada');"
        "assert user.check_password('correct horse') and user.email == 'ada@shop.example'"
    )
    subprocess.run(
        [*MANAGE, "shell", "--no-imports", "-c", check], env=site.env, check=True, capture_output=True
    )
    site.stop()


def test_a_first_start_that_fails_swallows_no_password(site):
    failed = subprocess.run(
        [*MANAGE, "up", "--port", str(site.port)],
        env=site.env | {"GRANIAN_LOG_LEVEL": "nonsense"},  # the web server refuses it
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert failed.returncode == 1
    assert "web did not start" in failed.stderr
    assert "password" not in failed.stdout
    site.start()
    assert re.search(r"Log in as admin with the password \S+", site.output)
    done = subprocess.run(
        [*MANAGE, "admin_password"], env=site.env, capture_output=True, text=True, timeout=60
    )
    password = re.search(r"admin now has the password (\S+)", done.stdout)[1]
    check = (
        "from django.contrib.auth.models import User;"
        f"assert User.objects.get(username='admin').check_password({password!r})"
    )
    subprocess.run(
        [*MANAGE, "shell", "--no-imports", "-c", check], env=site.env, check=True, capture_output=True
    )
    site.stop()


def test_a_second_one_says_that_it_is_already_running(site):
    site.start()
    second = site.run("--port", str(free_port()))
    assert second.returncode == 1
    assert second.stderr.count("\n") == 1
    assert f"already running at http://127.0.0.1:{site.port}/ (PID {site.process.pid}" in second.stderr
    assert site.get("/healthz") == 200
    site.stop()


def test_a_busy_port_is_one_clear_line(site):
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        done = site.run("--port", str(port))
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert f"Port {port} on 127.0.0.1 cannot be used" in done.stderr
    assert "--port" in done.stderr
    assert not (site.var_dir / "postgres").exists(), "it looked before it started anything"


WORDS = {  # in the command of each process
    "worker": "--queues imports",
    "web": "granian",
    "beat": "affiliate_site beat",
    "postgres": "bin/postgres -D",
    "redis": "valkey-server",
}


def test_what_dies_is_started_again(site):
    site.start()
    for words in WORDS.values():
        victim = site.process_named(words)
        victim.kill()
        site.wait_for(lambda: (fresh := site.process_named(words)) and fresh.pid != victim.pid)  # noqa: B023
        site.wait_for(lambda: site.get("/healthz") == 200)
    for name in WORDS:
        assert f"{name} was killed (SIGKILL); starting it again" in site.output
    assert not list(site.var_dir.glob("beat-schedule*")), "a file that could break"
    site.stop()
    assert site.processes() == []


@pytest.mark.parametrize("names", [("worker", "web", "beat"), ("postgres", "redis")])
def test_what_hangs_is_started_again_and_who_waits_for_it_is_not(site, names):
    site.start()
    site.wait_for(lambda: site.health().get("beat"))
    for name in names:
        leader = site.process_named(WORDS[name])
        for process in [leader, *leader.children(recursive=True)]:  # PostgreSQL's lead groups of their own
            process.suspend()
    for name in names:
        site.wait_for(lambda: re.search(rf"^{name} did not answer for", site.output, re.M))  # noqa: B023
    site.wait_for(lambda: site.health() == {"database": True, "redis": True, "beat": True})
    killed = set(re.findall(r"^(\S+) did not answer for", site.output, re.M))
    assert killed == set(names)
    site.stop()
    assert site.processes() == []


def test_nothing_survives_when_it_is_killed_and_it_starts_again(site):
    site.start()
    os.kill(site.process.pid, signal.SIGKILL)
    site.process.wait()
    site.process = None
    site.wait_for(lambda: site.processes() == [])
    site.start()
    site.stop()


def test_servers_that_are_named_are_used_and_nothing_embedded_starts(site):
    own = {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL")}  # the servers of the tests
    site.env |= own
    site.start()
    assert site.process_named("bin/postgres -D") is None
    assert site.process_named("valkey-server") is None
    assert not (site.var_dir / "postgres").exists()
    site.stop()


def test_the_demo_connects_three_networks_and_commands_speak_to_the_sandbox(site):
    sandbox_port = free_port()
    for name in (
        "TRADEDOUBLER_API_URL",
        "ADTRACTION_API_URL",
        "TRADETRACKER_WSDL_URL",
        "ALLOW_PRIVATE_HOSTS",
    ):
        site.env.pop(name, None)
    site.start("--demo", "--sandbox-port", str(sandbox_port), "--items", "300")
    assert "not connected" not in site.output
    for network in ("tradedoubler", "tradetracker"):
        done = subprocess.run(
            [*MANAGE, "search", network, "--json"], env=site.env, capture_output=True, text=True, timeout=30
        )
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["items"], network
    site.stop()
    assert site.processes() == []
    assert not (site.var_dir / "demo.env").exists()
    site.start()  # the accounts stay; they are not connected twice, and no sandbox starts
    assert site.process_named("manage.py sandbox") is None
    site.stop()
