"""One view serves the page and its part."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django_htmx.middleware import HtmxDetails


def render_page_or_part(
    request: HttpRequest, template: str, context: dict, status: int = 200
) -> HttpResponse:
    """Render `app/name.html`, or its part `app/_name.html` when htmx asks for a fragment.

    A boosted or history-restoring request gets the whole page. The answer varies on the `HX-Request`
    header, so that no cache hands a part to a browser that wants a page.
    """
    asked: HtmxDetails = request.htmx  # type: ignore[attr-defined]  # the middleware's
    if asked and not asked.boosted and not asked.history_restore_request:
        folder, _, name = template.rpartition("/")
        template = f"{folder}/_{name}"
    response = render(request, template, context, status=status)
    response.headers["Vary"] = ", ".join(filter(None, [response.headers.get("Vary"), "HX-Request"]))
    return response
