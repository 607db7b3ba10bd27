"""CSV feeds: dialects found by their header, shifted rows, and open quotes."""

from pathlib import Path

import pytest

from importer.feed_files import BadRow
from importer.http.errors import NetworkUnavailable
from tests.importer.feed_files.reading import open_feed, read, read_until_failure

RECORDED = Path(__file__).resolve().parents[4] / "shared" / "fixtures"
ROWS = [{"ID": "a b", "name": "Jacka, röd; 2|3", "price": "19,90"}, {"ID": "2", "name": "", "price": "5"}]


def table(delimiter, quote, end="\n"):
    rows = [["ID", "name", "price"], *([*row.values()] for row in ROWS)]
    lines = (delimiter.join(f"{quote}{cell}{quote}" for cell in row) + end for row in rows)
    return "".join(lines).encode()


@pytest.mark.parametrize("size", [1 << 16, 5], ids="pieces of {}".format)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["unix", "windows", "old mac"])
@pytest.mark.parametrize("quote", ['"', "'"], ids=["double quotes", "single quotes"])
@pytest.mark.parametrize("delimiter", "|,;\t", ids=["bar", "comma", "semicolon", "tab"])
def test_the_dialect_is_found(delimiter, quote, end, size):
    assert read(table(delimiter, quote, end), size=size) == ROWS


CELLS = {
    "doubled quotes": ('"a ""b"" c"', 'a "b" c'),
    "escaped quotes": (r'"a \"b\" c"', 'a "b" c'),
    "escaped quote at the end": (r'"a \"b\""', 'a "b"'),
    "backslash at the end": (r'"C:\temp\"', "C:\\temp\\"),
    "two characters": (r'"a\nb"', r"a\nb"),
    "line end": ('"a\nb"', "a\nb"),
    "no quotes": ('19" wheel', '19" wheel'),
    "quotes begin": ('"Best" shoe', '"Best" shoe'),
    "NUL": ('"a\0b"', "ab"),
}


@pytest.mark.parametrize(("cell", "text"), CELLS.values(), ids=CELLS)
def test_a_cell_is_read(cell, text):
    assert read(f"ID;name\n1;{cell}\n2;x\n".encode()) == [{"ID": "1", "name": text}, {"ID": "2", "name": "x"}]


SINGLE = {
    "apostrophe": ("'Levi's jeans'", "Levi's jeans"),
    "doubled": ("'Levi''s jeans'", "Levi's jeans"),
    "escaped": (r"'Levi\'s jeans'", "Levi's jeans"),
    "doublequotes": ("""'19" wheel'""", '19" wheel'),
}


@pytest.mark.parametrize(("cell", "text"), SINGLE.values(), ids=SINGLE)
def test_a_cell_in_single_quotes_is_read(cell, text):
    assert read(f"'ID','name'\n'1',{cell}\n".encode()) == [{"ID": "1", "name": text}]


def test_columns_of_one_name_stay_apart():
    rows = read(b"ID;currency;price;currency;;currency\n1;EUR;5;PLN;x;SEK\n")
    assert rows == [
        {
            "ID": "1",
            "currency": "EUR",
            "price": "5",
            "currency #2": "PLN",
            "column 5": "x",
            "currency #3": "SEK",
        }
    ]


SHIFTED = {
    "too many": ("1;x;2;5", "has 4 columns instead of 3"),
    "too few": ("1;x", "has 2 columns instead of 3"),
    "open quote": ('1;"x;2', "quote that is not closed"),
}


@pytest.mark.parametrize(("line", "reason"), SHIFTED.values(), ids=SHIFTED)
def test_a_shifted_row_costs_itself_only(line, reason):
    good = "".join(f"{n};name {n};5\n" for n in range(1000))
    feed = open_feed(f"ID;name;price\n{line}\n{good}".encode())
    rows = list(feed)
    (bad,) = (row for row in rows if isinstance(row, BadRow))
    assert reason in bad.reason
    assert bad.sample == line
    assert (feed.row_count, feed.bad_count) == (1001, 1)


def test_empty_lines_and_empty_columns_at_the_end_are_no_fault():
    assert read(b"ID;name\n\n1;x;;\n;\n;;;\n2;y\n;\n") == [
        {"ID": "1", "name": "x"},
        {"ID": "2", "name": "y"},
    ]


def test_an_over_long_cell_is_a_bad_row():
    feed = open_feed(b"ID;name\n1;" + b"x" * 9_000_000 + b"\n2;y\n")
    rows = list(feed)
    assert [row for row in rows if not isinstance(row, BadRow)] == [{"ID": "2", "name": "y"}]
    assert all(len(row.sample) <= 300 for row in rows if isinstance(row, BadRow))


def test_a_cut_in_the_last_row_is_a_failure():
    rows, failure = read_until_failure(open_feed(b"ID;name;price\n1;x;5\n2;y"))
    assert rows == [{"ID": "1", "name": "x", "price": "5"}]
    assert isinstance(failure, NetworkUnavailable)


def test_csv_has_no_sign_of_its_end():
    feed = open_feed(b"ID;name\n1;x\n")
    assert len(list(feed)) == 1
    assert not feed.is_whole


@pytest.mark.skipif(not RECORDED.exists(), reason="the recorded answers are not here")
@pytest.mark.parametrize(
    ("path", "columns"),
    [
        ("tradetracker/csv_yoins_fr.csv", 23),
        ("tradedoubler/csv_newchic_default_columns.csv", 34),
        ("adtraction/feed_csv_polarnopyret_row.csv", 16),
    ],
)
def test_recorded_feeds_are_read(path, columns):
    rows = read((RECORDED / path).read_bytes())
    assert rows
    assert all(len(row) == columns for row in rows)
