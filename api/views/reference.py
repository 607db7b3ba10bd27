"""What the API is: its description for programs, and a page of our own that explains it."""

import orjson
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from api.guard import finish
from api.openapi import get_reference, get_schema
from api.problems import Problem


@login_not_required
@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """Send the description (OpenAPI). It is the same for every site, so that everybody may read it."""
    response = HttpResponse(orjson.dumps(get_schema()), content_type="application/json")
    return finish(request, response)


@require_safe
def reference(request: HttpRequest) -> HttpResponse:
    """Explain the API to people who work here."""
    return render(request, "api/reference.html", get_reference())


@csrf_exempt
@login_not_required
def missing(request: HttpRequest) -> HttpResponse:
    """Answer as the API does where there is no such address."""
    return finish(request, Problem("not_found").to_response(request))
