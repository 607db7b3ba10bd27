"""The arrows of docs: who may import whom (DESIGN, section 2), read from the source itself."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
NETWORK_NAMES = ("tradedoubler", "adtraction", "tradetracker")
NETWORK_MODULES = {f"importer.networks.{name}" for name in NETWORK_NAMES}

# (module or package, what it must not import, why)
RULES = [
    ("catalog", {"importer", "celery"}, "the arrow points one way: importer -> catalog"),
    (
        "importer.networks",
        {
            "importer.models",
            "django.db",
            "celery",
            "catalog",
            "importer.services",
            "importer.tasks",
            "importer.views",
        },
        "the ORM never enters a network adapter",
    ),
    (
        "importer.http.client",
        {"importer.models", "importer.networks", "django.db", "catalog"},
        "the only way out knows no one",
    ),
    (
        "importer.feed_files",
        {"importer.models", "importer.networks", "django.db", "catalog"},
        "bytes to rows, no more",
    ),
    *(
        (
            f"importer.{module}",
            {"importer.views", "importer.forms", "importer.tasks", "django.http", "django.shortcuts"},
            "what writes knows no request and enqueues nothing",
        )
        for module in ("services", "importing", "feed_index", "events")
    ),
    ("importer.tasks", {"importer.views", "importer.forms", "catalog"}, "a task calls one service"),
    (
        "importer.views",
        {"requests", "importer.http.client", *NETWORK_MODULES},
        "a page names no network and opens no address",
    ),
    (
        "importer.management",
        {"requests", "importer.http.client", *NETWORK_MODULES},
        "a command names no network",
    ),
    (
        "importer.sandbox",
        {"importer.models", "importer.services", "catalog", "django.db"},
        "the fake networks know no site",
    ),
]


def modules() -> dict[str, Path]:
    """Every module of the project's three packages, by dotted name."""
    found = {}
    for package in ("affiliate_site", "catalog", "importer"):
        for path in (ROOT / package).rglob("*.py"):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports_of(source: str, module: str, is_package: bool = False) -> set[str]:
    """Every dotted name that the source imports, at the top or within a function."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = module.split(".")[
                    : None if is_package and node.level == 1 else -node.level + is_package
                ]
                base = ".".join([*above, *filter(None, [base])])
            names |= {base, *(f"{base}.{alias.name}" for alias in node.names)}
    return names


def is_within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def is_forbidden(name: str, forbidden: set[str]) -> bool:
    """`catalog.lib` holds pure rules, of hosts and codes: everybody may use them."""
    is_pure = is_within(name, "catalog.lib") or name == "catalog"
    return any(is_within(name, other) and not (is_pure and other == "catalog") for other in forbidden)


@pytest.mark.parametrize(("package", "forbidden", "why"), RULES, ids=[rule[0] for rule in RULES])
def test_a_layer_imports_only_what_it_may(package, forbidden, why):
    broken = [
        f"{module} imports {name}"
        for module, path in modules().items()
        if is_within(module, package)
        for name in imports_of(path.read_text(), module, path.name == "__init__.py")
        if is_forbidden(name, forbidden)
    ]
    assert not broken, f"{why}: {sorted(broken)}"


def test_a_network_module_imports_no_other_network():
    for module, path in modules().items():
        if module in NETWORK_MODULES:
            assert not imports_of(path.read_text(), module) & (NETWORK_MODULES - {module})


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("import importer.models", "importer.models", id="plain"),
        pytest.param("from importer import models", "importer.models", id="from-package"),
        pytest.param("from ..models import Feed", "importer.models", id="relative"),
        pytest.param(
            "def f():\n    from importer.models import Feed", "importer.models.Feed", id="in-a-function"
        ),
    ],
)
def test_the_reader_sees_every_way_to_import(source, expected):
    assert expected in imports_of(source, "importer.networks.adtraction.client")


def test_files_stay_short():
    long = {
        str(path.relative_to(ROOT)): lines
        for path in modules().values()
        if "migrations" not in path.parts and (lines := len(path.read_text().splitlines())) > 400
    }
    assert not long, f"split by noun: {long}"
