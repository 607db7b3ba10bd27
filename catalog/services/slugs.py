"""Names in addresses."""

from collections.abc import Iterable

from django.db import models

from catalog.lib.slugs import make_slug
from catalog.models import Product


def unique_slug(title: str, *, model: type[models.Model] = Product, taken: Iterable[str] = ()) -> str:
    """Return a free slug of at most 140 characters made from `title` ("red-shoe", "red-shoe-2", ...).

    `taken` are slugs that are promised already but not saved.
    """
    base = make_slug(title) or model._meta.model_name
    used = set(taken) | set(
        model.objects.filter(slug__startswith=base, slug__regex=rf"^{base}(-\d+)?$").values_list(
            "slug", flat=True
        )
    )
    if base not in used:
        return base
    number = 2
    while f"{base}-{number}" in used:
        number += 1
    return f"{base}-{number}"
