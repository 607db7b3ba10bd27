"""What stands around a feed and is none of it: blank lines, notices of a program, an end-of-file mark."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

BLANK = b"\xef\xbb\xbf \t\r\n"
BLANK_TEXT = "\ufeff \t\r\n"
END_MARK = "\x1a"  # Ctrl-Z, with which old programs end a text
# "<br />\n<b>Warning</b>:  Undefined variable in <b>feed.php</b> on line <b>12</b><br />", and without tags.
_NOTICE = re.compile(
    r"(?:\s|\ufeff|<br\s*/?>|</?(?:p|pre|div|font|b)\b[^<>]*>)*"
    r"(?:PHP )?(?:Warning|Notice|Deprecated|Strict Standards|Parse error|(?:\w+ )?Fatal error)"
    r"(?:</b>)?:\s.{1,2000}?\bon line (?:<b>)?\d+(?:</b>)?(?:\s|<br\s*/?>|</?(?:p|pre|div|font|b)\b[^<>]*>)*",
    re.S,
)
_COMMENTS = re.compile(r"(?:\s*#[^\n;,|\t]*\r?\n)+")
_XML = re.compile(r"<\?xml\s")
_BLANKS = re.compile(r"(?:\s|\ufeff|&nbsp;|<br\s*/?>|<!-->)+")


def without_end_mark(texts: Iterable[str]) -> Iterator[str]:
    """Yield the text without the end-of-file mark behind it."""
    held = ""
    for text in texts:
        whole = held + text
        body, held = whole, ""
        if END_MARK in (tail := whole[len(whole.rstrip(f"{END_MARK}\r\n")) :]):
            at = len(whole) - len(tail) + tail.index(END_MARK)
            body, held = whole[:at], whole[at:]
        if body:
            yield body


def without_notices(head: str) -> str:
    """Return the beginning of a feed without notices and lines of HTML before it."""
    while found := _NOTICE.match(head):
        head = head[found.end() :]
    if found := _COMMENTS.match(head):
        head = head[found.end() :]
    if (declaration := _XML.search(head)) and declaration.start():
        before = head[: declaration.start()]
        # A web page may quote XML; only blanks, comments and loose text stand before a feed.
        if not re.search(r"<(?:!doctype|html|head|body)\b", before, re.I):
            return head[declaration.start() :]
    return head[found.end() :] if (found := _BLANKS.match(head)) else head
