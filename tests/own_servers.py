"""Servers of a test's own, to be killed, hung and started again."""

import signal
import subprocess
import time
from collections.abc import Callable

import psutil

from affiliate_site.run.supervisor import Process, run_as


class OwnServer:
    """A PostgreSQL or Redis that is there for one test alone."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.popen: subprocess.Popen | None = None
        self.start()

    def start(self) -> None:
        self.popen = subprocess.Popen(
            self.process.command,
            cwd=self.process.cwd,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **run_as(self.process.user),
        )
        wait_until(self.process.is_ready)

    def kill(self) -> None:
        for process in self.family():
            process.kill()  # one that hangs, too
        self.popen.wait()

    def hang(self) -> None:
        """Stop it and its children where they are: connections stay open, and nothing is answered."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._signal(signal.SIGCONT)

    def end(self) -> None:
        if self.popen.poll() is None:
            self.kill()

    def family(self) -> list[psutil.Process]:
        parent = psutil.Process(self.popen.pid)
        return [parent, *parent.children(recursive=True)]

    def _signal(self, number: int) -> None:
        for process in self.family():
            process.send_signal(number)


def wait_until(condition: Callable[[], object], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.05)
