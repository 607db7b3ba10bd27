"""Bring back an earlier state of a post, or take an action on many back: another edit, by the same rules."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.dateparse import parse_datetime

from catalog.models import Category, StoredImage
from events.actor import cause
from pages.models import Post, PostRevision
from pages.services.posts import PostError, save_post
from pages.services.revisions import State, state_of

RESTORABLE = (
    *("title", "slug", "text", "excerpt", "author", "picture", "picture_alt", "category_ids", "role"),
    *("status",),
)


def state_at(revision: PostRevision) -> tuple[State, State]:
    """Return the RESTORABLE fields as they were after that revision, and as they are now."""
    now = {name: value for name, value in state_of(revision.post).items() if name in RESTORABLE}
    then = dict(now)
    later = PostRevision.objects.filter(post_id=revision.post_id, pk__gt=revision.pk).order_by("-pk")
    for before in later.values_list("before", flat=True).iterator():
        then.update((name, value) for name, value in (before or {}).items() if name in now)
    return then, now


def restore_post(revision: PostRevision, *, fields: Iterable[str], version: datetime) -> list[str]:
    """Give a post these fields as they were after that revision; return which of them differed.

    Raises PostConflict where somebody saved it since `version`, PostError where one cannot be had any more.
    """
    then, now = state_at(revision)
    wanted = {name: then[name] for name in RESTORABLE if name in set(fields) and then[name] != now[name]}
    if not wanted:
        return []
    if now["status"] == Post.Status.TRASHED and "status" not in wanted:
        raise PostError("This is in the trash. Restore it first.")
    with cause(f"restore:{revision.pk}"):
        save_post(revision.post_id, version=version, **_values(wanted))
    return list(wanted)


def take_back(key: str) -> int:
    """Take back what an action on many changed (`PostRevision.cause`); return how many posts.

    What somebody changed since stays as it is.
    """
    count = 0
    for revision in PostRevision.objects.filter(cause=key).exclude(before=None).order_by("-pk"):
        with transaction.atomic():
            post = Post.objects.select_for_update(no_key=True).get(pk=revision.post_id)
            now, after = state_of(post), revision.after
            if any(now[name] != after[name] for name in after if name not in ("published_at", "publish_at")):
                continue
            with cause(f"undo:{revision.pk}"):
                before = {
                    name: value for name, value in (revision.before or {}).items() if name != "published_at"
                }
                save_post(post.pk, **_values(before))
            count += 1
    return count


def _values(state: State) -> dict[str, Any]:
    """Return a state as `save_post` takes it."""
    values = dict(state)
    if "category_ids" in values:
        values["categories"] = Category.objects.filter(pk__in=values.pop("category_ids"))
    if values.get("publish_at"):
        values["publish_at"] = parse_datetime(values["publish_at"])
    if pk := values.get("picture"):
        values["picture"] = StoredImage.objects.filter(pk=pk).exclude(widths=[]).first()
        if values["picture"] is None:
            raise PostError("The picture that it had is not kept any more.")
    return values
