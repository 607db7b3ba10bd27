"""Break one record of a feed at a random place: it alone is bad, and every other is read as before."""

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.feed_files import BadRow
from importer.http.errors import NetworkUnavailable
from tests.fuzzing import fuzzed
from tests.importer.feed_files.reading import open_feed

COUNT = 300
TEXTS = ["hout & staal", "rood, groot; 2|3", "Ø 12 cm", "tot 27 inch", ""]
INSERTED = ["<", ">", '"', "'", "&", "]]>", "<![CDATA[", "<!--", "<?", "</product>", "<product>", "</", "<b>"]
INSERTED += ["{", "}", "[", "]", ",", ":", "\\", ";", "\n", "\x00", "\x1a", "\\u12", "NaN"]


def make_rows():
    chance = random.Random(7)  # noqa: S311 a feed to read
    return [
        {"ID": f"id-{number:05}", "name": f"Lamp {number}", "text": chance.choice(TEXTS), "price": "19.95"}
        for number in range(COUNT)
    ]


ROWS = make_rows()


def as_xml(row, is_literal):
    text = row["text"].replace("&", "&amp;")
    text = f"<![CDATA[{row['text']}]]>" if is_literal else text
    return (
        f'<product ID="{row["ID"]}"><name>{row["name"]}</name><text>{text}</text>'
        f'<images><image n="1">a</image><image>b</image></images><price>{row["price"]}</price></product>\n'
    )


def as_json(row):
    fields = [{"name": "kleur", "value": row["text"]}, {"name": "maat", "value": "3"}]
    return json.dumps({**row, "fields": fields, "offers": {"amount": [1, 2]}}, ensure_ascii=False)


def as_csv(row, quote):
    return ";".join(f"{quote}{cell.replace(';', ',')}{quote}" for cell in [*row.values(), "EUR", "x"]) + "\n"


# Format -> what stands before the records, the records, and what stands behind them.
FEEDS = {
    "xml": ("<products>\n", [as_xml(row, False) for row in ROWS], "</products>\n"),
    "xml with cdata": ("<products>\n", [as_xml(row, True) for row in ROWS], "</products>\n"),
    "json by line": (
        '{"products":[\n',
        [as_json(row) + (",\n" if row is not ROWS[-1] else "\n") for row in ROWS],
        "]}\n",
    ),
    "json in a line": (
        '{"products":[',
        [as_json(row) + ("," if row is not ROWS[-1] else "") for row in ROWS],
        "]}",
    ),
    "json lines": ("", [as_json(row) + "\n" for row in ROWS], ""),
    "csv": ("ID;name;text;price;currency;brand\n", [as_csv(row, "") for row in ROWS], ""),
    "csv in quotes": ("ID;name;text;price;currency;brand\n", [as_csv(row, '"') for row in ROWS], ""),
}


def break_record(record, place, length, inserted):
    return record[:place] + inserted + record[place + length :]


def identity(row):
    return row.get("ID") or row.get("@ID")


def check_others(form, number, broken, feed=FEEDS):
    """Read the feed with a record broken: the others come, in order; of the broken one, one row at most."""
    before, records, behind = feed[form]
    text = before + "".join(records[:number]) + broken + "".join(records[number + 1 :]) + behind
    feed = open_feed(text.encode())
    good, bad, at = [], 0, []
    rows, failure = [], None
    try:
        rows.extend(feed)
    except NetworkUnavailable as error:
        failure = error
    assert not failure, (failure, number, broken)
    for row in rows:
        if type(row) is BadRow:
            bad += 1
            at.append(row.sample)
        else:
            good.append(identity(row))
    others = (
        [identity for identity in good if identity != ROWS[number]["ID"]] if len(records) == COUNT else good
    )
    expected = [row["ID"] for row in ROWS if row is not ROWS[number]]
    strange = [identity for identity in others if identity not in set(expected)]
    # The id itself may be what was broken, and where a line is a row, a line end makes two of one.
    allowed = 1 + (not form.startswith("xml") and broken.count("\n") > 1)
    assert len(strange) <= allowed
    assert [identity for identity in others if identity not in strange] == expected, (number, broken)
    assert bad + len(strange) <= allowed, (broken, at)


@pytest.mark.parametrize("form", FEEDS)
@given(data=st.data())
@fuzzed(40)
def test_one_broken_record_costs_itself_at_most(form, data):
    number = data.draw(st.integers(1, COUNT - 1), label="record")
    record = FEEDS[form][1][number]
    # The line end and comma behind a record are not its own: without them it is one with the next.
    size = len(record.rstrip(",\n"))
    place = data.draw(st.integers(0, size - 1), label="place")
    inserted = data.draw(st.sampled_from(["", *INSERTED]), label="inserted")
    # One break, not two.
    length = 0 if inserted else data.draw(st.integers(0, min(12, size - place)), label="length")
    check_others(form, number, break_record(record, place, length, inserted))


@pytest.mark.parametrize("opener", ["<![CDATA[", "<!--", "<?"])
@pytest.mark.parametrize("form", ["xml", "xml with cdata"])
def test_a_section_opened_in_an_end_tag_costs_no_other_record(form, opener):
    number = COUNT // 2
    record = FEEDS[form][1][number].rstrip()
    for place in range(len(record) - len("</product>"), len(record) + 1):
        check_others(form, number, break_record(record, place, 0, opener))


@pytest.mark.parametrize(
    ("place", "inserted"), [(0, "]]>"), (0, "] "), (0, "]}"), (-3, "\n"), (-4, "\n]"), (-2, "\n]\n")]
)
@pytest.mark.parametrize("number", [1, COUNT - 2, COUNT - 1])
def test_a_line_that_begins_with_a_bracket_ends_no_list_while_objects_follow(number, place, inserted):
    record = FEEDS["json by line"][1][number]
    place = place if place >= 0 else len(record.rstrip(",\n")) + place
    check_others("json by line", number, break_record(record, place, 0, inserted))


# Found with many more examples than are tried each time.
@pytest.mark.parametrize("number", [1, COUNT // 2])
@pytest.mark.parametrize(
    ("form", "place", "inserted"),
    [
        ("xml", 2, "</product>"),
        ("xml", 5, "</product>"),
        ("xml with cdata", 1, "</product>"),
        ("json in a line", 0, "]]>"),
        ("json in a line", 0, "]"),
        ("json in a line", 1, "]}"),
    ],
)
def test_what_ends_a_record_or_a_list_in_the_beginning_of_a_record_costs_no_other(
    form, place, inserted, number
):
    check_others(form, number, break_record(FEEDS[form][1][number], place, 0, inserted))
