"""The accounts of a network: connect, change, test, remove."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from importer import tasks
from importer.accounts.accounts import check_account, connect_account, update_account
from importer.feeds.cleaning import remove_account
from importer.forms import AccountForm
from importer.http.errors import NetworkError
from importer.models import NetworkAccount
from importer.sentences import say
from importer.views.common import get_account, get_network_class, may_configure


@require_http_methods(["GET", "POST"])
@may_configure
def network_settings(request: HttpRequest, network: str, pk: int | None = None) -> HttpResponse:
    """Show and save an account's settings, the first one's by default; without accounts, connect one."""
    network_class = get_network_class(network)
    accounts = list(NetworkAccount.objects.filter(network=network))
    account = get_account(network, pk) if pk else next(iter(accounts), None)
    return _account_page(request, network_class, accounts, account)


@require_http_methods(["GET", "POST"])
@may_configure
def account_add(request: HttpRequest, network: str) -> HttpResponse:
    """Connect one more account of a network."""
    network_class = get_network_class(network)
    accounts = list(NetworkAccount.objects.filter(network=network))
    return _account_page(request, network_class, accounts, None)


@require_POST
@may_configure
def account_check(request: HttpRequest, network: str, pk: int) -> HttpResponse:
    """Ask the network again whether the stored credentials work."""
    account = get_account(network, pk)
    try:
        check_account(account)
    except NetworkError as error:
        messages.error(request, f"{account.label}: {say(error)}")
    else:
        messages.success(request, f"{account.label}: the connection works.")
    return redirect("importer:account-edit", network, pk)


@require_http_methods(["GET", "POST"])
@may_configure
def account_remove(request: HttpRequest, network: str, pk: int) -> HttpResponse:
    """Ask, then forget an account, its feeds and found items. Imported products stay."""
    account = get_account(network, pk)
    if request.method == "POST":
        remove_account(account)
        tasks.delete_accounts.delay_on_commit()
        messages.success(
            request, f"Removed {account.label}. The products you imported through it are still here."
        )
        return redirect("importer:network-settings", network)
    context = {"network": get_network_class(network), "account": account}
    return render(request, "importer/account_remove.html", context)


def _account_page(request, network_class, accounts, account) -> HttpResponse:
    form = AccountForm(request.POST or None, instance=account, network=network_class)
    if request.method == "POST" and form.is_valid():
        saved = _save(request, form, account)
        if saved:
            return redirect("importer:account-edit", network_class.slug, saved.pk)
    context = {
        "network": network_class,
        "tab": "settings",
        "accounts": accounts,
        # The form writes what was typed onto its instance; the page shows what is stored.
        "account": next((stored for stored in accounts if account and stored.pk == account.pk), None),
        "form": form,
        "search_url": reverse("importer:network-search", args=[network_class.slug]),
    }
    return render(request, "importer/network_settings.html", context)


def _save(request: HttpRequest, form: AccountForm, account: NetworkAccount | None) -> NetworkAccount | None:
    """Store the valid form, or put the network's refusal on it and return None."""
    if account and not form.changes_credentials:
        update_account(account, form.Meta.fields)
        messages.success(request, "Settings saved.")
        return account
    try:
        saved = connect_account(
            form.network.slug,
            credentials=form.credentials,
            label=form.cleaned_data["label"],
            defaults=form.defaults,
            account=account,
        )
    except NetworkError as error:
        form.add_error(None, say(error))
        return None
    tasks.refresh_account.delay_on_commit(saved.pk)
    messages.success(request, f"Connected to {form.network.label}. You can search now.")
    return saved
