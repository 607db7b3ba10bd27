"""Offers that may be the same article as a product, or not: a person says so."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from affiliate_site.htmx import render_page_or_part
from catalog.services import CatalogError
from importer.imports import doubts
from importer.imports.doubt_sides import sides_of
from importer.models import JoinDoubt

may_decide = permission_required(["catalog.change_product", "catalog.add_product"], raise_exception=True)
PER_PAGE = 20
DECIDED, ASK, UNDO = "decided", "ask", "undo"
FILTERS = {
    "": "All",
    "join": "Not joined",
    "double": "Probably one",
    "split": "Joined before",
    DECIDED: "Decided",
}


@require_safe
@may_decide
def doubt_list(request: HttpRequest) -> HttpResponse:
    """List the pairs that wait for a person, side by side, or what was decided."""
    return render_page_or_part(request, "importer/doubt_list.html", _context(request.GET))


@require_POST
@may_decide
def doubt_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Join, keep apart or split a pair, or ask about it again; answer with the list without it."""
    doubt = get_object_or_404(JoinDoubt.objects.select_related("product"), pk=pk)
    decision = request.POST.get("decision", "")
    level = "success"
    try:
        if decision not in (ASK, UNDO, *JoinDoubt.Decision.values):
            level, text = "error", "Say whether the two are the same."
        elif decision == ASK:
            doubts.ask_again(doubt)
            text = "It waits again."
        elif decision == UNDO:
            doubts.undo(doubt, user=request.user)
            text = "Undone. It waits again."
        else:
            text = doubts.decide(doubt, decision=decision, user=request.user)
    except CatalogError as error:
        level, text = "error", str(error)
    if request.htmx:
        doubt.refresh_from_db()
        context = _context(request.POST)
        if level == "success":
            context |= {"decided": doubt, "said": text}
        response = render(request, "importer/_doubt_list.html", context)
        return trigger_client_event(response, "toast", {"level": level, "text": text})
    (messages.success if level == "success" else messages.error)(request, text)
    shown = {name: request.POST[name] for name in ("show", "page") if request.POST.get(name)}
    return redirect(f"{reverse('importer:doubt-list')}?{urlencode(shown)}")


def _context(data) -> dict:
    show = data.get("show", "") if data.get("show") in FILTERS else ""
    waiting = doubts.open_doubts()
    counts = dict.fromkeys(JoinDoubt.Kind.values, 0) | doubts.count_open()
    counts |= {"": sum(counts.values()), DECIDED: doubts.decided_doubts().count()}
    if show == DECIDED:
        found = doubts.decided_doubts().select_related("decided_by")
    else:
        found = waiting.filter(kind=show) if show else waiting
    page = Paginator(found.select_related("product__brand"), PER_PAGE).get_page(data.get("page"))
    return {
        "page": page,
        "pairs": sides_of(page.object_list),
        "show": show,
        "filters": [(value, label, counts[value]) for value, label in FILTERS.items()],
        "is_decided": show == DECIDED,
    }
