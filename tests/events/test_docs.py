import re
from pathlib import Path

from events.kinds import Kind

DOCS = Path(__file__).resolve().parents[2] / "docs" / "events.md"


def test_the_docs_name_every_kind_and_no_other():
    table = DOCS.read_text().partition("## Kinds")[2].partition("## Write one")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    assert set(re.findall(r"`([a-z_.]+)`", " ".join(rows))) == set(Kind.values)
