"""XML -> rows: each product is cut out of the text and parsed on its own.

So one product that is not well-formed costs itself and not the feed, which `lxml.etree.iterparse` cannot do;
no declaration of the document reaches the parser, so nothing can be expanded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from lxml import etree

from importer.feed_files.known_rows import UNKNOWN, KnownRows
from importer.feed_files.rows import BadRow, Damaged, Refused, Row, other_count
from importer.feed_files.xml_records import ROW_NAMES, XmlRecords
from importer.reasons import Reason

HEAD = 16 * 1024  # characters in which the root must show
CUT = "feed_last_tag_missing"

_ENTITIES = re.compile(r"<!(?:ENTITY|ELEMENT)\b")
# Possessive: nothing that was read is read in another way.
_PROLOG = r"(?>\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]{0,500}(?:\[[^\]]{0,4000}\]\s*)?>)*+"
_ROOT = re.compile(_PROLOG + r"<([\w.:-]+)", re.S)
_HEAD_ONLY = re.compile(_PROLOG + r"(?:<[?!][^>]*)?", re.S)
_NAMESPACE = re.compile(r"""\bxmlns:([\w.-]+)\s*=\s*("[^"<]*"|'[^'<]*')""")
_COUNT = re.compile(r"<!--\s*Total number of products:\s*(\d+)\s*-->", re.I)
_TRADETRACKER = re.compile(r"<!--\s*Generated on [^>]{1,60}pf\.tradetracker\.net", re.I)
_LOOSE_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9a-fA-F]{1,6});)")
_PREFIX = re.compile(r"(</?)[\w.-]+:")
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_REFERENCE = re.compile(r"&#(?:x([0-9a-fA-F]{1,6})|(\d{1,7}));")
_HALVES = re.compile("[\ud800-\udbff][\udc00-\udfff]")
# Marks that are text: no tag, or one of HTML, which belongs to the text around it.
_HTML_NAMES = frozenset(
    ("b", "big", "blockquote", "br", "center", "div", "em", "font", "h1", "h2", "h3", "h4", "h5", "h6", "hr")
    + ("i", "img", "li", "ol", "p", "pre", "s", "small", "span", "strike", "strong", "sub", "sup", "table")
    + ("tbody", "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul")
)
_LOOSE_MARK = re.compile(
    r"<(?!/?[A-Za-z_][\w:.-]*(?:\s[^<>]*)?/?>|!\[CDATA\[|!--)"
    rf"|<(?=/?(?:a|{'|'.join(sorted(_HTML_NAMES))})\b[^<>]*>)",
    re.I,
)
_LITERAL = re.compile(r"(<!\[CDATA\[.*?\]\]>|<!--.*?-->)", re.S)

_PARSER = etree.XMLParser(
    resolve_entities=False,
    no_network=True,
    load_dtd=False,
    huge_tree=False,
    remove_comments=True,
    remove_pis=True,
)


