"""The documents lead somewhere: every link, and every page of facts that the code cites."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
CODE = [path for app in ("catalog", "importer", "tests") for path in (ROOT / app).rglob("*.py")]
NETWORKS = ROOT / "docs" / "networks"
NAMES = "|".join(path.stem for path in NETWORKS.glob("*.md"))
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
