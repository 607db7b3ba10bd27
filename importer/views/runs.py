"""Import runs: watch, cancel, try again."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.defaultfilters import pluralize
from django.views.decorators.http import require_POST, require_safe

from affiliate_site.htmx import render_page_or_part
from catalog.forms.products import MAX_MATCHES
from catalog.queries.products import count_of_cause
from importer import tasks
from importer.imports import progress
from importer.imports.run_items import TO_DO, ItemPaginator, runs_with_names
from importer.imports.runs import allow_domain, cancel_run, refused_hosts, retry_failed
from importer.models import ImportItem, ImportRun
from importer.views.common import may_configure, may_import, may_see_runs, progress_context

RUNS_PER_PAGE = 25


@require_safe
@may_see_runs
def run_list(request: HttpRequest) -> HttpResponse:
    """List the runs, newest first."""
    runs = runs_with_names()
    page = Paginator(runs, RUNS_PER_PAGE).get_page(request.GET.get("page"))
    return render_page_or_part(request, "importer/run_list.html", {"page": page})


@require_safe
@may_see_runs
def run_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a run's progress and, page by page, what became of each item."""
    run = get_object_or_404(runs_with_names(), pk=pk)
    verdict = request.GET.get("verdict", "")
    if verdict not in (TO_DO, *ImportItem.Verdict.values):
        verdict = ""
    page = ItemPaginator(run, verdict).get_page(request.GET.get("page"))
    context = progress_context(run) | {"verdict": verdict, "page": page, "filters": _filters(run)}
    context["refused_hosts"] = [] if run.is_active else refused_hosts(run)
    if not run.is_active and (counted := count_of_cause(f"run:{run.pk}", most=MAX_MATCHES)):
        context["product_count"], context["draft_count"] = counted
    return render_page_or_part(request, "importer/run_detail.html", context)


@require_safe
@may_see_runs
def run_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """Render a run's progress: the part that asks again every second until the run is over."""
    run = get_object_or_404(runs_with_names(), pk=pk)
    context = progress_context(run) | {"is_compact": "compact" in request.GET}
    return render(request, "importer/_run_progress.html", context)


@require_POST
@may_import
def run_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop a run; what it has imported stays."""
    run = get_object_or_404(ImportRun, pk=pk)
    if cancel_run(run):
        messages.success(request, "Import cancelled. What it has imported so far stays.")
    else:
        messages.info(request, "This import was already over.")
    return redirect(run)


@require_POST
@may_import
def run_retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Do a run's failed items again."""
    run = get_object_or_404(ImportRun, pk=pk)
    if count := retry_failed(run):
        tasks.run_import.delay_on_commit(run.pk)
        messages.success(request, f"Trying {count} item{pluralize(count)} again.")
    else:
        messages.info(request, "There is nothing to try again.")
    return redirect(run)


@require_POST
@may_import
@may_configure
def run_allow(request: HttpRequest, pk: int) -> HttpResponse:
    """Let links lead to a domain that a run refused, and go on with the items refused for it."""
    run = get_object_or_404(ImportRun, pk=pk)
    try:
        count = allow_domain(run, request.POST.get("host", ""))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect(run)
    if count:
        tasks.run_import.delay_on_commit(run.pk)
        messages.success(request, f"Allowed. Going on with {count} item{pluralize(count)}.")
    else:
        messages.info(request, "Nothing in this run waits for that domain.")
    return redirect(run)


def _filters(run: ImportRun) -> list[tuple[str, str, int]]:
    to_do = run.total_count - run.done_count
    return [
        ("", "All", run.done_count),
        *progress.verdict_counts(run),
        *([(TO_DO, "Still to do", to_do)] if to_do > 0 else []),
    ]
