"""Write what a plan takes back of products: many at once, with the events and revisions of any other change.

In the caller's transaction; the products, and those that offers come back from, are locked already.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from django.utils import timezone
from psycopg.types.json import Jsonb

from catalog.lib.addresses import host_of
from catalog.lib.merge import MAPS, TEXTS
from catalog.lib.undoing import Plan, State
from catalog.models import (
    Category,
    DailyClicks,
    Offer,
    PricePoint,
    Product,
    ProductImage,
    SlugRedirect,
    StoredImage,
)
from catalog.services.bulk import unique_slugs
from catalog.services.moved import leave_address
from catalog.services.pictures import delete_files_after
from catalog.services.prices import refresh_prices
from catalog.services.provenance import note_many_written
from catalog.services.revisions import (
    COLUMNS,
    OFFER_COLUMNS,
    note_created,
    revising,
    write_revisions,
)
from catalog.services.rows import copy_rows, draw_ids, update_rows
from catalog.services.taxonomy import set_categories
from events.kinds import Kind
from events.record import keys, record

_REPRICED = {"price", "currency", "in_stock", "expired_at"}
_NOT_SIMPLE = ("category_ids", "pictures", "addresses", "slug", "gtin")
_ENDS = {"preview_key": ""}  # with every change of a status


def write_plans(plans: Sequence[Plan], now: Mapping[int, State]) -> None:
    """Write the plans; `now` is what stands there, of each product the parts that its plan names."""
    plans = [plan for plan in plans if plan.fields or plan.offers or _moves(plan)]
    simple = [plan for plan in plans if _is_simple(plan)]
    others = [plan for plan in plans if not _is_simple(plan)]
    write_revisions(_revision_of(plan, now[plan.product_id]) for plan in simple)
    _write(simple, now)
    if others:
        offers = [pk for plan in others for pk in plan.returns]
        from_there = Offer.objects.filter(pk__any=offers).values_list("product_id", flat=True)
        with revising([*(plan.product_id for plan in others), *from_there], *_parts(others)):
            _write(others, now)


def _moves(plan: Plan) -> bool:
    return bool(plan.returns or plan.comes_again or plan.leaves)


def _is_simple(plan: Plan) -> bool:
    """Tell whether it writes columns only: both sides are known, so nothing is read again."""
    return not _moves(plan) and plan.fields.keys().isdisjoint(_NOT_SIMPLE)


def _parts(plans: Iterable[Plan]) -> list[str]:
    parts = {name for plan in plans for name in plan.fields}
    if any(plan.offers or _moves(plan) for plan in plans):
        parts.add("offers")
    return sorted(parts | ({"addresses"} if "slug" in parts else set()))


def _revision_of(plan: Plan, now: State) -> tuple[int, State, State]:
    before = {name: now[name] for name in plan.fields}
    after = dict(plan.fields)
    if plan.offers:
        before["offers"] = {
            str(pk): {name: now["offers"][str(pk)][name] for name in columns}
            for pk, columns in plan.offers.items()
        }
        after["offers"] = {str(pk): columns for pk, columns in plan.offers.items()}
    return plan.product_id, before, after


def _write(plans: Sequence[Plan], now: Mapping[int, State]) -> None:
    _write_columns(plans)
    _write_categories(plans)
    for plan in plans:
        if "slug" in plan.fields or "addresses" in plan.fields:
            _write_addresses(plan, now[plan.product_id])
        if "pictures" in plan.fields:
            write_pictures(plan.product_id, plan.fields["pictures"])
    # Whoever takes a text back decided about it: it stands against the feed's until both say the same.
    for name in (*TEXTS, *MAPS, "pictures"):
        if ids := [plan.product_id for plan in plans if name in plan.fields]:
            note_many_written(ids, "images" if name == "pictures" else name)
    _write_offers(plans, now)
    touched = {plan.product_id for plan in plans if plan.offers or _moves(plan)}
    touched |= _return_offers(plans)
    _make_offers_again(plans)
    _put_apart(plans)
    if touched:
        refresh_prices(touched)
    _record(plans, now)


def _write_columns(plans: Sequence[Plan]) -> None:
    # An EAN is a product's alone: those that change give theirs up before others take it.
    if ids := [plan.product_id for plan in plans if "gtin" in plan.fields]:
        Product.objects.filter(pk__any=ids).update(gtin="")
    groups: dict[tuple[str, ...], list[tuple[int, Any]]] = defaultdict(list)
    for plan in plans:
        values = {COLUMNS[name]: value for name, value in plan.fields.items() if name in COLUMNS}
        values.pop("category_ids", None)
        if values:
            groups[tuple(sorted(values))].append((plan.product_id, SimpleNamespace(**values)))
    for columns, rows in sorted(groups.items()):
        also = {"updated_at": timezone.now()} | (_ENDS if "status" in columns else {})
        update_rows(Product, rows, columns, also=also)


def _write_categories(plans: Iterable[Plan]) -> None:
    groups: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for plan in plans:
        if "category_ids" in plan.fields:
            groups[tuple(plan.fields["category_ids"])].append(plan.product_id)
    for category_ids, ids in sorted(groups.items()):
        set_categories(ids, categories=Category.objects.filter(pk__in=category_ids))
        Product.objects.filter(pk__any=ids).update(updated_at=timezone.now())


def _write_addresses(plan: Plan, now: State) -> None:
    product = Product.objects.get(pk=plan.product_id)
    if "addresses" in plan.fields:
        wanted, has = set(plan.fields["addresses"]), set(now["addresses"])
        SlugRedirect.objects.filter(product=product, slug__in=has - wanted).delete()
        for slug in sorted(wanted - has - {product.slug}):
            leave_address(slug, to=product)
    if "slug" in plan.fields and product.published_at:
        leave_address(now["slug"], to=product)


def write_pictures(product_id: int, pictures: Sequence[State]) -> None:
    """Give a product these pictures, in order: its own, and others from their files or addresses."""
    rows = ProductImage.objects.filter(product_id=product_id)
    images = {image.pk: image for image in rows}
    gone = rows.exclude(pk__in=[each["id"] for each in pictures])
    delete_files_after(gone)
    gone.delete()
    stored = [each["stored"] for each in pictures if each["stored"] and each["id"] not in images]
    there = set(StoredImage.objects.filter(pk__in=stored).exclude(widths=[]).values_list("pk", flat=True))
    for position, each in enumerate(pictures):
        if image := images.get(each["id"]):
            image.alt, image.position = each["alt"], position
            image.save(update_fields=["alt", "position"])
            continue
        file = each["stored"] if each["stored"] in there else None
        if file or each["url"]:
            # With its old id: whoever names it later, another undo say, finds it.
            ProductImage.objects.create(
                pk=each["id"],
                product_id=product_id,
                source_url=each["url"],
                host=host_of(each["url"]),
                alt=each["alt"],
                position=position,
                stored_id=file,
                state=ProductImage.State.STORED if file else ProductImage.State.WAITING,
            )


def _write_offers(plans: Iterable[Plan], now: Mapping[int, State]) -> None:
    """Write columns of offers; whose price, stock or listing changes is appended to the price log."""
    groups: dict[tuple[str, ...], list[tuple[int, Any]]] = defaultdict(list)
    repriced: list[tuple[int, State]] = []
    for plan in plans:
        for pk, values in plan.offers.items():
            groups[tuple(sorted(values))].append((pk, SimpleNamespace(**values)))
            if not _REPRICED.isdisjoint(values):
                repriced.append((pk, now[plan.product_id]["offers"][str(pk)] | values))
    at = timezone.now()
    for columns, rows in sorted(groups.items()):
        also: dict[str, Any] = {} if _REPRICED.isdisjoint(columns) else {"changed_at": at}
        if "is_main" in columns:  # one gives it up before another takes it
            update_rows(Offer, [row for row in rows if not row[1].is_main], columns, also=also)
            rows = [row for row in rows if row[1].is_main]
        update_rows(Offer, rows, columns, also=also)
    _log_prices(repriced, at=at)


def _log_prices(offers: Iterable[tuple[int, State]], *, at: datetime) -> None:
    """Append what (offer id, its columns) say to the price log."""
    copy_rows(
        PricePoint,
        ("offer_id", "price", "currency", "in_stock", "recorded_at"),
        (
            (pk, row["price"], row["currency"], False if row["expired_at"] else row["in_stock"], at)
            for pk, row in offers
        ),
    )


def _return_offers(plans: Iterable[Plan]) -> set[int]:
    """Move offers back to the products that they were on; return the products that lost them."""
    wanted = {pk: plan.product_id for plan in plans for pk in plan.returns}
    if not wanted:
        return set()
    was_on = dict(Offer.objects.filter(pk__any=list(wanted)).values_list("pk", "product_id"))
    _move(wanted)
    return set(was_on.values())


def _move(offers: Mapping[int, int]) -> None:
    """Move each offer to its product, with its clicks."""
    rows = [(pk, SimpleNamespace(product_id=product_id)) for pk, product_id in offers.items()]
    old = dict(Offer.objects.filter(pk__any=list(offers)).values_list("pk", "product_id"))
    update_rows(Offer, rows, ["product_id"], also={"is_main": False})
    clicks = DailyClicks.objects.filter(offer_id__any=list(offers))
    ordered = clicks.order_by("offer_id", "day", "place").select_for_update(no_key=True)
    whose = dict(ordered.values_list("pk", "offer_id"))
    moved = [(pk, SimpleNamespace(product_id=offers[offer_id])) for pk, offer_id in whose.items()]
    update_rows(DailyClicks, moved, ["product_id"])
    groups: dict[tuple[int, int], list[int]] = defaultdict(list)
    for pk, product_id in offers.items():
        groups[old[pk], product_id].append(pk)
    if len(groups) == 1 or len(offers) < 20:
        for (was, now), ids in groups.items():
            record(Kind.OFFER_MOVED, keys("offer", ids), before={"product": was}, after={"product": now})
    else:
        ids = list(offers)
        record(
            Kind.OFFER_MOVED,
            keys("offer", ids),
            before={"product": [old[pk] for pk in ids]},
            after={"product": [offers[pk] for pk in ids]},
        )


def _make_offers_again(plans: Iterable[Plan]) -> None:
    """Make removed offers anew, under their old ids. The log of their prices is gone, and begins anew."""
    rows = [(plan.product_id, pk, row) for plan in plans for pk, row in plan.comes_again.items()]
    if not rows:
        return
    copy_rows(
        Offer,
        ("id", "product_id", "checked_at", *OFFER_COLUMNS),
        (
            (pk, product_id, row["changed_at"] or row["created_at"], *map(_column, _values(row)))
            for product_id, pk, row in rows
        ),
    )
    _log_prices([(pk, row) for _, pk, row in rows], at=timezone.now())
    record(Kind.OFFER_ADDED, keys("product", dict.fromkeys(product_id for product_id, _, _ in rows)))


def _values(row: State) -> list[Any]:
    return [row[name] for name in OFFER_COLUMNS]


def _column(value: Any) -> Any:
    return Jsonb(value) if isinstance(value, dict) else value


def _put_apart(plans: Iterable[Plan]) -> None:
    """Put offers into the trash, each as a product of its own: what is logged of their prices stays, and no
    import brings them back."""
    ids = [pk for plan in plans for pk in plan.leaves]
    if not ids:
        return
    offers = list(Offer.objects.filter(pk__any=ids).select_related("product").defer("product__description"))
    now = timezone.now()
    made = draw_ids(Product, len(offers))
    titles = [offer.title or offer.product.title for offer in offers]
    slugs = unique_slugs([(title, offer.source_key) for title, offer in zip(titles, offers, strict=True)])
    texts = ("title", "slug", "description", "gtin", "status", "currency", "imported", "attributes")
    numbers = ("offer_count", "is_available", "reduced_percent", "shop_ids", "category_ids")
    status, empty = Product.Status.TRASHED.value, Jsonb({})
    nothing: tuple[Any, ...] = ("", "", status, "", empty, empty, 0, False, 0, [], [])
    copy_rows(
        Product,
        ("id", "created_at", "updated_at", *texts, *numbers),
        ((pk, now, now, title, slug, *nothing) for pk, title, slug in zip(made, titles, slugs, strict=True)),
    )
    note_created(made)
    record(Kind.PRODUCT_CREATED, keys("product", made), after={"status": Product.Status.TRASHED.value})
    _move({offer.pk: pk for offer, pk in zip(offers, made, strict=True)})
    refresh_prices(made)


def _record(plans: Sequence[Plan], now: Mapping[int, State]) -> None:
    """Note what was written, as the services of people do."""
    statuses: dict[tuple[str, str], list[int]] = defaultdict(list)
    edited: list[int] = []
    for plan in plans:
        names = plan.fields.keys() - {"category_ids"}
        if "status" in names:
            statuses[now[plan.product_id]["status"], plan.fields["status"]].append(plan.product_id)
            names -= {"status", "published_at", "publish_at", "joined_into"}
        if "pictures" in names:
            record(Kind.PRODUCT_PICTURES_CHANGED, f"product:{plan.product_id}")
            names -= {"pictures"}
        if names:
            edited.append(plan.product_id)
    for (was, is_now), ids in sorted(statuses.items()):
        record(
            Kind.PRODUCT_STATUS_CHANGED,
            keys("product", ids),
            before={"status": was},
            after={"status": is_now},
        )
    record(Kind.PRODUCT_EDITED, keys("product", edited))
    offers = [(pk, columns) for plan in plans for pk, columns in plan.offers.items()]
    record(
        Kind.OFFER_CHANGED,
        keys("offer", (pk for pk, columns in offers if _REPRICED.isdisjoint(columns))),
    )
    repriced = [pk for pk, columns in offers if not _REPRICED.isdisjoint(columns)]
    prices = {str(pk): price for plan in plans for pk, price in _prices(plan, now[plan.product_id])}
    record(
        Kind.OFFER_PRICE_CHANGED,
        keys("offer", repriced),
        before={"price": [prices[str(pk)][0] for pk in repriced]},
        after={"price": [prices[str(pk)][1] for pk in repriced]},
    )


def _prices(plan: Plan, now: State) -> Iterable[tuple[int, tuple[list, list]]]:
    for pk, columns in plan.offers.items():
        old = now["offers"][str(pk)]
        new = old | columns
        names = ("price", "currency", "in_stock")
        yield pk, ([old[name] for name in names], [new[name] for name in names])
