"""Make a call of the table: a form of its fields, what it answers, what a write would change."""

from __future__ import annotations

import copy
import hashlib
import json
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import quote

from django import forms
from django.contrib.auth.models import User
from django.db import transaction

from affiliate_site.encrypted import CredentialsUnreadable, decrypt, encrypt
from desk.models import DeskAccount
from desk.services.accounts import key_of
from desk.services.logins import management_of
from desk.services.program import CALLS
from desk.services.program.calls import READER, Call, Field, Row
from desk.services.program.words import SECRETS, facts_of, look_up, plain, words_of
from events.kinds import Kind
from events.record import record
from importer.http.errors import NetworkError
from importer.networks.tradedoubler.advertiser import ROLES, File, TradedoublerManagement, page_of

NETWORK, KIND = "tradedoubler", "management"
PER_PAGE = 50
PATIENCE = 15.0  # seconds that somebody waits for a page
LASTS = 900.0  # seconds in which a shown change can be confirmed
_ROLES = {name: number for number, name in ROLES.items()}


class NotAllowed(Exception):
    """The login's role at the network does not reach."""


class Changed(Exception):
    """It is not any more as it was shown: somebody else changed it meanwhile."""


# --- Who may ------------------------------------------------------------------------------------


def accounts() -> list[DeskAccount]:
    """Return the logins that run programs."""
    return list(DeskAccount.objects.filter(network=NETWORK, kind=KIND))


def may(account: DeskAccount, call: Call) -> bool:
    """Does the login's role at the network reach? Unknown roles read, and no more."""
    return _ROLES.get(account.role, READER) <= call.lowest


def check_role(account: DeskAccount, call: Call) -> None:
    """Raise NotAllowed where the role does not reach."""
    if not may(account, call):
        raise NotAllowed


def list_groups(account: DeskAccount, *, with_writes: bool) -> dict[str, list[Call]]:
    """Return what can be opened by itself, by group: what the role allows, and no call about one row."""
    groups: dict[str, list[Call]] = {}
    for call in CALLS.values():
        about = {one.name for one in call.fields if one.place == "path"} - {"programId"}
        is_of_a_row = bool(about) or bool(call.before and call.fields and call.before != "me")
        if may(account, call) and not is_of_a_row and (with_writes or not call.writes):
            groups.setdefault(call.group, []).append(call)
    return groups


# --- The form -----------------------------------------------------------------------------------


class CallForm(forms.Form):
    """The fields of a call. What a link names is there to be sent along, not to be typed."""

    def __init__(
        self, call: Call, account: DeskAccount, data: Any = None, initial: Row | None = None
    ) -> None:
        super().__init__(data, initial=dict(initial or {}), prefix=None)
        for one in call.fields:
            self.fields[one.name] = copy.deepcopy(one.form)
            if one.name == "programId" and account.programs:
                known = [(number, f"{name} ({number})") for number, name in account.programs.items()]
                needed = one.form.required
                self.fields[one.name] = forms.ChoiceField(
                    label="Program", choices=known if needed else [("", "All"), *known], required=needed
                )
            if one.place == "path" and one.name != "programId":
                self.fields[one.name].widget = forms.HiddenInput()


def initial_of(call: Call, before: Row) -> dict[str, Any]:
    """Return what the form begins with: how it is now."""
    values = {}
    for one in call.fields:
        value = look_up(before, one.read or one.name)
        if value is None and one.name not in before:
            continue
        if isinstance(value, bool):
            value = "true" if value else "false"
        elif isinstance(value, list):
            value = ", ".join(str(part.get("id", part) if isinstance(part, dict) else part) for part in value)
        elif isinstance(one.form, forms.DateField):
            value = str(value or "")[:10]
        values[one.name] = value
    return values


# --- Reading ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shown:
    """What a call answered: rows of a list, or one thing with all it has."""

    rows: Sequence[Row] = ()
    facts: Sequence[tuple[str, str]] = ()
    total: int | None = None
    has_next: bool = False
    about: Mapping[str, Any] = field(default_factory=dict)


def speak(account: DeskAccount) -> TradedoublerManagement:
    """Return what speaks for a login while somebody waits for the page."""
    login = management_of(account)
    login.http.ends_at = time.monotonic() + PATIENCE
    return login


def read(account: DeskAccount, call: Call, values: Mapping[str, Any], *, page: int = 1) -> Shown:
    """Ask the network. Raises NotAllowed and NetworkError."""
    check_role(account, call)
    query = _query(call, values)
    if call.pages:
        query |= {"offset": (page - 1) * PER_PAGE, "limit": PER_PAGE}
    login = speak(account)
    answer = login.get(_path(call, values), query)
    if call.rows:
        rows: Sequence[Row] = call.rows(_first(answer))
        return Shown(rows=[{**_told(call, values), **row} for row in rows])
    if not call.columns:
        return Shown(facts=facts_of(_first(answer)))
    got = page_of(answer, login.http)
    rows = [{**_told(call, values), **row} for row in got.items]
    more = call.pages and len(rows) == PER_PAGE and (got.total is None or page * PER_PAGE < got.total)
    return Shown(rows=rows, total=got.total, has_next=more, about=got.about)


def fetch_file(account: DeskAccount, call: Call, values: Mapping[str, Any]) -> File:
    """Return the file of a call. Raises NotAllowed and NetworkError."""
    check_role(account, call)
    return speak(account).download(_path(call, values), _query(call, values))


