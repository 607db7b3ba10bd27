"""Which of our categories a shop's category is: a person says so, line by line."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from affiliate_site.htmx import render_page_or_part
from importer.forms import MappingForm
from importer.imports import category_map as lines
from importer.models import CategoryMapping

may_see = permission_required("importer.view_categorymapping", raise_exception=True)
may_map = permission_required("importer.change_categorymapping", raise_exception=True)
PER_PAGE = 50
SHOWN = {"": "Not mapped", "mapped": "Mapped", "none": "None, on purpose"}


@require_safe
@may_see
def category_map(request: HttpRequest) -> HttpResponse:
    """List the lines of the map with one decision, those with most products first."""
    return render_page_or_part(request, "importer/category_map.html", _context(request))


@require_POST
@may_map
def mapping_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a proposal, choose categories, choose none or forget what was chosen; answer with the list."""
    mapping = get_object_or_404(CategoryMapping, pk=pk)
    was = {"decision": mapping.decision, "category_ids": mapping.category_ids}
    error, form = "", MappingForm(request.POST)
    match request.POST.get("do"):
        case "accept" if mapping.proposed_ids:
            lines.decide_mapping(mapping, category_ids=mapping.proposed_ids, user=request.user)
        case "restore" if kept := _ids(request.POST.get("ids", "")):
            lines.decide_mapping(mapping, category_ids=kept, user=request.user)
        case "none":
            lines.decide_mapping(mapping, category_ids=[], user=request.user)
        case "forget" | "restore":
            lines.forget_mapping(mapping)
        case "choose" if form.is_valid():
            ids = form.cleaned_data["categories"]
            lines.decide_mapping(mapping, category_ids=ids, user=request.user)
        case "choose":
            error = " ".join(map(str, form.errors["categories"]))
        case _:
            error = "Say which category it is."
    text = error or lines.say_decision(mapping)
    level = "error" if error else "success"
    if request.htmx:  # type: ignore[attr-defined]  # the middleware's
        context = _context(request) | ({} if error else {"decided": mapping, "was": was, "said": text})
        if error:
            context |= {"refused": mapping.pk, "refusal": error, "typed": request.POST.get("categories", "")}
        response = render(request, "importer/_category_map.html", context)
        return trigger_client_event(response, "toast", {"level": level, "text": text})
    (messages.error if error else messages.success)(request, text)
    return redirect(f"{reverse('importer:category-map')}?{request.GET.urlencode()}")


def _ids(text: str) -> list[int]:
    """Return the categories that a line had: those that are still there."""
    wanted = {int(part) for part in text.split() if part.isascii() and part.isdecimal() and len(part) < 19}
    return [pk for pk in lines.category_paths() if pk in wanted]


def _context(request: HttpRequest) -> dict:
    show = request.GET.get("show", "") if request.GET.get("show") in SHOWN else ""
    text, program_key = request.GET.get("q", "")[:300], request.GET.get("program", "")[:200]
    found = lines.mappings(decision=show, text=text, program_key=program_key)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    counts, paths = lines.count_by_decision(), lines.category_paths()
    return {
        "page_obj": page,
        "rows": [
            (
                mapping,
                lines.names_of(mapping.proposed_ids, paths),
                lines.names_of(mapping.category_ids, paths),
            )
            for mapping in page.object_list
        ],
        "paths": sorted(paths.values(), key=str.casefold),
        "show": show,
        "may_apply": bool(show) and request.user.has_perm("importer.add_mappingrun"),
        "q": text,
        "program": program_key,
        "program_name": page.object_list[0].shop_name if program_key and page.object_list else program_key,
        "filters": [(value, label, counts.get(value, 0)) for value, label in SHOWN.items()],
        "query": request.GET.urlencode(),
    }
