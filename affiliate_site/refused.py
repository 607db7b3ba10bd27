"""A form on a list that was refused: the list shows what was chosen and typed once more."""

from django.http import HttpRequest, QueryDict

_KEY = "refused:"
MAX_CHARS = 20_000


def keep_refused(request: HttpRequest, name: str) -> None:
    """Keep what was posted to the form `name`, in the session, until its page is shown."""
    text = request.POST.urlencode()
    if len(text) <= MAX_CHARS:
        request.session[_KEY + name] = text


def take_refused(request: HttpRequest, name: str) -> QueryDict:
    """Return what was kept, once; empty where nothing was."""
    key = _KEY + name
    # Read only where there is something: a page needs no session to be written.
    return QueryDict(request.session.pop(key) if key in request.session else "")
