"""The site's own settings, for views and templates."""

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from catalog.models import SiteSettings


def get_settings() -> SiteSettings:
    """Return the site settings; the defaults, unsaved, where nobody has changed them yet."""
    return SiteSettings.objects.filter(pk=1).first() or SiteSettings(pk=1)


def context(request: HttpRequest) -> dict:
    """Give every template `site`; it is read only where a template uses it."""
    return {"site": SimpleLazyObject(get_settings)}
