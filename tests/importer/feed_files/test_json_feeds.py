"""JSON feeds: every layout, broken rows, cuts, and what comes in place of a feed."""

import json
import subprocess
import sys
from decimal import Decimal

import pytest

from importer.feed_files import BadRow, NoFeed
from importer.http.errors import NetworkError, NetworkUnavailable
from tests.importer.feed_files.reading import open_feed, read, read_until_failure

PRODUCTS = [
    {"name": f"Jacka {n}", "offers": [{"id": n}], "fields": [{"name": "a", "value": "]}"}]} for n in range(5)
]
LINES = [json.dumps(product, ensure_ascii=False).encode() for product in PRODUCTS]
TRADEDOUBLER = b'{"products":[\n' + b",\n".join(LINES) + b"\n]}\n"

LAYOUTS = {
    "one per line": TRADEDOUBLER,
    "comma after the last": b'{"products":[\n' + b",\n".join(LINES) + b",\n]}",
    "comma before": b'{"products":[\n' + b"\n,".join(LINES) + b"\n]}",
    "end behind the last": b'{"products":[\n' + b",\n".join(LINES) + b"]}",
    "windows line ends": TRADEDOUBLER.replace(b"\n", b"\r\n"),
    "header before": b'{"productHeader":{"totalHits":5},"products":[\n' + b",\n".join(LINES) + b"\n]}",
    "header after": b'{"products":[\n' + b",\n".join(LINES) + b'\n],"productHeader":{"totalHits":5}}',
    "single line": json.dumps({"products": PRODUCTS}).encode(),
    "single line, comma after the last": json.dumps({"products": PRODUCTS}).encode()[:-2] + b",]}",
    "indented": json.dumps({"products": PRODUCTS}, indent=2).encode(),
    "broken without indent": json.dumps({"products": PRODUCTS}, indent=0).encode(),
    "bare list": json.dumps(PRODUCTS).encode(),
    "bare list by line": b"[\n" + b",\n".join(LINES) + b"\n]\n",
    "nested": json.dumps({"data": {"products": PRODUCTS}}).encode(),
    "json lines": b"\n".join(LINES) + b"\n",
    "json lines without a last line end": b"\n".join(LINES),
    "byte order mark": b"\xef\xbb\xbf" + TRADEDOUBLER,
    "utf-16": b"\xff\xfe" + TRADEDOUBLER.decode().rstrip().encode("utf-16-le"),
}


@pytest.mark.parametrize("size", [1 << 16, 700, 7], ids="pieces of {}".format)
@pytest.mark.parametrize("data", LAYOUTS.values(), ids=LAYOUTS)
def test_every_layout_gives_the_same_rows(data, size):
    assert read(data, size=size) == PRODUCTS


