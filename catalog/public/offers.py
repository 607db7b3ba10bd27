"""The comparison on a product page: which offer stands where, and what it says."""

from dataclasses import dataclass
from decimal import Decimal

from catalog.buttons import Buttons
from catalog.models import Offer, Product

# The same order as `catalog.services.refresh_prices`: the price on a card is the first one on the page.
STOCK_ORDER = {True: 0, None: 1, False: 2}


@dataclass(frozen=True, slots=True)
class OfferRow:
    """One line of the comparison. `more`, where it can be said, is the difference to the lowest price."""

    offer: Offer
    button: str
    unavailable: str
    more: Decimal | None

    @property
    def total(self) -> Decimal | None:
        """Price and shipping; None where shipping is not known."""
        return None if self.offer.shipping is None else self.offer.price + self.offer.shipping


@dataclass(frozen=True, slots=True)
class Comparison:
    """The offers of a product: those to be had, best first, and those out of stock.

    `comparable` are the offers in the currency of the best one: the available ones, or those out of stock
    where there is nothing else. `spread` is how far the prices of the available ones lie apart.
    """

    available: list[OfferRow]
    unavailable: list[OfferRow]
    comparable: list[Offer]
    spread: Decimal

    @property
    def best(self) -> OfferRow | None:
        return self.available[0] if self.available else None


def compare_offers(product: Product, currency: str) -> Comparison:
    """Read the offers of a product and put them in order; two queries.

    Offers in `currency` (the site's) come first, then those in stock, then the lowest price decides. A shop
    that does not say whether it has the product counts as having it, after those that do.
    """
    offers = sorted(
        product.offers.select_related("shop").order_by(),
        key=lambda offer: (
            offer.currency != currency,
            offer.currency,
            STOCK_ORDER[offer.in_stock],
            offer.price,
            offer.pk,
        ),
    )
    available = [offer for offer in offers if offer.in_stock is not False]
    shown = available or offers
    comparable = [offer for offer in shown if offer.currency == shown[0].currency]
    prices = [offer.price for offer in comparable] if available else []
    buttons = Buttons.load()

    def row(offer: Offer) -> OfferRow:
        return OfferRow(
            offer,
            button=buttons.text("long", offer.source, offer.shop.name),
            unavailable=buttons.text("unavailable", offer.source, offer.shop.name),
            more=offer.price - min(prices) if prices and offer in comparable else None,
        )

    return Comparison(
        available=[row(offer) for offer in available],
        unavailable=[row(offer) for offer in offers if offer.in_stock is False],
        comparable=comparable,
        spread=max(prices) - min(prices) if prices else Decimal(0),
    )
