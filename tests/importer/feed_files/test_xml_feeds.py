"""XML feeds: the networks' forms, broken products, cuts, and attacks."""

from pathlib import Path

import pytest

from importer.feed_files import BadRow
from importer.http.errors import NetworkError, NetworkUnavailable
from importer.sentences import say
from tests.importer.feed_files.reading import open_feed, read, read_until_failure

RECORDED = Path(__file__).resolve().parents[4] / "shared" / "fixtures"
HEAD = b'<?xml version="1.0" encoding="utf-8"?>\n'
LATIN = b"<?xml version='1.0' encoding='ISO-8859-1'?>"
GENERATED = b"<!-- Generated on 09/26/15 at 14:51:32 (http://pf.tradetracker.net) -->\n"
TRADETRACKER = (
    HEAD
    + GENERATED
    + b"<products>\n<product><productID>a b</productID><name>Koffie &amp; thee</name>"
    + b'<price currency="EUR">4.95</price><productURL>https://x.example/?a=1&amp;b=2</productURL>'
    + b"<description><![CDATA[Zet </product> koffie & <b>thee</b>]]></description>"
    + b'<categories><category path="A &gt; B">B</category></categories>'
    + b'<additional><field name="EAN">1</field><field name="stock"/></additional></product>\n'
    + b"<product><productID>2</productID><categories/></product>\n</products>\n"
    + b"<!-- Total number of products: 2 -->\n"
)
FIRST = {
    "productID": "a b",
    "name": "Koffie & thee",
    "price": {"@currency": "EUR", "#text": "4.95"},
    "productURL": "https://x.example/?a=1&b=2",
    "description": "Zet </product> koffie & <b>thee</b>",
    "categories": {"category": {"@path": "A > B", "#text": "B"}},
    "additional": {"field": [{"@name": "EAN", "#text": "1"}, {"@name": "stock"}]},
}


@pytest.mark.parametrize("size", [1 << 16, 50, 3], ids="pieces of {}".format)
def test_products_become_rows(size):
    assert read(TRADETRACKER, size=size) == [FIRST, {"productID": "2", "categories": ""}]


