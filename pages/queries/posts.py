"""Which pages and guides there are, for visitors and for the dashboard."""

from collections.abc import Collection

from django.db.models import Count, F, Q, QuerySet

from catalog.models import Category
from pages.models import Post, PostAddress

_PUBLISHED = Q(status=Post.Status.PUBLISHED, published_at__isnull=False)


def published_guides(
    categories: Collection[Category] | None = None, *, without: int | None = None
) -> QuerySet[Post]:
    """Return the guides that visitors see, newest first; of some categories where they are given.

    The guide `without` is left out.
    """
    guides = Post.objects.filter(_PUBLISHED, kind=Post.Kind.GUIDE)
    if categories is not None:
        of_these = Post.categories.through.objects.filter(category__in=[each.pk for each in categories])
        guides = guides.filter(pk__in=of_these.values("post"))
    if without is not None:
        guides = guides.exclude(pk=without)
    return guides.select_related("picture").defer("text").order_by("-published_at", "-pk")


def published_pages() -> QuerySet[Post]:
    return Post.objects.filter(_PUBLISHED, kind=Post.Kind.PAGE)


def sitemap_guides() -> QuerySet[Post]:
    return published_guides().select_related(None).annotate(changed_at=F("updated_at"))


def sitemap_pages() -> QuerySet[Post]:
    return published_pages().annotate(changed_at=F("updated_at"))


def guide_category_ids() -> set[int]:
    """Return the categories that some published guide has."""
    of_guides = Post.categories.through.objects.filter(
        post__kind=Post.Kind.GUIDE, post__status=Post.Status.PUBLISHED
    )
    return set(of_guides.values_list("category_id", flat=True).distinct())


def find_post(kind: str, slug: str) -> Post | None:
    """Return what has an address, whatever its status, with its picture."""
    return Post.objects.filter(kind=kind, slug=slug).select_related("picture").first()


def find_address(kind: str, slug: str) -> PostAddress | None:
    """Return an address that something had before."""
    return PostAddress.objects.filter(kind=kind, slug=slug).select_related("post").first()


def count_by_status(posts: QuerySet[Post]) -> dict[str, int]:
    """Return how many of the posts have each status; "scheduled" are drafts that wait for their time."""
    counts = (
        posts.order_by()
        .values("status")
        .annotate(count=Count("pk"), waiting=Count("pk", filter=Q(publish_at__isnull=False)))
    )
    found = {row["status"]: row["count"] for row in counts}
    found["scheduled"] = sum(row["waiting"] for row in counts if row["status"] == Post.Status.DRAFT)
    return found


def matching(kind: str, *, text: str = "", category: int | None = None) -> QuerySet[Post]:
    """Return the posts of a kind whose title has all the words, in a category."""
    posts = Post.objects.filter(kind=kind)
    for word in text.replace("\0", "").split()[:10]:
        posts = posts.filter(title__icontains=word)
    if category:
        posts = posts.filter(categories=category)
    return posts


def ids_of_kind(ids: Collection[int], kind: str) -> list[int]:
    """Return those of the ids that are of a kind."""
    return list(Post.objects.filter(pk__in=ids, kind=kind).values_list("pk", flat=True))


def list_posts(posts: QuerySet[Post], tab: str) -> QuerySet[Post]:
    """Return what a tab of the dashboard's list shows, the latest first."""
    statuses = {"": [Post.Status.DRAFT, Post.Status.PUBLISHED], "scheduled": [Post.Status.DRAFT]}
    shown = posts.filter(status__in=statuses.get(tab, [tab]))
    if tab == "scheduled":
        return shown.filter(publish_at__isnull=False).defer("text").order_by("publish_at", "pk")
    return shown.defer("text").prefetch_related("categories").order_by("-updated_at", "-pk")
