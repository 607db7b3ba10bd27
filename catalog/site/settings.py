"""The site's own settings, for views and templates."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.functional import SimpleLazyObject

from catalog.models import SiteSettings
from catalog.site.shared import Shared

_last_language = settings.LANGUAGE_CODE


def get_settings() -> SiteSettings:
    """Return the site settings; the defaults, unsaved, where nobody has changed them yet."""
    return SiteSettings.objects.filter(pk=1).first() or SiteSettings(pk=1)


def last_language() -> str:
    """Return the site's language as this process read it last: it asks nobody, whatever broke."""
    return _last_language


_shared_settings = Shared(get_settings)


def last_site() -> SiteSettings | None:
    """Return the settings that visitors shared last in this process, without asking anybody."""
    return _shared_settings.last()


def site_of(request: HttpRequest) -> SiteSettings:
    """Return the site settings, read once per request or, for visitors, per generation: not to be changed."""
    if not hasattr(request, "site_settings"):
        global _last_language
        request.site_settings = _shared_settings.of(request)
        _last_language = request.site_settings.language
    return request.site_settings


def in_site_language(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let a view answer in the language of the site: visitors share pages, whatever their browsers speak."""

    @wraps(view)
    def answer(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        with translation.override(site_of(request).language):
            return view(request, *args, **kwargs)

    return answer


def context(request: HttpRequest) -> dict:
    """Give every template `site`; it is read only where a template uses it."""
    return {"site": SimpleLazyObject(lambda: site_of(request))}
