"""The guides for feed readers (RSS 2.0)."""

from collections.abc import Iterable

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.feedgenerator import Rss201rev2Feed
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from catalog.models import SiteSettings
from catalog.public.structured_data import absolute
from pages.models import Post
from pages.public.structured import description_of

LENGTH = 50


def guides(posts: QuerySet[Post], site: SiteSettings) -> str:
    """Return the feed of the guides that were published last."""
    feed = Rss201rev2Feed(
        title=f"{_('Guides')} – {site.name}",
        link=absolute(reverse("guides:list")),
        description=site.disclosure_text,
        language=get_language(),
        feed_url=absolute(reverse("guides:feed")),
    )
    newest: Iterable[Post] = posts.defer(None).prefetch_related("categories")[:LENGTH]
    for post in newest:
        address = absolute(post.get_absolute_url())
        feed.add_item(
            title=post.title,
            link=address,
            unique_id=address,
            description=description_of(post),
            author_name=post.author or None,
            categories=[category.name for category in post.categories.all()],
            pubdate=post.published_at,
            updateddate=post.updated_at,
        )
    return feed.writeString("utf-8")
