"""What is to be done about an item of a run."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from catalog.clicks.outbound_url import secured
from catalog.lib.attributes import delivery_of
from catalog.lib.gone import Gone
from catalog.services.bulk_data import OFFER_FIELDS, FollowedData, OfferData, ProductData
from importer.imports.links import tracking_template
from importer.imports.planned import PlannedItem
from importer.models import ImportItem

Verdict = ImportItem.Verdict


@dataclass(slots=True, kw_only=True)
class Decision:
    """What becomes of one item. Which of the optional parts are set follows from the verdict."""

    planned: PlannedItem
    verdict: Verdict
    message: str = ""
    title: str = ""  # of the product: created, joined
    product_id: int | None = None  # known already: joined, updated, expired, unchanged, blocked
    joins: "Decision | None" = None  # joins the product that this earlier decision creates
    new_product: ProductData | None = None
    doubt: "Doubt | None" = None  # created apart from a product of the same EAN
    offer_id: int | None = None  # the stored offer: updated, expired, unchanged
    is_repriced: bool = False
    price_before: tuple | None = None  # price, currency and stock of an offer that is repriced
    is_reworded: bool = False  # unchanged, though its item is not: an address with https now, for one
    variant: dict[str, Any] = field(default_factory=dict)  # columns of its offer: which of a model it is
    offer: OfferData | None = None  # what the stored offer is written with: updated, unchanged
    is_confirmed: bool = True  # its feed says the price that it has; no: a policy or a hold keeps another one
    product: FollowedData | None = None  # what its product takes of the feed
    stored: Any = None  # updated: planning's row of the offer and its product,
    changed: Sequence[str] = ()  # and the columns of the offer that are written over
    is_back: bool = False  # it was no longer listed
    gone: Gone | None = None  # expired: by which policy,
    is_mailed: bool = False  # and whether a mail tells of it


@dataclass(slots=True, kw_only=True)
class Doubt:
    """A product, or the earlier decision that creates it, that has the item's EAN and looks unlike."""

    reason: str
    product_id: int | None = None
    of: Decision | None = None


def offer_data(planned: PlannedItem, **variant: Any) -> OfferData:
    """Return the offer that the item makes; `variant` are the columns that tell which variant it is.

    An update is planned twice and then written: its offer is made once.
    """
    if variant or planned.offer is None:
        item, network = planned.item, planned.account.network
        url = secured(item.tracking_url)
        offer = OfferData(
            **variant,
            source=network,
            source_key=item.source_key,
            shop_key=item.program_key,
            tracking_url=url,
            tracking_template=tracking_template(network, url),
            delivery=delivery_of(item.attributes),
            **{name: getattr(item, name) for name in _AS_THE_ITEM_SAYS},
        )
        if variant:
            return offer
        planned.offer = offer
    return planned.offer


# The fields of an offer that are columns of the item, too.
_MADE_OF_OTHERS = ("tracking_url", "tracking_template", "delivery")
_AS_THE_ITEM_SAYS = tuple(name for name in OFFER_FIELDS if name not in _MADE_OF_OTHERS)
