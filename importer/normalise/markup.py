"""Descriptions: HTML and text -> the few tags that pages show."""

from __future__ import annotations

import html
import re
from itertools import groupby, pairwise

import nh3

from importer.normalise.text import (
    JUNK,
    cut,
    decode_entities,
    decode_escapes,
    decode_twice,
    is_no_text,
    join_halves,
    strip_cdata,
    without_lost,
)

MAX_DESCRIPTION = 20_000  # characters; what is longer is cut
HTML_TAGS = {"p", "br", "ul", "ol", "li", "b", "strong", "i", "em", "h3", "h4"}

# Where real tags are present, entities are the text's own; only what was encoded again is decoded.
_ENCODED_AGAIN = re.compile(r"&(?:amp;)+(?=#?\w{1,31};)")
_STRUCTURE = re.compile(
    r"<(?:p|br|div|ul|ol|li|table|tr|td|h[1-6]|section|article|dl|hr|pre|blockquote)\b", re.I
)
_LARGE_HEADING = re.compile(r"(</?)h[12]\b[^>]*>", re.I)
_SMALL_HEADING = re.compile(r"(</?)h[56]\b[^>]*>", re.I)
# Not one of `HTML_TAGS` in small letters.
_OTHER_TAG = re.compile(r"<(?!/?(?:p|br|ul|ol|li|b|strong|i|em|h[34])[\s/>])")
_CELL = re.compile(r"</?(?:td|th)\b[^>]*>", re.I)
_OTHER_BLOCK = re.compile(
    r"</?(?:div|dl|dt|dd|hr|table|thead|tbody|tfoot|tr|caption|section|article|aside|main|nav|header|footer|figure"
    r"|figcaption|blockquote|pre|address|center|fieldset|form|option)\b[^>]*>",
    re.I,
)
_BREAK = "\x01"  # where a block was that is not kept; no text holds this character
_EDGE = "</?(?:p|ul|ol|li|h[34])>|<br>"
_BREAKS = re.compile(rf"(^|{_EDGE})?[\s{_BREAK}]*{_BREAK}[\s{_BREAK}]*($|(?={_EDGE}))?")
_EMPTY = re.compile(r"<(p|li|ul|ol|b|strong|i|em|h3|h4)>(?:\s|&nbsp;|<br>)*</\1>")
_MANY_BREAKS = re.compile(r"(?:<br>\s*){3,}")
_EDGE_BREAKS = re.compile(r"^(?:<br>\s*)+|(?:\s*<br>)+$")
_TAG = re.compile(r"<[^<>]*>")
_WRITTEN_BREAK = re.compile(r"(?:\\r)?\\n")  # the characters, as programs leave them
SHORT = 200  # characters: a longer text says something
_BLANK_LINE = re.compile(r"\n\s*\n")
_BULLET = re.compile(r"\s*(?:[-*–·]\s+|[•▪●‣◦]\s*)(?=\S)")
_SENTENCE_END = tuple(".!?:;…")
LONG_LINE = 60  # characters: a longer one that ends within a sentence was wrapped


def clean_html(value: object, limit: int = MAX_DESCRIPTION) -> str:
    """Return HTML with only `HTML_TAGS` and no attributes; safe to show, at most `limit` characters.

    Blocks that are not kept become breaks; blank lines and lists of plain text become paragraphs and lists.
    "" for a text in which letters are lost.
    """
    if value is None:
        return ""
    text = value if isinstance(value, str) else str(value)
    if "\\" in text:
        text = _WRITTEN_BREAK.sub("<br>" if "<" in text else "\n", decode_escapes(text))
    if not text.isascii():
        text = without_lost(decode_twice(text))
    if text.isprintable() and len(text) <= limit and not ("<" in text or ">" in text or "&" in text):
        return "" if len(text) < SHORT and is_no_text(text.strip()) else _one_line(text)
    if not text.isprintable():
        text = "\n".join(JUNK.sub("", text).splitlines())
    text = _unwrap(text.strip())
    source_limit = limit
    while True:
        source = cut(text, source_limit)
        cleaned = _render(source)
        if len(cleaned) < SHORT and (not (said := _TAG.sub("", cleaned).strip()) or is_no_text(said)):
            return ""
        if len(cleaned) <= limit:
            return cleaned
        source_limit = source_limit * limit // len(cleaned) - 1


