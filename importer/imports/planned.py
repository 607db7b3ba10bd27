"""One item of a run, before anything is decided about it."""

from collections.abc import Collection
from dataclasses import dataclass, field

from catalog.services.bulk_data import OfferData
from importer.imports.edits import Edits
from importer.models import FeedItem, NetworkAccount


@dataclass(slots=True, kw_only=True)
class PlannedItem:
    """One item to import (a FeedItem, or a row with its columns), with its account and a person's edits.

    `shared_codes` are the EANs that its feed gives to unlike articles.
    """

    item: FeedItem
    account: NetworkAccount
    edits: Edits | None = None
    shared_codes: Collection[str] = ()
    offer: OfferData | None = field(default=None, init=False)  # what `offer_data` made of it

    @property
    def gtin(self) -> str:
        """The EAN that tells which article it is; "" where there is none that does."""
        return "" if self.item.gtin in self.shared_codes else self.item.gtin
