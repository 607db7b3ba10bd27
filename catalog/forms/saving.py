"""What valid forms of products become: for the editor, the quick edit of the list, and programs."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.html import strip_tags

from catalog import services
from catalog.forms.fields import properties_as_text
from catalog.forms.products import BulkForm, GalleryForm, ProductForm
from catalog.models import Product

WRITTEN = (
    *("title", "description", "gtin", "attributes", "verdict", "pros", "cons"),
    *("meta_title", "meta_description", "publish_at"),
)
TAKEN = "Somebody saved a product with this address or EAN just now. Change it and save again."


@transaction.atomic
def save_product(
    pk: int, form: ProductForm, *, version: datetime, gallery: GalleryForm | None = None
) -> None:
    """Save a product as the forms say; one save is one revision. Raises EditConflict, IntegrityError."""
    product = services.lock_product(pk, version=version)
    with services.revising([pk]):
        if gallery:
            services.arrange_images(product, images=gallery.in_order)
            services.remove_images(product, images=gallery.removed)
            if gallery.moves_main_offer:
                services.choose_main_offer(product, offer_id=gallery.chosen_offer)
            services.remove_offers(product, offer_ids=gallery.removed_offers)
        write_form(product, form)


@transaction.atomic
def make_product(form: ProductForm) -> Product:
    """Make a product of what the form says. Raises IntegrityError where its address or EAN is taken."""
    with services.revising([]):  # the product is made with all that is written here
        product = services.create_product(title=form.cleaned_data["title"], slug=form.cleaned_data["slug"])
        write_form(product, form)
    return product


def apply_bulk(form: BulkForm, ids: Sequence[int]) -> int:
    """Do what a valid form says with these products; return how many it concerned."""
    data = form.cleaned_data
    match data["action"]:
        case "category":
            products = Product.objects.filter(pk__in=ids)
            services.set_categories(products, categories=[data["category"]], replace=False)
            return products.count()
        case "uncategory":
            return services.remove_from_categories(ids, categories=[data["category"]])
        case "brand":
            return services.set_brand(ids, brand=services.get_or_create_brand(data["brand"]))
        case "policy":
            field, _, policy = data["policy"].partition(":")
            return services.set_policy(ids, field=field, policy=policy)
        case "take":
            return services.take_feed(ids, field=data["field"])
    service = {
        "publish": services.publish,
        "draft": services.unpublish,
        "trash": services.trash,
        "restore": services.restore,
        "delete": services.delete_permanently,
    }[data["action"]]
    return service(ids)


def write_form(product: Product, form: ProductForm) -> None:
    """Write all that a valid form has fields for, in the caller's transaction."""
    data = form.cleaned_data
    brand = services.get_or_create_brand(data["brand"]) if data["brand"] else None
    new = [services.get_or_create_category(name) for name in data["new_categories"]]
    services.set_categories([product.pk], categories=[*data["categories"], *new])
    if data["status"] != product.status:
        services.change_status(product, status=data["status"])
    fields = {name: data[name] for name in _written(form)}
    services.update_product(product, slug=data["slug"] or product.slug, brand=brand, **fields)
    if "uploads" in form.fields:  # last: what fails now leaves no file behind
        services.add_images(product, pictures=data["uploads"])


def differing(form: ProductForm, saved: Product) -> Iterator[tuple[str, str]]:
    """Yield (label, saved value) of what differs between a valid form and another save.

    Nothing differs when the same form was posted twice.
    """
    data = form.cleaned_data
    compared = ("slug", *_written(form))
    mine = {name: data[name] for name in compared} | {"brand": data["brand"], "status": data["status"]}
    mine["categories"] = ", ".join(
        sorted([each.name for each in data["categories"]] + data["new_categories"])
    )
    theirs = {name: getattr(saved, name) for name in (*compared, "status")}
    theirs["brand"] = saved.brand.name if saved.brand else ""
    theirs["categories"] = ", ".join(sorted(category.name for category in saved.categories.all()))
    for name, value in mine.items():
        if value != theirs[name]:
            yield (
                str(form.fields[name].label or name.capitalize()),
                strip_tags(_as_text(theirs[name])) or "(empty)",
            )


def _as_text(value: Any) -> str:
    return properties_as_text(value) if isinstance(value, dict) else str(value or "")


def _written(form: ProductForm) -> list[str]:
    return [name for name in WRITTEN if name in form.fields]
