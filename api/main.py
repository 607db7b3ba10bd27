"""The API: its routers, what it does with what goes wrong, and its addresses."""

from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from api.guard import guarded
from api.problems import FieldError, Problem, of_network, of_validation
from api.renderer import OrjsonParser, OrjsonRenderer
from api.routers import ROUTERS
from catalog.services import CatalogError, EditConflict
from importer.http.errors import NetworkError
from importer.networks.query import QueryError

DESCRIPTION = (
    "Everything that the dashboard does, for programs. Each request brings a token "
    "(`Authorization: Bearer aff_...`), which is made in the dashboard under API. Amounts are texts with "
    "their currency, times are ISO 8601 with their zone."
)

api = NinjaAPI(
    title="Affiliate site",
    version="1",
    description=DESCRIPTION,
    docs_url=None,
    openapi_url=None,
    urls_namespace="api",
    renderer=OrjsonRenderer(),
    parser=OrjsonParser(),
)
api.add_decorator(guarded, mode="view")
for prefix, router, tag in ROUTERS:
    api.add_router(prefix, router, tags=[tag])


@api.exception_handler(Problem)
def on_problem(request: HttpRequest, problem: Problem) -> HttpResponse:
    return problem.to_response(request)


@api.exception_handler(ValidationError)
def on_invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Name what pydantic refused by the field of the request."""
    errors: list[FieldError] = [
        {"field": _field_of(each["loc"]), "code": each["type"], "message": f"{each['msg']}."}
        for each in error.errors
    ]
    return Problem("invalid", errors=errors).to_response(request)


def _field_of(place: tuple[Any, ...]) -> str:
    """Return "query.min_price" of ("body", "data", "query", "min_price")."""
    source, *names = place
    return ".".join(map(str, names[1:] if source in ("body", "query") and len(names) > 1 else names))


@api.exception_handler(DjangoValidationError)
def on_refused(request: HttpRequest, error: DjangoValidationError) -> HttpResponse:
    return of_validation(error).to_response(request)


@api.exception_handler(CatalogError)
def on_impossible(request: HttpRequest, error: CatalogError) -> HttpResponse:
    return Problem("not_possible", str(error)).to_response(request)


@api.exception_handler(EditConflict)
def on_conflict(request: HttpRequest, error: EditConflict) -> HttpResponse:
    return Problem("changed_meanwhile", str(error)).to_response(request)


@api.exception_handler(IntegrityError)
def on_taken(request: HttpRequest, error: IntegrityError) -> HttpResponse:
    """Two at once: what is checked before was free then."""
    message = "Somebody saved something of this name, address or EAN just now. Read again and try once more."
    return Problem("not_possible", message).to_response(request)


@api.exception_handler(QueryError)
def on_no_query(request: HttpRequest, error: QueryError) -> HttpResponse:
    errors: list[FieldError] = [{"field": "query", "code": "query", "message": str(error)}]
    return Problem("invalid", errors=errors).to_response(request)


@api.exception_handler(NetworkError)
def on_network(request: HttpRequest, error: NetworkError) -> HttpResponse:
    return of_network(error).to_response(request)


@api.exception_handler(Http404)
def on_missing(request: HttpRequest, error: Http404) -> HttpResponse:
    return Problem("not_found", str(error)).to_response(request)


@api.exception_handler(HttpError)
def on_http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    code = "not_json" if error.status_code == 400 else "error"
    return Problem(code, status=error.status_code).to_response(request)


@api.exception_handler(Exception)
def on_error(request: HttpRequest, error: Exception) -> HttpResponse:
    """`guard` logs it and answers; a transaction that PostgreSQL ended is tried again there."""
    raise error
