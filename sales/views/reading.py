"""How the reports of an account are read: its login, its state, and what networks may call."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required, permission_required
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from importer.accounts.reports import capability_of, connect_reports, has_report_login, reports_of
from importer.http.errors import NetworkError
from importer.models import NetworkAccount
from importer.networks import NETWORKS
from importer.networks.contract import Capability
from importer.sentences import say
from sales import tasks
from sales.forms import ReportLoginForm
from sales.queries.readings import get_reading, list_readings
from sales.read import schedule
from sales.views.common import may_see_earnings

may_configure = permission_required("importer.change_networkaccount", raise_exception=True)
CALLING = ("adtraction", "tradetracker")  # networks that call an address of ours when there is a new sale


@require_safe
@may_see_earnings
def reading_list(request: HttpRequest) -> HttpResponse:
    """List the accounts with the state of their reports."""
    return render(request, "sales/reading_list.html", {"tab": "reading", "readings": list_readings()})


@require_http_methods(["GET", "POST"])
@may_configure
def reading_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how an account's reports are read; take the login for them where it is one of its own."""
    account = _account(pk)
    network = NETWORKS[account.network]
    form = None
    if capability_of(account.network) == Capability.REPORTS:
        form = ReportLoginForm(request.POST or None, account=account)
        if request.method == "POST" and form.is_valid() and _connect(request, account, form):
            return redirect("sales:reading-edit", pk)
    report = schedule.get_report(account) if has_report_login(account) else None
    hook = ""
    if report and account.network in CALLING:
        hook = request.build_absolute_uri(reverse("sales-hook", args=[account.network, report.hook_secret]))
    context = {
        "tab": "reading",
        "account": account,
        "network": network,
        "form": form,
        "reading": get_reading(account),
        "hook": hook,
    }
    return render(request, "sales/reading_edit.html", context)


def _connect(request: HttpRequest, account: NetworkAccount, form: ReportLoginForm) -> bool:
    try:
        login = connect_reports(account, form.credentials)
    except NetworkError as error:
        form.add_error(None, say(error))
        return False
    schedule.start_again(account)
    messages.success(request, f"Signed in as {login.name}. The sales are being read.")
    tasks.resume_reading.delay_on_commit()
    return True


@require_POST
@may_configure
def reading_check(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the network whether the login for reports works, and read the newest days where it does."""
    account = _account(pk)
    try:
        login = reports_of(account).check()
    except NetworkError as error:
        messages.error(request, f"{account.label}: {say(error)}")
    else:
        schedule.start_again(account)
        tasks.resume_reading.delay_on_commit()
        messages.success(
            request, f"{account.label}: signed in as {login.name}. The newest sales are being read."
        )
    return redirect("sales:reading-edit", pk)


def _account(pk: int) -> NetworkAccount:
    having = [slug for slug, network in NETWORKS.items() if network.reports]
    return get_object_or_404(NetworkAccount, pk=pk, network__in=having)


@csrf_exempt
@login_not_required
def hook(request: HttpRequest, network: str, secret: str) -> HttpResponse:
    """Take a network's call as a hint to read: nothing of it is read or kept, and one a minute counts."""
    if not schedule.take_hint(network, secret):
        return HttpResponseNotFound()
    return HttpResponse(status=204)
