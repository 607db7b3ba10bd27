"""Keep what becomes of posts (`pages.models.PostRevision`)."""

from collections.abc import Collection
from typing import Any

import orjson
from django.utils import timezone

from events.actor import current_actor, current_cause
from pages.models import Post, PostRevision

COLUMNS = {
    **{
        name: name for name in ("title", "slug", "text", "excerpt", "author", "role", "picture_alt", "status")
    },
    **{"publish_at": "publish_at", "published_at": "published_at", "picture": "picture_id"},
}
State = dict[str, Any]


def state_of(post: Post) -> State:
    """Return what a revision may hold of a post, as JSON reads it: times are texts."""
    state = {name: getattr(post, column) for name, column in COLUMNS.items()}
    state["category_ids"] = sorted(post.categories.values_list("pk", flat=True))
    return orjson.loads(orjson.dumps(state, default=str))


def write_revision(post_id: int, before: State | None, after: State) -> None:
    """Write what a change of a post wrote over, by whoever acts now."""
    write_revisions([(post_id, before, after)])


def write_revisions(rows: Collection[tuple[int, State | None, State]]) -> None:
    at, actor, cause = timezone.now(), current_actor(), current_cause()
    PostRevision.objects.bulk_create(
        PostRevision(post_id=pk, at=at, actor=actor, cause=cause, before=before, after=after)
        for pk, before, after in rows
    )
