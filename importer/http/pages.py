"""Long lists that come page by page. Each is read once, as far as the caller goes on asking."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Generic, TypeVar

from importer.http.errors import NetworkUnavailable

T = TypeVar("T")


class ByOffset(Generic[T]):
    """The pages of a list without a count: a page that is short of `size` is the last.

    `fetch` gets the offset. Raises NetworkUnavailable where a full page comes again: then the offset is not
    obeyed, and it would for ever.
    """

    def __init__(self, fetch: Callable[[int], Sequence[T]], size: int) -> None:
        self._fetch, self._size = fetch, size

    def __iter__(self) -> Iterator[Sequence[T]]:
        offset, before = 0, None
        while True:
            page = self._fetch(offset)
            if page and page == before:
                raise NetworkUnavailable("same_page_again")
            yield page
            if len(page) < self._size:
                return
            offset, before = offset + self._size, page


class ByNumber(Generic[T]):
    """The pages of a list that says how many hits there are, or None; the first is page 1.

    `fetch` gets the number and returns the page with that count. No more than `most` hits are given out.
    """

    def __init__(
        self, fetch: Callable[[int], tuple[Sequence[T], int | None]], size: int, most: int | None = None
    ) -> None:
        self._fetch, self._size, self._most = fetch, size, most
        self.total: int | None = None  # as the last page that came said
        self.is_cut = False  # after the last page: there are more than are given out

    def __iter__(self) -> Iterator[Sequence[T]]:
        number = 0
        while True:
            number += 1
            page, self.total = self._fetch(number)
            yield page
            read = number * self._size
            if not page or (self.total is not None and read >= self.total):
                return
            if self._most is not None and read >= self._most:
                self.is_cut = True
                return


class Seamless(Generic[T]):
    """The pages of a list that may move while it is read, as a report does; its order is that of time.

    Each page begins with the last row of the one before it. One that does not has lost rows to a list that
    shrank: then the reading goes back until it fits. So rows come twice, and none is left out; `key` tells
    them apart. A page short of `size` is the last. Raises NetworkUnavailable where nothing ever fits.
    """

    BACKS = 8  # times that a list may move under one reading

    def __init__(self, fetch: Callable[[int], Sequence[T]], size: int, key: Callable[[T], Hashable]) -> None:
        self._fetch, self._size, self._key = fetch, size, key

    def __iter__(self) -> Iterator[Sequence[T]]:
        offset, known, before, backs = 0, set[Hashable](), list[Hashable](), 0
        while True:
            page = self._fetch(offset)
            keys = [self._key(row) for row in page]
            if offset and (not keys or keys[0] not in known):
                backs += 1
                if backs > self.BACKS:
                    raise NetworkUnavailable("list_moves")
                offset = max(0, offset - self._size * backs)
                continue
            if keys and keys == before and len(keys) >= self._size:
                raise NetworkUnavailable("same_page_again")
            yield page
            if len(page) < self._size:
                return
            known.update(keys)
            before = keys
            offset += len(page) - 1
