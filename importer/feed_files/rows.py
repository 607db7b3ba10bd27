"""What comes out of a feed file, and what can be wrong with one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

from importer.http.errors import NetworkError
from importer.reasons import Reason

Row = dict[str, Any]

MAX_ROW = 4 * 1024 * 1024  # characters; a longer row is a bad one
SAMPLE = 300  # characters of a bad row that are shown
KEPT = 4_000  # characters of a bad row in which its id is looked for


@final
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


def other_count(promised: int, came: int) -> Reason:
    """Return the doubt of a feed that says itself how many products it has, and has another number."""
    then = Reason("may_be_cut_at_source") if came < promised else None
    return Reason("count_differs", {"promised": promised, "came": came}, then)


class NoFeed(NetworkError):
    """Something else came in place of a feed: a web page, a message, nothing. Raised before the first row.

    `message` is the text of a JSON object that only says something, such as Tradedoubler's "please wait"; ""
    for anything else, errors with a code included.
    """

    def __init__(self, code: str, message: str = "", **params: str) -> None:
        super().__init__(code, **params)
        self.message = message


class Damaged(Exception):
    """The file is cut off or not what its format asks for; the text is a code of `importer.sentences`."""


class Refused(Exception):
    """The file is not safe to read: a bomb, or larger than any feed. The text is a code, too."""