def _unwrap(text: str) -> str:
    """Return the text that was put into CDATA or encoded as a whole, and `&amp;eacute;` as `&eacute;`."""
    text = strip_cdata(text)
    if "&" not in text:
        return text
    text = join_halves(text)
    if "<" not in text:
        return strip_cdata(decode_entities(text)).strip()
    return _ENCODED_AGAIN.sub("&", text) if "&amp;" in text else text


def _render(source: str) -> str:
    if "<" not in source:
        if "\n" not in source:
            return _one_line(html.escape(source, quote=False))
        return _one_line(_structure(html.escape(source, quote=False)))
    if "\n" in source and not _STRUCTURE.search(source):
        source = _structure(source)
    if _OTHER_TAG.search(source):
        source = _SMALL_HEADING.sub(r"\1h4>", _LARGE_HEADING.sub(r"\1h3>", source))
        source = _OTHER_BLOCK.sub(_BREAK, _CELL.sub(" ", source))
    cleaned = nh3.clean(source, tags=HTML_TAGS, attributes={}, link_rel=None)
    if _BREAK in cleaned:
        cleaned = _BREAKS.sub(_edge, cleaned)
    if "></" in cleaned or "> </" in cleaned or "&nbsp;</" in cleaned or "<br><br><br>" in cleaned:
        cleaned = _MANY_BREAKS.sub("<br><br>", _EMPTY.sub("", _EMPTY.sub("", cleaned)))
    cleaned = _one_line(cleaned)
    if cleaned.startswith("<br>") or cleaned.endswith("<br>"):
        cleaned = _EDGE_BREAKS.sub("", cleaned)
    return cleaned


def _one_line(text: str) -> str:
    """Return the text with single spaces only; printable text has no other white space than spaces."""
    return text.strip() if "  " not in text and text.isprintable() else " ".join(text.split())


def _edge(found: re.Match[str]) -> str:
    before, after = found[1], found[2]
    return before if before is not None else "" if after is not None else "<br>"


def _structure(text: str) -> str:
    """Return lines as paragraphs, lists and breaks; what is one paragraph only gets no tag."""
    blocks = _BLANK_LINE.split(text)
    pieces = [piece for block in blocks for piece in _pieces(block.split("\n"))]
    if len(pieces) == 1:
        return pieces[0]
    return "".join(piece if piece.startswith("<ul>") else f"<p>{piece}</p>" for piece in pieces)


def _pieces(lines: list[str]) -> list[str]:
    """Return the lists of a block, of two entries or more, and the texts between them."""
    pieces: list[str] = []
    for is_list, group in groupby(filter(str.strip, lines), key=lambda line: bool(_BULLET.match(line))):
        entries = [line.strip() for line in group]
        if is_list and len(entries) > 1:
            texts = (_BULLET.sub("", entry, count=1) for entry in entries)
            pieces.append("<ul>" + "".join(f"<li>{text}</li>" for text in texts) + "</ul>")
        elif pieces and not pieces[-1].startswith("<ul>"):
            pieces[-1] = _join([pieces[-1], *entries])
        else:
            pieces.append(_join(entries))
    return pieces


def _join(lines: list[str]) -> str:
    """Return lines with breaks between them; a long one that ends within a sentence was wrapped, no break."""
    text = lines[0]
    for before, line in pairwise(lines):
        is_wrapped = len(before) > LONG_LINE and line[0].islower() and not before.endswith(_SENTENCE_END)
        text += (" " if is_wrapped else "<br>") + line
    return text
