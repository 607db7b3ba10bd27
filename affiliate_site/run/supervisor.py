"""Start processes, keep them alive, stop them all: what `manage.py up` stands on."""

import ctypes
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

START_TIMEOUT = 60  # seconds until a process is ready; the first start of PostgreSQL on a slow disk
STOP_TIMEOUT = 15
BACK_OFF = (0, 1, 2, 5, 10, 30)  # seconds before the nth restart in a row
ASK_EVERY = 2  # seconds between two questions to a running process
STALL = 5  # seconds without a look of ours (a suspended laptop): what nobody answered then says nothing
CALM_AFTER = 60  # seconds of life after which a death counts as the first one again
LOG_LIMIT = 10_000_000  # bytes of a log file before it is put aside at the next start
PROBLEM = re.compile(r"\b(ERROR|CRITICAL)\b")
PR_SET_PDEATHSIG = 1


class SetupError(Exception):
    """A sentence for the person at the terminal on why the site cannot start."""


@dataclass(frozen=True, kw_only=True)
class Process:
    """What to run, and how to tell that it works."""

    name: str
    command: Sequence[str]
    is_ready: Callable[[], bool] = lambda: True
    answers: Callable[[], bool] | None = None  # asked while it runs, in a thread; None: a hang is not noticed
    hung_after: float = 15  # seconds without an answer until it is killed
    env: Mapping[str, str] = field(default_factory=dict)  # added to ours
    cwd: Path | None = None
    user: str | None = None
    stop_signal: str = "SIGTERM"
    problem: re.Pattern = PROBLEM  # log lines that a person should see
    is_store: bool = False  # stopped last, when nobody uses it any more


class Child:
    """A running process, its log and its history."""

    def __init__(self, process: Process, log_dir: Path) -> None:
        self.process = process
        self.log_path = log_dir / f"{process.name}.log"
        self.deaths = 0
        self.answered_at: float | None = None  # since its launch
        self.restart_at: float | None = None
        if self.log_path.exists() and self.log_path.stat().st_size > LOG_LIMIT:
            self.log_path.replace(self.log_path.with_suffix(".log.1"))
        self.read_to = self.log_path.stat().st_size if self.log_path.exists() else 0
        self.launch()

    def launch(self) -> None:
        self.restart_at = None
        self.answered_at = None
        self.started_at = time.monotonic()
        with self.log_path.open("ab") as log:
            self.popen = subprocess.Popen(  # noqa: S603 our own commands
                self.process.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.process.cwd,
                env={**os.environ, **self.process.env},
                **run_as(self.process.user),
                process_group=0,  # Ctrl-C reaches us alone, and a group can be ended whole
                preexec_fn=die_with_parent(signal.Signals[self.process.stop_signal]),
            )

    def is_alive(self) -> bool:
        return self.popen.poll() is None

    def ask_on_and_on(self) -> None:
        """Note when the process answers; one that hangs keeps this thread waiting, and nothing is noted."""
        while True:
            popen = self.popen
            with suppress(Exception):  # whatever a driver raises when the other end is torn off: no answer
                if self.is_alive() and self.process.answers() and popen is self.popen:
                    self.answered_at = time.monotonic()
            time.sleep(ASK_EVERY)

    def silent_since(self) -> float:
        """Return when it last answered; before its first answer it may take as long as a start may."""
        if self.answered_at is not None:
            return self.answered_at
        return self.started_at + max(0, START_TIMEOUT - self.process.hung_after)

    def signal_group(self, number: int) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.popen.pid, number)

    def kill_all(self) -> None:
        """Kill it with all that it started, also what leads a group of its own, as PostgreSQL's sessions do.

        One that is stopped does not see its parent die, and would hold the memory that the next one needs.
        """
        started = []
        with suppress(psutil.Error):
            started = psutil.Process(self.popen.pid).children(recursive=True)
        self.signal_group(signal.SIGKILL)
        for process in started:
            with suppress(psutil.Error):  # it knows whether the number is another's by now
                process.kill()
        self.popen.wait()

    def send_stop(self) -> None:
        if self.is_alive():
            self.popen.send_signal(signal.Signals[self.process.stop_signal])
            self.signal_group(signal.SIGCONT)  # somebody may have stopped it

    def new_lines(self) -> list[str]:
        """Return the whole lines that the log has grown by since the last call."""
        with self.log_path.open("rb") as log:
            log.seek(self.read_to)
            data = log.read(1_000_000)
        whole = data[: data.rfind(b"\n") + 1]
        self.read_to += len(whole)
        return whole.decode(errors="replace").splitlines()


