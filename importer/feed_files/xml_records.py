"""XML text -> the raw text of each record, however broken one of them is.

Tags are looked for in markup only: CDATA, comments and processing instructions are skipped whole. A record
that lost its end, its beginning or the end of a CDATA costs itself: where the next one begins is known from
how the others begin, by their attributes and first element.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice

from importer.feed_files.rows import MAX_ROW, Refused

ROW_NAMES = "product|item|entry"
TAIL = 4 * 1024  # characters between two records that are looked at
NESTED = 256  # records of the same name within one, while none was seen before
LEARNT = 200  # records that show how one begins
NO_RECORDS = "feed_without_products"

_FIRST = re.compile(rf"<!--|<!\[CDATA\[|<\?|<((?:[\w.-]+:)?(?:{ROW_NAMES}))(?=[\s/>])")
_CLOSERS = {"<!--": "-->", "<![CDATA[": "]]>", "<?": "?>"}
_SECTION = re.compile(r"<!--.*?-->|<\?.*?\?>|<!\[CDATA\[.*?\]\]>", re.S)
_EMPTY = re.compile(r"""<[\w.:-]+(?:\s(?:[^<>"']|"[^"<]*"|'[^'<]*')*)?/>""")
_BEGINNING = re.compile(
    r"""<[\w.:-]+((?:\s+[\w.:-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*>\s*"""
    r"""(?:<!--.*?-->\s*)*(?:<([\w.:-]+))?""",
    re.S,
)
_ATTRIBUTE = re.compile(r"""([\w.:-]+)\s*=\s*(?:"[^"]*"|'[^']*')""")
_OPENING_TAG = re.compile(r"<[A-Za-z_][^<>]*>")
_TAGS = re.compile(r"<(/?)([\w.:-]+)[^<>]*?(/?)>")
_MORE = -1  # the answer lies in text that has not come yet


class XmlRecords:
    """Iterate over the records. `rest` is what stands behind the last, `before` what stood before the first.

    `is_whole(text)` tells whether the text is one well-formed record: the only way to know one that holds
    others of its own name from one that lost its end.
    """

    def __init__(self, head: str, texts: Iterator[str], is_whole: Callable[[str], bool]) -> None:
        self.rest, self._texts, self._is_whole = head, texts, is_whole
        self.before = self.name = ""
        self._is_over = False
        self._nested = NESTED
        self._beginnings: dict[tuple[str, ...], None] = {}

    def __iter__(self) -> Iterator[str]:
        position = self._find_first()
        if position < 0:
            return
        held, count = "", 0  # the last record waits: what follows may be its other half
        for piece in self._pieces(_SECTION.sub("", self.before)):
            yield piece
        while True:
            found = self._start.match(self.rest, position)
            if found:
                start, gap = found.end() - len(self._opening), ""
            else:
                start, gap = self._find_start(position)
            if start == _MORE:
                if not self._is_over:
                    self._read_more(self._drop(position))
                    position = 0
                    continue
                gap, start = _SECTION.sub("", self.rest[position:]), len(self.rest)
            if self._closing in gap:
                for piece in self._pieces(gap):
                    if held and self._is_other_half(held, piece):
                        held += piece
                    else:
                        if held:
                            yield held
                        held = piece
            if held:
                yield held
                held = ""
            if start == len(self.rest):
                self.rest = self.rest[position:]
                return
            end = self._find_end(start)
            if end == _MORE:
                if self._is_over:
                    self.rest = self.rest[start:]
                    return  # cut off: the rest shows it
                self._read_more(start)
                position = 0
                continue
            if count < LEARNT:
                count += 1
                self._learn(start)
            held = self.rest[start:end]
            position = end

    # --- The text ------------------------------------------------------------------------------------
    def _read_more(self, keep: int) -> None:
        """Drop what stands before `keep`, and at least double the rest."""
        self.rest = self.rest[keep:]
        pieces, size = [self.rest], 0
        while size < max(1, len(self.rest)) and (text := next(self._texts, "")):
            pieces.append(text)
            size += len(text)
        self._is_over = not size
        self.rest = "".join(pieces)

    def _drop(self, position: int) -> int:
        """Return from where the text is kept; of a long stretch without records only the end is."""
        return max(position, len(self.rest) - TAIL) if len(self.rest) - position > MAX_ROW else position

    # --- Where a record begins -----------------------------------------------------------------------
    def _find_first(self) -> int:
        """Return where the first record begins, and learn what it looks like; -1 where there is none."""
        at = 0
        while True:
            found = _FIRST.search(self.rest, at)
            if found and not found[1]:
                at, is_closed = self._find_section_end(found.start(), found[0])
                if at != _MORE:
                    at = at if is_closed else found.end()
                    continue
            elif found and (len(self.rest) - found.start() > TAIL or self._is_over):
                break
            if len(self.rest) > MAX_ROW:
                raise Refused(NO_RECORDS)
            # The root's tag is still needed, for its namespaces.
            at = found.start() if found else max(0, len(self.rest) - 100)
            if self._is_over:
                return -1
            self._read_more(0)
        self.name = found[1]
        self.before = self.rest[: found.start()]
        self._know(self.name)
        return found.start()

    def _know(self, name: str) -> None:
        tag = re.escape(name)
        self._opening, self._closing = f"<{name}", f"</{name}"
        self._start = re.compile(rf"\s*<{tag}(?=[\s/>])")
        self._end_tag = re.compile(rf"</{tag}\s*>")
        self._token = re.compile(rf"<!--|<!\[CDATA\[|<\?|</?{tag}(?=[\s/>])")
        self._boundary = re.compile(rf"</{tag}\s*>(?=\s*<(?:{tag}[\s/>]|!--|/(?!{tag}[\s>])))")
        self._container = re.compile(rf"</(?:{'|'.join(map(re.escape, _open_tags(self.before))) or 'x'})\s*>")
        # The first record may be the broken one.
        starts = islice(re.finditer(rf"<{tag}(?=[\s/>])", self.rest), LEARNT)
        seen = Counter(filter(None, (_beginning(self.rest, start.start()) for start in starts)))
        often = [beginning for beginning, count in seen.items() if count > 1]
        if often:
            self._beginnings[often[0]] = None

    def _learn(self, start: int) -> None:
        beginning = _beginning(self.rest, start)
        if beginning and len(self._beginnings) < 16 and beginning[-1] != self.name:
            self._beginnings[beginning] = None

    def _begins_like_others(self, start: int) -> bool:
        return not self._beginnings or _beginning(self.rest, start) in self._beginnings

    def _find_start(self, position: int) -> tuple[int, str]:
        """Return where the next record begins, and the markup before it without comments and the like."""
        text, kept, at = self.rest, [], position
        scanned = position
        while found := self._token.search(text, scanned):
            if found[0] == "<![CDATA[":
                scanned = found.end()  # there is no text between records
            elif found[0] in _CLOSERS:
                end, is_closed = self._find_section_end(found.start(), found[0])
                if end == _MORE:
                    return _MORE, ""
                kept.append(text[at : found.start()])
                if not is_closed:
                    # The records up to the boundary cannot be told from what the section hides.
                    kept.append(text[found.end() : end])
                at = scanned = end
            elif found[0] == self._opening:
                kept.append(text[at : found.start()])
                return found.start(), "".join(kept)
            else:
                scanned = found.end()
        return _MORE, ""

    # --- Where it ends -------------------------------------------------------------------------------
    def _find_end(self, start: int) -> int:
        """Return where the record at `start` ends, or where it must end because another begins."""
        text = self.rest
        opened = text.find(">", start)
        if opened > 0 and text[opened - 1] == "/" and (empty := _EMPTY.match(text, start)):
            return empty.end()
        close = at = text.find(self._closing, start)
        mark = text.find("<!", start, close)
        while 0 <= mark < close and text.startswith("<![CDATA[", mark):
            at = text.find("]]>", mark, close)
            mark = text.find("<!", at, close) if at >= 0 else close
        # The usual record: no tag of its own name, comment or such inside, and each CDATA with its end.
        if (
            at >= 0
            and mark < 0
            and text.find(self._opening, start + 1, close) < 0
            and text.find("<?", start, close) < 0
            and (end := self._end_tag.match(text, close))
        ):
            return end.end()
        return self._walk(start)

    def _walk(self, start: int) -> int:
        text, at, depth, other, count = self.rest, start + 1, 1, -1, 0
        while found := self._token.search(text, at):
            if found[0] in _CLOSERS:
                at, is_closed = self._find_section_end(found.start(), found[0])
                if at == _MORE:
                    return at
                another = self._find_another(found.end(), at)
                if another >= 0 and (not is_closed or text.find(found[0], another, at) >= 0):
                    return another  # it was opened in the record's own end tag
                if not is_closed:
                    return at
            elif found[0] == self._opening:
                at = found.end()
                if not self._is_over and len(text) - at < TAIL:
                    return _MORE  # how it begins may not have come yet
                if empty := _EMPTY.match(text, found.start()):
                    at = empty.end()
                    continue
                if other < 0 and self._begins_like_others(found.start()):
                    other = found.start()
                depth += 1
                count += 1
                if other > 0 and count > self._nested:
                    break
            elif end := self._end_tag.match(text, found.start()):
                at = end.end()
                depth -= 1
                if not depth and (other < 0 or self._is_whole(text[start:at])):
                    self._nested = self._nested if other < 0 else MAX_ROW
                    return at
                if not depth:
                    break
            else:
                at = found.end()
        else:
            if not self._is_over and len(text) - start <= MAX_ROW:
                return _MORE
        if other < 0:
            return self._find_closing(start)
        self._nested = max(4, self._nested // 2) if self._nested < MAX_ROW else MAX_ROW
        return other

    def _find_another(self, start: int, end: int) -> int:
        """Return where a record that begins like the others begins before `end`, or -1."""
        at = self.rest.find(self._opening, start, end) if self._beginnings else -1
        while at >= 0 and not self._begins_like_others(at):
            at = self.rest.find(self._opening, at + 1, end)
        return at

    def _find_closing(self, start: int) -> int:
        """Return where the element around the records is closed, behind the last, which lost its end."""
        if found := self._container.search(self.rest, start):
            return found.start()
        if len(self.rest) - start > MAX_ROW:
            found = self._start.search(self.rest, start + 1)
            return found.end() - len(self._opening) if found else len(self.rest)
        return _MORE

    def _find_section_end(self, start: int, opener: str) -> tuple[int, bool]:
        """Return the end of a comment, CDATA or processing instruction, and whether it is its own.

        One in which a record ends, another begins and a further section is opened has lost its end: it is
        over with its record. So is one without an end.
        """
        text, closer = self.rest, _CLOSERS[opener]
        end = text.find(closer, start + len(opener))
        if end < 0 and not self._is_over and len(text) - start <= MAX_ROW:
            return _MORE, True
        if not self.name:
            return (end + len(closer), True) if end >= 0 else (len(text), False)
        if end >= 0 and text.find(self._closing, start, end) < 0:
            return end + len(closer), True
        boundary = self._boundary.search(text, start)
        if end >= 0 and (not boundary or text.find(opener, boundary.end(), end) < 0):
            return end + len(closer), True
        if boundary:
            return boundary.end(), False
        return (_MORE, False) if self._is_over else (start + len(opener), True)

    # --- What stands between two records -------------------------------------------------------------
    def _pieces(self, gap: str) -> Iterator[str]:
        """Yield what ends like a record but does not begin like one."""
        at = 0
        for end in self._end_tag.finditer(gap):
            piece = gap[at : end.end()]
            at = end.end()
            if _OPENING_TAG.search(piece):
                yield piece

    def _is_other_half(self, record: str, piece: str) -> bool:
        """Tell whether the piece belongs to the record before it, rather than to one without a beginning."""
        names = {name for *_, name in self._beginnings if name}
        if not names:
            return False
        first = re.compile(rf"<(?:{'|'.join(map(re.escape, names))})(?=[\s/>])")
        return not (first.search(piece) and first.search(record))


def _beginning(text: str, start: int) -> tuple[str, ...] | None:
    """Return the attributes of the record's tag and its first element, by which it is known."""
    found = _BEGINNING.match(text, start)
    return (*_ATTRIBUTE.findall(found[1]), found[2] or "") if found else None


def _open_tags(before: str) -> list[str]:
    """Return the elements that are open where `before` ends."""
    names: list[str] = []
    for closing, name, empty in _TAGS.findall(_SECTION.sub("", before)):
        if closing and name in names:
            del names[len(names) - 1 - names[::-1].index(name) :]
        elif not closing and not empty:
            names.append(name)
    return names
