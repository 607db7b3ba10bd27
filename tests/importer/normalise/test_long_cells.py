"""What a shop writes may be as long and as odd as it likes: no cell keeps a worker busy for seconds."""

import signal
from itertools import chain

import pytest

from catalog.lib.attributes import public_details
from catalog.lib.slugs import make_slug
from importer import normalise
from importer.normalise.likeness import Article, likeness

LENGTH = 30_000  # characters
SECONDS = 2  # each takes some thousandths
PIECES = [
    *("a ", "word ", "12 ", "12,", "1.", "1.234,", "€ ", "kr ", "incl btw ", "$ CAD ", "EUR ", "- ", "("),
    *(")", "((1)) ", "<div>", "</p>", "<", ">", "&amp;", "&", "&#x1F600;", "&#", "<![CDATA[", "]]>"),
    *("<!--", "\\/", "\\u00e4", "Ã¤", "Ã", "http://a.example/", "https:", "www.", "//", "%2520", "?a=b&"),
    *("https://a.example/b.jpg,", ", ", "|", " > ", " / ", "in stock ", "nicht "),
    *("Niet op voorraad (0) ", "1 werkdag ", "24h ", "NL:::4.95 EUR,", "free over 50 "),
    *("2026-01-01T00:00/", "2026-", "T", "4006381333931 ", "'", '"', '="', "0", "9", "[", "{", '{"a":'),
    *("[1,", '"a" => ', "500 ml ", "2x", "XL", "iPhone 15 ", "ä", "ß", "Ω", "中", "\xa0", "\u200b", "́"),
    *("\n", "\t", "\r\n", "…", "_", "*"),
]

VERBS = ("clean_", "parse_", "read_")
FILLINGS = [piece * (LENGTH // len(piece)) for piece in PIECES]
SHAPES = list(chain(FILLINGS, (f"12 {text} 95" for text in FILLINGS), (f"{text}x" for text in FILLINGS)))
READERS = {
    **{name: getattr(normalise, name) for name in normalise.__all__ if name.startswith(VERBS)},
    "clean_attributes": lambda text: normalise.clean_attributes([(text, text), ("colour", text)]),
    "cut": lambda text: normalise.cut(text, 200),
    "parse_price in a currency": lambda text: normalise.parse_price(text, "EUR"),
    "read_mark in a light": lambda text: normalise.read_mark(text, "SEK"),
    "parse_period": lambda text: normalise.parse_period(text, text),
    "likeness": lambda text: likeness(Article(text, text), Article(f"{text} 2", text)),
    "make_slug": make_slug,
    "public_details": lambda text: public_details(
        normalise.clean_attributes([(text, text), ("colour", text), ("weight", text)]), {}
    ),
}


class TooLong(BaseException):
    """Not an Exception: nothing of ours may swallow it."""


def give_up(*_) -> None:
    raise TooLong


@pytest.mark.parametrize("name", sorted(READERS))
def test_a_long_cell_is_read_in_no_time(name):
    slow = []
    former = signal.signal(signal.SIGVTALRM, give_up)
    try:
        for text in SHAPES:
            signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
            try:
                READERS[name](text)
            except TooLong:
                slow.append(text[:40])
            finally:
                signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    finally:
        signal.signal(signal.SIGVTALRM, former)
    assert slow == []
