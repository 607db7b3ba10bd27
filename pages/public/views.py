"""Pages and guides as visitors see them."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import InvalidPage, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from catalog.models import Category
from catalog.public import previews, structured_data
from catalog.public.category_tree import shared_tree
from catalog.public.listing import KEPT_PARAMETERS, MAX_PAGES, Pages
from catalog.public.structured_data import Crumb
from catalog.queries.moved import find_successor
from catalog.site.buttons import shared_buttons
from catalog.site.page_cache import kept
from catalog.site.settings import in_site_language, site_of
from pages.models import Post
from pages.public import feed, structured
from pages.public.text import render_text
from pages.queries.posts import find_address, find_post, guide_category_ids, published_guides

PAGE_SIZE = 12
ALSO_SHOWN = 3
RSS = "application/rss+xml; charset=utf-8"


@kept()
@login_not_required
@require_safe
@in_site_language
def page(request: HttpRequest, slug: str) -> HttpResponse:
    return _show(request, Post.Kind.PAGE, slug)


@kept()
@login_not_required
@require_safe
@in_site_language
def guide(request: HttpRequest, slug: str) -> HttpResponse:
    return _show(request, Post.Kind.GUIDE, slug)


@kept(page=KEPT_PARAMETERS["page"])
@login_not_required
@require_safe
@in_site_language
def guide_list(request: HttpRequest) -> HttpResponse:
    """List the guides, newest first."""
    return _render_list(request, published_guides(), _("Guides"), [_guides_crumb()])


@kept(page=KEPT_PARAMETERS["page"])
@login_not_required
@require_safe
@in_site_language
def guide_category(request: HttpRequest, slug: str) -> HttpResponse:
    """List the guides of a category and of those below it; 404 where there are none."""
    tree = shared_tree.of(request)
    category = tree.find(slug)
    if category is None:
        if successor := find_successor(Category, slug):
            return redirect("guides:category", successor.slug, permanent=True)
        raise Http404("No such category")
    title = _("Guides: %(category)s") % {"category": category.name}
    crumbs = [_guides_crumb(), Crumb(category.name, request.path)]
    return _render_list(request, published_guides(tree.subtree(category)), title, crumbs)


@kept()
@login_not_required
@require_safe
@in_site_language
def guide_feed(request: HttpRequest) -> HttpResponse:
    """Show the newest guides to feed readers."""
    return HttpResponse(feed.guides(published_guides(), site_of(request)), content_type=RSS)


@login_not_required
@require_safe
@in_site_language
def preview(request: HttpRequest, token: str) -> HttpResponse:
    """Show a draft to whoever has the link that an editor gave out."""
    post = previews.find_draft(Post, token)
    if post is None:
        raise Http404("No such preview")
    return render_post(request, post, preview=True)


@in_site_language
def render_post(request: HttpRequest, post: Post, *, preview: bool = False) -> HttpResponse:
    """Answer with the page of a post as visitors see it, whatever its status, saved or not.

    With `preview`, a bar on top says so, and nobody keeps the page. The caller checks who may see it.
    """
    return _render(request, post, preview=preview)


def _show(request: HttpRequest, kind: str, slug: str) -> HttpResponse:
    """Show what is published; the trash is gone (410), a draft is none (404), old addresses lead on."""
    post = find_post(kind, slug)
    if post is None or not post.is_published:
        address = find_address(kind, slug)
        if post is None and address:
            post = address.post
            if post is None:
                return _gone(request)
    if post is None or post.status == Post.Status.DRAFT:
        raise Http404("No such page")
    if post.status == Post.Status.TRASHED:
        if not post.published_at:
            raise Http404("No such page")
        return _gone(request)
    if post.slug != slug:
        return redirect(post, permanent=True)
    return _render(request, post, for_editors=_is_editor(request))


def _gone(request: HttpRequest) -> HttpResponse:
    return render(request, "404.html", {"gone": True, "is_text": True}, status=410)


def _is_editor(request: HttpRequest) -> bool:
    """Asked only of who has a session: what anybody may get is kept."""
    return settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.has_perm("pages.change_post")


def _render(
    request: HttpRequest, post: Post, *, preview: bool = False, for_editors: bool = False
) -> HttpResponse:
    site, tree = site_of(request), shared_tree.of(request)
    text = render_text(post.text, site, tree, shared_buttons.of(request), for_editors=for_editors or preview)
    is_guide = post.kind == Post.Kind.GUIDE
    crumbs = [_guides_crumb()] if is_guide else []
    crumbs.append(Crumb(post.title, post.get_absolute_url()))
    others = published_guides(without=post.pk)[:ALSO_SHOWN] if is_guide and not preview else ()
    context = {
        "site": site,
        "tree": tree,
        "post": post,
        "text": text,
        "crumbs": crumbs,
        "others": list(others),
        "preview": preview,
        "og_picture": {"url": post.picture.urls[-1]} if post.picture and post.picture.urls else None,
        "changed": post.published_at is not None and post.updated_at.date() > post.published_at.date(),
        "description": structured.description_of(post),
        "structured_data": [structured.article(post, site), structured_data.breadcrumbs(crumbs)],
    }
    response = render(request, "public/guides/post.html", context)
    if preview:
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Cache-Control"] = "no-store, private"
    return response


def _render_list(request: HttpRequest, guides, title: str, crumbs: list[Crumb]) -> HttpResponse:
    tree = shared_tree.of(request)
    try:
        listed = Paginator(guides, PAGE_SIZE).page(request.GET.get("page", "1"))
    except InvalidPage as error:
        raise Http404(str(error)) from error
    if listed.number > MAX_PAGES:
        raise Http404("No such page")
    used = guide_category_ids()
    context = {
        "site": site_of(request),
        "tree": tree,
        "title": title,
        "crumbs": crumbs,
        "categories": sorted((each for each in tree.categories if each.pk in used), key=str),
        "listing": Pages(listed),
        "structured_data": [structured_data.breadcrumbs(crumbs), structured_data.item_list(listed)],
    }
    return render(request, "public/guides/list.html", context)


def _guides_crumb() -> Crumb:
    return Crumb(_("Guides"), reverse("guides:list"))
