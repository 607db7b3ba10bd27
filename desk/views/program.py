"""Running a program: an index of what the login may do, and one page for every call."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_safe

from desk.models import DeskAccount
from desk.services.program import CALLS
from desk.services.program import run as program
from desk.services.program.calls import Call
from desk.services.program.words import cell, facts_of, look_up
from desk.views.common import may_see_desk, user_of
from importer.http.errors import NetworkError
from importer.sentences import say

EXTENSIONS = {"application/pdf": "pdf", "text/csv": "csv", "application/json": "json", "text/xml": "xml"}


@require_safe
@may_see_desk
def program_index(request: HttpRequest) -> HttpResponse:
    """Show what can be seen and changed, login by login; what the role does not allow is not there."""
    only = request.GET.get("group", "")
    writes = request.user.has_perm("desk.run_program")
    logins = []
    for account in program.accounts():
        groups = program.list_groups(account, with_writes=writes)
        logins.append((account, {name: calls for name, calls in groups.items() if only in ("", name)}))
    context = {"tab": "reports" if only == "Reports" else "program", "logins": logins, "only": only}
    return render(request, "desk/program.html", context)


@require_http_methods(["GET", "POST"])
@may_see_desk
def program_call(request: HttpRequest, account: int, call: str) -> HttpResponse:
    """Show a call: what it lists, or the form of what it changes."""
    if call not in CALLS:
        raise Http404(f"There is no call {call}.")
    login = get_object_or_404(DeskAccount, pk=account, network=program.NETWORK, kind=program.KIND)
    known = CALLS[call]
    if known.writes and not request.user.has_perm("desk.run_program"):
        raise PermissionDenied
    try:
        program.check_role(login, known)
        return _write(request, login, known) if known.writes else _read(request, login, known)
    except program.NotAllowed:
        raise PermissionDenied from None


def _read(request: HttpRequest, account: DeskAccount, call: Call) -> HttpResponse:
    needed = [one.name for one in call.fields if one.form.required]
    is_asked = all(request.GET.get(name) for name in needed)
    form = program.CallForm(call, account, request.GET if is_asked or "asked" in request.GET else None)
    page = _page(request)
    shown = None
    if is_asked and form.is_valid():
        try:
            if call.is_file:
                return _file(account, call, form.cleaned_data)
            shown = program.read(account, call, form.cleaned_data, page=page)
        except NetworkError as error:
            form.add_error(None, say(error))
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        **_frame(account, call),
        "form": form,
        "fields": [form[one.name] for one in call.fields],
        "shown": shown,
        "rows": _rows(request, account, call, shown) if shown else [],
        "page": page,
        "query": query.urlencode(),
        "others": _others(request, account, call),
    }
    return render(request, "desk/program_call.html", context)


def _rows(
    request: HttpRequest, account: DeskAccount, call: Call, shown: program.Shown
) -> list[dict[str, Any]]:
    """Return the cells of each row, and what can be done with it."""
    may_write = request.user.has_perm("desk.run_program")
    used = [
        (name, label)
        for name, label in call.columns
        if not shown.rows or any(look_up(row, name) is not None for row in shown.rows)
    ]
    links = [
        (CALLS[link.slug], link)
        for link in call.links
        if program.may(account, CALLS[link.slug]) and (may_write or not CALLS[link.slug].writes)
    ]
    rows = []
    for row in shown.rows:
        told = {one.name: row[one.name] for one in call.fields if one.place == "path" and one.name in row}
        addresses = []
        for other, link in links:
            wanted = {one.name for one in other.fields}
            values = {k: v for k, v in told.items() if k in wanted}
            values |= {name: look_up(row, column) for name, column in link.values.items()}
            values = {name: value for name, value in values.items() if value is not None}
            address = reverse("desk:program-call", args=[account.pk, other.slug])
            addresses.append((link.label, f"{address}?{urlencode(values)}"))
        cells = [(label, cell(row, name)) for name, label in used]
        rows.append({"main": cells[0][1] if cells else "–", "cells": cells[1:], "links": addresses})
    return rows


def _others(request: HttpRequest, account: DeskAccount, call: Call) -> list[tuple[str, str]]:
    """Return the writes that belong to a list: (title, address)."""
    if not request.user.has_perm("desk.run_program"):
        return []
    found = []
    for other in CALLS.values():
        is_new = other.writes and other.then == call.slug and other.method == "POST" and not other.before
        if is_new and program.may(account, other):
            names = {one.name for one in other.fields}
            values = {name: str(value) for name, value in request.GET.items() if name in names}
            address = reverse("desk:program-call", args=[account.pk, other.slug])
            found.append((other.title, f"{address}?{urlencode(values)}"))
    if call.slug == "me":
        for slug in ("me-edit", "password"):
            found.append((CALLS[slug].title, reverse("desk:program-call", args=[account.pk, slug])))
    return found


def _file(account: DeskAccount, call: Call, values: dict[str, Any]) -> HttpResponse:
    file = program.fetch_file(account, call, values)
    is_pdf = file.content.startswith(b"%PDF")
    kind = "application/pdf" if is_pdf else file.content_type or "application/octet-stream"
    extension = EXTENSIONS.get(kind) or str(values.get("format") or "bin")
    name = "-".join([call.slug.removesuffix("-file"), *map(str, filter(None, [values.get("invoiceNumber")]))])
    safe = "".join(sign for sign in name if sign.isalnum() or sign in "-_")
    response = HttpResponse(file.content, content_type=kind)
    # A file of somebody else's is kept, never shown: it could be a page with scripts.
    response["Content-Disposition"] = f'attachment; filename="{safe}.{extension}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _write(request: HttpRequest, account: DeskAccount, call: Call) -> HttpResponse:
    """Show the form, then before and after, then write."""
    if request.method == "POST" and "seal" in request.POST:
        return _confirm(request, account, call)
    given = {name: value for name, value in request.GET.items() if name in {one.name for one in call.fields}}
    before: dict[str, Any] = {}
    error = ""
    try:
        before = program.read_before(account, call, {**given, **request.POST.dict()})
    except NetworkError as failure:
        error = say(failure)
    data = request.POST if request.method == "POST" else None
    form = program.CallForm(call, account, data, {**program.initial_of(call, before), **given})
    if request.method == "POST" and form.is_valid() and not error:
        return _preview(request, account, call, form, before)
    context = {**_frame(account, call), "form": form, "error": error, "fields": list(form)}
    return render(request, "desk/program_edit.html", context)


def _preview(
    request: HttpRequest, account: DeskAccount, call: Call, form: program.CallForm, before: dict[str, Any]
) -> HttpResponse:
    raw = {name: str(value) for name, value in request.POST.items() if name in form.fields}
    context = {
        **_frame(account, call),
        "changes": program.changes_of(call, before, form.cleaned_data),
        "about": look_up(before, call.typed) if call.typed else "",
        "is_new": not call.before,
        "seal": program.seal(account, call, raw, program.digest_of(before), request.user.pk),
        "before": facts_of(before) if call.method == "DELETE" else [],
    }
    return render(request, "desk/program_confirm.html", context)


def _confirm(request: HttpRequest, account: DeskAccount, call: Call) -> HttpResponse:
    here = request.get_full_path()
    sealed = program.unseal(request.POST["seal"], account, call, request.user.pk)
    if sealed is None:
        messages.error(request, "That was shown too long ago. Look at it once more.")
        return redirect(here)
    raw, digest = sealed
    data = QueryDict(mutable=True)
    data.update(raw)
    form = program.CallForm(call, account, data)
    if not form.is_valid():
        return redirect(here)
    try:
        before = program.read_before(account, call, form.cleaned_data)
        if call.typed and request.POST.get("typed", "").strip() != str(look_up(before, call.typed)):
            messages.error(request, "The name that you typed is another one. Nothing was done.")
            return redirect(here)
        program.write(account, call, form.cleaned_data, before, digest=digest, user=user_of(request))
    except program.Changed:
        messages.error(
            request, "Somebody else changed it meanwhile. Nothing was written: look at it once more."
        )
        return redirect(here)
    except NetworkError as error:
        messages.error(request, say(error))
        return redirect(here)
    messages.success(request, f"{call.title}: done.")
    follows = CALLS[call.then or call.slug]
    names = {one.name for one in follows.fields}
    values = {name: value for name, value in raw.items() if name in names and value}
    address = reverse("desk:program-call", args=[account.pk, follows.slug])
    return redirect(f"{address}?{urlencode(values)}" if values else address)


def _frame(account: DeskAccount, call: Call) -> dict[str, Any]:
    return {"tab": "reports" if call.group == "Reports" else "program", "account": account, "call": call}


def _page(request: HttpRequest) -> int:
    text = request.GET.get("page", "")
    return max(1, int(text)) if text.isdecimal() and len(text) < 6 else 1
