"""Links that show a draft to whoever has them: of a product, a page, a guide."""

import secrets
from datetime import timedelta
from typing import Any, TypeVar

from django.core.signing import BadSignature, TimestampSigner
from django.db.models import Model
from django.urls import reverse

from catalog.public.structured_data import absolute

VALID_FOR = timedelta(days=7)
DRAFT = "draft"
Thing = TypeVar("Thing", bound=Model)


def make_link(thing: Any, route: str = "public:preview") -> str:
    """Return an address that shows the draft for `VALID_FOR`.

    Every change of the draft's status ends all links to it, for good: they hold its `preview_key`.
    """
    if not thing.preview_key:
        key = secrets.token_urlsafe(16)
        # The first of two who share at once decides, so that neither ends the other's link.
        type(thing)._default_manager.filter(pk=thing.pk, preview_key="").update(preview_key=key)
        thing.refresh_from_db(fields=["preview_key"])
    token = _signer(type(thing)).sign(f"{thing.pk}:{thing.preview_key}")
    return absolute(reverse(route, args=[token]))


def find_draft(model: type[Thing], token: str) -> Thing | None:
    """Return the draft that a link shows; None where the link was made up, is too old or was ended."""
    try:
        pk, key = _signer(model).unsign(token, max_age=VALID_FOR).split(":")
    except (BadSignature, ValueError):
        return None
    return model._default_manager.filter(pk=int(pk), preview_key=key, status=DRAFT).first()


def _signer(model: type[Model]) -> TimestampSigner:
    """A link to a draft of one kind is none to another of the same number."""
    return TimestampSigner(salt=f"catalog.public.previews:{model._meta.label_lower}")
