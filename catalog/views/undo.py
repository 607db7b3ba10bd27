"""Take back all that had one cause: start, look at the plan, carry it out, watch."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from affiliate_site.htmx import render_page_or_part
from catalog import tasks
from catalog.models import UndoRun
from catalog.models.undo import VERDICTS
from catalog.queries.undo import UndoPaginator, count_items, describe
from catalog.services import CatalogError, undo

AT_ONCE = 1_000  # products: so many are planned, and taken back from a notice, while the person waits

may_undo = permission_required("catalog.change_product", raise_exception=True)


@require_POST
@may_undo
def undo_start(request: HttpRequest) -> HttpResponse:
    """Plan to take back a cause and show the plan; with `now`, take it back at once where it is not much."""
    try:
        run = undo.start_undo(request.POST.get("cause", "")[:80], user=request.user)
    except CatalogError as error:
        messages.error(request, str(error))
        return redirect(_back(request))
    if run.total_count > AT_ONCE:
        tasks.run_undo.delay_on_commit(run.pk)
        return redirect(run)
    undo.work(run.pk)
    run.refresh_from_db()
    if "now" not in request.POST or not run.is_planned or not undo.carry_out(run):
        return redirect(run)
    undo.work(run.pk)
    _say(request, run)
    return redirect(_back(request))


@require_safe
@may_undo
def undo_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the plan of a run, how far it is, and, page by page, what becomes of each product."""
    run = get_object_or_404(UndoRun.objects.select_related("user"), pk=pk)
    verdict = request.GET.get("verdict", "")
    if verdict not in VERDICTS:
        verdict = ""
    counts = count_items(run)
    page = UndoPaginator(run, verdict, counts).get_page(request.GET.get("page"))
    context = _context(run) | {"verdict": verdict, "page": page, "counts": counts}
    return render_page_or_part(request, "catalog/undo_detail.html", context)


@require_safe
@may_undo
def undo_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """Render how far a run is: the part that asks again every second until the run is over."""
    run = get_object_or_404(UndoRun, pk=pk)
    return render(request, "catalog/_undo_progress.html", _context(run) | {"counts": count_items(run)})


@require_POST
@may_undo
def undo_carry_out(request: HttpRequest, pk: int) -> HttpResponse:
    """Carry out a plan. Pressed twice, it is done once."""
    run = get_object_or_404(UndoRun, pk=pk)
    try:
        if undo.carry_out(run):
            tasks.run_undo.delay_on_commit(run.pk)
        else:
            messages.info(request, "This is being taken back already, or is over.")
    except CatalogError as error:
        messages.error(request, str(error))
    return redirect(run)


@require_POST
@may_undo
def undo_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop a run, or put its plan away; what it has taken back stays so."""
    run = get_object_or_404(UndoRun, pk=pk)
    if undo.cancel_undo(run):
        messages.success(request, "Cancelled. What was taken back so far stays so.")
    else:
        messages.info(request, "This was already over.")
    return redirect(run)


def _context(run: UndoRun) -> dict:
    done = run.done_count if run.started_at else run.planned_count
    return {"run": run, "cause": describe(run), "done": done}


def _say(request: HttpRequest, run: UndoRun) -> None:
    counts = {each.verdict: each.count for each in count_items(run)}
    done, total = counts.get("taken_back", 0), run.total_count
    noun = "product" if total == 1 else "products"
    if done == total:
        messages.success(request, f"Undone: {total} {noun}.")
        return
    messages.warning(
        request,
        format_html(
            'Undone: {} of {} {}. <a href="{}">What became of the others</a>',
            *(done, total, noun, run.get_absolute_url()),
        ),
    )


def _back(request: HttpRequest) -> str:
    address = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(address, None):
        address = reverse("catalog:product-list")
    return address
