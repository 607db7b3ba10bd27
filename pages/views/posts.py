"""The lists of pages and guides, and what is done with many at once."""

from collections.abc import Iterator

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from affiliate_site.refused import keep_refused, take_refused
from catalog.models import Category
from catalog.queries.categories import flatten
from events.actor import cause, new_cause
from pages import services
from pages.forms import BulkForm
from pages.queries.posts import count_by_status, ids_of_kind, list_posts, matching

ROWS = 25
TABS = {"": "All", "published": "Published", "draft": "Drafts", "scheduled": "Scheduled", "trashed": "Trash"}
STATUSES = {"publish": "published", "draft": "draft", "trash": "trashed", "restore": "draft"}
DONE = {
    "publish": "published",
    "draft": "turned into drafts",
    "trash": "moved to the trash",
    "restore": "restored as drafts",
    "delete": "deleted permanently",
}


@require_safe
@permission_required("pages.view_post", raise_exception=True)
def post_list(request: HttpRequest, section: str) -> HttpResponse:
    """List the pages, or the guides, by status, searched and filtered by what the address says."""
    categories = flatten(Category.objects.all()) if section == "guides" else []
    tab, text, category = (request.GET.get(name, "")[:200] for name in ("status", "q", "category"))
    tab = tab if tab in TABS else ""
    chosen = int(category) if category.isascii() and category.isdecimal() and len(category) < 19 else None
    posts = matching(section[:-1], text=text, category=chosen)
    counts = count_by_status(posts)
    refused = take_refused(request, section)
    context = {
        "section": section,
        "page_obj": Paginator(list_posts(posts, tab), ROWS).get_page(request.GET.get("page")),
        "tabs": list(_tabs(tab, counts)),
        "tab": tab,
        "q": text,
        "category": chosen,
        "categories": categories,
        "is_filtered": bool(text or chosen),
        "actions": list(_actions(request, tab)),
        "refused": refused,
        "ticked": refused.getlist("ids"),
        "undo": request.session.pop("posts-undo", "") if "posts-undo" in request.session else "",
    }
    return render(request, "pages/post_list.html", context)


@require_POST
@permission_required("pages.change_post", raise_exception=True)
def post_bulk(request: HttpRequest, section: str) -> HttpResponse:
    """Do one thing with the ticked posts and go back to the list."""
    form = BulkForm(request.POST)
    if not form.is_valid():
        for error in (error for errors in form.errors.values() for error in errors):
            messages.error(request, str(error))
        keep_refused(request, section)
        return _back(request, section)
    action = form.cleaned_data["action"]
    if action == "delete" and not request.user.has_perm("pages.delete_post"):
        messages.error(request, "You are not allowed to delete anything for good.")
        return _back(request, section)
    ids = ids_of_kind(form.ids, section[:-1])
    key = new_cause("bulk")
    try:
        with cause(key):
            if action == "delete":
                count = services.delete_permanently(ids)
            else:
                count = services.change_status(ids, STATUSES[action])
    except services.PostError as error:
        messages.error(request, str(error))
        return _back(request, section)
    noun = section[:-1] if count == 1 else section
    verb = "was" if count == 1 else "were"
    messages.success(
        request, f"{count} {noun} {verb} {DONE[action]}." if count else "Nothing had to be changed."
    )
    return _back(request, section, undo=key if count and action != "delete" else "")


@require_POST
@permission_required("pages.change_post", raise_exception=True)
def post_take_back(request: HttpRequest, section: str) -> HttpResponse:
    """Take back what was done with many at once."""
    try:
        count = services.take_back(request.POST.get("cause", "")[:80])
    except services.PostError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Taken back." if count else "There was nothing to take back.")
    return redirect("pages:post-list", section)


def _back(request: HttpRequest, section: str, undo: str = "") -> HttpResponse:
    """Go back to the list as it was filtered, or to the whole list."""
    address = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(address, None):
        address = reverse("pages:post-list", args=[section])
    if undo:
        request.session["posts-undo"] = undo
    return redirect(address)


def _tabs(tab: str, counts: dict[str, int]) -> Iterator[dict]:
    for key, label in TABS.items():
        count = counts.get(key, 0) if key else counts.get("published", 0) + counts.get("draft", 0)
        yield {"key": key or None, "label": label, "count": count, "current": key == tab}


def _actions(request: HttpRequest, tab: str) -> Iterator[tuple[str, str]]:
    on_tab = {"trashed": ["restore", "delete"], "published": ["draft", "trash"]}
    for action in on_tab.get(tab, ["publish", "draft", "trash"]):
        if action != "delete" or request.user.has_perm("pages.delete_post"):
            yield action, BulkForm.ACTIONS[action]
