"""Products: list, read, write, and all that is done to one or many."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from ninja import File, Query, Router, Status, UploadedFile

from api.forms import data_of
from api.guard import Needs, check_version, require, show_version
from api.paging import Paging, page_of
from api.problems import Problem, of_form
from api.schemas import products as shapes
from api.schemas.common import Changed, Page
from catalog import services
from catalog.forms import ProductForm
from catalog.forms.fields import PicturesField
from catalog.forms.listing import ProductListForm
from catalog.forms.products import BulkForm
from catalog.forms.saving import apply_bulk, make_product, save_product
from catalog.lib.gtin import parse_gtin
from catalog.models import Category, PricePoint, Product, Revision, Shop
from catalog.queries.pictures import Pictures
from events.actor import cause, new_cause

router = Router()
READ, WRITE = Needs("products:read"), Needs("products:write")
SPLIT = Needs("products:write", "catalog.add_product", "catalog.change_product")


@router.get("", response=Page[shapes.ProductOut], auth=READ)
def list_products(request: HttpRequest, asked: Query[shapes.ProductFilter], paging: Query[Paging]) -> Any:
    """List products, without their descriptions and offers. Trashed ones only where they are asked for."""
    found = _narrow(asked)
    if asked.updated_since:
        found = found.filter(updated_at__gte=asked.updated_since)
    order = {"newest": ("id", True), "oldest": ("id", False), "updated": ("updated_at", False)}
    key, falls = order[asked.order]
    page = page_of(found, paging, key=key, falls=falls, prepare=shapes.product_rows)
    return {"items": [shapes.product_row(product) for product in page["items"]], "next": page["next"]}


@router.post("", response={201: shapes.ProductWhole}, auth=Needs("products:write", "catalog.add_product"))
def create_product(request: HttpRequest, data: shapes.ProductIn, response: HttpResponse) -> Any:
    """Write a product by hand: a draft, unless `status` says otherwise."""
    form = ProductForm(data_of(ProductForm(), _typed(data)))
    if not form.is_valid():
        raise of_form(form)
    product = make_product(form)
    response["Location"] = reverse("api-v1:get_product", args=[product.pk])
    return Status(201, _show(request, product.pk))


@router.post("/bulk", response=Changed, auth=WRITE)
def bulk(request: HttpRequest, data: shapes.BulkIn) -> Any:
    """Do one thing with many products; `cause` undoes all of it together."""
    if data.action == "delete":
        require(request, "catalog.delete_product")
    typed = QueryDict(mutable=True)
    typed.setlist("ids", [str(pk) for pk in data.ids])
    typed.update(
        {name: str(value) for name, value in data.dict(exclude={"ids"}).items() if value is not None}
    )
    form = BulkForm(typed, matches=lambda query: [])
    if not form.is_valid():
        raise of_form(form)
    key = new_cause("bulk")
    with cause(key):
        count = apply_bulk(form, form.ids)
    return {"count": count, "cause": key if count and data.action != "delete" else ""}


@router.get("/{int:pk}", response=shapes.ProductWhole, auth=READ, url_name="get_product")
def get_product(request: HttpRequest, pk: int) -> Any:
    """Read a product with its pictures and offers. Its ETag is for `If-Match`."""
    return _show(request, pk)


@router.patch("/{int:pk}", response=shapes.ProductWhole, auth=WRITE)
def change_product(request: HttpRequest, pk: int, data: shapes.ProductPatch) -> Any:
    """Change what is named. With `If-Match`: only where nobody saved the product since."""
    product = _lock(request, pk)
    version = product.updated_at
    form = ProductForm(data_of(ProductForm(instance=product), _typed(data)), instance=product)
    if not form.is_valid():
        raise of_form(form)
    save_product(pk, form, version=version)
    return _show(request, pk)


@router.delete("/{int:pk}", response={204: None}, auth=Needs("products:write", "catalog.delete_product"))
def delete_product(request: HttpRequest, pk: int, for_good: bool = False) -> Any:
    """Put a product into the trash; `for_good=true` deletes it, where it is there already."""
    product = _lock(request, pk)
    if not for_good:
        services.trash([pk])
    elif product.status != Product.Status.TRASHED or not services.delete_permanently([pk]):
        raise Problem("not_possible", "Only what is in the trash can be deleted for good.")
    return Status(204, None)


@router.put("/{int:pk}/status", response=shapes.ProductWhole, auth=WRITE)
def change_status(request: HttpRequest, pk: int, data: shapes.StatusIn) -> Any:
    """Publish a product, make it a draft, or put it into the trash."""
    services.change_status(_lock(request, pk), status=data.status)
    return _show(request, pk)


@router.put("/{int:pk}/main-offer", response=shapes.ProductWhole, auth=WRITE)
def choose_main_offer(request: HttpRequest, pk: int, data: shapes.MainOffer) -> Any:
    """Let an offer lead the product's page."""
    services.choose_main_offer(_lock(request, pk), offer_id=data.offer)
    return _show(request, pk)


