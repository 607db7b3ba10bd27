"""Fill a page of hits where a filter is ours: the network gives out more than the search asks for."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from importer.networks.contract import ItemData, SearchPage
from importer.reasons import Reason


class Filled(NamedTuple):
    """A page of hits. `total` is None until all were looked through; `is_cut`: the rest was not looked at."""

    items: tuple[ItemData, ...]
    total: int | None
    has_next: bool
    is_cut: bool

    def as_page(self, notice: Reason) -> SearchPage:
        """Return it as a network's answer, with `notice` where it is cut."""
        return SearchPage(
            items=self.items,
            total=self.total,
            has_next=self.has_next,
            notice=notice if self.is_cut else None,
        )


def fill_page(
    batches: Iterable[Sequence[ItemData]],
    keeps: Callable[[ItemData], bool],
    *,
    page: int,
    page_size: int,
    most: int,
) -> Filled:
    """Return a page, from 1, of the items that `keeps` keeps, of the first `most`.

    A batch is asked for only when those before it do not fill the page.
    """
    start, end = (page - 1) * page_size, page * page_size
    kept: list[ItemData] = []
    looked_at = 0
    for batch in batches:
        if looked_at >= most:
            return Filled(tuple(kept[start:end]), None, has_next=False, is_cut=True)
        looked_at += len(batch)
        kept += filter(keeps, batch)
        if len(kept) > end:
            return Filled(tuple(kept[start:end]), None, has_next=True, is_cut=False)
    return Filled(tuple(kept[start:end]), len(kept), has_next=False, is_cut=False)
