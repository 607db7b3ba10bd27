"""What an import or update changes of products, as revisions: planning read the old values on locked rows, so
that they cost no query."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from catalog.services.revisions import State, with_currency, write_revisions
from importer.imports.decision import Decision, Verdict


def write_revisions_of(decisions: Sequence[Decision], *, added: Iterable[tuple[int, int]]) -> None:
    """Write what a chunk made and changed; `added` are (product id, offer id) of offers that joined.

    Of what expired `expire_offers` has written it.
    """
    write_revisions(_revisions(decisions, added))


def _revisions(
    decisions: Sequence[Decision], added: Iterable[tuple[int, int]]
) -> Iterator[tuple[int, State | None, State | None]]:
    for decision in decisions:
        if decision.verdict == Verdict.CREATED and decision.product_id:
            yield decision.product_id, None, {}
    for product_id, offer_id in added:
        yield product_id, {"offers": {str(offer_id): None}}, {"offers": {str(offer_id): {}}}
    for decision in decisions:
        if decision.verdict == Verdict.UPDATED and decision.product_id:
            yield decision.product_id, *_update(decision)


def _update(decision: Decision) -> tuple[State, State]:
    """Return what an update wrote over and what it wrote."""
    offer: Any = decision.stored
    before: State = {}
    after: State = {}
    if product := decision.product:
        for name in product.visible:
            if name not in ("images", "category_ids"):  # `bulk_follow` writes their revisions
                before[name] = product.before[name]
                after[name] = product.brand_id if name == "brand" else getattr(product, name)
        for name in ("imported", "provenance"):
            if (old := getattr(offer, f"product__{name}")) != (new := getattr(product, name)):
                before[name], after[name] = old, new
    if decision.changed:
        data, key = decision.offer, str(offer.id)
        names = with_currency(list(decision.changed))
        old_values = {name: getattr(offer, name) for name in names}
        new_values = {name: getattr(data, name, None) for name in names}  # not expired any more: None
        before["offers"], after["offers"] = {key: old_values}, {key: new_values}
    return before, after