FORMS = {
    "attributes": (
        b'<products><product ID="7"><name>x</name></product></products>',
        {"@ID": "7", "name": "x"},
    ),
    "google rss": (
        b'<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel><title>Shop</title><item>'
        b"<g:id>7</g:id><title>x</title><g:price>89.90 CHF</g:price></item></channel></rss>",
        {"id": "7", "title": "x", "price": "89.90 CHF"},
    ),
    "atom": (b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>7</id></entry></feed>', {"id": "7"}),
    "tradedoubler": (
        b'<result version="3.0" xmlns:ns2="urn:common" xmlns="urn:output"><products><product language="sv">'
        b'<name>x</name><offers><offer id="1"><ns2:price currency="EUR">1</ns2:price></offer></offers>'
        b"</product></products></result>",
        {
            "@language": "sv",
            "name": "x",
            "offers": {"offer": {"@id": "1", "price": {"@currency": "EUR", "#text": "1"}}},
        },
    ),
    "undeclared prefix": (b"<rss><item><g:id>7</g:id></item></rss>", {"id": "7"}),
    "repeated": (b"<products><product><a>1</a><a>2</a><a>3</a></product></products>", {"a": ["1", "2", "3"]}),
    "markup in a text": (
        b"<products><product><d>One<br/>two <b>three</b> four</d></product></products>",
        {"d": "One<br>two <b>three</b> four"},
    ),
    "nested": (
        b"<products><product><ID>1</ID><variations><product><ID>2</ID></product></variations></product></products>",
        {"ID": "1", "variations": {"product": {"ID": "2"}}},
    ),
    "space in the end tag": (b"<products><product><a>1</a></product ></products >", {"a": "1"}),
    "doctype": (
        b'<!DOCTYPE products SYSTEM "x.dtd"><products><product><a>1</a></product></products>',
        {"a": "1"},
    ),
    "raw ampersand": (
        b"<products><product><u>https://x.example/?a=1&b=2</u></product></products>",
        {"u": "https://x.example/?a=1&b=2"},
    ),
    "entity of HTML": (
        b"<products><product><n>caf&eacute;&nbsp;x</n></product></products>",
        {"n": "caf&eacute;&nbsp;x"},
    ),
    "control character": (b"<products><product><n>a\x0b\x01b\x00c</n></product></products>", {"n": "abc"}),
    "not UTF-8": (HEAD + b"<products><product><n>M\xfcller</n></product></products>", {"n": "Müller"}),
    "latin-1": (
        LATIN + b"<products><product><n>M\xfcller \x80</n></product></products>",
        {"n": "Müller €"},
    ),
    "said latin-1, is UTF-8": (
        LATIN + "<products><product><n>Müller</n></product></products>".encode(),
        {"n": "Müller"},
    ),
}


@pytest.mark.parametrize(("data", "row"), FORMS.values(), ids=FORMS)
def test_every_form_is_read(data, row):
    feed = open_feed(data)
    assert list(feed) == [row]
    assert feed.is_whole


@pytest.mark.parametrize(
    "data", [HEAD + b"<products></products>", HEAD + b"<products/>", b"<rss><channel/></rss>"]
)
def test_a_feed_without_products_is_whole(data):
    feed = open_feed(data)
    assert list(feed) == []
    assert feed.is_whole


BROKEN = {
    "mismatched tags": b"<product><name>x</product>",
    "attribute without quotes": b"<product ID=7><name>x</name></product>",
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_a_broken_product_costs_itself_only(broken):
    feed = open_feed(
        TRADETRACKER.replace(b"<products>\n", b"<products>\n" + broken).replace(b": 2 ", b": 3 ")
    )
    rows = list(feed)
    assert rows[1] == FIRST
    assert isinstance(rows[0], BadRow)
    assert rows[0].sample.startswith("<product")
    assert (feed.row_count, feed.bad_count, feed.is_whole) == (3, 1, True)


CUTS = {
    "in a product": TRADETRACKER[: TRADETRACKER.index(b"koffie &")],
    "between products": TRADETRACKER[: TRADETRACKER.index(b"<product><productID>2")],
    "before the last tag": TRADETRACKER[: TRADETRACKER.index(b"</products>")],
    "before the count": TRADETRACKER[: TRADETRACKER.index(b"<!-- Total")],
    "in the head": TRADETRACKER[:60],
}


@pytest.mark.parametrize("data", CUTS.values(), ids=CUTS)
def test_a_cut_is_a_failure(data):
    rows, failure = read_until_failure(open_feed(data))
    assert isinstance(failure, NetworkUnavailable)
    assert rows == [FIRST, {"productID": "2", "categories": ""}][: len(rows)]


BOMB = b"<!DOCTYPE products [<!ENTITY a 'aaaaaaaaaa'>" + b"".join(
    b'<!ENTITY %c "%s">' % (letter, b"&%c;" % (letter - 1) * 10) for letter in range(ord("b"), ord("k"))
)


@pytest.mark.parametrize(
    "head",
    [BOMB + b"]>", b'<!DOCTYPE products [<!ENTITY j SYSTEM "file:///etc/hostname">]>'],
    ids=["entity bomb", "file of the server"],
)
def test_a_document_with_entities_of_its_own_is_refused(head):
    data = HEAD + head + b"<products><product><name>&j;</name></product></products>"
    with pytest.raises(NetworkError, match="^feed_declares_entities") as caught:
        list(open_feed(data))
    assert not isinstance(caught.value, NetworkUnavailable)


def test_a_product_without_end_costs_itself_only():
    data = b"<products><product><name>" + b"x" * 6_000_000 + b"<product><name>y</name></product></products>"
    rows = list(open_feed(data))
    assert isinstance(rows[0], BadRow)
    assert rows[1] == {"name": "y"}


def test_a_document_of_other_things_is_not_a_feed():
    with pytest.raises(NetworkError, match="^feed_without_products") as caught:
        list(open_feed(b"<a><b>" + b"<c/>" * 2_000_000))
    assert not isinstance(caught.value, NetworkUnavailable)


def test_many_comments_before_the_root_are_read_in_no_time():
    with pytest.raises(NetworkError, match="^feed_not_xml"):
        list(open_feed(b"<!-- a -->" * 1500 + b"!"))


def test_another_count_than_promised_is_a_doubt():
    feed = open_feed(TRADETRACKER.replace(b": 2 ", b": 20 "))
    assert len(list(feed)) == 2
    assert feed.doubt.code == "count_differs"
    assert say(feed.doubt).startswith("The feed says that it has 20 products, but 2 came. It may be cut")


@pytest.mark.skipif(not RECORDED.exists(), reason="the recorded answers are not here")
def test_a_recorded_feed_is_read():
    feed = open_feed((RECORDED / "tradetracker/xml-v1_centralpoint_5_products_2015-05.xml").read_bytes())
    rows = list(feed)
    assert len(rows) == 5
    assert all(row["price"]["@currency"] == "EUR" for row in rows)
    assert feed.is_whole
