"""The documents lead somewhere: every link, and every page of facts that the code cites."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
CODE = [path for app in ("catalog", "importer", "tests") for path in (ROOT / app).rglob("*.py")]
NETWORKS = ROOT / "docs" / "networks"
NAMES = "|".join(path.stem for path in NETWORKS.glob("*.md"))
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
FOLDERS = (*APPS, "benchmarks", "docs", "locale", "static", "templates", "tests")
PATHS = [
    path.relative_to(ROOT)
    for path in (*ROOT.glob("*"), *(path for top in FOLDERS for path in (ROOT / top).rglob("*")))
]
FILE = re.compile(r"`([\w./<>*{},-]+(?:/|\.(?:py|html|css|js|md|sql|toml|po|yml)))`")
# What only a site that runs has, and addresses.
MADE_LATER = ("/", ".env", ".venv/", "var/", "log/", "media/", "postgres/", "redis/")
CITED = re.compile(rf"\b({NAMES})\.md((?:,? ?\d+| to| and)*)")


@pytest.mark.parametrize("document", DOCUMENTS, ids=[str(path.relative_to(ROOT)) for path in DOCUMENTS])
def test_every_link_of_a_document_leads_somewhere(document):
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", document.read_text())
    assert not [link for link in links if "://" not in link and not (document.parent / link).exists()]


def test_every_section_that_the_code_cites_is_there():
    sections = {
        path.stem: set(re.findall(r"^## (\d+)\.", path.read_text(), re.MULTILINE))
        for path in NETWORKS.glob("*.md")
    }
    cited = [
        (path.relative_to(ROOT), name, number)
        for path in CODE
        for name, numbers in CITED.findall(path.read_text())
        for number in re.findall(r"\d+", numbers)
    ]
    assert len(cited) > 30, "the citations are not found any more"
    assert not [each for each in cited if each[2] not in sections[each[1]]]


def spellings(name: str) -> list[str]:
    """Return the glob patterns of a name: "x/{a,b}.py" is two, "<slug>" is anything."""
    name = re.sub(r"<\w+>", "*", name)
    if found := re.search(r"\{([^}]*)\}", name):
        return [name.replace(found[0], part, 1) for part in found[1].split(",")]
    return [name]


def is_there(pattern: str) -> bool:
    """Return whether a path ends so: what a document is about may be said without its folder."""
    return any(path.match(pattern) for path in PATHS)


@pytest.mark.parametrize("document", DOCUMENTS, ids=[str(path.relative_to(ROOT)) for path in DOCUMENTS])
def test_every_file_that_a_document_names_is_there(document):
    names = [name for name in FILE.findall(document.read_text()) if not name.startswith(MADE_LATER)]
    assert not [pattern for name in names for pattern in spellings(name) if not is_there(pattern)]


@pytest.mark.parametrize(
    ("name", "patterns"),
    [
        ("importer/http/client.py", ["importer/http/client.py"]),
        ("networks/{adtraction,tradedoubler}.md", ["networks/adtraction.md", "networks/tradedoubler.md"]),
        ("importer/sandbox/<slug>/", ["importer/sandbox/*/"]),
    ],
)
def test_a_name_of_several_files_is_each_of_them(name, patterns):
    assert spellings(name) == patterns
    assert all(map(is_there, patterns))


@pytest.mark.parametrize("name", ["importer/http/nothing.py", "catalog/nowhere/", "test_<slug>.html"])
def test_a_file_that_is_gone_is_missed(name):
    assert not any(map(is_there, spellings(name)))
