"""Apply the category map to the products that are here: a plan to read, then a run to watch."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST, require_safe

from affiliate_site.htmx import render_page_or_part
from importer import tasks
from importer.imports import mapping_runs as runs
from importer.imports.category_map import category_paths
from importer.models import CategoryMapping, MappingRun

may_see = permission_required("importer.view_mappingrun", raise_exception=True)
may_apply = permission_required(["importer.add_mappingrun", "catalog.change_product"], raise_exception=True)


@require_POST
@may_apply
def mapping_plan(request: HttpRequest) -> HttpResponse:
    """Plan what the map, or one line of it, would change among the products; nothing is changed yet."""
    wanted = request.POST.get("mapping", "")
    mapping = _find_mapping(wanted) if wanted else None
    run = runs.start_plan(mapping=mapping, user=request.user)
    tasks.run_mapping.delay_on_commit(run.pk)
    return redirect(run)


def _find_mapping(text: str) -> CategoryMapping:
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise Http404("There is no such line.")
    return get_object_or_404(CategoryMapping, pk=int(text))


@require_safe
@may_see
def mapping_run(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a plan, or how far it is carried out: a part that asks again every second while it is at work."""
    run = get_object_or_404(MappingRun.objects.select_related("mapping", "user"), pk=pk)
    paths = category_paths()
    is_plan = run.state in (MappingRun.State.PLANNING, MappingRun.State.PLANNED)
    context = {
        "run": run,
        "is_plan": is_plan,
        "counted": run.plan if is_plan else run.result,
        "planned": run.plan,
        "groups": runs.groups_of(run.plan if is_plan else run.result, paths),
        "left": runs.samples_of(run.plan, runs.LEFT, paths),
        "cause": runs.key_of(run),
    }
    return render_page_or_part(request, "importer/mapping_run.html", context)


@require_POST
@may_apply
def mapping_apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Carry out what was planned."""
    run = get_object_or_404(MappingRun, pk=pk)
    if runs.apply_plan(run, user=request.user):
        tasks.run_mapping.delay_on_commit(run.pk)
    else:
        messages.info(request, "This plan is not ready, or was carried out already.")
    return redirect(run)


@require_POST
@may_apply
def mapping_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop a plan or a run; what it has changed stays."""
    run = get_object_or_404(MappingRun, pk=pk)
    if runs.cancel(run):
        messages.success(request, "Cancelled. What was changed so far stays.")
    else:
        messages.info(request, "This run was already over.")
    return redirect(run)
