"""The history of a post, as its page shows it: the same words as the history of products."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.paginator import Page, Paginator

from catalog.causes import describe_causes
from catalog.lib.word_diff import compare_words, plain_text
from catalog.queries.history import Difference, Entry, Names, Restorable, label_of_field, name_people, say
from pages.models import Post, PostRevision

PER_PAGE = 20
ORDER = (
    *("title", "slug", "text", "excerpt", "author", "role", "picture", "picture_alt", "category_ids"),
    *("status", "published_at", "publish_at"),
)
LABELS = {"slug": "Address", "picture_alt": "Alternative text", "role": "Role"}


def find_history(post: Post, page: Any) -> Page:
    """Return a page of a post's history, newest first; a handful of queries, however many entries."""
    found: Page[Any] = Paginator(post.revisions.order_by("-pk"), PER_PAGE).get_page(page)
    found.object_list = describe(list(found.object_list))
    return found


def describe(revisions: Sequence[PostRevision]) -> list[Entry]:
    """Return revisions as people read them."""
    causes = describe_causes([revision.cause for revision in revisions if revision.cause])
    people = name_people(revision.actor for revision in revisions)
    names = Names.of_states(state for each in revisions for state in (each.before, each.after) if state)
    return [
        Entry(
            pk=each.pk,
            at=each.at,
            title=_title_of(each),
            who=people.get(each.actor, ""),
            cause_key=each.cause,
            cause=causes.get(each.cause),
            differences=[] if each.before is None else find_differences(each.before, each.after, names),
            is_made=each.before is None,
        )
        for each in revisions
    ]


def find_differences(before: Mapping[str, Any], after: Mapping[str, Any], names: Names) -> list[Difference]:
    """Return what differs between two states of a post, field by field."""
    found = []
    for name in sorted(after, key=ORDER.index):
        old, new = (_say(name, state.get(name), names) for state in (before, after))
        if old != new:
            found.append(Difference(label_of(name), compare_words(old, new)))
    return found


def find_restorable(now: Mapping[str, Any], then: Mapping[str, Any]) -> list[Restorable]:
    """Return how an earlier state differs from what stands there: what would change, field by field."""
    names = Names.of_states([now, then])
    found = []
    for name in sorted(now, key=ORDER.index):
        if now[name] != then[name]:
            old, new = (_say(name, state[name], names) for state in (now, then))
            # Whether visitors see it is another question than what it says.
            found.append(Restorable(name, label_of(name), compare_words(old, new), name != "status"))
    return found


def label_of(name: str) -> str:
    return LABELS.get(name) or label_of_field(name)


def _title_of(revision: PostRevision) -> str:
    if revision.before is None:
        return "Made"
    status = revision.after.get("status")
    titles = {"published": "Published", "trashed": "Moved to the trash", "draft": "Made a draft"}
    return titles[status] if status else "Changed"


def _say(name: str, value: Any, names: Names) -> str:
    if value in (None, "", []):
        return ""
    if name == "text":
        return plain_text(value)
    if name == "role":
        return str(Post.Role(value).label)
    if name == "picture":
        return f"Picture {value}"
    return say(name, value, names)
