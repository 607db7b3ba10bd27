"""A new offer field has few places, and the guide names them all."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
# There, `shipping` is a word of shops; the made-up networks are nobody's import.
OTHERS = ("importer/sandbox/", "importer/normalise/", "catalog/lib/attribute_names.py", "/migrations/")


def test_an_offer_field_is_named_where_the_guide_says_and_nowhere_else():
    guide = (ROOT / "docs/howto/add-a-field.md").read_text()
    named = {
        path.relative_to(ROOT).as_posix()
        for line in re.findall(r"^\| (`.*?) \|", guide, re.M)
        for pattern in re.findall(r"`([\w/*]+\.py)`", line)
        for path in ROOT.glob(pattern)
    }
    found = {
        name
        for app in ("catalog", "importer")
        for path in (ROOT / app).rglob("*.py")
        if not any(part in (name := path.relative_to(ROOT).as_posix()) for part in OTHERS)
        and re.search(r"\bshipping\b", path.read_text())
    }
    assert found == named
