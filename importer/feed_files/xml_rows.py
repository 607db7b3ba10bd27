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

from importer.feed_files.rows import MAX_ROW, BadRow, Damaged, Refused, Row

ROW_NAMES = "product|item|entry"
HEAD = 16 * 1024  # characters in which the root must show
TAIL = 4 * 1024  # characters between two rows that are looked at
CUT = "The feed is cut off: its last tag is missing"

_ENTITIES = re.compile(r"<!(?:ENTITY|ELEMENT)\b")
_ROOT = re.compile(
    # Possessive: nothing that was read is read in another way.
    r"(?>\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]{0,500}(?:\[[^\]]{0,4000}\]\s*)?>)*+<([\w.:-]+)",
    re.S,
)
_NAMESPACE = re.compile(r"""\bxmlns:([\w.-]+)\s*=\s*("[^"<]*"|'[^'<]*')""")
_FIRST_ROW = re.compile(rf"<((?:[\w.-]+:)?(?:{ROW_NAMES}))(?=[\s/>])")
_COUNT = re.compile(r"<!--\s*Total number of products:\s*(\d+)\s*-->", re.I)
_TRADETRACKER = re.compile(r"<!--\s*Generated on [^>]{1,60}pf\.tradetracker\.net", re.I)
_LOOSE_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9a-fA-F]{1,6});)")
_PREFIX = re.compile(r"(</?)[\w.-]+:")
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|&#(?:[0-8]|x[0-8]);")

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

    def __init__(self, texts: Iterator[str]) -> None:
        self._texts = texts
        self.is_whole = False

    def __iter__(self) -> Iterator[Row | BadRow]:
        head = ""
        while len(head) < HEAD and (text := next(self._texts, "")):
            head += text
        if _ENTITIES.search(head[:HEAD]):
            raise Refused("The feed declares entities of its own, as attacks do, so it was not read.")
        root = _ROOT.match(head)
        if root is None:
            raise Damaged("The feed is not valid XML")
        rest, count = head[root.start(1) - 1 :], 0
        splitter = _Splitter(rest, self._texts)
        for text in splitter:
            row = splitter.parse(text)
            count += 1
            yield row
        self._check_end(root[1], splitter.rest, count, bool(_TRADETRACKER.search(head[:HEAD])))

    def _check_end(self, root: str, rest: str, count: int, must_count: bool) -> None:
        is_closed = re.search(rf"</{re.escape(root)}\s*>|^<{re.escape(root)}[^<>]*/>", rest)
        if not is_closed and not (count and _FIRST_ROW.match(f"<{root}>")):
            raise Damaged(CUT)
        promised = _COUNT.search(rest)
        if must_count and not promised:
            raise Damaged("The feed is cut off: the count of products at its end is missing")
        if promised and int(promised[1]) != count:
            raise Damaged(f"The feed says that it has {promised[1]} products, but {count} came")
        self.is_whole = True


class _Splitter:
    """Cut the rows out of the text. `rest` is what stands behind the last one."""

    def __init__(self, head: str, texts: Iterator[str]) -> None:
        self.rest, self._texts = head, texts
        self._start = _FIRST_ROW
        self._wrap = ("<r>", "</r>")

    def __iter__(self) -> Iterator[str]:
        position = 0
        name = ""
        while True:
            if found := self._start.search(self.rest, position):
                if not name:
                    name = found[1]
                    self._know(name, self.rest[: found.start()])
                end = _find_end(self.rest, found.start(), name, self._start)
                if end > 0:
                    yield self.rest[found.start() : end]
                    position = end
                    continue
                if len(self.rest) - found.start() > MAX_ROW:
                    yield self.rest[found.start() : found.start() + 1000]
                    position = found.end()
                    continue
                position = found.start()
            elif name:
                position = max(position, len(self.rest) - TAIL)
            elif len(self.rest) > MAX_ROW:
                raise Damaged("The feed holds no products that can be recognised")
            text = next(self._texts, "")
            if not text:
                break
            # Before the first row the root's tag is still needed, for its namespaces.
            keep = position if name else 0
            self.rest, position = self.rest[keep:] + text, position - keep
        self.rest = self.rest[position:] if name else self.rest

    def _know(self, name: str, before: str) -> None:
        self._start = re.compile(rf"<{re.escape(name)}(?=[\s/>])")
        spaces = "".join(f" xmlns:{prefix}={uri}" for prefix, uri in dict(_NAMESPACE.findall(before)).items())
        self._wrap = (f"<r{spaces}>", "</r>")

    def parse(self, text: str) -> Row | BadRow:
        opening, closing = self._wrap
        whole = f"{opening}{text}{closing}"
        try:
            return _row(etree.fromstring(whole.encode(), _PARSER)[0])
        except (etree.XMLSyntaxError, IndexError):
            pass
        # Raw ampersands, the entities of HTML, characters that XML does not know, undeclared prefixes.
        whole = _LOOSE_AMPERSAND.sub("&amp;", _NOT_XML.sub("", whole))
        whole = _PREFIX.sub(r"\1", whole)
        try:
            return _row(etree.fromstring(whole.encode(), _PARSER)[0])
        except (etree.XMLSyntaxError, IndexError):
            return BadRow.of("is not well-formed XML", text)


def _find_end(text: str, start: int, name: str, pattern: re.Pattern[str]) -> int:
    """Return where the row at `start` ends, -1 when that is not there yet."""
    opened = text.find(">", start)
    if opened > 0 and text[opened - 1] == "/":
        return opened + 1
    mark = f"</{name}"
    counted = end = start + 1
    depth = 1
    while depth:
        end = text.find(mark, end)
        close = text.find(">", end) if end >= 0 else -1
        if close < 0:
            return -1
        section = text.rfind("<![CDATA[", start, end)
        is_text = section >= 0 and text.find("]]>", section, end) < 0
        if not is_text and not text[end + len(mark) : close].strip():  # else it is a longer name
            depth += sum(1 for _ in pattern.finditer(text, counted, end)) - 1
            counted = end
        end += 1
    return close + 1


@lru_cache(maxsize=1024)
def _local(tag: str) -> str:
    return tag.rpartition("}")[2].rpartition(":")[2]


def _row(element: Any) -> Row:
    value = _value(element)
    return value if isinstance(value, dict) else {"#text": value} if value else {}


def _value(element: Any) -> Any:
    """Return the text of a leaf, else a dict of children, `@attributes` and `#text`."""
    attributes = element.attrib
    if not len(element) and not attributes:
        return element.text or ""
    value: Row = {f"@{_local(name)}": text for name, text in attributes.items()}
    text = element.text
    for child in element:
        if child.tail and not child.tail.isspace():
            return " ".join(element.itertext())  # markup inside of a text
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
