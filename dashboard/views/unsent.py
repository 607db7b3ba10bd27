"""What is shown instead of an error where something was sent: the same once more, to be sent again."""

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.views.csrf import csrf_failure as plain_csrf_failure

from catalog.public.views import other
from dashboard.unsent import TOKEN, Unsent, read_unsent

LOGGED_OUT = "You were logged out when you sent this, so nothing of it was saved."
TOO_OLD = "The page was too old when you sent this, so nothing of it was saved."
AWAY = "The database does not answer at the moment, so nothing of it was saved. Try again in a few seconds."
BROKEN = "Something went wrong, and it is not your fault. Look whether it was saved before you send it again."


def show_unsent(unsent: Unsent, *, why: str, token: str, status: int = 200) -> HttpResponse:
    """Return a page that sends it again with one click. It reads nothing: perhaps the database is away."""
    page = render_to_string("dashboard/unsent.html", {"unsent": unsent, "why": why, "token": token})
    return HttpResponse(page, status=status, headers={"Cache-Control": "no-store"})


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form whose token is not that of the browser (`CSRF_FAILURE_VIEW`)."""
    if request.headers.get("HX-Request") or not (unsent := read_unsent(request)):
        return plain_csrf_failure(request, reason)
    return show_unsent(unsent, why=TOO_OLD, token=get_token(request), status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500, or 503 where the database is away, and lose nothing that was sent (`handler500`)."""
    answer = other.server_error(request)
    if not request.path.startswith("/dashboard/") or not (unsent := read_unsent(request)):
        return answer
    why = AWAY if answer.status_code == 503 else BROKEN
    page = show_unsent(unsent, why=why, token=request.POST.get(TOKEN, ""), status=answer.status_code)
    if retry := answer.headers.get("Retry-After"):
        page["Retry-After"] = retry
    return page
