"""Addresses of the API, under /api/v1/. None of them looks at cookies."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, re_path
from django.views.decorators.csrf import csrf_exempt

from api.guard import finish
from api.main import api
from api.problems import Problem
from api.views.reference import missing, openapi, reference


def _for_programs(patterns: Iterable[URLPattern]) -> list[URLPattern]:
    """Mark the views as such that need no session: each request brings a token, or is refused."""
    operations = [pattern for pattern in patterns if pattern.name != "api-root"]  # ninja's own, with no token
    for pattern in operations:
        pattern.callback = csrf_exempt(login_not_required(_known_methods(pattern.callback)))
    return operations


def _known_methods(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def answer(request: HttpRequest, **path: Any) -> HttpResponse:
        response = view(request, **path)
        if response.status_code == 405:
            problem = Problem("method_not_allowed", headers={"Allow": response["Allow"]})
            return finish(request, problem.to_response(request))
        return response

    return answer


app_name = "api-v1"
urlpatterns = [
    path("openapi.json", openapi, name="openapi"),
    path("docs", reference, name="docs"),
    *_for_programs(each for each in api.urls[0] if isinstance(each, URLPattern)),
    re_path("", missing),
]
