"""What a page or guide says of itself to search engines."""

from typing import Any

from catalog.models import SiteSettings
from catalog.public.structured_data import absolute, plain_text
from pages.lib.blocks import split_text
from pages.models import Post

MAX_DESCRIPTION = 160
MAX_READ = 5_000  # characters of a text: its first words are in them


def description_of(post: Post) -> str:
    """Return the excerpt, else the first words of the text without its blocks."""
    if post.excerpt:
        return post.excerpt
    words = plain_text(
        " ".join(piece for piece in split_text(post.text[:MAX_READ]) if isinstance(piece, str))
    )
    if len(words) <= MAX_DESCRIPTION:
        return words
    return words[:MAX_DESCRIPTION].rpartition(" ")[0] + "…"


def article(post: Post, site: SiteSettings) -> dict:
    """Describe a guide (Article) or a page (WebPage)."""
    is_guide = post.kind == Post.Kind.GUIDE
    publisher = {"@type": "Organization", "name": site.name, "url": absolute("/")}
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Article" if is_guide else "WebPage",
        "headline" if is_guide else "name": post.title[:110] if is_guide else post.title,
        "url": absolute(post.get_absolute_url()),
        "publisher": publisher,
    }
    if description := description_of(post):
        data["description"] = description
    if post.published_at:
        data["datePublished"] = post.published_at.isoformat(timespec="seconds")
        data["dateModified"] = max(post.updated_at, post.published_at).isoformat(timespec="seconds")
    if is_guide:
        data["author"] = {"@type": "Person", "name": post.author} if post.author else publisher
        data["mainEntityOfPage"] = data["url"]
    if post.picture and post.picture.urls:
        data["image"] = [absolute(post.picture.urls[-1])]
    return data
