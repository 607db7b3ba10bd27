"""Who is not logged in is asked to, and loses nothing by it."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse

from dashboard.security.sign_ins import note_seen
from dashboard.unsent import read_unsent
from dashboard.views.account import ask_to_log_in


class LoginRequired(LoginRequiredMiddleware):
    """Django's, for whose session ended in the middle: what was sent waits in the login page.

    A part of a page (htmx) is answered by 401 alone: a login page in its place would take what is typed.
    """

    def process_view(self, request: HttpRequest, view_func: Callable, *args: Any) -> HttpResponse | None:
        answer = super().process_view(request, view_func, *args)
        if answer is None and request.path.startswith("/dashboard/") and request.user.is_authenticated:
            note_seen(request)
        return answer

    def handle_no_permission(self, request: HttpRequest, view_func: Callable) -> HttpResponse:
        if request.headers.get("HX-Request"):
            return HttpResponse("You are logged out.", status=401, content_type="text/plain")
        if unsent := read_unsent(request):
            return ask_to_log_in(request, unsent)
        return super().handle_no_permission(request, view_func)
