"""The rows of a search: what each hit's state is, and whether the page has to ask again."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from importer.feed_index import Variants, find_blocks, group_page
from importer.models import Block, FeedItem, ImportItem, ImportRun
from importer.models.runs import ACTIVE
from importer.search.blocks import describe
from importer.search.hits import Hit, get_hits

# A single row is waited for; the rows of a bulk import are many, and so ask less often.
POLL = {ImportRun.Kind.SINGLE: "400ms", ImportRun.Kind.QUICK: "400ms"}

# What a row's state means in the words that the lists' colours know; a row that is new has none.
STATUS = {"importing": "running", "done": "done", "failed": "failed", "problem": "warning", "new": ""}
STATUS |= {"blocked": "blocked"}
REFUSALS = (ImportItem.Verdict.BLOCKED, ImportItem.Verdict.INVALID, ImportItem.Verdict.FAILED)


@dataclass(frozen=True, slots=True)
class Row:
    """A hit and, where it is or was just being imported, the run and what came of it.

    `variants`: what it stands for, where it leads the variants of its model.
    """

    hit: Hit
    run: ImportRun | None = None
    outcome: ImportItem | None = None
    variants: Variants | None = None

    @property
    def state(self) -> str:
        """One of the keys of `STATUS`."""
        if self._is_under_way:
            return "importing"
        if self.outcome and self.outcome.verdict in REFUSALS and not self.hit.block:
            return "failed"
        if self.hit.product:
            return "done"
        if self.hit.block:
            return "blocked"
        return "problem" if self.hit.item.problem else "new"

    @property
    def status(self) -> str:
        return STATUS[self.state]

    @property
    def block_words(self) -> str:
        """What is blocked of it, by whom, when and why; "" where nothing is."""
        return describe(self.hit.block) if self.hit.block else ""

    @property
    def undo_cause(self) -> str:
        """The cause to take back where the row was just imported by itself; else ""."""
        is_alone = self.run is not None and self.run.kind in POLL
        return f"run:{self.run.pk}" if self.run and is_alone and self.state == "done" else ""

    @property
    def is_open(self) -> bool:
        """May it be ticked and imported?"""
        return self.state in ("new", "failed") and not self.hit.product and not self.hit.item.problem

    @property
    def _is_under_way(self) -> bool:
        if self.run is None or not self.run.is_active:
            return False
        if self.outcome is None:  # a run over all matches has no items until they are collected
            return self.run.state in (ImportRun.State.COLLECTING, ImportRun.State.QUEUED)
        return not self.outcome.verdict

    @property
    def has_unused_edits(self) -> bool:
        """Did somebody change the item for an import that made no product of it?"""
        outcome = self.outcome
        if outcome is None or outcome.verdict in ("", ImportItem.Verdict.CREATED) or not outcome.edits:
            return False
        return bool(outcome.edits.keys() - {"product_id"})

    @property
    def kin(self) -> list[str]:
        """The names of the events by which rows of its EAN and of its model hear that one was imported."""
        item = self.hit.item
        names = [f"ean-{item.gtin}"] if item.gtin else []
        return names + ([f"model-{item.feed_id}-{item.variant_key}"] if item.variant_key else [])

    @property
    def listens(self) -> str:
        """What htmx waits for before it asks for the row again: an import that it would join."""
        return ", ".join(f"{name} from:body" for name in self.kin) if self.is_open else ""

    @property
    def poll(self) -> str:
        return POLL.get(self.run.kind, "2s")


def get_rows(hits: Iterable[Hit], variants: Mapping[int, Variants] | None = None) -> list[Row]:
    """Return the rows of a page of hits; those that a run is importing right now say so. One query."""
    hits = list(hits)
    under_way = {
        item.feed_item_id: item
        for item in ImportItem.objects.filter(
            feed_item__in=[hit.item.pk for hit in hits], verdict="", run__state__in=ACTIVE
        ).select_related("run")
    }
    rows = []
    for hit in hits:
        outcome = under_way.get(hit.item.pk)
        rows.append(Row(hit, outcome and outcome.run, outcome, (variants or {}).get(hit.item.pk)))
    return rows


def get_grouped_rows(hits: Iterable[Hit]) -> list[Row]:
    """Return the rows of a page as `get_rows` does; of the variants of a model the first alone, for them all.

    One query more, where the page has such variants.
    """
    hits = list(hits)
    kept, variants = group_page([hit.item for hit in hits])
    return get_rows((hit for hit in hits if hit.item.pk in kept), variants)


def get_row(item: FeedItem, run: ImportRun | None = None) -> Row:
    """Return the row of an item, read with its feed, as it is now, seen from a run."""
    outcome = ImportItem.objects.filter(run=run, feed_item=item).first() if run else None
    return Row(get_hits([item], find_blocks([item.pk]))[0], run, outcome)


def get_blocked_rows(item_ids: Collection[int], block: Block | None = None) -> list[Row]:
    """Return the rows of those items that are blocked, or blocked by one of several."""
    blocks = find_blocks(item_ids)
    ids = [pk for pk in item_ids if pk in blocks and block in (None, blocks[pk])]
    return read_rows(ids, blocks)


def read_rows(item_ids: Collection[int], blocks: Mapping[int, Block] | None = None) -> list[Row]:
    """Return the rows of items that are there, with what blocks them."""
    items = FeedItem.objects.filter(pk__in=item_ids).select_related("feed") if item_ids else ()
    return get_rows(get_hits(items, blocks or {})) if items else []


def rows_of_run(item_ids: list[int], run: ImportRun) -> list[Row]:
    """Return the rows that a run has just taken over."""
    items = FeedItem.objects.filter(pk__in=item_ids).select_related("feed")
    return [Row(hit, run) for hit in get_hits(items)]
