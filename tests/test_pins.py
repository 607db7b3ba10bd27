"""What `make run` installs is what was tested."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_package_we_name_is_pinned_and_explained():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"].values()
    named = {
        normal(re.match(r"[\w.-]+", line)[0])
        for lines in (project["dependencies"], *extras)
        for line in lines
    }
    pinned = {normal(line.partition("==")[0]) for line in (ROOT / "constraints.txt").read_text().splitlines()}
    assert not named - pinned
    explained = (ROOT / "docs" / "dependencies.md").read_text()
    assert not {name for name in named if not re.search(rf"^\|.*\b{name}\b.*\|.*\|", explained, re.MULTILINE)}


def test_constraints_are_names_and_versions_only():
    for line in (ROOT / "constraints.txt").read_text().splitlines():
        assert re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.!+]+", line), line
