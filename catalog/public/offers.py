"""The comparison on a product page: which offer stands where, and what it says."""

from dataclasses import dataclass
from decimal import Decimal

from catalog.buttons import Buttons
from catalog.models import Offer, Product


@dataclass(frozen=True, slots=True)
class OfferRow:
    """One line of the comparison. `more` is what it costs on top of the cheapest one."""

    offer: Offer
    button: str
    unavailable: str
    more: Decimal | None = None

    @property
    def total(self) -> Decimal | None:
        """Price and shipping; None where shipping is not known."""
        return None if self.offer.shipping is None else self.offer.price + self.offer.shipping


@dataclass(frozen=True, slots=True)
class Comparison:
    """The offers of a product: those to be had, cheapest first, and those out of stock."""

    available: list[OfferRow]
    unavailable: list[OfferRow]

    @property
    def best(self) -> OfferRow | None:
        return self.available[0] if self.available else None

    @property
    def comparable(self) -> list[Offer]:
        """Return the offers in the currency of the first one (amounts in others cannot be compared): the
        available ones, or those out of stock where there is nothing else."""
        rows = self.available or self.unavailable
        return [row.offer for row in rows if row.offer.currency == rows[0].offer.currency]

    @property
    def spread(self) -> Decimal:
        """How much the dearest shop asks on top of the cheapest."""
        return self.comparable[-1].price - self.comparable[0].price if self.available else Decimal(0)


def compare_offers(product: Product, currency: str) -> Comparison:
    """Read the offers of a product and put them in order; two queries.

    Offers in `currency` (the site's) come before others, then the lowest price decides, then known stock. A
    shop that does not say whether it has the product counts as having it.
    """
    offers = sorted(
        product.offers.select_related("shop"),
        key=lambda offer: (
            offer.currency != currency,
            offer.currency,
            offer.price,
            not offer.in_stock,
            offer.pk,
        ),
    )
    buttons = Buttons.load()
    available = [offer for offer in offers if offer.in_stock is not False]
    best = available[0] if available else None

    def row(offer: Offer) -> OfferRow:
        same_currency = best and offer.in_stock is not False and offer.currency == best.currency
        return OfferRow(
            offer,
            button=buttons.text("long", offer.source, offer.shop.name),
            unavailable=buttons.text("unavailable", offer.source, offer.shop.name),
            more=offer.price - best.price if same_currency else None,
        )

    return Comparison(
        available=[row(offer) for offer in available],
        unavailable=[row(offer) for offer in offers if offer.in_stock is False],
    )
