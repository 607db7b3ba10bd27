import argparse
from dataclasses import replace
from decimal import Decimal, InvalidOperation

from django.core.management.base import CommandError

from catalog.lib.gtin import explain_refusal, parse_gtin
from importer.management.output import ScriptCommand
from importer.models import NetworkAccount
from importer.networks import NETWORKS
from importer.networks.contract import NetworkError
from importer.networks.query import MAX_PRICE, SORTS, ItemQuery, QueryError
from importer.search.hits import Hit, search
from importer.search.unobeyed import explain_unobeyed
from importer.sentences import say

MAX_COUNT = 10_000  # pages, and hits on one


def decimal(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise ValueError(text) from None
    if not (value.is_finite() and 0 <= value < MAX_PRICE and value == round(value, 2)):
        raise ValueError(text)
    return value


def gtin(text: str) -> str:
    """Read an EAN as imports spell it."""
    if not (code := parse_gtin(text)):
        raise argparse.ArgumentTypeError(explain_refusal(text))
    return code


def counting(text: str) -> int:
    value = int(text)
    if not 1 <= value <= MAX_COUNT:
        raise ValueError(text)
    return value


class Command(ScriptCommand):
    help = "Search the products of a network, or of all."

    def add_arguments(self, parser) -> None:
        super().add_arguments(parser)
        parser.add_argument("network", choices=["all", *sorted(NETWORKS)])
        parser.add_argument("keywords", nargs="*")
        parser.add_argument("--account", help="id or label")
        parser.add_argument("--program", default="")
        parser.add_argument("--category", default="")
        parser.add_argument("--min-price", type=decimal)
        parser.add_argument("--max-price", type=decimal)
        parser.add_argument("--in-stock", action="store_true")
        parser.add_argument("--gtin", type=gtin, help="or EAN, UPC, ISBN")
        parser.add_argument("--sort", choices=SORTS, default="relevance")
        parser.add_argument("--page", type=counting, default=1)
        parser.add_argument("--page-size", type=counting, default=25)

    def run(self, *, network: str, **options) -> dict:
        accounts = self.get_accounts(network, options["account"])
        total, items, errors, notices = 0, [], [], []
        query = self.get_query(options)
        for account in accounts:
            try:
                result = search(
                    account,
                    replace(query, currency=account.currency),
                    options["page"],
                    options["page_size"],
                )
            except NetworkError as error:
                if network != "all":
                    raise
                errors.append(f"{account}: {say(error)}")
                continue
            unobeyed = explain_unobeyed(NETWORKS[account.network], result.unobeyed)
            notices += [f"{account}: {notice}" for notice in (unobeyed, result.notice) if notice]
            total = None if total is None or result.total is None else total + result.total
            items += [as_dict(hit, account.network) for hit in result.hits]
        if errors and len(errors) == len(accounts):
            raise CommandError("; ".join(errors))
        for line in (*errors, *notices):
            self.stderr.write(line)
        return {"total": total, "items": items}

    def get_query(self, options: dict) -> ItemQuery:
        try:
            return ItemQuery(
                keywords=" ".join(options["keywords"]),
                programs=tuple(filter(None, [options["program"]])),
                categories=tuple(filter(None, [options["category"]])),
                min_price=options["min_price"],
                max_price=options["max_price"],
                in_stock=options["in_stock"],
                gtin=options["gtin"] or "",
                sort=options["sort"],
            )
        except QueryError as error:
            raise CommandError(str(error)) from None

    def get_accounts(self, network: str, choice: str | None) -> list[NetworkAccount]:
        accounts = NetworkAccount.objects.all()
        if network != "all":
            accounts = accounts.filter(network=network)
        if choice:
            accounts = (
                accounts.filter(pk=int(choice)) if choice.isdecimal() else accounts.filter(label=choice)
            )
        found = list(accounts if choice or network == "all" else accounts[:1])
        if not found:
            raise CommandError("No such account is connected. Connect one first.")
        return found

    def describe(self, result: dict) -> str:
        lines = [
            f"{item['id']:>8}  {item['price'] or '?':>10} {item['currency']:3}  "
            f"{item['title'][:60]}  ({item['shop']})"
            for item in result["items"]
        ]
        total = "" if result["total"] is None else f" of {result['total']:,}"
        return "\n".join([*lines, f"{len(lines)}{total} products"])


def as_dict(hit: Hit, network: str) -> dict:
    """Return a hit for a script; prices are strings, so that no float rounds them."""
    item = hit.item
    return {
        "id": item.pk,
        "network": network,
        "external_id": item.external_id,
        "title": item.title,
        "shop": item.shop_name,
        "brand": item.brand,
        "category": item.category,
        "price": None if item.price is None else str(item.price),
        "old_price": None if item.old_price is None else str(item.old_price),
        "currency": item.currency,
        "gtin": item.gtin,
        "in_stock": item.in_stock,
        "image_url": item.image_urls[0] if item.image_urls else "",
        "tracking_url": item.tracking_url,
        "product": hit.product.pk if hit.product else None,
    }