@pytest.mark.parametrize("layout", [name for name in LAYOUTS if not name.startswith("json lines")])
def test_a_cut_gives_the_rows_before_it_and_then_a_failure(layout):
    data = LAYOUTS[layout].rstrip()
    for keep in (len(data) // 2, len(data) - 1, len(data) - 2):
        rows, failure = read_until_failure(open_feed(data[:keep]))
        assert isinstance(failure, NetworkUnavailable)
        assert [row for row in rows if not isinstance(row, BadRow)] == PRODUCTS[: len(rows)]


def test_json_lines_cut_in_a_line_are_a_failure():
    rows, failure = read_until_failure(open_feed(LAYOUTS["json lines"][:-9]))
    assert rows == PRODUCTS[:4]
    assert isinstance(failure, NetworkUnavailable)


def test_the_end_of_the_list_is_the_sign_that_a_feed_is_whole():
    for layout, data in LAYOUTS.items():
        feed = open_feed(data)
        assert list(feed) == PRODUCTS
        assert feed.is_whole is not layout.startswith("json lines")
        assert feed.layout.startswith("JSON")


@pytest.mark.parametrize(
    ("line", "value"),
    {
        "raw tab": (b'{"name":"a\tb"}', "a\tb"),
        "NUL": (b'{"name":"a\x00b"}', "ab"),
        "not UTF-8": (
            b'{"name":"M\xfcller \xe9t\xe9 \xc3\xa5\xc3\xa4\xc3\xb6 \xc3\xa5"}',
            "Müller été åäö å",
        ),
        "half a character": (b'{"name":"a\\ud800b"}', "a\ud800b"),
        "large number": (b'{"name":1e400}', Decimal("1e400")),
    }.values(),
    ids=["raw tab", "NUL", "not UTF-8", "half a character", "large number"],
)
def test_odd_text_in_a_row_is_read(line, value):
    rows = read(b'{"products":[\n{"name":"x"},\n' + line + b"\n]}")
    assert rows[1]["name"] == value


BROKEN = {
    "no comma": b'{"name":"x" "id":1},',
    "line end in a text": b'{"name":"x\ny","offers":[{"id":1}]},',
    "cut row": b'{"name":"x","offers":[{',
    "two line ends": b'{"name":"x\ny\nz"},',
    "too long": b'{"name":"' + b"x" * 5_000_000 + b'"},',
    "too deep": b'{"name":' + b"[" * 100_000 + b"},",
    "huge number": b'{"name":' + b"9" * 10_000 + b"x},",
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_a_broken_row_costs_itself_only(broken):
    feed = open_feed(b'{"products":[\n' + LINES[0] + b",\n" + broken + b"\n" + LINES[1] + b"\n]}")
    rows = list(feed)
    assert [row for row in rows if not isinstance(row, BadRow)] == PRODUCTS[:2]
    (bad,) = (row for row in rows if isinstance(row, BadRow))
    assert bad.sample.startswith('{"name":')
    assert len(bad.sample) <= 300
    assert (feed.row_count, feed.bad_count) == (3, 1)


def test_rows_that_are_no_objects_are_bad():
    rows = list(open_feed(b'[{"name":"x"},5,"y",{"name":"z"}]'))
    assert [row.reason for row in rows if isinstance(row, BadRow)] == ["is not an object"] * 2


@pytest.mark.parametrize(
    "data", [b'{"products":[]}', b'{"products":[\n]}\n', b"[]", b'{"products" : [ ] }\n']
)
def test_an_empty_list_is_a_whole_feed_without_rows(data):
    feed = open_feed(data)
    assert list(feed) == []
    assert feed.is_whole


@pytest.mark.parametrize(
    ("data", "words", "is_message"),
    [
        (b'{"message":"Unlimited file will be created, please come back."}', "will be created", True),
        (b'{\n "code": "429",\n "message": "Request Quota exceeded."\n}', "Request Quota exceeded.", False),
        (b'{"errors":[{"code":"PF_392","message":"Not connected to Feed (1)"}]}', "Not connected", False),
    ],
    ids=["please wait", "quota", "errors"],
)
def test_a_message_is_no_feed(data, words, is_message):
    with pytest.raises(NoFeed, match=words) as caught:
        list(open_feed(data))
    assert bool(caught.value.message) is is_message


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "feed_empty_answer"),
        (b" \n", "feed_empty_answer"),
        (
            b"<!DOCTYPE html><html><body><h1>An error has occured.</h1></body></html>",
            "feed_web_page .*An error has occured.",
        ),
        (b"2: Token not authorized for request.", "feed_something_else .*2: Token not authorized"),
        (b'{"status":{"a":1}}\n', "feed_no_list"),
    ],
    ids=["nothing", "blank", "web page", "plain text", "object"],
)
def test_what_is_no_feed_is_named(data, said):
    with pytest.raises(NetworkError, match=f"^{said}"):
        list(open_feed(data))


def test_an_endless_value_is_refused():
    def parts():
        yield b'{"products":[{"name":"'
        for _ in range(300):
            yield b"x" * 65536

    rows, failure = read_until_failure(open_feed(parts()))
    assert failure.code == "product_too_large"


MEASURE = """
import json, resource, django
django.setup()
from tests.importer.feed_files.reading import open_feed
row = json.dumps({"name": "Jacka", "description": "x" * 1200, "offers": [{"id": 1}]}).encode()
def parts(end):
    yield b'{"products":[' + row
    for _ in range(SIZE // (50 * len(row))):
        yield (b"," + SEPARATOR + row) * 50
    yield b"]}"
SIZE, SEPARATOR = 3_000_000, SEPARATOR
sum(1 for _ in open_feed(parts(b"]}")))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
SIZE = 60_000_000
count = sum(1 for _ in open_feed(parts(b"]}")))
print(count, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.parametrize("separator", [b"", b"\n"], ids=["single line", "one per line"])
def test_memory_does_not_grow_with_the_feed(separator):
    program = MEASURE.replace("SEPARATOR = 3_000_000, SEPARATOR", f"SEPARATOR = 3_000_000, {separator!r}")
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    count, grown_kib = map(int, answer.stdout.split())
    assert count > 40_000
    assert grown_kib < 6_000
