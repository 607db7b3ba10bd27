"""The outermost layer of a request: its id, and how long it took."""

import time
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse

from affiliate_site.observe import page_times, request_id

View = Callable[[HttpRequest], HttpResponse]


class RequestIdMiddleware:
    """Give each request an id, in its log lines and in its answer."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        name = request_id.begin(request)
        try:
            response = self.get_response(request)
        finally:
            request_id.end()
        response[request_id.HEADER] = name
        return response


class PageTimesMiddleware:
    """Count how long each page takes, where METRICS_TOKEN is set."""

    def __init__(self, get_response: View) -> None:
        if not settings.METRICS_TOKEN:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.get_response(request)
        is_kept = getattr(request, "is_kept_page", False)
        page_times.observe(
            request.path_info, time.perf_counter() - began, response.status_code, is_kept=is_kept
        )
        return response