@router.post("/{int:pk}/offers/remove", response=shapes.ProductWhole, auth=WRITE)
def remove_offers(request: HttpRequest, pk: int, data: shapes.OfferIds) -> Any:
    """Remove offers; those that are gone already are no error."""
    services.remove_offers(_lock(request, pk), offer_ids=data.offers)
    return _show(request, pk)


@router.post("/{int:pk}/offers/split", response=shapes.ProductWhole, auth=SPLIT)
def split_offers(request: HttpRequest, pk: int, data: shapes.OfferIds) -> Any:
    """Make a draft of its own of some of the offers; return it."""
    product = get_object_or_404(Product, pk=pk)
    with cause(new_cause("split")):
        return _show(request, services.split_offers(product, offer_ids=data.offers).pk)


@router.post("/{int:pk}/offers/move", response=Changed, auth=WRITE)
def move_offers(request: HttpRequest, pk: int, data: shapes.MoveIn) -> Any:
    """Move offers to another product."""
    product, into = get_object_or_404(Product, pk=pk), get_object_or_404(Product, pk=data.into)
    with cause(key := new_cause("move")):
        return {"count": services.move_offers(product, offer_ids=data.offers, into=into), "cause": key}


@router.post("/{int:pk}/join/{int:into}", response=Changed, auth=WRITE)
def join_products(request: HttpRequest, pk: int, into: int) -> Any:
    """Make a product part of another one; it goes into the trash, and its address leads there."""
    product, other = get_object_or_404(Product, pk=pk), get_object_or_404(Product, pk=into)
    with cause(key := new_cause("join")):
        services.join_products(product, into=other)
    return {"count": 1, "cause": key}


@router.post("/{int:pk}/fields/{field}", response=shapes.ProductWhole, auth=WRITE)
def act_on_field(request: HttpRequest, pk: int, field: str, data: shapes.FieldAction) -> Any:
    """Say whose word stands in a field: take the feed's, keep yours, lock, unlock, choose the feed."""
    product = _lock(request, pk)
    match data.action:
        case "take":
            services.take_feed([pk], field=field)
        case "feeder":
            services.choose_feeder(product, field=field, offer_id=data.offer)
        case "keep":
            services.keep_field(product, field=field)
        case "lock":
            services.lock_field(product, field=field)
        case "unlock":
            services.unlock_field(product, field=field)
    return _show(request, pk)


@router.put("/{int:pk}/policies", response=shapes.ProductWhole, auth=WRITE)
def set_policies(request: HttpRequest, pk: int, data: shapes.Policies) -> Any:
    """Let policies of its own go before those of the account; {} leaves all to the account."""
    try:
        services.set_policies(_lock(request, pk), policies=data.policies)
    except ValueError as error:
        message = f"{error}."
        raise Problem(
            "invalid", errors=[{"field": "policies", "code": "unknown", "message": message}]
        ) from None
    return _show(request, pk)


