"""What stood in the catalogue before a run wrote there: noted with each item of the run, for as long."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from django.db.models import Model

from catalog.models import Offer, Product
from importer.models import ImportItem, ImportRun

READ_AT_ONCE = 2_000
_WRITES = [
    ImportItem.Verdict.CREATED,
    ImportItem.Verdict.JOINED,
    ImportItem.Verdict.UPDATED,
    ImportItem.Verdict.EXPIRED,
]


@dataclass(frozen=True, slots=True, kw_only=True)
class BeforeImage:
    """What an item of a run changed: `offer` and `product` are the columns it wrote, as they were before.

    `is_new_offer`: the offer was not there before, nor, of a created item, the product; there is nothing to
    be read of them then. `offer_id` and `product_id` are None once the row is deleted.
    """

    item_id: int
    verdict: str
    product_id: int | None
    offer_id: int | None
    is_new_offer: bool
    offer: Mapping[str, Any]
    product: Mapping[str, Any]


def note_before(offer: Any, names: Iterable[str], product_names: Iterable[str] = ()) -> dict:
    """Return what is kept of a stored offer (planning's row of it) before these columns are written."""
    return {
        "offer_id": offer.id,
        "offer": {name: _plain(getattr(offer, name)) for name in names},
        "product": {name: getattr(offer, f"product__{name}") for name in product_names},
    }


def _plain(value: Any) -> Any:
    """Return a price or a time as text, exactly: JSON has neither."""
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def get_before_images(run: ImportRun) -> Iterator[BeforeImage]:
    """Yield what the run changed, in its order; two queries for each `READ_AT_ONCE` items."""
    items = run.items.filter(verdict__in=_WRITES).order_by("id")
    rows = items.values_list(
        "id", "verdict", "product_id", "before", "feed_item__source_key", named=True
    ).iterator(chunk_size=READ_AT_ONCE)
    while batch := list(islice(rows, READ_AT_ONCE)):
        keys = [row.feed_item__source_key for row in batch]
        ids = dict(Offer.objects.filter(source_key__any=keys).order_by().values_list("source_key", "id"))
        for row in batch:
            before = row.before or {}
            yield BeforeImage(
                item_id=row.id,
                verdict=row.verdict,
                product_id=row.product_id,
                offer_id=ids.get(row.feed_item__source_key),
                is_new_offer=not before,
                offer=_values(Offer, before.get("offer", {})),
                product=_values(Product, before.get("product", {})),
            )


def _values(model: type[Model], stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return what JSON made texts of as the model has it: prices, times."""
    return {
        name: model._meta.get_field(name).to_python(value)  # type: ignore[union-attr]  # columns, all of them
        for name, value in stored.items()
    }
