"""The comparison on a product page: which offer stands where, and what it says."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import JSONField
from django.db.models.expressions import RawSQL
from django.utils import timezone

from catalog.lib.price_log import Point
from catalog.lib.words import words_of
from catalog.models import Offer, Product, leading
from catalog.public.history import MONTHS, History
from catalog.public.variants import Picker
from catalog.site.buttons import Buttons

MAX_POINTS = 1_000  # of an offer: hourly changes for 40 days
# Prices as text: a number in JSON would come back as a float.
_POINTS = """
    (SELECT jsonb_agg(point) FROM (
        SELECT price::text, currency, in_stock, recorded_at AS at FROM catalog_pricepoint
        WHERE offer_id = catalog_offer.id ORDER BY recorded_at DESC, id DESC LIMIT %s
    ) AS point)
"""


@dataclass(frozen=True, slots=True)
class OfferRow:
    """One line of the comparison. `more`, where it can be said, is the difference to the lowest amount.

    `variant` is what sets the offer apart from those of other variants on the page, `title` what its shop
    calls it, where that is something else.
    """

    offer: Offer
    button: str
    unavailable: str
    more: Decimal | None
    variant: str = ""
    title: str = ""

    @property
    def total(self) -> Decimal | None:
        """Price and shipping; None where one of them is not known."""
        return None if self.offer.shipping is None else self.offer.price + self.offer.shipping


@dataclass(frozen=True, slots=True)
class Comparison:
    """The offers of a product: those to be had, best first, and those out of stock or no longer listed.

    `best` leads the page: the one that an editor chose, else the first; its price may be too old to be shown.
    `comparable` are the offers with a price in its currency, it first: the available ones, or those out of
    stock where there is nothing else. `spread` is how far the available ones lie apart: in total where
    shipping is known of all (`by_total`), else in price.
    `picker` is there where there are several variants.
    """

    available: list[OfferRow]
    unavailable: list[OfferRow]
    best: OfferRow | None
    comparable: list[Offer]
    spread: Decimal
    history: History
    picker: Picker | None = None
    has_dearer_variant: bool = False  # to be had, in the currency of `best`
    gtin: str = ""  # of the article, or of the one variant that is shown
    by_total: bool = False

    @property
    def is_from(self) -> bool:
        """Whether the price of `best` is the lowest of several: "from"."""
        prices = {offer.price for offer in self.comparable} if self.available else set()
        is_lowest = bool(prices and self.best) and self.best.offer.price == min(prices)
        return is_lowest and (len(prices) > 1 or self.has_dearer_variant)


@dataclass(frozen=True, slots=True)
class OfferEdits:
    """What an editor does to the offers of a product and has not saved: which one leads, which ones go."""

    main: int | None = None
    removed: Collection[int] = ()


def compare_offers(
    product: Product,
    currency: str,
    buttons: Buttons,
    edits: OfferEdits | None = None,
    variant: str = "",
    labels: Mapping[str, dict] | None = None,
    months: int = MONTHS,
) -> Comparison:
    """Read the offers of a product with their price logs, best first (`best_first`); one query.

    Of a shop that is in several networks the leading offer speaks, else its best. A shop that does not say
    whether it has the product counts as having it, after those that do. `variant` is what the address asks
    for of several variants (`Picker`); `labels` are `SiteSettings.attributes`.
    """
    offers = list(
        product.offers.best_first(currency).select_related("shop", "later_check").annotate(points=_points())
    )
    if edits:
        offers = [offer for offer in offers if offer.pk not in edits.removed]
        for offer in offers:
            offer.is_main = offer.pk == edits.main
    picker = Picker.of(offers, variant, product.get_absolute_url(), labels or {})
    if picker:
        offers = [offer for offer in offers if picker.has(offer)]
    gtins = {offer.gtin for offer in offers} if picker else {product.gtin}
    lead = leading(offers)
    of_all, offers = offers, _one_of_each_shop(offers, lead)
    available = [offer for offer in offers if not offer.gone]
    shown = available or [offer for offer in offers if offer.expired_at is None]
    priced = [offer for offer in shown if not offer.is_old]
    first = lead if lead in priced else next(iter(priced), None)
    comparable = [offer for offer in priced if offer.currency == first.currency]
    comparable.sort(key=lambda offer: offer is not first)
    by_total = bool(available and comparable) and comparable[0].by_total
    amount_of = _total if by_total else _price
    amounts = [amount_of(offer) for offer in comparable] if available else []

    def row(offer: Offer) -> OfferRow:
        return OfferRow(
            offer,
            button=buttons.text("long", offer.source, offer.shop.name),
            unavailable=buttons.text("unavailable", offer.source, offer.shop.name),
            more=amount_of(offer) - min(amounts) if amounts and offer in comparable else None,
            variant=picker.label(offer) if picker else "",
            title=offer.title if is_other_title(offer.title, product.title) else "",
        )

    rows = [row(offer) for offer in available]
    variants = [
        offer
        for offer in of_all
        if not offer.gone and not offer.is_old and lead and offer.currency == lead.currency
    ]
    return Comparison(
        available=rows,
        best=next((row for row in rows if row.offer is lead), None),
        unavailable=[row(offer) for offer in offers if offer.gone],
        comparable=comparable,
        spread=max(amounts) - min(amounts) if amounts else Decimal(0),
        history=_history(offers, lead, timezone.now(), months),
        picker=picker,
        has_dearer_variant=bool(picker) and any(offer.price > lead.price for offer in variants),
        gtin=gtins.pop() if len(gtins) == 1 else "",
        by_total=by_total,
    )


def is_other_title(one: str, other: str) -> bool:
    """Tell whether a shop's title says something else than the page's, in letters and digits."""
    return bool(one) and words_of(one) != words_of(other)


def _price(offer: Offer) -> Decimal:
    return offer.price


def _total(offer: Offer) -> Decimal:
    return offer.price + (offer.shipping or 0)


def _one_of_each_shop(offers: Sequence[Offer], lead: Offer | None) -> list[Offer]:
    best_of_shop: dict[int, Offer] = {}
    for offer in offers:
        best_of_shop.setdefault(offer.shop_id, offer)
    if lead:
        best_of_shop[lead.shop_id] = lead
    spoken = {offer.pk for offer in best_of_shop.values()}
    return [offer for offer in offers if offer.pk in spoken]


def _points() -> RawSQL:
    """Annotate offers with the newest points of their price log, newest first, in the same query."""
    return RawSQL(_POINTS, [MAX_POINTS], output_field=JSONField())  # noqa: S611 (constant)


def _history(offers: Sequence[Offer], lead: Offer | None, now: datetime, months: int) -> History:
    """Return the price history in the currency of the leading offer."""
    logs: list[list[Point]] = []
    own: list[Point] = []
    for offer in offers:
        log = []
        for point in reversed(offer.points or ()):
            at = datetime.fromisoformat(point["at"])
            price = Decimal(point["price"]) if point["currency"] == lead.currency else None
            log.append(Point(at, None if point["in_stock"] is False else price))
            if offer is lead:
                own.append(Point(at, price))
        logs.append(log)
    return History.of(
        own if lead and not lead.gone and not lead.is_old else [],
        logs,
        lead.currency if lead else "",
        now,
        months,
    )
