"""The categories of own feeds: what they are at Tradedoubler."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from affiliate_site.htmx import render_page_or_part
from desk.models import OwnCategory, OwnFeed
from desk.services import own_categories as lines
from desk.services.own_feeds import list_feeds
from desk.views.common import may_map_categories, may_see_feeds
from importer.http.errors import NetworkError
from importer.sentences import say

PER_PAGE = 50


@require_safe
@may_see_feeds
def category_list(request: HttpRequest) -> HttpResponse:
    """Show the categories of the first feed; with none, say what to do."""
    feeds = list_feeds()
    if feeds:
        return redirect("desk:feed-categories", feeds[0].pk)
    return render(request, "desk/category_list.html", {"tab": "categories"})


@require_safe
@may_see_feeds
def feed_categories(request: HttpRequest, pk: int) -> HttpResponse:
    """List a feed's categories, those first that most products wait for."""
    feed = get_object_or_404(OwnFeed.objects.select_related("account"), pk=pk)
    return render_page_or_part(request, "desk/feed_categories.html", _context(request, feed))


@require_POST
@may_map_categories
def feed_learn(request: HttpRequest, pk: int) -> HttpResponse:
    """Read the tree and how things are mapped, and suggest what is not."""
    feed = get_object_or_404(OwnFeed.objects.select_related("account"), pk=pk)
    try:
        lines.refresh_tree(feed, is_asked=True)
        lines.refresh_mappings(feed)
    except NetworkError as error:
        messages.error(request, say(error))
    else:
        messages.success(request, f"Read. Suggestions for {lines.make_suggestions(feed):,} categories.")
    return redirect("desk:feed-categories", pk)


@require_POST
@may_map_categories
def feed_map(request: HttpRequest, pk: int) -> HttpResponse:
    """Post what was chosen."""
    feed = get_object_or_404(OwnFeed.objects.select_related("account"), pk=pk)
    try:
        count = lines.post_chosen(feed)
    except NetworkError as error:
        messages.error(request, say(error))
    else:
        messages.success(request, f"Posted. {count:,} of them are mapped now.")
    return redirect("desk:feed-categories", pk)


@require_POST
@may_map_categories
def category_choose(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose the category of one line, or take the choice back; answer with the list."""
    line = get_object_or_404(OwnCategory.objects.select_related("feed__account"), pk=pk)
    do, error = request.POST.get("do", ""), ""
    wanted = "" if do == "forget" else do.removeprefix("take ") if do.startswith("take ") else ""
    if do == "choose":
        typed = request.POST.get("category", "").strip()
        found = lines.find_categories(line.feed, typed, 2) if typed else []
        exact = [external_id for external_id, path in found if path.lower() == typed.lower()]
        wanted = exact[0] if exact else found[0][0] if len(found) == 1 else ""
        error = "" if wanted else f"“{typed[:100]}” is no category of Tradedoubler, or several."
    if not error:
        try:
            count = lines.choose(line, wanted, everywhere=bool(request.POST.get("everywhere")))
        except lines.UnknownCategory:
            error = "Tradedoubler has no such category any more. Read the tree again."
    text = error or (f"Chosen for {count:,} categories." if wanted else "Taken back.")
    level = "error" if error else "success"
    if request.htmx:  # type: ignore[attr-defined]  # the middleware's
        context = _context(request, line.feed) | {"refused": line.pk if error else None, "refusal": error}
        response = render(request, "desk/_feed_categories.html", context)
        return trigger_client_event(response, "toast", {"level": level, "text": text})
    (messages.error if error else messages.success)(request, text)
    return redirect(f"{reverse('desk:feed-categories', args=[line.feed_id])}?{request.GET.urlencode()}")


def _context(request: HttpRequest, feed: OwnFeed) -> dict[str, Any]:
    is_all = request.GET.get("show") == "all"
    text = request.GET.get("q", "")[:200]
    page = Paginator(lines.list_lines(feed, text=text, only_open=not is_all), PER_PAGE).get_page(
        request.GET.get("page")
    )
    return {
        "tab": "categories",
        "feed": feed,
        "feeds": list_feeds(),
        "rows": lines.with_paths(feed, list(page.object_list)),
        "page_obj": page,
        "paths": sorted(lines.paths_of(feed).values(), key=str.casefold),
        "chosen_count": lines.count_chosen(feed),
        "is_all": is_all,
        "q": text,
        "query": request.GET.urlencode(),
    }
