"""How the tests find their browser, with the machine's answers played."""

import pytest

from tests.chromium import find_chromium, get_chromium

OWN = "/home/me/.cache/ms-playwright/chromium/chrome"


class Machine:
    """Has `installed` programs on PATH, of which `broken` do not start; each command adds what it `gives`."""

    def __init__(self, installed=(), broken=(), gives=None):
        self.installed, self.broken, self.gives, self.ran = set(installed), set(broken), gives or {}, []

    def which(self, name):
        return f"/usr/bin/{name}" if name in self.installed else None

    def works(self, path):
        name = path.removeprefix("/usr/bin/")
        return name in self.installed and name not in self.broken

    def run(self, command):
        words = " ".join(command[-2:])
        self.ran.append(words)
        if words not in self.gives:
            return False
        self.installed |= set(self.gives[words])
        return True

    def get(self, is_root=False):
        return get_chromium(OWN, which=self.which, works=self.works, run=self.run, is_root=is_root)


@pytest.mark.parametrize(
    ("installed", "broken", "expected"),
    [
        pytest.param(["google-chrome"], [], "/usr/bin/google-chrome", id="chrome"),
        pytest.param(["chrome", "chromium"], [], "/usr/bin/chromium", id="chromium-first"),
        pytest.param(
            ["chromium", "google-chrome"], ["chromium"], "/usr/bin/google-chrome", id="stub-passed-over"
        ),
        pytest.param(["firefox"], [], None, id="none"),
    ],
)
def test_finds_the_first_installed_browser_that_starts(installed, broken, expected):
    machine = Machine(installed, broken)
    assert find_chromium(machine.which, machine.works) == expected


def test_an_installed_browser_is_used_without_installing_anything():
    machine = Machine(["google-chrome"])
    assert machine.get() == "/usr/bin/google-chrome"
    assert machine.ran == []


def test_playwright_is_asked_when_no_browser_is_installed():
    machine = Machine(gives={"install chromium": [OWN]})
    assert machine.get() == OWN


def test_root_on_debian_installs_the_package_when_playwright_cannot():
    machine = Machine(["apt-get"], gives={"--no-install-recommends chromium": ["chromium"]})
    assert machine.get(is_root=True) == "/usr/bin/chromium"


def test_package_lists_are_brought_up_to_date_when_the_package_is_not_found():
    machine = Machine(["apt-get"], gives={"apt-get update": []})
    assert machine.get(is_root=True) is None
    assert machine.ran[-3:] == [
        "--no-install-recommends chromium",
        "apt-get update",
        "--no-install-recommends chromium",
    ]


def test_nobody_but_root_installs_packages():
    machine = Machine(["apt-get"], gives={"--no-install-recommends chromium": ["chromium"]})
    assert machine.get() is None
