"""The rows of a feed as its last sync read them, each by a hash of its raw text: the same need not be read.

About 20 bytes a row, whatever its length. A row is known only where its text alone decides what it says, and
it was one item: no repeated id, nothing wrong with it, no sale that begins or ends.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from struct import Struct
from typing import Any

UNKNOWN = -1
NO_ORIGIN = (0, 0)
MAX_KINDS = 1_000  # of rows, as `normalise.ProfileNotes` tells them apart
PART = 50_000  # rows that are stored together
_BUCKETS = 256  # by the first byte of the hash
_WIDTH = 8 + 8 + 2  # bytes of a row: hash, item, kind
_FIRST_BYTE = 56
_NUMBER = Struct("<Q")


class KnownRows:
    """What is known of a feed's rows, and what its present reading learns of them.

    The reader asks `find` for each row, and yields the place of a known one instead of it; `digest` is then
    the hash of the row that came last, 0 where it cannot be known again. Nothing is known before `trust`.
    """

    def __init__(
        self,
        circumstances: str = "",
        salt: str = "",
        kinds: Iterable[list[Any]] = (),
        parts: Iterable[bytes] = (),
    ) -> None:
        self.digest = 0
        self.origin = NO_ORIGIN  # hash and kind of the item that came last; no hash: not to be known again
        # The salt stands for all the circumstances under which the rows were learnt.
        self._circumstances, self.salt, self.kinds = circumstances, salt, list(kinds)
        self._context = b""
        self._digests, self.ids, self.row_kinds = array("Q"), array("q"), array("H")
        for part in parts:
            size = len(part) // _WIDTH
            self._digests.frombytes(part[: 8 * size])
            self.ids.frombytes(part[8 * size : 16 * size])
            self.row_kinds.frombytes(part[16 * size :])
        edges = [number << _FIRST_BYTE for number in range(_BUCKETS)]
        self._starts = [*(bisect_left(self._digests, edge) for edge in edges), len(self._digests)]
        self._seen = bytearray(len(self._digests))
        self._is_trusted = False
        self._again: set[int] = set()  # items of known rows that came twice
        self._new_digests = [array("Q") for _ in range(_BUCKETS)]
        self._new_ids = [array("q") for _ in range(_BUCKETS)]
        self._new_kinds = [array("H") for _ in range(_BUCKETS)]
        self._has_new = False

    # --- For the reader of a file --------------------------------------------------------------------
    @property
    def is_trusted(self) -> bool:
        return self._is_trusted

    def set_context(self, text: str) -> None:
        """Say what else than its own text decides how a row is read, such as the names of its columns."""
        self._context = blake2b(text.encode("utf-8", "replace"), digest_size=16).digest()

    def find(self, text: bytes) -> int:
        """Return the place of the row of that raw text; `UNKNOWN` when it must be read."""
        (digest,) = _NUMBER.unpack(blake2b(text, digest_size=8, key=self._context).digest())
        self.digest = digest
        return self._place(digest) if self._is_trusted else UNKNOWN

    def _place(self, digest: int) -> int:
        bucket = digest >> _FIRST_BYTE
        end = self._starts[bucket + 1]
        place = bisect_left(self._digests, digest, self._starts[bucket], end)
        return place if place < end and self._digests[place] == digest else UNKNOWN

    # --- For the reader of items ---------------------------------------------------------------------
    def distrust(self) -> None:
        self._is_trusted = False

    def trust(self, circumstances: str) -> None:
        """Use what is known, if it was learnt under these circumstances; learn under them."""
        whole = f"{self._circumstances}\n{circumstances}"
        salt = blake2b(whole.encode("utf-8", "replace"), digest_size=16).hexdigest()
        if self.salt != salt or len(self.kinds) > MAX_KINDS:
            self.salt, self.kinds, self._starts = salt, [], [0] * (_BUCKETS + 1)
            self._seen = bytearray()
            self._has_new = True  # what was known is not to be kept
        self._is_trusted = self._starts[-1] > 0

    # --- For who stores the items --------------------------------------------------------------------
    def see(self, place: int) -> int:
        """Note that the row at this place came again; return the id of its item."""
        item_id = self.ids[place]
        if self._seen[place]:
            self._again.add(item_id)
        self._seen[place] = 1
        return item_id

    def learn(self, origin: tuple[int, int], item_id: int) -> None:
        """Note that a row of that `origin` is this item."""
        digest, kind = origin
        if not digest or kind >= MAX_KINDS:
            return
        place = self._place(digest)
        if place != UNKNOWN and (self.ids[place], self.row_kinds[place]) == (item_id, kind):
            self.see(place)
        else:
            bucket = digest >> _FIRST_BYTE
            self._new_digests[bucket].append(digest)
            self._new_ids[bucket].append(item_id)
            self._new_kinds[bucket].append(kind)
            self._has_new = True

    @property
    def is_changed(self) -> bool:
        """Tell whether the rows that came are others than those that were known."""
        return self._has_new or bool(self._again) or 0 in self._seen

    def parts(self, excluded: set[int]) -> Iterator[bytes]:
        """Yield the rows that came, to be stored, without those of the `excluded` items."""
        excluded = excluded | self._again
        rows: list[tuple[int, int, int]] = []
        for bucket in range(_BUCKETS):
            start, end = self._starts[bucket], self._starts[bucket + 1]
            old = zip(
                *(column[start:end] for column in (self._digests, self.ids, self.row_kinds)),
                self._seen[start:end],
                strict=True,
            )
            found = [row[:3] for row in old if row[3] and row[1] not in excluded]
            new = zip(self._new_digests[bucket], self._new_ids[bucket], self._new_kinds[bucket], strict=True)
            found += (row for row in new if row[1] not in excluded)
            rows += sorted(found)
            if len(rows) >= PART:
                yield _packed(rows)
                rows = []
        if rows:
            yield _packed(rows)


def _packed(rows: list[tuple[int, int, int]]) -> bytes:
    digests, ids, kinds = zip(*rows, strict=True)
    return b"".join((array("Q", digests).tobytes(), array("q", ids).tobytes(), array("H", kinds).tobytes()))
