"""Draft, published, trashed: of many at once, and repeating one is harmless."""

from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from events.kinds import Kind
from events.record import keys, record
from pages.models import Post, PostAddress
from pages.services.posts import PostError
from pages.services.revisions import write_revisions

Status = Post.Status


def change_status(post_ids: Iterable[int], status: str) -> int:
    """Bring posts to a status; return how many had another. From the trash they come back as drafts only.

    Raises PostError where one that comes back has a role that another page got meanwhile.
    """
    try:
        return _change(post_ids, Status(status))
    except IntegrityError as error:
        raise PostError("Another page has the role of one of these. Take it from that one first.") from error


def publish_due() -> int:
    """Publish the drafts whose `publish_at` has come; return how many."""
    due = Post.objects.filter(status=Status.DRAFT, publish_at__lte=timezone.now()).order_by("pk")
    # Asked first: a write of no rows would tell the caches of a change.
    ids = list(due.values_list("pk", flat=True))
    return _change(ids, Status.PUBLISHED, only_due=True) if ids else 0


@transaction.atomic
def delete_permanently(post_ids: Iterable[int]) -> int:
    """Delete those of the posts that are in the trash; return how many. Addresses that visitors knew are gone
    (410), not unknown."""
    trashed = Post.objects.select_for_update().filter(pk__in=list(post_ids), status=Status.TRASHED)
    posts = list(trashed.order_by("pk"))
    ids = [post.pk for post in posts]
    known = [post for post in posts if post.published_at]
    Post.objects.filter(pk__in=ids).delete()  # their old addresses stay, and lead nowhere
    for post in known:
        PostAddress.objects.update_or_create(kind=post.kind, slug=post.slug, defaults={"post": None})
    record(Kind.POST_DELETED, keys("post", ids), before={"title": [post.title for post in posts]})
    return len(posts)


@transaction.atomic
def _change(post_ids: Iterable[int], status: Status, *, only_due: bool = False) -> int:
    now = timezone.now()
    rows = Post.objects.select_for_update(no_key=True).filter(pk__in=list(post_ids)).exclude(status=status)
    if status == Status.PUBLISHED:
        rows = rows.exclude(status=Status.TRASHED)
    if only_due:
        rows = rows.filter(status=Status.DRAFT, publish_at__lte=now)
    posts = list(rows.order_by("pk").defer("text"))
    if not posts:
        return 0
    revisions = []
    for post in posts:
        before = _of_status(post)
        post.status, post.publish_at, post.preview_key, post.updated_at = status, None, "", now
        if status == Status.PUBLISHED:
            post.published_at = post.published_at or now
        after = _of_status(post)
        differs = [name for name in before if before[name] != after[name]]
        revisions.append(
            (post.pk, {name: before[name] for name in differs}, {name: after[name] for name in differs})
        )
    Post.objects.bulk_update(posts, ["status", "publish_at", "published_at", "preview_key", "updated_at"])
    write_revisions(revisions)
    for old in sorted({before["status"] for _, before, _ in revisions}):
        ids = [pk for pk, before, _ in revisions if before["status"] == old]
        record(
            Kind.POST_STATUS_CHANGED, keys("post", ids), before={"status": old}, after={"status": str(status)}
        )
    return len(posts)


def _of_status(post: Post) -> dict[str, Any]:
    times = {name: getattr(post, name) for name in ("publish_at", "published_at")}
    return {"status": str(post.status)} | {name: at and at.isoformat() for name, at in times.items()}