@router.post("/{int:pk}/pictures", response=shapes.ProductWhole, auth=WRITE)
def add_pictures(request: HttpRequest, pk: int, files: File[list[UploadedFile]]) -> Any:
    """Add pictures (multipart, `files`)."""
    pictures = PicturesField().clean(files)
    services.add_images(_lock(request, pk), pictures=pictures)
    return _show(request, pk)


@router.put("/{int:pk}/pictures", response=shapes.ProductWhole, auth=WRITE)
def arrange_pictures(request: HttpRequest, pk: int, data: shapes.PictureOrder) -> Any:
    """Put pictures in order, the first is the main one; those that are not named are removed."""
    product = _lock(request, pk)
    images = {image.pk: image for image in product.images.all()}
    if unknown := [one for one in data.pictures if one not in images]:
        message = f"No pictures of this product: {unknown}."
        raise Problem("invalid", errors=[{"field": "pictures", "code": "unknown", "message": message}])
    for one, text in data.alts.items():
        if one in images:
            images[one].alt = text[:300]
    kept = [images[one] for one in dict.fromkeys(data.pictures)]
    with services.revising([pk]):
        services.arrange_images(product, images=kept)
        services.remove_images(product, images=[image for image in images.values() if image not in kept])
    return _show(request, pk)


@router.get("/{int:pk}/prices", response=Page[shapes.PricePointOut], auth=READ)
def list_prices(request: HttpRequest, pk: int, paging: Query[Paging]) -> Any:
    """List the price log of a product's offers, the newest first."""
    get_object_or_404(Product.objects.only("pk"), pk=pk)
    page = page_of(PricePoint.objects.filter(offer__product=pk), paging)
    rows = [
        {
            **{name: getattr(point, name) for name in ("offer_id", "in_stock", "recorded_at")},
            "price": {"amount": f"{point.price:f}", "currency": point.currency},
        }
        for point in page["items"]
    ]
    return {"items": rows, "next": page["next"]}


@router.get("/{int:pk}/history", response=Page[shapes.RevisionOut], auth=READ)
def list_history(request: HttpRequest, pk: int, paging: Query[Paging]) -> Any:
    """List what was changed of a product, by whom and why, the newest first."""
    return page_of(Revision.objects.filter(product_id=pk), paging)


# --- Steps ---------------------------------------------------------------------------------------
def _narrow(asked: shapes.ProductFilter) -> QuerySet[Product]:
    data = asked.dict(include={"status", "q", "category", "shop", "brand", "picture", "price", "feed"})
    categories = list(Category.objects.only("parent_id")) if data["category"].isdecimal() else []
    shops: dict[int, Shop] = {}
    form = ProductListForm(data, categories=categories, shops=shops)
    if not form.is_valid():
        raise of_form(form)
    found = form.narrow(Product.objects.filter(status__in=form.statuses))
    return found.filter(gtin=parse_gtin(asked.gtin) or asked.gtin) if asked.gtin else found


def _typed(data: shapes.ProductPatch) -> dict[str, Any]:
    """Return what was sent as the form has it."""
    typed = data.dict(exclude_unset=True)
    if "new_categories" in typed:
        typed["new_categories"] = ", ".join(typed["new_categories"] or ())
    return {name: "" if value is None else value for name, value in typed.items()}


def _lock(request: HttpRequest, pk: int) -> Product:
    """Return a product, locked for this request; refuse where `If-Match` names another state of it."""
    product = get_object_or_404(Product.objects.select_for_update(no_key=True), pk=pk)
    check_version(request, product.updated_at.isoformat())
    return product


def _show(request: HttpRequest, pk: int) -> dict[str, Any]:
    products = Product.objects.select_related("brand").annotate(pictures=Pictures(shapes.MAX_PICTURES))
    shown = shapes.whole_product(get_object_or_404(products, pk=pk))
    show_version(request, shown["version"])
    return shown
