"""Read own products for a page."""

from django.db.models import Q, QuerySet

from desk.models import OwnFeed, OwnProduct, PushItem, PushRun
from desk.services.plan import MAX_SAMPLES

# What the counts of a feed are called, "": all of them.
STATES = {
    "new": "New",
    "changed": "Changed",
    "refused": "Refused",
    "gone": "Gone",
    "sent": "As the network has it",
}
_TOLD = (
    "name",
    "price",
    "description",
    "productUrl",
    "productImage",
    "categories",
    "inStock",
    "availability",
)


def list_products(feed: OwnFeed, *, state: str = "", text: str = "") -> QuerySet[OwnProduct]:
    """Return products of a feed, those of one state, or whose id begins with a text or name has it."""
    found = OwnProduct.objects.filter(feed=feed)
    if state:
        found = found.filter(state=state)
    if text:
        found = found.filter(Q(source_product_id__startswith=text) | Q(data__name__icontains=text))
    return found


def samples(feed: OwnFeed) -> list[tuple[OwnProduct, list[tuple[str, str, str]]]]:
    """Return some products that changed, each with (field, before, now) of what differs."""
    changed = OwnProduct.objects.filter(feed=feed, state=OwnProduct.State.CHANGED)[:MAX_SAMPLES]
    return [(product, differences(product)) for product in changed]


def differences(product: OwnProduct) -> list[tuple[str, str, str]]:
    """Return (field, before, now) of what differs from what the network has."""
    before, now = product.before or {}, product.data
    names = [name for name in dict.fromkeys([*_TOLD, *now, *before]) if before.get(name) != now.get(name)]
    return [(name, str(before.get(name, ""))[:200], str(now.get(name, ""))[:200]) for name in names]


def refused_items(run: PushRun) -> list[PushItem]:
    """Return the first products that the network refused in a push."""
    return list(PushItem.objects.filter(run=run, outcome=PushItem.Outcome.REFUSED)[:MAX_SAMPLES])
