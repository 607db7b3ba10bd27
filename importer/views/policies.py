"""What the feeds of an account may change: a page under its settings."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from catalog.forms.policies import PoliciesForm
from importer.accounts.policies import set_policies
from importer.views.common import get_account, get_network_class, may_configure


@require_http_methods(["GET", "POST"])
@may_configure
def account_policies(request: HttpRequest, network: str, pk: int) -> HttpResponse:
    """Show and save the policies of an account."""
    account = get_account(network, pk)
    form = PoliciesForm(request.POST or None, policies=account.policies)
    if request.method == "POST" and form.is_valid():
        set_policies(account, form.policies)
        messages.success(request, "Saved. The next sync of each feed goes by it.")
        return redirect("importer:account-policies", network, pk)
    context = {"network": get_network_class(network), "tab": "settings", "account": account, "form": form}
    return render(request, "importer/account_policies.html", context)
