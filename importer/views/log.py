"""The log of a network."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from affiliate_site.htmx import render_page_or_part
from importer.forms import LogFilterForm
from importer.log import SHOWN, clear_log, read_log
from importer.views.common import get_network_class, may_configure, may_see_log


@require_safe
@may_see_log
def network_log(request: HttpRequest, network: str) -> HttpResponse:
    """Show the newest 200 lines of a network's log, filtered by type and text."""
    network_class = get_network_class(network)
    form = LogFilterForm(request.GET)
    context = {
        "network": network_class,
        "tab": "log",
        "form": form,
        "lines": form.filter(read_log(network)),
        "shown": SHOWN,
        "is_filtered": bool(form.cleaned_data.get("kind") or form.cleaned_data.get("text")),
    }
    return render_page_or_part(request, "importer/network_log.html", context)


@require_http_methods(["GET", "POST"])
@may_configure
def log_delete(request: HttpRequest, network: str) -> HttpResponse:
    """Ask, then show the lines of a network's log no more."""
    network_class = get_network_class(network)
    if request.method == "POST":
        clear_log(network)
        messages.success(request, f"The log of {network_class.label} begins anew.")
        return redirect("importer:network-log", network)
    context = {"network": network_class, "count": len(read_log(network)), "shown": SHOWN}
    return render(request, "importer/log_delete.html", context)
