"""The outbox of conversions: what waits, what is held, what the network refused; files and keys."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from desk.forms import ConversionFileForm, ConversionFilterForm, KeyForm
from desk.models import Conversion, ConversionKey
from desk.services import conversions, outbox
from desk.services.conversion_files import read_file
from desk.views.common import back, ids_of, may_convert, may_see_conversions, user_of

PER_PAGE = 50
MOST_AT_ONCE = 500


@require_safe
@may_see_conversions
def conversion_list(request: HttpRequest) -> HttpResponse:
    """List conversions, the newest first."""
    accounts = conversions.accounts()
    form = ConversionFilterForm(request.GET)
    found = outbox.list_conversions(**form.asked)
    context = {
        "tab": "conversions",
        "accounts": accounts,
        "form": form,
        "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "counts": outbox.count_states(),
        "states": Conversion.State.choices,
        "state": form.asked.get("state", ""),
    }
    return render(request, "desk/conversions.html", context)


@require_POST
@may_convert
def conversion_decide(request: HttpRequest) -> HttpResponse:
    """Send the ticked that are held, as told or as a hundredth; drop them; or send refused ones again."""
    ids, action = ids_of(request, MOST_AT_ONCE), request.POST.get("action", "")
    actions = {
        "send": lambda: f"Sent as told: {outbox.release(ids, as_minor=False)}.",
        "minor": lambda: f"Sent as a hundredth: {outbox.release(ids, as_minor=True)}.",
        "drop": lambda: f"Dropped: {outbox.drop(ids)}.",
        "again": lambda: f"Sent again: {outbox.send_again(ids)}.",
    }
    if not ids or action not in actions:
        messages.error(request, "Tick conversions, and choose what becomes of them.")
    else:
        messages.success(request, actions[action]())
    return back(request, "desk:conversion-list")


@require_http_methods(["GET", "POST"])
@may_convert
def conversion_upload(request: HttpRequest) -> HttpResponse:
    """Take conversions from a CSV file; say what became of each line."""
    form = ConversionFileForm(request.POST or None, request.FILES or None, accounts=conversions.accounts())
    taken = None
    if request.method == "POST" and form.is_valid():
        try:
            raws = read_file(form.text)
        except ValueError as error:
            form.add_error("file", str(error))
        else:
            taken = conversions.take(form.cleaned_data["account"], raws)
    context = {"tab": "conversions", "form": form, "taken": taken}
    return render(request, "desk/conversion_upload.html", context)


@require_http_methods(["GET", "POST"])
@may_convert
def key_list(request: HttpRequest) -> HttpResponse:
    """List the keys of shops; make one, which is shown once."""
    form = KeyForm(request.POST or None, accounts=conversions.accounts())
    text = ""
    if request.method == "POST" and form.is_valid():
        _, text = conversions.create_key(
            form.cleaned_data["account"], form.cleaned_data["name"], user_of(request)
        )
        form = KeyForm(accounts=conversions.accounts())
    context = {"tab": "conversions", "form": form, "keys": conversions.list_keys(), "text": text}
    response = render(request, "desk/keys.html", context)
    response["Cache-Control"] = "no-store"  # a new key is on it
    return response


@require_POST
@may_convert
def key_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a key open nothing any more."""
    key = get_object_or_404(ConversionKey.objects.select_related("account"), pk=pk)
    conversions.revoke_key(key)
    messages.success(request, f"“{key}” opens nothing any more.")
    return redirect("desk:key-list")