def run_as(user: str | None) -> dict:
    """Return the arguments with which subprocess drops to `user`, its group too; none for None."""
    if user is None:
        return {}
    import pwd

    entry = pwd.getpwnam(user)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def die_with_parent(number: int) -> Callable[[], None] | None:
    """Return what a new process calls to get `number` when we die, however we die. Linux only."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None, use_errno=True)
    parent = os.getpid()

    def ask() -> None:
        # Whoever was started with `nohup ... &` ignores some, and so would this one until it is awake.
        for ignored in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
            signal.signal(ignored, signal.SIG_DFL)
        libc.prctl(PR_SET_PDEATHSIG, int(number))
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)

    return ask


class Supervisor:
    """Keeps processes running until `stop`. `say` gets each line that a person should see."""

    def __init__(self, log_dir: Path, say: Callable[[str], None]) -> None:
        self.log_dir = log_dir
        self.say = say
        self.children: list[Child] = []
        log_dir.mkdir(parents=True, exist_ok=True)

    def start(self, process: Process) -> None:
        """Start the process without waiting for it."""
        self.children.append(Child(process, self.log_dir))

    def wait_until_ready(self) -> None:
        """Return when all processes are ready. Raise SetupError when one dies or takes too long.

        What they logged until then is not shown as a problem: while they wait for each other they complain.
        """
        for child in self.children:
            deadline = time.monotonic() + START_TIMEOUT
            while not child.process.is_ready():
                if not child.is_alive():
                    raise SetupError(f"{child.process.name} did not start. {self.last_words(child)}")
                if time.monotonic() > deadline:
                    raise SetupError(
                        f"{child.process.name} is not ready after {START_TIMEOUT} s: see {child.log_path}"
                    )
                time.sleep(0.05)
        for child in self.children:
            child.new_lines()

    def watch(self) -> None:
        """Restart what dies or hangs and show problems, until an exception (Ctrl-C) ends it."""
        for child in self.children:
            if child.process.answers:
                threading.Thread(
                    target=child.ask_on_and_on, name=f"ask {child.process.name}", daemon=True
                ).start()
        self.innocent_until = looked_at = time.monotonic()
        while True:
            now = time.monotonic()
            if now - looked_at > STALL or not all(map(self.serves, self.children)):
                self.innocent_until = now
            looked_at = now
            for child in self.children:
                self.show_problems(child)
                self.look_after(child)
            time.sleep(0.2)

    def serves(self, child: Child) -> bool:
        """Return whether others may count on it: a store that is dead or silent makes its users wait."""
        if not child.process.is_store or not child.process.answers:
            return True
        return child.answered_at is not None and time.monotonic() - child.answered_at < 3 * ASK_EVERY

    def is_hung(self, child: Child, now: float) -> bool:
        if not child.process.answers:
            return False
        since = child.silent_since()
        return (
            now - (since if child.process.is_store else max(since, self.innocent_until))
            > child.process.hung_after
        )

    def look_after(self, child: Child) -> None:
        now = time.monotonic()
        if child.restart_at is not None:
            if now >= child.restart_at:
                child.launch()
            return
        how = ""
        if not child.is_alive():
            code = child.popen.returncode
            how = f"was killed ({signal.Signals(-code).name})" if code < 0 else f"ended with code {code}"
        elif self.is_hung(child, now):
            how = f"did not answer for {child.process.hung_after:g} s and was killed"
        if how:
            child.kill_all()  # nor must what it left behind work beside its successor
            child.deaths = 1 if now - child.started_at > CALM_AFTER else child.deaths + 1
            pause = BACK_OFF[min(child.deaths, len(BACK_OFF)) - 1]
            child.restart_at = now + pause
            when = f"in {pause:g} s" if pause else "now"
            self.say(f"{child.process.name} {how}; starting it again {when} (log: {child.log_path})")

    def show_problems(self, child: Child) -> None:
        for line in child.new_lines():
            if child.process.problem.search(line):
                self.say(f"{child.process.name} | {line[:300]}")

    def last_words(self, child: Child) -> str:
        lines = [line for line in child.new_lines() if line.strip()]
        return f"{lines[-1][:300] if lines else 'It said nothing.'} (log: {child.log_path})"

    def stop(self) -> None:
        """End every process and all it started: the stores after those who use them. May run twice."""
        for stores in (False, True):
            group = [child for child in self.children if child.process.is_store == stores]
            for child in group:
                child.send_stop()
            deadline = time.monotonic() + STOP_TIMEOUT
            for child in group:
                with suppress(subprocess.TimeoutExpired):
                    child.popen.wait(max(0, deadline - time.monotonic()))
                child.kill_all()
        self.children = []
