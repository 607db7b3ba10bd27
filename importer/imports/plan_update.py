"""Plan what becomes of an offer that is there: it follows its feed as far as its policies let it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from catalog.lib.gone import Gone, gone_of
from catalog.lib.merge import AMOUNTS, Policy, policy_of
from catalog.services.bulk_data import OFFER_FIELDS, FollowedData, OfferData
from importer.imports.decision import Decision, Verdict, offer_data
from importer.imports.planned import PlannedItem
from importer.imports.wording import describe_update

# The columns that a policy decides about. What it does not name follows always.
_COLUMNS = {name: (name,) for name in AMOUNTS} | {
    "price": ("price", "currency"),
    "stock": ("in_stock",),
    "link": ("tracking_url", "tracking_template"),
}
_BESIDE_THE_PRICE = [name for name in AMOUNTS if name != "price"]


def plan_update(planned: PlannedItem, offer: Any, product: FollowedData | None) -> Decision:
    """Return what the item changes of its stored offer, and of the product that it feeds (`product`)."""
    data, is_confirmed = offer_data(planned), True
    if offer.product__policies or planned.account.policies:
        data, is_confirmed = _as_allowed(data, offer, offer.product__policies, planned.account.policies)
    if planned.item.held_price is not None or planned.item.held_article is not None:
        is_confirmed = False  # the feed says another price, which a person has not accepted
    changed = [name for name in OFFER_FIELDS if getattr(offer, name) != getattr(data, name)]
    if is_reworded := changed == ["source_digest"]:
        changed = []
    decision = Decision(
        planned=planned,
        verdict=Verdict.UNCHANGED,
        message="Nothing new.",
        product_id=offer.product_id,
        offer_id=offer.id,
        offer=data,
        is_confirmed=is_confirmed,
        is_reworded=is_reworded,
        is_back=bool(offer.expired_at or offer.gone_policy),
    )
    if changed or product or decision.is_back:
        decision.verdict = Verdict.UPDATED
        is_listed_again = offer.expired_at is not None
        decision.is_repriced = is_listed_again or not _REPRICED.isdisjoint(changed)
        if decision.is_repriced:
            decision.price_before = (offer.price, offer.currency, offer.in_stock)
        decision.product = product
        decision.stored = offer
        decision.changed = [*changed, *(["expired_at"] if is_listed_again else ())]
        decision.message = describe_update(offer, data, changed, product.said if product else ())
    if planned.edits:
        decision.message += " It was imported before: edit the product to change its texts."
    return decision


_REPRICED = {"price", "currency", "in_stock"}


def _as_allowed(data: OfferData, offer: Any, *levels: Mapping[str, str]) -> tuple[OfferData, bool]:
    """Return the offer with what its policies keep, and whether its price is still what the feed says."""
    never = {field for field in _COLUMNS if policy_of(field, *levels) == Policy.NEVER}
    if not never:
        return data, True
    kept = {name: getattr(offer, name) for field in never for name in _COLUMNS[field]}
    is_other_currency = data.currency != offer.currency
    is_confirmed = True
    if "price" in never:
        is_confirmed = not is_other_currency and data.price == offer.price
        if not is_confirmed:
            # What is compared with the price, or added to it, stays with it.
            kept["old_price"] = offer.old_price
        if is_other_currency:
            kept |= {name: getattr(offer, name) for name in _BESIDE_THE_PRICE}
    elif is_other_currency:
        # An amount in the currency that was is none in the one that is.
        kept |= {name: None for name in _BESIDE_THE_PRICE if name in never}
    return replace(data, **kept), is_confirmed


def plan_gone(planned: PlannedItem, offer: Any, reason: str) -> Decision:
    """Return what becomes of an offer that cannot be had any more, for this reason.

    Only what its feed no longer has is gone. A row that cannot be read is not available, and nothing more.
    """
    decision = Decision(
        planned=planned, verdict=Verdict.UNCHANGED, message=reason, product_id=offer.product_id
    )
    if offer.gone_policy or (offer.expired_at and not planned.item.missing_at):
        return decision
    decision.offer_id = offer.id
    said = f"{reason[0].lower()}{reason[1:]}"
    decision.message = f"Not available: {said}"
    if not planned.item.missing_at:
        decision.verdict = Verdict.EXPIRED
        return decision
    decision.gone, decision.is_mailed = gone_of(offer.product__policies, planned.account.policies)
    decision.is_confirmed = False
    if decision.gone == Gone.NOTHING:
        decision.message = f"Left as it is: {said}"
    if not offer.expired_at:
        decision.verdict = Verdict.EXPIRED
    return decision
