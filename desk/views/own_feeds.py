"""Own feeds: added, set up, their columns mapped, emptied, removed, pulled."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from desk import tasks
from desk.forms import ColumnsForm, OwnFeedForm
from desk.models import DeskAccount, OwnFeed
from desk.services import own_feeds
from desk.services.confirm import refresh
from desk.services.own_products import STATES, list_products
from desk.services.own_sources import default_columns, preview, store_upload
from desk.services.push import start_delete_all
from desk.services.runs import FeedBusy
from desk.views.common import may_change_feeds, may_push, may_see_feeds
from importer.http.errors import NetworkError
from importer.sentences import say

PER_PAGE = 50


@require_safe
@may_see_feeds
def feed_list(request: HttpRequest) -> HttpResponse:
    """List the own feeds, with what was read and pushed last."""
    feeds = own_feeds.list_feeds()
    runs = own_feeds.last_runs(feeds)
    context = {
        "tab": "products",
        "rows": [(feed, runs.get(feed.pk)) for feed in feeds],
        "logins": own_feeds.product_logins(),
    }
    return render(request, "desk/feed_list.html", context)


@require_http_methods(["GET", "POST"])
@may_change_feeds
def feed_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose a feed of a login's programs, to be filled from here."""
    account = get_object_or_404(DeskAccount, pk=pk, network=own_feeds.NETWORK, kind=own_feeds.KIND)
    try:
        offered = own_feeds.offered_feeds(account)
    except NetworkError as error:
        messages.error(request, f"{account}: {say(error)}")
        return redirect("desk:feed-list")
    if request.method == "POST":
        chosen = next((feed for feed in offered if feed.external_id == request.POST.get("feed")), None)
        if chosen:
            return redirect("desk:feed-edit", own_feeds.add_feed(account, chosen).pk)
        messages.error(request, "Choose a feed.")
    context = {"tab": "products", "account": account, "offered": offered}
    return render(request, "desk/feed_add.html", context)


@require_safe
@may_see_feeds
def feed_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a feed: its counts, its last run, its products by state."""
    feed = get_object_or_404(OwnFeed.objects.select_related("account"), pk=pk)
    state = request.GET.get("state", "") if request.GET.get("state") in STATES else ""
    text = request.GET.get("q", "")[:200]
    found = list_products(feed, state=state, text=text)
    context = {
        "tab": "products",
        "feed": feed,
        "run": own_feeds.last_runs([feed]).get(feed.pk),
        "page_obj": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "state": state,
        "q": text,
        "states": [(name, label, feed.counts.get(name, 0)) for name, label in STATES.items()],
        "pull_url": request.build_absolute_uri(reverse("desk-pull", args=[feed.pull_key]))
        if feed.pull_key
        else "",
    }
    return render(request, "desk/feed_detail.html", context)


@require_http_methods(["GET", "POST"])
@may_change_feeds
def feed_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change where a feed's products come from and how they are pushed."""
    feed = get_object_or_404(OwnFeed, pk=pk)
    form = OwnFeedForm(request.POST or None, request.FILES or None, instance=feed)
    if request.method == "POST" and form.is_valid():
        values = form.values
        stored = get_object_or_404(OwnFeed.objects.select_related("account"), pk=pk)
        own_feeds.change_feed(stored, **values)
        if upload := form.cleaned_data["upload"]:
            store_upload(stored, upload.chunks())
        messages.success(request, "Saved. Look at the columns once.")
        return redirect("desk:feed-columns", pk)
    return render(request, "desk/feed_edit.html", {"tab": "products", "feed": feed, "form": form})


@require_http_methods(["GET", "POST"])
@may_change_feeds
def feed_columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Map the columns of a source, with its first ten rows beside."""
    feed = get_object_or_404(OwnFeed.objects.select_related("account"), pk=pk)
    problem = ""
    try:
        columns, rows = preview(feed)
    except NetworkError as error:
        columns, rows, problem = [], [], say(error)
    known = feed.columns or default_columns(feed, columns)
    form = ColumnsForm(request.POST or None, columns=columns, known=known)
    if request.method == "POST" and form.is_valid():
        own_feeds.change_feed(feed, columns=form.columns)
        messages.success(request, "Saved. Read the source now, and see the plan.")
        return redirect(feed)
    context = {
        "tab": "products",
        "feed": feed,
        "form": form,
        "names": columns,
        "rows": [[str(row.get(name) or "")[:200] for name in columns] for row in rows],
        "problem": problem,
    }
    return render(request, "desk/feed_columns.html", context)


@require_POST
@may_see_feeds
def feed_refresh(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the network how many products and unmapped categories it counts."""
    feed = get_object_or_404(OwnFeed.objects.select_related("account"), pk=pk)
    try:
        refresh(feed)
    except NetworkError as error:
        messages.error(request, say(error))
    else:
        messages.success(request, "Counted anew.")
    return redirect(feed)


@require_POST
@may_push
def feed_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Let what the network refused be sent again with the next push."""
    feed = get_object_or_404(OwnFeed, pk=pk)
    count = own_feeds.try_refused_again(feed)
    messages.success(request, f"{count:,} products are sent again with the next push.")
    return redirect(feed)


@require_http_methods(["GET", "POST"])
@may_push
def feed_empty(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask twice, then delete every product that the network has of a feed."""
    feed = get_object_or_404(OwnFeed.objects.select_related("account"), pk=pk)
    problem = ""
    if request.method == "POST":
        if request.POST.get("name", "").strip() != feed.name or not request.POST.get("sure"):
            problem = "Type the name of the feed as it stands there, and tick the box."
        else:
            try:
                run = start_delete_all(feed, user=request.user)
            except FeedBusy:
                problem = "The feed is being read or pushed. Wait until that is over."
            else:
                tasks.run_push.delay_on_commit(run.pk)
                return redirect(run)
    return render(request, "desk/feed_empty.html", {"tab": "products", "feed": feed, "problem": problem})


@require_http_methods(["GET", "POST"])
@may_change_feeds
def feed_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then forget a feed. What the network has of it stays there."""
    feed = get_object_or_404(OwnFeed.objects.select_related("account"), pk=pk)
    if request.method == "POST":
        own_feeds.remove_feed(feed)
        messages.success(
            request, f"“{feed}” is no longer filled from here. Its products stay at the network."
        )
        return redirect("desk:feed-list")
    return render(request, "desk/feed_remove.html", {"tab": "products", "feed": feed})


@require_POST
@may_change_feeds
def feed_pull(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a feed a new secret address from which the network pulls it, or take it away."""
    feed = get_object_or_404(OwnFeed, pk=pk)
    own_feeds.set_pull_key(feed, is_on=request.POST.get("do") != "off")
    messages.success(request, "The address is new." if feed.pull_key else "The address answers no more.")
    return redirect(feed)


@login_not_required
@require_safe
def pulled(request: HttpRequest, key: str) -> StreamingHttpResponse:
    """Send a feed as CSV to whoever knows its secret address."""
    feed = own_feeds.find_pulled(key)
    if feed is None:
        raise Http404
    return StreamingHttpResponse(
        own_feeds.write_csv(feed),
        content_type="text/csv; charset=utf-8",
        headers={"Cache-Control": "no-store", "X-Robots-Tag": "noindex"},
    )
