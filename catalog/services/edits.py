"""Save what a form changed of one thing, and say what it was before."""

from collections.abc import Iterable
from typing import Any

from django.db import models, transaction
from django.db.models.fields.files import FieldFile

from events.kinds import Kind
from events.record import changes, record


def save_edit(thing: models.Model, kind: Kind, *, fields: Iterable[str], sources: Iterable[str] = ()) -> None:
    """Save a thing whose `fields` were set, with an event of `kind` where one of them differs."""
    with transaction.atomic():
        model = type(thing)
        stored = model.objects.select_for_update(no_key=True).filter(pk=thing.pk).first()
        old = values_of(stored, fields) if stored else {}
        thing.save()
        if changed := changes(old, values_of(thing, fields)):
            record_of(kind, thing, sources=sources, **changed)


def record_of(kind: Kind, thing: models.Model, *, sources: Iterable[str] = (), **values: Any) -> None:
    """Note an event of one thing, by its key ("shop:3"), with its name."""
    name = getattr(thing, "name", None) or getattr(thing, "title", None)
    values["after"] = ({"name": name} if name else {}) | values.get("after", {})
    record(kind, key_of(thing), sources=list(sources), **values)


def key_of(thing: models.Model) -> str:
    """Return the key of a thing: "shop:3"."""
    return f"{thing._meta.model_name}:{thing.pk}"


def values_of(thing: models.Model, fields: Iterable[str]) -> dict[str, Any]:
    """Return these fields as an event can hold them: of another row its id, of a file its name."""
    found = {}
    for name in fields:
        value = getattr(thing, thing._meta.get_field(name).attname)
        found[name] = value.name or "" if isinstance(value, FieldFile) else value
    return found