def read_before(account: DeskAccount, call: Call, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return how it is now what a call would change; {} where nothing is there yet."""
    if not call.before:
        return {}
    known = CALLS[call.before]
    shown = speak(account)
    if known.columns or known.rows:
        rows = read(account, known, values).rows if known.rows else list(_all(shown, known, values))
        for row in rows:
            if _same(row, call, values):
                return dict(row)
        return {}
    answer = _first(shown.get(_path(known, values), _query(known, values)))
    return dict(answer) if isinstance(answer, dict) else {}


def _all(login: TradedoublerManagement, known: Call, values: Mapping[str, Any]) -> Sequence[Row]:
    if known.pages:
        return list(login.get_all(_path(known, values), {}))
    return page_of(login.get(_path(known, values)), login.http).items


def _same(row: Row, call: Call, values: Mapping[str, Any]) -> bool:
    """Is it the row that the values name, by every name that both have and that names things?"""
    names = {call.found_by, "languageCode", "eventId"} & {one.name for one in call.fields}
    columns = {one.name: one.read or one.name for one in call.fields}
    return all(
        str(look_up(row, columns[name])) == str(values.get(name))
        for name in names
        if values.get(name) not in (None, "")
    )


def _first(answer: Any) -> Any:
    return (
        answer[0] if isinstance(answer, list) and len(answer) == 1 and isinstance(answer[0], dict) else answer
    )


def _told(call: Call, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the address says already, for the links of the rows."""
    return {one.name: values[one.name] for one in call.fields if one.place == "path" and values.get(one.name)}


# --- Writing ------------------------------------------------------------------------------------


def changes_of(call: Call, before: Row, values: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return what a write changes: (label, before, after) of what differs. Secrets are named, never told."""
    found = []
    for one in call.fields:
        if one.place == "path" or not _is_sent(one, before, values):
            continue
        old, new = look_up(before, one.read or one.name), values.get(one.name)
        label = str(one.form.label)
        if one.name in SECRETS:
            found.append((label, "", "a new one"))
        elif plain(old) != plain(new):
            found.append((label, words_of(one, old), words_of(one, new)))
    return found


def write(
    account: DeskAccount,
    call: Call,
    values: Mapping[str, Any],
    before: Row,
    *,
    digest: str,
    user: User | None,
) -> None:
    """Write, if it still is as it was shown. Raises NotAllowed, Changed and NetworkError."""
    check_role(account, call)
    now = read_before(account, call, values)
    if digest != digest_of(now):
        raise Changed
    names = {one.name for one in call.fields if one.place == "body" and _is_sent(one, now, values)}
    body = {name: _sent(value) for name, value in values.items() if name in names}
    speak(account).send(
        call.method,
        _path(call, values),
        call.body(body) if call.method != "DELETE" else None,
        _query(call, values),
    )
    told = {label: (old, new) for label, old, new in changes_of(call, now, values)}
    about = " ".join(
        str(values[one.name]) for one in call.fields if one.place == "path" and values.get(one.name)
    )
    with transaction.atomic():
        record(
            Kind.DESK_PROGRAM_CHANGED,
            key_of(account),
            before={label: old for label, (old, _) in told.items()},
            after={
                "name": f"{call.title} {about}".strip(),
                **{label: new for label, (_, new) in told.items()},
            },
            sources=[account.network],
        )


def digest_of(before: Row) -> str:
    """Return what tells whether something is still as it was."""
    return hashlib.sha256(json.dumps(before, sort_keys=True, default=str).encode()).hexdigest()[:24]


def seal(account: DeskAccount, call: Call, raw: Mapping[str, str], digest: str, user_id: int | None) -> str:
    """Return what was typed, sealed, so that a page can ask once more: a password is in it."""
    values = {"account": account.pk, "call": call.slug, "raw": dict(raw), "digest": digest}
    return encrypt({**values, "user": user_id, "until": time.time() + LASTS})


def unseal(
    text: str, account: DeskAccount, call: Call, user_id: int | None
) -> tuple[dict[str, str], str] | None:
    """Return (what was typed, digest) of a seal of this very page; None for any other, and for an old one."""
    try:
        values = decrypt(text)
    except CredentialsUnreadable:
        return None
    is_ours = (values.get("account"), values.get("call"), values.get("user")) == (
        account.pk,
        call.slug,
        user_id,
    )
    if not is_ours or time.time() > values.get("until", 0):
        return None
    return values["raw"], values["digest"]


def _is_sent(one: Field, before: Row, values: Mapping[str, Any]) -> bool:
    """An empty value is sent only where it takes one away."""
    if values.get(one.name) not in (None, "", []):
        return True
    return look_up(before, one.read or one.name) not in (None, "", []) and one.place == "body"


def _path(call: Call, values: Mapping[str, Any]) -> str:
    def value(found: re.Match[str]) -> str:
        text = str(values.get(found[1], ""))
        if not text:
            raise NetworkError("address_unknown", who="Tradedoubler", said="")
        return quote(text, safe="")

    return re.sub(r"\{(\w+)\}", value, call.path)


def _query(call: Call, values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        one.name: value.strftime("%Y%m%d") if isinstance(value, date) else value
        for one in call.fields
        if one.place == "query" and (value := values.get(one.name)) not in (None, "")
    }


def _sent(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
