"""What import-linter cannot say (it knows whole packages of others only), and how long a file may be."""

import ast
import tomllib
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = (
    "affiliate_site",
    "api",
    "catalog",
    "dashboard",
    "desk",
    "events",
    "importer",
    "mail",
    "pages",
    "sales",
)
# Folders, and the parts of Django that they do without.
RULES = [
    ("importer/networks", ("django.db",)),
    ("importer/feed_files", ("django.db",)),
    ("importer/http", ("django.db",)),
    ("importer/normalise", ("django",)),
    *(
        (f"importer/{room}", ("django.http", "django.shortcuts"))
        for room in ("accounts", "feed_index", "feeds", "freshness", "imports", "pictures", "search")
    ),
    ("desk/services", ("django.http", "django.shortcuts")),
    ("desk/models", ("django.http", "django.shortcuts", "django.forms")),
    *(
        (f"pages/{room}", ("django.http", "django.shortcuts", "django.forms"))
        for room in ("services", "queries", "models", "lib")
    ),
    ("catalog/services", ("django.http", "django.shortcuts")),
    ("catalog/queries", ("django.http", "django.shortcuts", "django.forms")),
    ("catalog/models", ("django.http", "django.shortcuts", "django.forms")),
    ("catalog/lib", ("django.http", "django.shortcuts", "django.forms")),
    ("catalog/clicks", ("django.http", "django.shortcuts", "django.forms")),
    ("catalog/pictures", ("django.http", "django.shortcuts")),
    # Its views are the only part of it that sees a request.
    ("catalog/public/*.py", ("django.http", "django.shortcuts", "django.forms")),
]


def source_files(folder: str) -> Iterator[Path]:
    found = ROOT.glob(folder) if "*" in folder else (ROOT / folder).rglob("*.py")
    return (path for path in found if "migrations" not in path.parts)


def imports_of(source: str) -> set[str]:
    """Return every dotted name that the source imports, at the top or within a function."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


@pytest.mark.parametrize(("folder", "forbidden"), RULES, ids=[rule[0] for rule in RULES])
def test_a_room_does_without(folder, forbidden):
    files = list(source_files(folder))
    assert files, "the room is gone"
    broken = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in files
        for name in imports_of(path.read_text())
        if any(name == module or name.startswith(f"{module}.") for module in forbidden)
    ]
    assert not broken, sorted(broken)


@pytest.mark.parametrize(
    "source",
    ["import django.db", "from django import db", "def f():\n    from django.db import models"],
    ids=["plain", "from the package", "in a function"],
)
def test_the_reader_sees_every_way_to_import(source):
    assert any(name.startswith("django.db") for name in imports_of(source))


# What a view may do with a query set is to name the one row that it is about.
READS = {
    *("annotate", "aggregate", "exclude", "in_bulk", "order_by", "prefetch_related", "union", "values_list")
}


@pytest.mark.parametrize(
    "folder",
    [
        "catalog/views",
        "catalog/public/views",
        "dashboard/views",
        "desk/views",
        "importer/views",
        "pages/public/views*.py",
        "pages/views",
        "sales/views",
    ],
)
def test_views_read_through_functions_that_need_no_request(folder):
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.func.attr}"
        for path in source_files(folder)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in READS
    ]
    assert not found


def test_files_stay_short():
    files = [path for app in APPS for path in source_files(app)]
    lines = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in files}
    assert not {name: count for name, count in lines.items() if count > 400}, "split by noun"


def test_no_module_and_no_room_comes_back_to_itself():
    graph = grimp.build_graph(*APPS, cache_dir=None, exclude_type_checking_imports=True)
    modules = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    # The made-up catalogue of the sandbox is taken as one.
    rooms: dict[str, set[str]] = {}
    for module, imported in modules.items():
        rooms.setdefault(room_of(module), set()).update(map(room_of, imported - {module}))
    for arrows in (rooms, {module: found for module, found in modules.items() if "sandbox" not in module}):
        arrows = {name: found - {name} for name, found in arrows.items()}
        TopologicalSorter(arrows).prepare()  # raises CycleError, which names the circle


def room_of(module: str) -> str:
    return ".".join(module.split(".")[:2])


def test_what_is_not_typed_through_yet_is_still_there():
    """A module that was renamed would be checked again, and its name stand in the list for nothing."""
    overrides = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mypy"]["overrides"]
    named = [name for each in overrides if each.get("ignore_errors") for name in each["module"]]
    assert named == sorted(set(named))
    assert not [name for name in named if not (ROOT / f"{name.replace('.', '/')}.py").exists()]
