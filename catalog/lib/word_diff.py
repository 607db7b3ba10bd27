"""Two texts side by side, word by word."""

import re
from difflib import SequenceMatcher
from typing import NamedTuple

MAX_WORDS = 4_000  # of both: comparing takes time with the square of it
_WORD = re.compile(r"\s*\S+|\s+$")


class Piece(NamedTuple):
    """A run of words; `kind` is "same", "gone" (only in the first text) or "new" (only in the second)."""

    kind: str
    text: str


def compare_words(one: str, other: str) -> list[Piece]:
    """Return what leads from one text to the other. Texts of very many words are shown one after the other.

    >>> compare_words("red trail shoe", "blue trail shoe")
    [Piece(kind='gone', text='red'), Piece(kind='new', text='blue'), Piece(kind='same', text=' trail shoe')]
    """
    if one == other:
        return [Piece("same", one)] if one else []
    first, second = _WORD.findall(one), _WORD.findall(other)
    if len(first) + len(second) > MAX_WORDS:
        return [piece for piece in (Piece("gone", one), Piece("new", other)) if piece.text]
    pieces = []
    for kind, a, b, c, d in SequenceMatcher(None, first, second, autojunk=False).get_opcodes():
        if kind == "equal":
            pieces.append(Piece("same", "".join(second[c:d])))
            continue
        if a < b:
            pieces.append(Piece("gone", "".join(first[a:b])))
        if c < d:
            pieces.append(Piece("new", "".join(second[c:d])))
    return pieces