class XmlRows:
    """Iterate over the products. `is_whole` after the last tag and, where it is promised, the count."""

    layout = "XML"

    def __init__(self, texts: Iterator[str], known: KnownRows) -> None:
        self._texts, self._known = texts, known
        self._wrap = ("<r>", "</r>")
        self.is_whole = False
        self.doubt: Reason | None = None

    def __iter__(self) -> Iterator[Row | BadRow | int]:
        head = ""
        while len(head) < HEAD and (text := next(self._texts, "")):
            head += text
        if _ENTITIES.search(head[:HEAD]):
            raise Refused("feed_declares_entities")
        root = _ROOT.match(head)
        if root is None:
            raise Damaged(CUT) if _HEAD_ONLY.fullmatch(head) else Refused("feed_not_xml")
        records = XmlRecords(head[root.start(1) - 1 :], self._texts, self._is_whole_record)
        good = bad = 0
        for text in records:
            if not good + bad:
                self._know(records.before)
            if (place := self._known.find(text.encode("utf-8", "surrogatepass"))) != UNKNOWN:
                good += 1
                yield place
                continue
            row = self.parse(text)
            if type(row) is BadRow:
                bad += 1
            else:
                good += 1
            yield row
        self._check_end(root[1], records.rest, good, bad, bool(_TRADETRACKER.search(head[:HEAD])))

    def _check_end(self, root: str, rest: str, good: int, bad: int, must_count: bool) -> None:
        is_closed = re.search(rf"</{re.escape(root)}\s*>|^<{re.escape(root)}[^<>]*/>", rest)
        if not is_closed and not (good + bad and re.fullmatch(ROW_NAMES, root)):
            raise Damaged(CUT)
        promised = _COUNT.search(rest)
        if must_count and not promised:
            raise Damaged("feed_count_missing")
        if promised and not good <= int(promised[1]) <= good + bad:
            self.doubt = other_count(int(promised[1]), good + bad)
        self.is_whole = True

    def _know(self, before: str) -> None:
        """Take over the namespaces that were declared before the first record."""
        spaces = "".join(f" xmlns:{prefix}={uri}" for prefix, uri in dict(_NAMESPACE.findall(before)).items())
        self._wrap = (f"<r{spaces}>", "</r>")
        self._known.set_context(spaces)

    def _is_whole_record(self, text: str) -> bool:
        return self._parse(text) is not None

    def _parse(self, text: str) -> Row | None:
        opening, closing = self._wrap
        try:
            (element,) = etree.fromstring(f"{opening}{text}{closing}".encode(), _PARSER)
        except (etree.XMLSyntaxError, ValueError):
            return None
        return _row(element)

    def parse(self, text: str) -> Row | BadRow:
        """Return the row of a raw record."""
        row = self._parse(text)
        if row is None:
            # Raw ampersands, the entities of HTML, characters that XML does not know, undeclared prefixes.
            text_ = _PREFIX.sub(r"\1", _mend_characters(text))
            row = self._parse(text_)
            if row is None:
                row = self._parse(_mend_marks(text_))
        return row if row is not None else BadRow.of("is not well-formed XML", text)


def _mend_characters(text: str) -> str:
    """Leave out what XML cannot hold, join the halves of one character, and encode what is no entity."""
    text = _LOOSE_AMPERSAND.sub("&amp;", _NOT_XML.sub("", text))
    if "&#" in text:
        text = _REFERENCE.sub(_character, text)
        text = _HALVES.sub(lambda pair: pair[0].encode("utf-16", "surrogatepass").decode("utf-16"), text)
        text = "".join(letter for letter in text if not "\ud800" <= letter <= "\udfff")
    return text


def _character(reference: re.Match[str]) -> str:
    code = int(reference[1], 16) if reference[1] else int(reference[2])
    if 0xD800 <= code <= 0xDFFF:
        return chr(code)  # a half; the other stands beside it
    is_text = code in (9, 10, 13) or 0x20 <= code <= 0x10FFFF and code not in (0xFFFE, 0xFFFF)
    return reference[0] if is_text else ""


def _mend_marks(text: str) -> str:
    """Make text of what is no tag of the feed: lone brackets, and the tags of HTML."""
    parts = _LITERAL.split(text)
    parts[::2] = (_LOOSE_MARK.sub("&lt;", part) for part in parts[::2])
    return "".join(parts)


@lru_cache(maxsize=1024)
def _local(tag: str) -> str:
    return tag.rpartition("}")[2].rpartition(":")[2]


def _row(element: Any) -> Row:
    value = _value(element, is_row=True)
    return value if isinstance(value, dict) else {"#text": value} if value else {}


def _value(element: Any, *, is_row: bool = False) -> Any:
    """Return the text of a leaf, else a dict of children, `@attributes` and `#text`."""
    attributes = element.attrib
    if not len(element) and not attributes:
        return element.text or ""
    value: Row = {f"@{_local(name)}": text for name, text in attributes.items()}
    text = element.text
    for child in element:
        if child.tail and not child.tail.isspace() or child.tag in _HTML_NAMES and not is_row:
            return _markup(element)
        name, inner = _local(child.tag), _value(child)
        if name not in value:
            value[name] = inner
        elif isinstance(value[name], list):
            value[name].append(inner)
        else:
            value[name] = [value[name], inner]
    if text and not text.isspace():
        value["#text"] = text
    return value


def _markup(element: Any) -> str:
    """Return a text with markup inside, as HTML."""
    parts = [element.text or ""]
    parts += (etree.tostring(child, encoding="unicode", method="html") for child in element)
    return "".join(parts)
