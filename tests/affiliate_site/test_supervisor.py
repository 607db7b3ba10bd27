"""What the supervisor gives the processes that it starts."""

import signal
import sys

import pytest

from affiliate_site.run.supervisor import Process, Supervisor
from tests.own_servers import wait_until

SAY = "import signal, time; print([signal.getsignal(n) for n in ({}, {}, {})], flush=True); time.sleep(60)"


@pytest.fixture
def ignored():
    """Signals that we ignore, as whoever is started with `nohup ... &` does."""
    numbers = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT)
    former = [(number, signal.signal(number, signal.SIG_IGN)) for number in numbers]
    yield numbers
    for number, handler in former:
        signal.signal(number, handler)


def test_a_process_hears_the_signals_that_its_parent_ignores(ignored, tmp_path):
    """Else a worker that is killed before it is awake would live on."""
    code = SAY.format(*map(int, ignored))
    supervisor = Supervisor(tmp_path, say=print)
    try:
        supervisor.start(Process(name="child", command=[sys.executable, "-c", code]))
        log = tmp_path / "child.log"
        wait_until(lambda: "]" in log.read_text())
        assert "SIG_IGN" not in log.read_text()
        assert "SIG_DFL" in log.read_text()
    finally:
        supervisor.stop()
