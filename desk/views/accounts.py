"""The advertiser's logins: connect, change, test, remove."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from desk.forms import DeskAccountForm
from desk.models import DeskAccount
from desk.services.accounts import (
    check_account,
    connect_account,
    list_accounts,
    remove_account,
    rename_account,
)
from desk.views.common import may_connect, may_see_desk
from importer.http.errors import NetworkError
from importer.networks import NETWORKS
from importer.networks.advertiser import Advertiser
from importer.sentences import say


@require_safe
@may_see_desk
def account_list(request: HttpRequest) -> HttpResponse:
    """List the logins, and what may be connected."""
    kinds = [
        (network, kind, kind_class)
        for network in NETWORKS.values()
        for kind, kind_class in network.advertiser.items()
    ]
    context = {"tab": "accounts", "accounts": list_accounts(), "kinds": kinds}
    return render(request, "desk/account_list.html", context)


@require_http_methods(["GET", "POST"])
@may_connect
def account_add(request: HttpRequest, network: str, kind: str) -> HttpResponse:
    """Connect a login of one kind."""
    return _account_page(request, network, kind, None)


@require_http_methods(["GET", "POST"])
@may_connect
def account_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename a login, or give it other credentials."""
    account = get_object_or_404(DeskAccount, pk=pk)
    return _account_page(request, account.network, account.kind, account)


@require_POST
@may_connect
def account_check(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the network again whether the stored credentials work."""
    account = get_object_or_404(DeskAccount, pk=pk)
    try:
        check_account(account)
    except NetworkError as error:
        messages.error(request, f"{account}: {say(error)}")
    else:
        messages.success(request, f"{account}: the login works.")
    return redirect(account)


@require_http_methods(["GET", "POST"])
@may_connect
def account_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then forget a login and what the desk keeps of it."""
    account = get_object_or_404(DeskAccount, pk=pk)
    if request.method == "POST":
        remove_account(account)
        messages.success(request, f"Removed {account}. What was sent stays at {account.network_label}.")
        return redirect("desk:account-list")
    return render(request, "desk/account_remove.html", {"account": account})


def _account_page(request: HttpRequest, network: str, kind: str, account: DeskAccount | None) -> HttpResponse:
    kind_class = _kind_class(network, kind)
    form = DeskAccountForm(
        request.POST or None, instance=account, network=network, kind=kind, kind_class=kind_class
    )
    if request.method == "POST" and form.is_valid() and (saved := _save(request, form, account)):
        return redirect(saved)
    context = {
        "tab": "accounts",
        "form": form,
        "kind": kind_class,
        "network": NETWORKS[network],
        # The form writes what was typed onto its instance; the page shows what is stored.
        "account": get_object_or_404(DeskAccount, pk=account.pk) if account else None,
    }
    return render(request, "desk/account_edit.html", context)


def _kind_class(network: str, kind: str) -> type[Advertiser]:
    try:
        return NETWORKS[network].advertiser[kind]
    except KeyError:
        raise Http404(f"There is no login {kind} at {network}.") from None


def _save(request: HttpRequest, form: DeskAccountForm, account: DeskAccount | None) -> DeskAccount | None:
    """Store the valid form, or put the network's refusal on it and return None."""
    if account and not form.changes_credentials:
        rename_account(account, form.cleaned_data["label"])
        messages.success(request, "Saved.")
        return account
    try:
        saved = connect_account(
            form.instance.network,
            form.instance.kind,
            credentials=form.credentials,
            label=form.cleaned_data["label"],
            account=account,
        )
    except NetworkError as error:
        form.add_error(None, say(error))
        return None
    messages.success(request, f"Connected “{saved}”.")
    return saved
