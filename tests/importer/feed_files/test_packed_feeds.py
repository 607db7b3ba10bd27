"""gzip, zip and encodings."""

import gzip
import io
import zipfile
import zlib

import pytest

from importer.http.errors import NetworkError, NetworkUnavailable
from tests.importer.feed_files.reading import open_feed, read, read_until_failure

ROWS = [{"ID": str(n), "name": f"Jacka röd {n}"} for n in range(3000)]
CSV = "ID;name\n" + "".join(f"{row['ID']};{row['name']}\n" for row in ROWS)
DATA = CSV.encode()


def zipped(*members, method=zipfile.ZIP_DEFLATED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return buffer.getvalue()


PACKED = {
    "gzip": (gzip.compress(DATA), "CSV in gzip"),
    "gzip in parts": (gzip.compress(DATA[:5000]) + gzip.compress(DATA[5000:]), "CSV in gzip"),
    "gzip with padding": (gzip.compress(DATA) + b"\0" * 512, "CSV in gzip"),
    "zip": (zipped(("feed.csv", DATA)), "CSV in zip"),
    "zip with a folder": (zipped(("a/", b""), ("a/feed.csv", DATA)), "CSV in zip"),
    "zip without packing": (zipped(("feed.csv", DATA), method=zipfile.ZIP_STORED), "CSV in zip"),
    "gzip in gzip": (gzip.compress(gzip.compress(DATA)), "CSV in gzip in gzip"),
}


@pytest.mark.parametrize("size", [1 << 16, 11], ids="pieces of {}".format)
@pytest.mark.parametrize(("data", "layout"), PACKED.values(), ids=PACKED)
def test_packed_feeds_are_read_and_verified(data, layout, size):
    feed = open_feed(data, size=size)
    assert list(feed) == ROWS
    assert feed.layout == layout
    assert feed.is_whole  # by its checksum


@pytest.mark.parametrize("name", ["gzip", "zip"])
@pytest.mark.parametrize("keep", [0.5, 0.97], ids=["half", "almost all"])
def test_a_packed_feed_that_is_cut_is_a_failure(name, keep):
    data = PACKED[name][0]
    data = data[: int(len(data) * keep) if name == "gzip" else int(len(data) * keep) - 200]
    rows, failure = read_until_failure(open_feed(data))
    assert rows == ROWS[: len(rows)]
    assert isinstance(failure, NetworkUnavailable)


@pytest.mark.parametrize("at", [-8, -4], ids=["checksum", "length"])
def test_a_gzip_whose_end_does_not_fit_is_a_failure(at):
    data = bytearray(PACKED["gzip"][0])
    data[at] ^= 1
    rows, failure = read_until_failure(open_feed(bytes(data)))
    assert rows == ROWS[: len(rows)]
    assert isinstance(failure, NetworkUnavailable)


def bomb(wbits):
    packer = zlib.compressobj(9, zlib.DEFLATED, wbits)
    for _ in range(400):
        yield packer.compress(b"1;xxxxxxxxxxxx\n" * 70_000)
    yield packer.flush()


@pytest.mark.parametrize("layers", [1, 2], ids=["gzip", "gzip in gzip"])
def test_a_gzip_bomb_is_refused_before_it_fills_anything(layers):
    data = b"".join(bomb(31))
    if layers == 2:
        data = gzip.compress(data)
    rows, failure = read_until_failure(open_feed(data))
    assert isinstance(failure, NetworkError)
    assert not isinstance(failure, NetworkUnavailable)
    assert failure.code == "feed_bomb"
    assert len(rows) < 1_000_000


def test_a_zip_bomb_is_refused():
    data = zipped(("feed.csv", b"ID;name\n" + b"1;xxxxxxxxxxxx\n" * 5_000_000))
    rows, failure = read_until_failure(open_feed(data))
    assert failure.code == "feed_bomb"


def test_an_archive_with_a_password_is_a_failure():
    data = bytearray(PACKED["zip"][0])
    data[6] |= 1  # says that it is encrypted
    _, failure = read_until_failure(open_feed(bytes(data)))
    assert isinstance(failure, NetworkError)


def test_an_archive_without_a_file_is_a_failure():
    _, failure = read_until_failure(open_feed(zipped(("a/", b""))))
    assert failure.code == "archive_empty"


UTF8 = "ID;name\n1;Jacka röd €\n".encode()
ENCODINGS = {
    "utf-8": (UTF8, ""),
    "byte order mark": (b"\xef\xbb\xbf" + UTF8, ""),
    "byte order mark wins": (b"\xef\xbb\xbf" + UTF8, "text/csv; charset=cp1252"),
    "utf-16": ("\ufeff" + UTF8.decode()).encode("utf-16-le")
    and (
        ("\ufeff" + UTF8.decode()).encode("utf-16-le"),
        "",
    ),
    "declared utf-16": (UTF8.decode().encode("utf-16-be"), "text/csv; charset=utf-16-be"),
    "windows-1252": (UTF8.decode().encode("cp1252"), ""),
    "declared windows-1252": (UTF8.decode().encode("cp1252"), 'text/csv; charset="Windows-1252"'),
    "latin-1 with the euro of windows": (UTF8.decode().encode("cp1252"), "text/csv; charset=ISO-8859-1"),
    "declared latin-1, but utf-8": (UTF8, "text/csv; charset=ISO-8859-1"),
    "declared latin-9": (UTF8.decode().encode("iso8859-15"), "text/csv; charset=ISO-8859-15"),
    "unknown name": (UTF8, "text/csv; charset=klingon"),
    "no text encoding": (UTF8, "text/csv; charset=rot13"),
}


@pytest.mark.parametrize("size", [1 << 16, 1], ids="pieces of {}".format)
@pytest.mark.parametrize(("data", "content_type"), ENCODINGS.values(), ids=ENCODINGS)
def test_the_encoding_is_found(data, content_type, size):
    assert read(data, content_type, size) == [{"ID": "1", "name": "Jacka röd €"}]


def test_windows_1252_is_found_late():
    data = b"ID;name\n" + b"1;x\n" * 100_000 + "2;Jacka röd\n".encode("cp1252") * 2
    assert read(data)[-1] == {"ID": "2", "name": "Jacka röd"}


def test_a_stray_byte_does_not_change_the_encoding():
    data = (
        "ID;name\n1;Jacka röd\n".encode() * 1
        + "2;Blå".encode() * 100_000
        + b"\n3;x\xe9y\n"
        + "4;å\n".encode()
    )
    rows = [row for row in open_feed(data) if isinstance(row, dict)]
    assert rows[0]["name"] == "Jacka röd"
    assert rows[-2:] == [{"ID": "3", "name": "xéy"}, {"ID": "4", "name": "å"}]
