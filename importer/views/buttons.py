"""The button texts of a network's offers."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from catalog.forms import ButtonTextsForm
from catalog.models import ButtonTexts, Shop
from catalog.services import save_edit
from events.kinds import Kind
from importer.models.keys import all_of
from importer.views.common import get_network_class, may_configure


@require_http_methods(["GET", "POST"])
@may_configure
def network_buttons(request: HttpRequest, network: str) -> HttpResponse:
    """Edit the texts that the buttons of this network's offers carry."""
    network_class = get_network_class(network)
    texts = ButtonTexts.objects.filter(source=network).first() or ButtonTexts(source=network)
    form = ButtonTextsForm(request.POST or None, instance=texts)
    if request.method == "POST" and form.is_valid():
        save_edit(texts, Kind.BUTTONS_EDITED, fields=form.Meta.fields, sources=[network])
        messages.success(request, f"Button texts of {network_class.label} saved.")
        return redirect("importer:network-buttons", network)
    shop = Shop.objects.filter(sources__key__startswith=all_of(network)).first()
    context = {
        "network": network_class,
        "tab": "buttons",
        "form": form,
        "shop_name": shop.name if shop else "OTTO",
    }
    return render(request, "importer/network_buttons.html", context)
