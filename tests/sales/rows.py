"""Sales as rows, for tests of what is made of them; they come through no network."""

from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count

from django.utils import timezone

from catalog.models import Offer, Product, Shop, ShopSource
from importer.models import NetworkAccount, Program
from sales.match import match_sales
from sales.models import Sale
from sales.rollups import make_touched

numbers = count(1)


def make_account(network: str = "adtraction", label: str = "Main") -> NetworkAccount:
    account, is_new = NetworkAccount.objects.get_or_create(network=network, label=label)
    if is_new:
        account.set_credentials({"token": "none"})
        account.save()
    return account


def make_shop(name: str = "OTTO", program: str = "77", network: str = "adtraction") -> Shop:
    """Return a shop that is known from a program of the account."""
    shop, _ = Shop.objects.get_or_create(name=name, defaults={"slug": name.lower()})
    ShopSource.objects.get_or_create(shop=shop, key=f"{network}:{program}")
    Program.objects.get_or_create(account=make_account(network), external_id=program, defaults={"name": name})
    return shop


def make_product(title: str = "Red shoe") -> Product:
    number = next(numbers)
    return Product.objects.create(title=title, slug=f"p{number}", status=Product.Status.PUBLISHED)


def make_offer(product: Product, shop: Shop, *, source: str = "adtraction", **fields) -> Offer:
    return Offer.objects.create(
        product=product,
        shop=shop,
        source=source,
        **{
            "source_key": f"{source}:1:{next(numbers)}",
            "price": Decimal("10.00"),
            "currency": "EUR",
            "checked_at": timezone.now(),
            "tracking_url": "https://track.example/1",
        }
        | fields,
    )


def make_sale(commission: str | None = "1.00", *, days_ago: float = 0, **fields) -> Sale:
    """Store a sale of today, or of so many days ago, whose click was on the same day."""
    at = fields.pop("at", None) or timezone.now() - timedelta(days=days_ago)
    values = {
        "account": fields.pop("account", None) or make_account(),
        "external_id": f"S{next(numbers)}",
        "state": Sale.State.PENDING,
        "commission": None if commission is None else Decimal(commission),
        "order_value": None if commission is None else Decimal(commission) * 10,
        "currency": "EUR",
        "program_key": "77",
        "clicked_at": at,
        "happened_at": at,
        "clicked_on": day_of(at),
        "happened_on": day_of(at),
        "first_seen_at": at,
    }
    values |= fields
    if values["state"] != Sale.State.PENDING:
        values.setdefault("decided_on", day_of(at))
    return Sale.objects.create(**values)


def day_of(at: datetime):
    return timezone.localtime(at).date()


def match(*sales: Sale) -> None:
    match_sales([sale.pk for sale in sales])
    for sale in sales:
        sale.refresh_from_db()


def make_sums() -> None:
    while make_touched():
        pass
