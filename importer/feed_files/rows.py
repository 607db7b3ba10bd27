"""What comes out of a feed file, and what can be wrong with one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from importer.http.errors import NetworkError

Row = dict[str, Any]

MAX_ROW = 4 * 1024 * 1024  # characters; a longer row is a bad one
SAMPLE = 300  # characters of a bad row that are shown
KEPT = 4_000  # characters of a bad row in which its id is looked for


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be read: why, and how it begins. The rows after it are read all the same.

    `text` is what is kept of it to find the id of its item.
    """

    reason: str
    sample: str
    text: str = ""

    @classmethod
    def of(cls, reason: str, text: str | bytes) -> BadRow:
        piece = text[:KEPT]
        if isinstance(piece, bytes):
            piece = piece.decode("utf-8", "replace")
        return cls(reason, " ".join(piece[: SAMPLE * 4].split())[:SAMPLE], piece)


def other_count(promised: int, came: int) -> str:
    """Return the sentence on a feed that says itself how many products it has, and has another number."""
    said = f"The feed says that it has {promised} products, but {came} came."
    cut = " It may be cut where it is made: ask the network or the shop."
    return said + (cut if came < promised else "")


class NoFeed(NetworkError):
    """Something else came in place of a feed: a web page, a message, nothing. Raised before the first row.

    `message` is the text of a JSON object that only says something, such as Tradedoubler's "please wait"; ""
    for anything else, errors with a code included.
    """

    def __init__(self, text: str, message: str = "") -> None:
        super().__init__(text)
        self.message = message


class Damaged(Exception):
    """The file is cut off or not what its format asks for; the text is a sentence without its full stop."""


class Refused(Exception):
    """The file is not safe to read: a bomb, or larger than any feed. The text is a whole sentence."""
