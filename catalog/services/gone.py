"""Offers that their networks list no longer, by policy (`catalog.lib.gone`), and those that came back."""

from collections.abc import Collection, Iterable, Mapping

from django.db import transaction
from django.db.models import Exists, OuterRef

from catalog.lib.gone import Gone
from catalog.locks import lock
from catalog.models import Offer, Product
from catalog.services import status
from catalog.services.prices import expire_offers, refresh_prices
from events.kinds import Kind
from events.record import keys, record

_TAKEN_OFF = {Gone.DRAFT: status.unpublish_gone, Gone.TRASH: status.trash_gone}


def let_go(offers: Mapping[int, Gone], *, mailed: Collection[int] = ()) -> int:
    """Do with these offers, by id, what their policies say; return how many were listed until now.

    A product is taken off only with its last listed offer. Of the offers in `mailed` the event says that
    people want a mail. Repeating it is harmless.
    """
    with transaction.atomic():
        ids = list(offers)
        product_of = dict(Offer.objects.filter(pk__any=ids).order_by().values_list("pk", "product_id"))
        lock(Product.objects.filter(pk__any=list(set(product_of.values()))))
        lock(Offer.objects.filter(pk__any=ids))
        for policy in sorted(set(offers.values())):
            alike = [pk for pk, chosen in offers.items() if chosen == policy]
            Offer.objects.filter(pk__any=alike).update(gone_policy=policy)
        count = expire_offers(pk for pk, policy in offers.items() if policy != Gone.NOTHING)
        hidden = {product_of[pk] for pk, policy in offers.items() if policy == Gone.HIDE and pk in product_of}
        if hidden:
            refresh_prices(hidden)
        for policy, take_off in _TAKEN_OFF.items():
            wanted = {
                product_of[pk] for pk, chosen in offers.items() if chosen == policy and pk in product_of
            }
            if wanted and (last := _without_offers(wanted)):
                take_off(last)
        _record_gone(offers, product_of, mailed)
        return count


def bring_back(product_ids: Iterable[int]) -> int:
    """Undo what policies did to the status of these products, which have an offer again; return how many.

    What a person did to the status since stays: that is theirs.
    """
    listed = Offer.objects.filter(product=OuterRef("pk"), expired_at=None)
    rows = Product.objects.filter(Exists(listed), pk__any=list(product_ids)).exclude(status_before_gone="")
    ids = list(rows.order_by("pk").values_list("pk", flat=True))
    return status.return_gone(ids) if ids else 0


def _without_offers(product_ids: Iterable[int]) -> list[int]:
    """Return those of the products that have no listed offer left."""
    listed = Offer.objects.filter(product=OuterRef("pk"), expired_at=None)
    rows = Product.objects.filter(~Exists(listed), pk__any=list(product_ids))
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _record_gone(offers: Mapping[int, Gone], product_of: Mapping[int, int], mailed: Collection[int]) -> None:
    """Note the products whose offers went, those of one policy together."""
    for policy in sorted(set(offers.values())):
        for is_mailed in (False, True):
            alike = sorted(
                {
                    product_of[pk]
                    for pk, chosen in offers.items()
                    if chosen == policy and pk in product_of and (pk in mailed) == is_mailed
                }
            )
            record(
                Kind.PRODUCT_GONE,
                keys("product", alike),
                after={"policy": policy.value, "mail": is_mailed},
            )
