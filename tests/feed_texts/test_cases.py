"""What real feeds say, kind by kind: `docs/howto/add-a-feed-case.md` says how to add one."""

import json
from pathlib import Path

import pytest

from tests.feed_texts.ways import is_right, read

CASES = [
    pytest.param(case, id=f"{path.stem}-{number}")
    for path in sorted((Path(__file__).parent / "cases").glob("*.json"))
    for number, case in enumerate(json.loads(path.read_text()), 1)
]


@pytest.mark.parametrize("case", CASES)
def test_a_feed_is_read_as_a_person_reads_it(case, settings):
    got = read(case["call"], case["input"], settings)

    assert any(is_right(got, expected) for expected in case["expected_any"]), (
        f"{case['call']} of {case['input']!r}\ngot      {got!r}\nexpected {case['expected_any']!r}"
    )
