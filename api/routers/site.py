"""Site settings, as far as they are no files and no secrets."""

from typing import Any

from django.http import HttpRequest
from ninja import Router

from api.forms import data_of
from api.guard import Needs, check_version, show_version
from api.problems import of_form
from api.schemas import searches as shapes
from catalog.forms import SiteSettingsForm
from catalog.models import SiteSettings
from catalog.services import save_edit
from events.kinds import Kind

router = Router()


@router.get("", response=shapes.SiteOut, auth=Needs("site:read"))
def get_site(request: HttpRequest) -> Any:
    return _show(request)


@router.patch("", response=shapes.SiteOut, auth=Needs("site:write"))
def change_site(request: HttpRequest, data: shapes.SitePatch) -> Any:
    """Change what visitors read of the site."""
    site, _ = SiteSettings.objects.get_or_create(pk=1)
    now = SiteSettingsForm(instance=site)
    check_version(request, now.now)
    typed = {name: value for name, value in data.dict(exclude_unset=True).items() if value is not None}
    form = SiteSettingsForm(data_of(now, typed), instance=site)
    if not form.is_valid():
        raise of_form(form)
    save_edit(form.instance, Kind.SITE_EDITED, fields=form.Meta.fields)
    return _show(request)


def _show(request: HttpRequest) -> dict[str, Any]:
    site = SiteSettings.objects.filter(pk=1).first() or SiteSettings()
    version = SiteSettingsForm(instance=site).now
    show_version(request, version)
    names = [name for name in shapes.SiteOut.model_fields if name not in ("version", "digest_at")]
    row = {name: getattr(site, name) for name in names}
    return row | {"version": version, "digest_at": site.digest_at.strftime("%H:%M")}
