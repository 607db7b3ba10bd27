"""Two texts side by side, word by word."""

import re
from difflib import SequenceMatcher
from html import unescape
from typing import NamedTuple

MAX_WORDS = 4_000  # of both: comparing takes time with the square of it
_WORD = re.compile(r"\s*\S+|\s+$")
_BLOCK_END = re.compile(r"</(?:p|li|h[1-6]|ul|ol|blockquote|div|tr)>|<br\s*/?>", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")
_BLANK = re.compile(r"[ \t\r\f\v]+")


class Piece(NamedTuple):
    """A run of words; `kind` is "same", "gone" (only in the first text) or "new" (only in the second)."""

    kind: str
    text: str


def compare_words(one: str, other: str) -> list[Piece]:
    """Return what leads from one text to the other.

    Of texts of very many words only how they begin and end is compared: between is one after the other.

    >>> compare_words("red trail shoe", "blue trail shoe")
    [Piece(kind='gone', text='red'), Piece(kind='new', text='blue'), Piece(kind='same', text=' trail shoe')]
    """
    first, second = _WORD.findall(one), _WORD.findall(other)
    start = _count_alike(first, second)
    end = _count_alike(first[start:][::-1], second[start:][::-1])
    pieces = [
        Piece("same", "".join(second[:start])),
        *_compare(first[start : len(first) - end], second[start : len(second) - end]),
        Piece("same", "".join(second[len(second) - end :])),
    ]
    return [piece for piece in pieces if piece.text]


def _count_alike(one: list[str], other: list[str]) -> int:
    """Return with how many words both begin."""
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count


def _compare(first: list[str], second: list[str]) -> list[Piece]:
    if len(first) + len(second) > MAX_WORDS:
        return [Piece("gone", "".join(first)), Piece("new", "".join(second))]
    pieces = []
    for kind, a, b, c, d in SequenceMatcher(None, first, second, autojunk=False).get_opcodes():
        if kind == "equal":
            pieces.append(Piece("same", "".join(second[c:d])))
            continue
        pieces += [Piece("gone", "".join(first[a:b])), Piece("new", "".join(second[c:d]))]
    return pieces


def plain_text(html: str) -> str:
    """Return the words of clean HTML, a line for each block, to be compared."""
    text = unescape(_TAG.sub("", _BLOCK_END.sub("\n", html)))
    return "\n".join(line for line in (_BLANK.sub(" ", line).strip() for line in text.split("\n")) if line)
