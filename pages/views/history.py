"""The history of a page or guide, and the way back to any state of it."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from pages import services
from pages.forms import VersionForm
from pages.models import Post, PostRevision
from pages.queries.history import describe, find_history, find_restorable
from pages.services.restoring import state_at


@require_safe
@permission_required("pages.view_post", raise_exception=True)
def post_history(request: HttpRequest, section: str, pk: int) -> HttpResponse:
    """Show what became of a post: when, by whom, why, and what differs, word by word."""
    post = get_object_or_404(Post, pk=pk, kind=section[:-1])
    page = find_history(post, request.GET.get("page"))
    context = {"post": post, "section": section, "page": page, "days": settings.HISTORY_DAYS}
    return render(request, "pages/post_history.html", context)


@require_http_methods(["GET", "POST"])
@permission_required("pages.change_post", raise_exception=True)
def post_restore(request: HttpRequest, section: str, pk: int, revision: int) -> HttpResponse:
    """Show how an earlier state differs from what is saved now, and bring back what is ticked of it."""
    post = get_object_or_404(Post, pk=pk, kind=section[:-1])
    row = get_object_or_404(PostRevision.objects.select_related("post"), pk=revision, post=pk)
    version = VersionForm(request.POST or None, initial={"version": post.updated_at.isoformat()})
    if request.method == "POST" and version.is_valid():
        try:
            fields = services.restore_post(
                row, fields=request.POST.getlist("fields"), version=version.cleaned_data["version"]
            )
        except services.PostConflict:
            messages.warning(request, "Somebody saved this meanwhile. Look again what would change.")
            return redirect("pages:post-restore", section, pk, revision)
        except services.PostError as error:
            messages.error(request, str(error))
            return redirect("pages:post-restore", section, pk, revision)
        messages.success(request, "Restored." if fields else "Nothing had to be changed.")
        return redirect("pages:post-edit", section, pk)
    (entry,) = describe([row])
    then, now = state_at(row)
    context = {
        "post": post,
        "section": section,
        "entry": entry,
        "version": post.updated_at.isoformat(),
        "differences": find_restorable(now, then),
    }
    return render(request, "pages/post_restore.html", context)
