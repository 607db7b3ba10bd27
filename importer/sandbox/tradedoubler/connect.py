"""Tradedoubler's management host under `/connect/`: OAuth with refresh tokens that count once, and its calls.

`CALLS` has those of publishers and those of advertisers; an unknown path is a 401, as at the real host.
"""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Callable
from urllib.parse import parse_qs

from importer.sandbox.credentials import ADVERTISER_LOGINS, CONNECT_LOGINS, ConnectLogin
from importer.sandbox.state import State
from importer.sandbox.tradedoubler import advertiser, reports
from importer.sandbox.tradedoubler.calls import Call, CallRefused
from importer.sandbox.web import Request, Response, json_response, text_response

PREFIX = "/connect/"
Calls = tuple[tuple[str, str, Callable[[Call], object]], ...]
CALLS: dict[str, Calls] = {"publisher": reports.CALLS, "advertiser": advertiser.CALLS}
LOGINS = (*CONNECT_LOGINS, *ADVERTISER_LOGINS)


def answer(state: State, request: Request) -> Response:
    path = request.path.removeprefix(PREFIX)
    if path == "uaa/oauth/token":
        return _token(state, request)
    login = _login_of(state, request)
    if login is None:
        words = "Full authentication is required to access this resource"
        if request.headers.get("authorization"):
            return json_response({"error": "invalid_token", "error_description": "Invalid access token"}, 401)
        return json_response({"error": "unauthorized", "error_description": words}, 401)
    left, _ = state.bucket.take(("connect", login.client_id), int(state.options.connect_rate_limit))
    if left < 0:
        return text_response("API rate limit exceeded", 429)
    for method, pattern, handler in CALLS[login.kind]:
        if request.method == method and (found := re.fullmatch(pattern, path)):
            try:
                result = handler(Call(state, request, login, found.groups()))
            except CallRefused as refused:
                return json_response([{"code": str(refused.code), "message": refused.words}], refused.status)
            return result if isinstance(result, Response) else json_response(result)
    return json_response(
        {"error": "unauthorized", "error_description": "Full authentication is required"}, 401
    )


def _token(state: State, request: Request) -> Response:
    form = {name: values[0] for name, values in parse_qs(request.body.decode("utf-8", "replace")).items()}
    if request.method != "POST":
        return json_response({"error": "method_not_allowed"}, 405)
    client = _basic(request.headers.get("authorization", ""))
    login = next((one for one in LOGINS if (one.client_id, one.client_secret) == client), None)
    if login is None:
        return json_response({"error": "unauthorized", "error_description": "Bad client credentials"}, 401)
    kind = form.get("grant_type")
    tokens = state.connect_tokens
    with tokens.lock:
        if kind == "password":
            if (form.get("username", "").lower(), form.get("password")) != (
                login.username,
                tokens.password_of(login),
            ):
                return _refused_grant("Bad credentials")
        elif kind == "refresh_token":
            if tokens.refresh.pop(form.get("refresh_token", ""), None) != login:
                return _refused_grant("Invalid refresh token")
        else:
            words = f"Unsupported grant type: {kind}"
            return json_response({"error": "unsupported_grant_type", "error_description": words}, 400)
        access, refresh = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        lasts = state.options.connect_token_seconds
        tokens.access[access] = (login, request.arrived_at + lasts)
        tokens.refresh[refresh] = login
    return json_response(
        {
            "access_token": access,
            "token_type": "bearer",
            "refresh_token": refresh,
            "expires_in": max(0, round(lasts) - 1),
            "scope": "read",
            "tduser": login.username,
            "created": int(request.arrived_at),
            "jti": secrets.token_hex(8),
        }
    )


def _refused_grant(words: str) -> Response:
    return json_response({"error": "invalid_grant", "error_description": words}, 400)


def _basic(header: str) -> tuple[str, str]:
    try:
        name, _, secret = base64.b64decode(header.removeprefix("Basic ")).decode().partition(":")
    except ValueError:
        return "", ""
    return name, secret


def _login_of(state: State, request: Request) -> ConnectLogin | None:
    bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
    login, ends_at = state.connect_tokens.access.get(bearer, (None, 0.0))
    return login if login and request.arrived_at < ends_at else None
