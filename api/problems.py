"""What the API refuses, as `application/problem+json` (RFC 9457): a code, a sentence, and where.

Codes of networks and runs are those of `importer.reasons`, with their parameters; what forms refuse is named
field by field.
"""

from collections.abc import Iterable, Mapping
from typing import Any, TypedDict

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import HttpRequest, JsonResponse
from django.utils.html import strip_tags

from importer.http.errors import NetworkError
from importer.reasons import Reason
from importer.sentences import say

CONTENT_TYPE = "application/problem+json"
# Code -> status, title. `importer.sentences` has more codes, which come with status 502 or 503.
PROBLEMS: dict[str, tuple[int, str]] = {
    "token_missing": (401, "The request brings no token"),
    "token_refused": (401, "This token does not count: it is wrong, expired or revoked"),
    "scope_missing": (403, "The token has no such scope"),
    "permission_missing": (403, "The user of the token may not do this"),
    "not_found": (404, "There is no such thing"),
    "method_not_allowed": (405, "This address has no such method"),
    "not_possible": (409, "As things stand, this cannot be done"),
    "idempotency_key_in_use": (409, "A request with this key is under way"),
    "changed_meanwhile": (412, "Somebody else saved this in the meantime"),
    "too_large": (413, "The request is too large"),
    "not_json": (400, "The body is not JSON"),
    "invalid": (422, "What was sent is not valid"),
    "idempotency_key_invalid": (422, "This is no key"),
    "idempotency_key_reused": (422, "The key was used for another request"),
    "rate_limited": (429, "Too many requests"),
    "error": (500, "Something went wrong here"),
    "unavailable": (503, "This cannot be answered now"),
}


class FieldError(TypedDict):
    """What is wrong with one field; `field` is "" where it is the whole."""

    field: str
    code: str
    message: str


class Problem(Exception):
    """Ends a request with a refusal; nothing that it did stays."""

    def __init__(
        self,
        code: str,
        detail: str = "",
        *,
        status: int | None = None,
        errors: Iterable[FieldError] = (),
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        known, self.title = PROBLEMS.get(code, (500, code.replace("_", " ").capitalize()))
        self.code, self.detail, self.status = code, detail, status or known
        self.errors, self.params, self.headers = list(errors), dict(params or {}), dict(headers or {})

    def to_response(self, request: HttpRequest) -> JsonResponse:
        """Return the answer."""
        body: dict[str, Any] = {
            "type": f"/api/v1/docs#{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail or f"{self.title}.",
            "code": self.code,
            "instance": request.path,
        }
        if self.params:
            body["params"] = self.params
        if self.errors:
            body["errors"] = self.errors
        return JsonResponse(body, status=self.status, content_type=CONTENT_TYPE, headers=self.headers)


def of_form(form: forms.BaseForm, *, names: Mapping[str, str] | None = None) -> Problem:
    """Return the problem of a form that is not valid; `names`: what the API calls a field otherwise."""
    if form.has_error(NON_FIELD_ERRORS, "conflict"):
        return Problem("changed_meanwhile", " ".join(map(str, form.non_field_errors())))
    errors: list[FieldError] = []
    for field, found in form.errors.as_data().items():
        name = "" if field == NON_FIELD_ERRORS else (names or {}).get(field, field)
        errors += [_field_error(name, one) for one in found]
    return Problem("invalid", errors=errors)


def of_validation(error: ValidationError, field: str = "") -> Problem:
    """Return the problem of what a service refused."""
    found = error.error_dict.items() if hasattr(error, "error_dict") else [(field, error.error_list)]
    return Problem("invalid", errors=[_field_error(name, one) for name, each in found for one in each])


def _field_error(field: str, error: ValidationError) -> FieldError:
    message = strip_tags(" ".join(str(text) for text in error.messages))
    return {"field": field, "code": error.code or "invalid", "message": message}


def of_reason(reason: Reason, *, status: int = 409) -> Problem:
    """Return the problem that a reason with its code and parameters is."""
    return Problem(reason.code, say(reason), status=status, params=reason.params)


def of_network(error: NetworkError) -> Problem:
    """Return the problem of a network that refused (502) or cannot answer now (503, with Retry-After)."""
    is_away = type(error) is not NetworkError and hasattr(error, "retry_after")
    headers = {"Retry-After": str(max(1, round(error.retry_after)))} if error.retry_after else {}
    return Problem(
        error.code, say(error), status=503 if is_away else 502, params=error.params, headers=headers
    )
