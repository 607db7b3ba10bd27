"""Write a page or guide, as a person edits it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from catalog.lib.slugs import make_slug
from catalog.models import Category
from catalog.public.previews import make_link
from events.kinds import Kind
from events.record import changes, record
from pages.lib.addresses import is_reserved
from pages.models import Post, PostAddress
from pages.services.revisions import state_of, write_revision

FIELDS = (
    *("title", "slug", "text", "excerpt", "author", "role", "picture", "picture_alt"),
    *("status", "publish_at", "categories"),
)
SLUG_ATTEMPTS = 10


class PostError(Exception):
    """A sentence for the user about what cannot be done."""


class PostConflict(Exception):
    """The post was saved by somebody else since `version`; nothing was written."""

    def __init__(self, post: Post) -> None:
        super().__init__("Somebody else saved this in the meantime.")
        self.post = post


def create_post(*, kind: str, title: str, slug: str = "", **values: Any) -> Post:
    """Make a post with other of the FIELDS; a draft unless `status` says otherwise.

    Without a slug it gets a free one from its title, also where others take the same one at this moment.
    Raises PostError where the given slug is taken or the site's own, or the role has a page.
    """
    _check(values)
    if slug:
        _check_address(kind, slug)
    attempts = 1 if slug else SLUG_ATTEMPTS
    while True:
        attempts -= 1
        post = Post(kind=kind, title=title, slug=slug or free_slug(kind, title))
        categories = _set(post, values)
        try:
            with transaction.atomic():
                post.save()
                post.categories.set(categories or ())
                _own_address(post)
                write_revision(post.pk, None, state_of(post))
                record(
                    Kind.POST_CREATED, f"post:{post.pk}", after={"name": title, "status": str(post.status)}
                )
                return post
        except IntegrityError as error:
            if "slug" not in str(error):
                raise _explain(error) from error
            if not attempts:
                raise _explain(error) from error


def save_post(post_id: int, *, version: datetime | None = None, **values: Any) -> Post:
    """Write those of the FIELDS that are given, as one change. `updated_at` moves, so that others notice.

    Where visitors knew the post under another slug, that address leads on to the new one. Raises PostConflict
    where it was saved since `version` (its `updated_at`), and PostError as `create_post` does.
    """
    _check(values)
    try:
        with transaction.atomic():
            post = Post.objects.select_for_update(no_key=True).get(pk=post_id)
            if version is not None and post.updated_at != version:
                raise PostConflict(post)
            _write(post, values)
            return post
    except IntegrityError as error:
        raise _explain(error) from error


def _write(post: Post, values: Mapping[str, Any]) -> None:
    before, old_slug = state_of(post), post.slug
    slug = values.get("slug", old_slug)
    if slug != old_slug:
        _check_address(post.kind, slug, without=post.pk)
    categories = _set(post, values)
    post.save()
    if categories is not None:
        post.categories.set(categories)
    if slug != old_slug:
        _own_address(post)
        if post.published_at:
            PostAddress.objects.update_or_create(kind=post.kind, slug=old_slug, defaults={"post": post})
    if differs := changes(before, state_of(post)):
        write_revision(post.pk, differs["before"], differs["after"])
        record(Kind.POST_EDITED, f"post:{post.pk}", **_in_short(differs, post.title))


def share_draft(post: Post) -> str:
    """Return a link that shows a draft to whoever has it."""
    return make_link(post, "guides:preview")


def free_slug(kind: str, title: str) -> str:
    """Return a slug made from a title that nothing of this kind has, and that is not the site's own."""
    base = make_slug(title) or str(kind)
    alike = Post.objects.filter(kind=kind, slug__startswith=base)
    used = set(alike.values_list("slug", flat=True))
    slug, number = base, 1
    while slug in used or (kind == Post.Kind.PAGE and is_reserved(slug)):
        number += 1
        slug = f"{base}-{number}"
    return slug


def _set(post: Post, values: Mapping[str, Any]) -> list[Category] | None:
    """Set what is given of FIELDS, and what follows from the status; return the categories, for later."""
    values = dict(values)
    categories: Iterable[Category] | None = values.pop("categories", None)
    status = values.pop("status", post.status)
    for name, value in values.items():
        setattr(post, name, value)
    if status != post.status:
        post.status, post.preview_key = status, ""
    if status != Post.Status.DRAFT:
        post.publish_at = None
    if status == Post.Status.PUBLISHED and post.published_at is None:
        post.published_at = timezone.now()
    return None if categories is None else list(categories)


def _check(values: Mapping[str, Any]) -> None:
    if unknown := set(values) - set(FIELDS):
        raise TypeError(f"not fields of a post: {sorted(unknown)}")


def _check_address(kind: str, slug: str, *, without: int = 0) -> None:
    if kind == Post.Kind.PAGE and is_reserved(slug):
        raise PostError(f"The address “/{slug}/” is the site's own. Choose another.")
    if Post.objects.filter(kind=kind, slug=slug).exclude(pk=without).exists():
        raise PostError("Another one has this address already. Choose another.")


def _own_address(post: Post) -> None:
    """Nothing leads elsewhere from the address that the post has."""
    PostAddress.objects.filter(kind=post.kind, slug=post.slug).delete()


def _explain(error: IntegrityError) -> PostError:
    if "role" in str(error):
        return PostError("Another page has this role already. Take it from that one first.")
    return PostError("Somebody took this address just now. Choose another.")


def _in_short(differs: Any, title: str) -> dict[str, Any]:
    """Return what an event holds of a change: a text of many pages says only that it differs."""
    short = {
        side: {name: "…" if name == "text" else value for name, value in differs[side].items()}
        for side in ("before", "after")
    }
    short["after"]["name"] = title
    return short
