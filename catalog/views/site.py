"""Site settings and the buttons of the whole site."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from catalog import services
from catalog.forms import ButtonTextsForm, SiteSettingsForm
from catalog.models import ButtonTexts, Shop
from catalog.site.settings import get_settings
from events.kinds import Kind


@require_http_methods(["GET", "POST"])
@permission_required("catalog.change_sitesettings", raise_exception=True)
def site_settings(request: HttpRequest) -> HttpResponse:
    """Edit what the whole site is called and says, and the texts on its buttons."""
    texts = ButtonTexts.objects.filter(source="").first() or ButtonTexts(source="")
    form = SiteSettingsForm(request.POST or None, request.FILES or None, instance=get_settings())
    buttons = ButtonTextsForm(request.POST or None, instance=texts, prefix="buttons")
    if request.method == "POST" and form.is_valid() and buttons.is_valid():
        services.save_edit(form.instance, Kind.SITE_EDITED, fields=form.Meta.fields)
        services.save_edit(texts, Kind.BUTTONS_EDITED, fields=buttons.Meta.fields)
        messages.success(request, "Site settings saved.")
        return redirect("catalog:site-settings")
    shop = Shop.objects.first()
    context = {"form": form, "buttons": buttons, "shop_name": shop.name if shop else "OTTO"}
    return render(request, "catalog/site_settings.html", context)
