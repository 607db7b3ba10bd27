"""Let addresses lead on (301) to where a thing is now."""

from typing import Any

from django.db.models import Model

from catalog.queries.moved import MOVED


def leave_address(slug: str, *, to: Model, **values: Any) -> None:
    """Let an address that a product, category, brand or shop had lead to `to`; `values` are kept with it."""
    rows, name = MOVED[type(to)]
    rows.objects.filter(slug=to.slug).delete()  # that address is its own
    rows.objects.update_or_create(slug=slug, defaults={name: to, **values})


def hand_over_addresses(thing: Model, *, to: Model, **values: Any) -> None:
    """Let all addresses of a thing that becomes part of another lead there, in the caller's transaction."""
    rows, name = MOVED[type(to)]
    rows.objects.filter(**{name: thing}).update(**{name: to})
    leave_address(thing.slug, to=to, **values)
