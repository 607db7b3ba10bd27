"""`POST /desk/api/conversions`: a shop tells its orders, with a bearer key."""

import json
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from desk.services.conversions import MOST_AT_ONCE, account_of_key, take

MOST_BYTES = 1 << 20


@login_not_required
@csrf_exempt
@require_POST
def take_conversions(request: HttpRequest) -> JsonResponse:
    """Take one conversion (an object) or several (an array).

    Answers 200 with what became of each, in their order; 422 where one alone was refused. Safe to send
    again: a transaction id is taken once. Nothing of the body is logged.
    """
    kind, _, key = request.headers.get("Authorization", "").partition(" ")
    account = account_of_key(key.strip()) if kind.lower() == "bearer" and key else None
    if account is None:
        response = _refuse(401, "The key is missing, unknown or revoked.")
        response["WWW-Authenticate"] = "Bearer"
        return response
    try:
        length = int(request.headers.get("Content-Length") or 0)
    except ValueError:
        length = 0
    if length > MOST_BYTES:
        return _refuse(413, f"The body is larger than {MOST_BYTES:,} bytes.")
    try:
        # Numbers as they are written: 12999 and 129.99 are told apart by their form.
        told = json.loads(request.body, parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        return _refuse(400, "The body is no JSON.")
    return _take(account, told)


def _take(account: Any, told: Any) -> JsonResponse:
    is_one = isinstance(told, dict)
    raws = [told] if is_one else told
    if not isinstance(raws, list) or not all(isinstance(raw, dict) for raw in raws):
        return _refuse(400, "The body is an object, or an array of objects.")
    if len(raws) > MOST_AT_ONCE:
        return _refuse(413, f"At most {MOST_AT_ONCE:,} conversions at once.")
    results = [one.to_json() for one in take(account, raws)]
    if is_one:
        return JsonResponse(results[0], status=422 if results[0]["outcome"] == "refused" else 200)
    return JsonResponse({"results": results})


def _refuse(status: int, words: str) -> JsonResponse:
    return JsonResponse({"error": words}, status=status)
