"""What the editor and the quick edit of the list share: writing a form, and what another save changed."""

from collections.abc import Iterator
from typing import Any

from django.utils.html import strip_tags

from catalog import services
from catalog.forms import ProductForm
from catalog.forms.fields import properties_as_text
from catalog.models import Product

WRITTEN = ("title", "description", "gtin", "attributes", "meta_title", "meta_description", "publish_at")
TAKEN = "Somebody saved a product with this address or EAN just now. Change it and save again."


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
