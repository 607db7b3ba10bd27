"""The API log of a network."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from affiliate_site.htmx import render_page_or_part
from importer import events
from importer.forms import EventFilterForm
from importer.models import ApiEvent
from importer.views.common import get_network_class, may_configure, may_see_log


@require_safe
@may_see_log
def network_log(request: HttpRequest, network: str) -> HttpResponse:
    """Show the newest 200 events of a network, filtered by type and text."""
    network_class = get_network_class(network)
    form = EventFilterForm(request.GET)
    found = form.filter(ApiEvent.objects.filter(network=network).select_related("product"))
    context = {
        "network": network_class,
        "tab": "log",
        "form": form,
        "events": list(found[: events.KEPT]),
        "kept": events.KEPT,
        "is_filtered": bool(form.cleaned_data.get("kind") or form.cleaned_data.get("text")),
    }
    return render_page_or_part(request, "importer/network_log.html", context)


@require_http_methods(["GET", "POST"])
@may_configure
def log_delete(request: HttpRequest, network: str) -> HttpResponse:
    """Ask, then delete a network's whole log."""
    network_class = get_network_class(network)
    if request.method == "POST":
        count = events.clear(network)
        messages.success(request, f"Deleted {count} log entries of {network_class.label}.")
        return redirect("importer:network-log", network)
    count = ApiEvent.objects.filter(network=network).count()
    return render(request, "importer/log_delete.html", {"network": network_class, "count": count})
